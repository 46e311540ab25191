#!/usr/bin/env python3
"""Runs the stages of ./test and counts their tests.

A stage that fails does not stop the ones after it, so that one run shows all that is wrong. What a
stage prints goes to build/test/<stage>.log; a failure shows the end of it. The last line counts
tests over all stages: each GoogleTest case, each replayed fuzz corpus, each test of web/, each
verdict on which two checkers agree, each end-to-end step that a script reports, each linted file, and
each check of the form.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "build" / "test"
CORES = os.cpu_count() or 2
TAIL_LINES_MAX = 80
END_TO_END_SECONDS_MAX = 900
LINT_SECONDS_MAX = 150
FUZZ_SECONDS_EACH = 20
AGREEMENT_LINES = 100_000
WEB_SECONDS_MAX = 300
RACE_MODULES = ("net", "store", "record", "node")


@dataclass
class Stage:
    """One run of a stage: its log, and its tests as they are counted."""

    name: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    did: list[str] = field(default_factory=list)
    alone: bool = False  # named on the command line, so that it need not save time for others

    @property
    def log(self) -> Path:
        return LOGS / f"{self.name}.log"

    def count(self, passed: int, failed: int, skipped: int = 0) -> None:
        self.passed += passed
        self.failed += failed
        self.skipped += skipped

    def run(self, *command: str, env: dict[str, str] | None = None, cwd: Path = ROOT,
            seconds_max: int | None = None) -> tuple[bool, str]:
        """Runs one command into the log; returns whether it succeeded, and its output."""
        try:
            done = subprocess.run(command, cwd=cwd, env={**os.environ, **(env or {})}, text=True,
                                  errors="replace", stdin=subprocess.DEVNULL, timeout=seconds_max,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            ok, output = done.returncode == 0, done.stdout
            if done.returncode < 0:
                output += f"\nended by signal {-done.returncode}\n"
        except subprocess.TimeoutExpired as late:
            ok = False
            output = f"{late.output or ''}\nstopped after {seconds_max} seconds\n"
        with self.log.open("a") as log:
            log.write(f"$ {' '.join(command)}\n{output}\n")
        return ok, output

    def check(self, what: str, *command: str, **how) -> bool:
        """Runs a command that is one test by itself."""
        ok, output = self.run(*command, **how)
        self.count(ok, not ok)
        if not ok:
            show(f"{self.name}: {what} failed", output)
        return ok


def show(title: str, output: str) -> None:
    lines = output.rstrip().splitlines()
    cut = "" if len(lines) <= TAIL_LINES_MAX else f" (last {TAIL_LINES_MAX} of {len(lines)} lines)"
    print(f"--- {title}{cut}")
    print("\n".join(lines[-TAIL_LINES_MAX:]))
    print("---", flush=True)


# --- building and ctest -----------------------------------------------------------------------


def build(stage: Stage, preset: str, *targets: str) -> bool:
    begin = time.monotonic()
    ok, output = stage.run("cmake", "--preset", preset)
    if ok:
        ok, output = stage.run("ninja", "-C", f"build/{preset}", "-j", str(CORES), "-k", "20",
                               *targets)
    if not ok:
        stage.count(0, 1)
        wrong = [line for line in output.splitlines() if re.search(r"error:|FAILED:|Error", line)]
        show(f"{stage.name}: the build failed", "\n".join(wrong or output.splitlines()))
    stage.did.append(f"build {time.monotonic() - begin:.0f} s")
    return ok


def count_ctest(output: str) -> tuple[int, int, int]:
    """Cases that `ctest -V` reports. A program that prints no GoogleTest case counts as one test,
    and one that dies without naming a failed case counts as one failure more."""
    cases: dict[str, list[int]] = {}
    status: dict[str, str] = {}
    for line in output.splitlines():
        if case := re.match(r"(\d+): \[ +(OK|FAILED|SKIPPED) +\] .*\(\d+ ms\)$", line):
            tally = cases.setdefault(case[1], [0, 0, 0])
            tally[("OK", "FAILED", "SKIPPED").index(case[2])] += 1
        elif end := re.match(r" *\d+/\d+ Test +#(\d+): \S+ [ .]*(.*?) +[\d.]+ sec$", line):
            status[end[1]] = end[2]
    passed = failed = skipped = 0
    for number, end in status.items():
        good, bad, left = cases.get(number, [0, 0, 0])
        if end == "Passed":
            good = max(good, 0 if left else 1)
        else:
            bad = max(bad, 1)
        passed, failed, skipped = passed + good, failed + bad, skipped + left
    return passed, failed, skipped


def ctest(stage: Stage, preset: str, *selection: str) -> None:
    begin = time.monotonic()
    ok, output = stage.run("ctest", "--test-dir", f"build/{preset}", "-V", "-j", str(CORES),
                           *selection)
    passed, failed, skipped = count_ctest(output)
    stage.count(passed, failed if ok or failed else 1, skipped)
    if not ok:
        wrong = [line for line in output.splitlines()
                 if re.search(r"FAILED|Failure|\*\*\*|ERROR|runtime error|Falsifiable|: +\S+\.cpp:\d+",
                              line)]
        show(f"{stage.name}: tests failed", "\n".join(wrong or output.splitlines()))
    stage.did.append(f"tests {time.monotonic() - begin:.0f} s")


# --- the stages -------------------------------------------------------------------------------


def sources(*patterns: str) -> list[str]:
    """Files of the repository, committed or not, that match."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "--", *patterns],
                            cwd=ROOT, text=True, check=True, stdout=subprocess.PIPE).stdout
    return sorted(path for path in set(listed.split()) if (ROOT / path).exists())


