#!/usr/bin/env bash
# Milliseconds of one check of a certificate in Chromium without a window. Needs chromium and the
# packages of web/ (npm ci --prefix web).
#
#   web/bench/certificate_in_chromium.sh [large]
set -euo pipefail

web=$(cd "$(dirname "$0")/.." && pwd)
browser=$(command -v chromium || command -v chromium-browser || true)
if [[ -z $browser ]]; then
    echo "skipped: no chromium here"
    exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$web/node_modules/.bin/esbuild" "$web/bench/page/certificate_page.ts" --bundle --format=iife \
    --platform=browser --target=es2022 --log-level=warning --outfile="$folder/page.js"
printf '%s\n' '<!doctype html><meta charset="utf-8"><body><script src="page.js"></script>' \
    >"$folder/page.html"
"$browser" --headless --no-sandbox --disable-gpu --user-data-dir="$folder/profile" \
    --dump-dom "file://$folder/page.html#${1:-}" 2>"$folder/log" |
    sed -n 's/.*<body>//p' | tee "$folder/said"
grep -q 'first check' "$folder/said" || { tail -3 "$folder/log" >&2; exit 1; }
