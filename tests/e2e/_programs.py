"""What the end-to-end tests share: the real programs, a server on a free port, and a count of checks."""

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request

COMITYD = os.environ["COMITYD"]
COMITY = os.environ["COMITY"]
SOURCE = os.environ["COMITY_SOURCE_DIR"]

passed = 0
failed = 0


def check(fact: str, holds: bool, seen: object = "") -> None:
    global passed, failed
    if holds:
        passed += 1
    else:
        failed += 1
        print(f"FAILED: {fact}\n  seen: {str(seen)[:2000]}", flush=True)


def finish() -> None:
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


def comity(*words: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([COMITY, *words], capture_output=True, text=True, timeout=120,
                          env={**os.environ, **(env or {})})


class Server:
    """comityd with these words, on a free port; `with` stops it and waits."""

    def __init__(self, *words: str, log: str = "server.log") -> None:
        self.words = words
        self.log = log

    def __enter__(self) -> "Server":
        self.errors = open(self.log, "w")
        self.process = subprocess.Popen([COMITYD, *self.words, "--port", "0", "--share", SOURCE],
                                        stdout=subprocess.PIPE, stderr=self.errors, text=True)
        self.lines = []
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            found = re.search(r"answers at (http://\S+)/$", line)
            if found:
                self.url = found.group(1)
                return self
        raise SystemExit(f"comityd {' '.join(self.words)} did not start: {self.lines} {open(self.log).read()[-2000:]}")

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)
        self.errors.close()

    def ask(self, path: str, body: bytes | None = None, headers: dict[str, str] | None = None,
            method: str | None = None) -> tuple[int, dict[str, str], bytes]:
        request = urllib.request.Request(self.url + path, data=body, headers=headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
        except urllib.error.HTTPError as answer:
            return answer.code, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