def form(stage: Stage) -> None:
    stage.check("formatting", "clang-format-19", "--dry-run", "-Werror", *sources("*.h", "*.cpp"))
    stage.check("the module borders", "tools/check_architecture.py")
    stage.check("the border check's own test", "tools/check_architecture.py", "--self-test")
    stage.check("the documentation check's own test", "tools/check_docs.py", "--self-test")
    stage.check("the documentation", "tools/check_docs.py")
    stage.check("the templates", "tools/build_templates.py", "--check")


def dev(stage: Stage) -> None:
    if build(stage, "dev"):
        ctest(stage, "dev")


def clang(stage: Stage) -> None:
    if build(stage, "clang"):
        ctest(stage, "clang")


def web(stage: Stage) -> None:
    """Types, bundles and tests of web/; then its checker of certificates and that of src/exchange
    judge the same cases."""
    folder = ROOT / "web"
    if not install_web(stage, folder):
        return
    stage.check("the types of web/", "npm", "run", "--silent", "check", cwd=folder)
    if not stage.check("bundling web/", "npm", "run", "--silent", "build", cwd=folder):
        return
    ok, output = stage.run("npm", "run", "--silent", "test", cwd=folder, seconds_max=WEB_SECONDS_MAX)
    count_reported(stage, "the tests of web/", ok, output, r"^# pass (\d+)$", r"^# fail (\d+)$",
                   r"^# skipped (\d+)$")
    if not build(stage, "clang", "certificate_cases"):
        return
    begin = time.monotonic()
    ok, output = stage.run("bash", "-c", "set -o pipefail; build/clang/tests/agreement/certificate_cases"
                           f" {AGREEMENT_LINES} | node web/dist/check_allocation.js --lines",
                           seconds_max=WEB_SECONDS_MAX)
    count_reported(stage, "the two checkers of certificates", ok, output, r"^(\d+) agree",
                   r"^\d+ agree, (\d+) differ$")
    stage.did.append(f"agreement {time.monotonic() - begin:.0f} s")


def install_web(stage: Stage, folder: Path) -> bool:
    """npm ci, unless node_modules is what the lock file asks for."""
    lock = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    stamp = folder / "node_modules" / ".installed-lock"
    if stamp.exists() and stamp.read_text() == lock:
        return True
    ok, output = stage.run("npm", "ci", "--quiet", "--no-progress", cwd=folder,
                           seconds_max=WEB_SECONDS_MAX)
    if ok:
        stamp.write_text(lock)
    else:
        stage.count(0, 1)
        show("web: npm could not install the tools of web/", output)
    return ok


def count_reported(stage: Stage, what: str, ok: bool, output: str, *patterns: str) -> None:
    """Counts passed, failed and skipped tests that a command reports in lines of its output."""
    found = [re.findall(pattern, output, re.M) for pattern in patterns]
    passed, failed, *skipped = (int(numbers[-1]) if numbers else 0 for numbers in found)
    is_sound = ok and passed > 0
    stage.count(passed, failed if is_sound or failed else 1, sum(skipped))
    if not is_sound:
        show(f"{stage.name}: {what} failed", output)


def race(stage: Stage) -> None:
    modules = [name for name in RACE_MODULES if (ROOT / "src" / name).exists()]
    if build(stage, "tsan", *(f"{name}_tests" for name in modules)):
        ctest(stage, "tsan", "-R", f"^({'|'.join(modules)})$")


