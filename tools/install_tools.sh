#!/usr/bin/env bash
# Installs what Comity needs from Debian 12's own packages, and nothing else.
#
#   tools/install_tools.sh build    compiler and libraries: enough for ./run
#   tools/install_tools.sh test     the above, test libraries, the second compiler, lint and format,
#                                   node and npm
#
# Asks dpkg first, so that it costs milliseconds when all is there. Needs root or sudo only when
# something is missing. docs/dependencies.md says what each package is for.
set -euo pipefail

build_packages=(
    g++ cmake ninja-build ccache pkg-config git python3
    libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev libssl-dev libsodium-dev
    libsqlite3-dev libicu-dev libfmt-dev libspdlog-dev libcli11-dev
)
test_packages=(
    libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev
    clang-19 clang-tidy-19 clang-format-19 libclang-rt-19-dev
    curl openssl
)

# Whoever has a node of its own, perhaps newer than Debian's, keeps it.
command -v node >/dev/null || test_packages+=(nodejs)
command -v npm >/dev/null || test_packages+=(npm)

case "${1:-}" in
    build) wanted=("${build_packages[@]}") ;;
    test) wanted=("${build_packages[@]}" "${test_packages[@]}") ;;
    *)
        echo "usage: tools/install_tools.sh build|test" >&2
        exit 2
        ;;
esac

if ! command -v dpkg-query >/dev/null; then
    echo "Comity builds on Debian 12; this system has no dpkg. Install the equivalents of:" >&2
    echo "  ${wanted[*]}" >&2
    exit 1
fi

missing=()
installed=" $(dpkg-query -W -f '${db:Status-Abbrev}${Package} ' 2>/dev/null) "
for package in "${wanted[@]}"; do
    [[ $installed == *" ii $package "* ]] || missing+=("$package")
done
((${#missing[@]} == 0)) && exit 0

as_root=()
if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
        echo "Missing packages, and neither root nor sudo to install them. As root, run:" >&2
        echo "  apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi

echo "Installing ${#missing[@]} Debian packages: ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt_get() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=300 \
        "$@" </dev/null >>"$log" 2>&1
}
# An outdated list of one foreign source must not stop the installation; a missing package does.
apt_get update || true
if ! apt_get install --no-install-recommends "${missing[@]}"; then
    tail -n 20 "$log" >&2
    echo "apt-get could not install the packages; its last lines are above." >&2
    exit 1
fi