def lint(stage: Stage) -> None:
    """clang-tidy on product sources, the newest changes first, except where it passed on the same
    octets before. It costs up to a minute a file, so within a full run no file is begun after
    LINT_SECONDS_MAX; `./test lint` goes through all."""
    ok, output = stage.run("cmake", "--preset", "clang")
    commands = ROOT / "build" / "clang" / "compile_commands.json"
    if not ok or not commands.exists():
        stage.count(0, 1)
        show("lint: no compile commands", output)
        return
    command_of = {Path(entry["file"]): entry["command"]
                  for entry in json.loads(commands.read_text())}
    chosen = [path for path in newest_first("src/*.cpp")
              if path in command_of and not path.name.endswith("_test.cpp")]
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "comity" / "tidy"
    cache.mkdir(parents=True, exist_ok=True)
    common = hashlib.sha256()
    common.update(subprocess.run(["dpkg-query", "-W", "clang-tidy-19", "libstdc++-12-dev",
                                  "libboost1.81-dev"], stdout=subprocess.PIPE, check=True).stdout)
    common.update((ROOT / ".clang-tidy").read_bytes())
    last_start = time.monotonic() + (float("inf") if stage.alone else LINT_SECONDS_MAX)

    def verdict(path: Path) -> str:
        key = common.copy()
        key.update(command_of[path].replace(str(ROOT), "").encode())
        for file in sorted(repository_files_read_by(path)):
            key.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
        stamp = cache / key.hexdigest()
        if stamp.exists():
            stamp.touch()
            return "unchanged"
        if time.monotonic() > last_start:
            return "left"
        ok, output = stage.run("clang-tidy-19", "--quiet", "-p", "build/clang", str(path))
        if ok:
            stamp.touch()
            return "clean"
        lines = [line for line in output.splitlines() if "warnings generated" not in line]
        show(f"lint: {path.relative_to(ROOT)}", "\n".join(lines))
        return "findings"

    with ThreadPoolExecutor(CORES) as pool:
        verdicts = Counter(pool.map(verdict, chosen))
    stage.count(verdicts["unchanged"] + verdicts["clean"], verdicts["findings"], verdicts["left"])
    stage.did += [f"{number} {which}" for which, number in sorted(verdicts.items())]


def newest_first(pattern: str) -> list[Path]:
    """Files that match: changed and uncommitted ones, then by the commit that last touched them."""
    git = ["git", "-c", "core.quotepath=off"]
    changed = subprocess.run([*git, "diff", "--name-only", "HEAD", "--", pattern], cwd=ROOT,
                             text=True, stdout=subprocess.PIPE, check=True).stdout
    history = subprocess.run([*git, "log", "--format=", "--name-only", "--", pattern], cwd=ROOT,
                             text=True, stdout=subprocess.PIPE, check=True).stdout
    known = dict.fromkeys(f"{changed}\n{history}".split())
    present = sources(pattern)
    new = [path for path in present if path not in known]
    return [ROOT / path for path in [*new, *(path for path in known if path in set(present))]]


def repository_files_read_by(path: Path) -> set[Path]:
    """The file and every header of the repository that it includes, directly or not."""
    found: set[Path] = set()
    waiting = [path]
    while waiting:
        file = waiting.pop()
        if file in found or not file.exists():
            continue
        found.add(file)
        for name in re.findall(r'^\s*#\s*include\s+"([^"]+)"', file.read_text(), re.M):
            waiting += [ROOT / "src" / name, file.parent / name]
    return found


def end_to_end(stage: Stage) -> None:
    """Each tests/e2e/*.sh and *.py against the release programs. A script that prints a line
    `N passed, N failed` counts as those tests, any other as one. A leading _ marks a helper."""
    begin = time.monotonic()
    ok, output = stage.run("tools/build_release.sh")
    stage.did.append(f"build {time.monotonic() - begin:.0f} s")
    if not ok:
        stage.count(0, 1)
        show("e2e: the release build failed", output)
        return
    programs = ROOT / "build" / "release" / "src"
    env = {"COMITYD": str(programs / "server" / "comityd"), "COMITY": str(programs / "cli" / "comity"),
           "COMITY_SOURCE_DIR": str(ROOT)}
    for script in sources("tests/e2e/*.sh", "tests/e2e/*.py"):
        if Path(script).name.startswith("_"):
            continue
        begin = time.monotonic()
        runner = "bash" if script.endswith(".sh") else "python3"
        with tempfile.TemporaryDirectory(prefix="comity-e2e-") as folder:
            ok, output = stage.run(runner, str(ROOT / script), env=env, cwd=Path(folder),
                                   seconds_max=END_TO_END_SECONDS_MAX)
        counts = re.findall(r"^(\d+) passed, (\d+) failed$", output, re.M)
        passed, failed = (int(counts[-1][0]), int(counts[-1][1])) if counts else (ok, not ok)
        stage.count(passed, failed if ok or failed else 1)
        if not ok:
            show(f"e2e: {script} failed", output)
        stage.did.append(f"{Path(script).stem} {time.monotonic() - begin:.0f} s")


def fuzz(stage: Stage) -> None:
    """Each libFuzzer target for a while from its corpus; new inputs stay under build/."""
    if not build(stage, "fuzz"):
        return
    for program in sorted((ROOT / "build/fuzz/tests/fuzz").glob("fuzz_*")):
        if program.is_dir() or program.suffix:
            continue
        name = program.name.removeprefix("fuzz_")
        found = ROOT / "build" / "fuzz" / "found" / name
        found.mkdir(parents=True, exist_ok=True)
        stage.check(name, str(program), f"-max_total_time={FUZZ_SECONDS_EACH}", "-max_len=65536",
                    f"-artifact_prefix={found}/crash-", str(found),
                    str(ROOT / "tests/fuzz/corpus" / name))


def coverage(stage: Stage) -> None:
    if build(stage, "coverage"):
        ctest(stage, "coverage")


STAGES: dict[str, tuple[Callable[[Stage], None], str]] = {
    "form": (form, "format, module borders, documentation"),
    "dev": (dev, "g++ with ASan and UBSan: build, every test, every fuzz corpus replayed"),
    "clang": (clang, "clang-19, warnings are errors: build and every test again, without sanitizers"),
    "lint": (lint, "clang-tidy-19 on product sources that changed since they last passed, newest first"),
    "web": (web, f"web/: types and tests; two checkers of certificates agree on {AGREEMENT_LINES:,} cases"),
    "e2e": (end_to_end, "hardened release build; tests/e2e against the real programs"),
}
EXTRA: dict[str, tuple[Callable[[Stage], None], str]] = {
    "race": (race, f"ThreadSanitizer over {' '.join(RACE_MODULES)}"),
    "fuzz": (fuzz, f"libFuzzer, {FUZZ_SECONDS_EACH} s a target"),
    "coverage": (coverage, "an instrumented run; read it with gcovr -r . build/coverage"),
}


def listing() -> str:
    rows = [f"  {name:9} {what}" for name, (_, what) in STAGES.items()]
    more = [f"  {name:9} {what}" for name, (_, what) in EXTRA.items()]
    return "\n".join(["Stages of ./test, in this order:", *rows, "On request:", *more,
                      "  quick     form and dev"])


def run_stage(name: str, alone: bool) -> Stage:
    function, what = {**STAGES, **EXTRA}[name]
    print(f"== {name}: {what}", flush=True)
    stage = Stage(name, alone=alone)
    stage.log.write_text("")
    begin = time.monotonic()
    function(stage)
    stage.seconds = time.monotonic() - begin
    verdict = "failed" if stage.failed else "ok"
    print(f"   {verdict}: {stage.passed} passed, {stage.failed} failed in {stage.seconds:.0f} s"
          f"{' (' + '; '.join(stage.did) + ')' if stage.did else ''}", flush=True)
    return stage


def main() -> int:
    parser = argparse.ArgumentParser(prog="./test", epilog=listing(),
                                     formatter_class=argparse.RawDescriptionHelpFormatter,
                                     description="Runs all stages, or the named ones.")
    parser.add_argument("stages", nargs="*", metavar="STAGE",
                        choices=[*STAGES, *EXTRA, "quick", []])
    parser.add_argument("--list", action="store_true", help="say the stages and exit")
    arguments = parser.parse_args()
    if arguments.list:
        print(listing())
        return 0
    names = [part for name in arguments.stages or STAGES
             for part in (("form", "dev") if name == "quick" else (name,))]
    LOGS.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    done = [run_stage(name, alone=len(names) == 1) for name in names]

    print(f"\n{'stage':9} {'passed':>7} {'failed':>7} {'skipped':>7} {'seconds':>8}")
    for stage in done:
        print(f"{stage.name:9} {stage.passed:7} {stage.failed:7} {stage.skipped:7} "
              f"{stage.seconds:8.0f}")
    print(f"{'all':9} {'':7} {'':7} {'':7} {time.monotonic() - begin:8.0f}")
    failed = sum(stage.failed for stage in done)
    print(f"\n{sum(stage.passed for stage in done)} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
