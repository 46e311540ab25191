#!/usr/bin/env python3
"""Fails when the documentation and the code have drifted apart.

  - every relative link in a *.md file leads to a file, and its #anchor to a heading;
  - every module under src/ has a README.md;
  - docs/use/errors.md lists every error reason of src/, and is what `--write` generates;
  - no word stands in the product that only makes sense while it is being built, or ties it to one
    machine (FORBIDDEN).

`--write` regenerates docs/use/errors.md. `--self-test` plants mistakes and demands that they are
found.
"""

import re
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ERRORS = Path("docs/use/errors.md")

# Written in halves, so that this file does not contain them.
FORBIDDEN = [re.compile(pattern) for pattern in (
    r"/wo" r"rk/", r"/fa" r"rm/", r"\bTO" r"DO\b", r"\bFIX" r"ME\b",
    r"registry\.npm" r"js\.org", r"deb\.deb" r"ian\.org", r"snapshot\.deb" r"ian\.org", r"py" r"pi\.org",
    r"crates" r"\.io", r"proxy\.gol" r"ang\.org", r"nodesource" r"\.com", r"repo\.maven" r"\.apache",
)]
BINARY = {".png", ".jpg", ".woff2", ".ico", ".bin", ".cbor", ".gz", ".zip"}
# Corpora and vectors are other people's or a fuzzer's octets.
UNREAD = ("tests/fuzz/corpus/", "tests/vectors/")


def listed_files() -> list[Path]:
    """Files of the repository, committed or not, that git does not ignore."""
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, check=True,
                         text=True, stdout=subprocess.PIPE).stdout
    return [Path(name) for name in sorted(set(out.split("\0"))) if name and (ROOT / name).is_file()]


# --- links ------------------------------------------------------------------------------------


def without_code(markdown: str) -> str:
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", markdown, flags=re.M | re.S))


def anchors(markdown: str) -> set[str]:
    """The names by which GitHub and most renderers know the headings."""
    found: set[str] = set()
    for heading in re.findall(r"^#{1,6} +(.+?)\s*#*$", re.sub(r"^```.*?^```", "", markdown, flags=re.M | re.S), re.M):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        name = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        number = 1
        unique = name
        while unique in found:
            unique = f"{name}-{number}"
            number += 1
        found.add(unique)
    return found


def link_problems(file: Path, markdown: str, read) -> list[str]:
    """`read(path)` gives a file's text, "" for a folder, and None when there is no such thing."""
    problems = []
    text = without_code(markdown)
    links = re.findall(r"\]\(<?([^)>\s]+)>?(?:\s+\"[^\"]*\")?\)", text)
    links += re.findall(r"^\[[^\]]+\]:\s*(\S+)", text, re.M)
    for link in links:
        if re.match(r"[a-z][a-z0-9+.-]*:", link):
            continue
        target, _, anchor = link.partition("#")
        path = file if not target else Path(*normalised(file.parent / target))
        found = read(path)
        if found is None:
            problems.append(f"{file}: link to {link}, which is not there")
        elif anchor and path.suffix == ".md" and anchor not in anchors(found):
            problems.append(f"{file}: link to {link}, where no heading is called so")
    return problems


def normalised(path: Path) -> list[str]:
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return parts or ["."]


def read_repository(path: Path) -> str | None:
    full = ROOT / path
    if full.is_dir():
        return ""
    return full.read_text(errors="replace") if full.is_file() else None


# --- error reasons ----------------------------------------------------------------------------

LITERAL = r'"(?:[^"\\]|\\.)*"'


@dataclass
class Reason:
    codes: set[str] = field(default_factory=set)
    message: str = ""
    files: set[str] = field(default_factory=set)


def without_comments(source: str) -> str:
    return re.sub(rf"({LITERAL})|//[^\n]*|/\*.*?\*/", lambda m: m[1] or " ", source, flags=re.S)


def reasons_in(file: Path, source: str, modules: set[str], reasons: dict[str, Reason]) -> None:
    text = re.sub(r"^\s*#\s*include[^\n]*", "", without_comments(source), flags=re.M)
    names = "|".join(sorted(modules))
    for match in re.finditer(rf'"((?:{names})/[a-z0-9]+(?:-[a-z0-9]+)*)"', text):
        reason = reasons[match[1]]
        reason.files.add(str(file))
        # Error{Code::invalid, "record/bad-proof", "The path ..."} in any helper's form.
        if code := re.search(r"Code::(\w+)\s*,\s*$", text[:match.start()]):
            reason.codes.add(code[1])
        message = re.match(rf"\s*,\s*((?:{LITERAL}\s*)+)", text[match.end():])
        if message and not reason.message:
            pieces = re.findall(LITERAL, message[1])
            whole = "".join(piece[1:-1].replace('\\"', '"') for piece in pieces).strip()
            reason.message = whole if whole.endswith((".", "?")) else f"{whole} …"


def errors_page(reasons: dict[str, Reason], modules: list[str]) -> str:
    lines = [
        "<!-- Generated by tools/check_docs.py --write from the literals in src/. Do not edit. -->",
        "",
        "# Error reasons",
        "",
        "Every failure of Comity carries a *code* (what a caller can act on), a *reason* (the stable name below,",
        "for programs and for searching) and a *message* (one sentence for a person). The message shown here is",
        "the usual one, or its beginning where the rest depends on the case.",
    ]
    for module in modules:
        mine = {name: reason for name, reason in sorted(reasons.items()) if name.split("/")[0] == module}
        if not mine:
            continue
        lines += ["", f"## {module}", "", "| reason | code | message | where |", "| --- | --- | --- | --- |"]
        for name, reason in mine.items():
            codes = ", ".join(sorted(reason.codes)) or " "
            message = reason.message.replace("|", "\\|").replace("<", "&lt;") or " "
            places = ", ".join(f"[{Path(file).name}](../../{file})" for file in sorted(reason.files))
            lines.append(f"| `{name}` | {codes} | {message} | {places} |")
    return "\n".join(lines) + "\n"


def current_errors_page(files: list[Path]) -> str:
    modules = [path.name for path in sorted((ROOT / "src").iterdir()) if path.is_dir()]
    reasons: dict[str, Reason] = defaultdict(Reason)
    for file in files:
        if file.parts[0] == "src" and file.suffix in {".h", ".cpp"} and not file.stem.endswith("_test"):
            reasons_in(file, (ROOT / file).read_text(), set(modules), reasons)
    return errors_page(reasons, modules)


# --- words ------------------------------------------------------------------------------------


def word_problems(file: Path, text: str) -> list[str]:
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        for pattern in FORBIDDEN:
            if found := pattern.search(line):
                problems.append(f"{file}:{number}: '{found[0]}' does not belong in the product")
    return problems


# --- running ----------------------------------------------------------------------------------


def find_problems(files: list[Path]) -> list[str]:
    problems = []
    for file in files:
        if file.suffix in BINARY or str(file).startswith(UNREAD):
            continue
        text = (ROOT / file).read_text(errors="replace")
        problems += word_problems(file, text)
        if file.suffix == ".md":
            problems += link_problems(file, text, read_repository)
    for folder in sorted((ROOT / "src").iterdir()):
        if folder.is_dir() and not (folder / "README.md").exists():
            problems.append(f"src/{folder.name}: no README.md")
    page = ROOT / ERRORS
    if not page.exists() or page.read_text() != current_errors_page(files):
        problems.append(f"{ERRORS}: not current; run tools/check_docs.py --write")
    return problems


def self_test() -> int:
    wrong = []

    def expect(what: str, holds: bool) -> None:
        if not holds:
            wrong.append(what)

    tree = {"a.md": "# One\n## The way\n## The way\n", "docs/b.md": "", "docs": ""}

    def links(markdown: str) -> list[str]:
        return link_problems(Path("docs/b.md"), markdown, lambda path: tree.get(str(path)))

    expect("good links", not links("[x](../a.md) [y](../a.md#the-way-1) [z](https://x.example/y) [w](.)"))
    expect("links in code", not links("`[x](none.md)`\n```\n[x](none.md)\n```\n"))
    expect("a dead link", len(links("[x](../c.md)")) == 1)
    expect("a dead reference", len(links("[x]: ../c.md")) == 1)
    expect("a dead anchor", len(links("[x](../a.md#two)")) == 1)

    reasons: dict[str, Reason] = defaultdict(Reason)
    source = ('#include "base/hex"\n// "base/in-comment"\nError{Code::invalid, "base/bad-hex", "Give "\n'
              '"digits."}; refuse("base/late"); f("http://x", "base/after-slashes"); "other/word";')
    reasons_in(Path("src/base/x.cpp"), source, {"base"}, reasons)
    expect("an open message", reasons["base/late"].message == "")
    expect("the reasons", sorted(reasons) == ["base/after-slashes", "base/bad-hex", "base/late"])
    expect("a code and a message", reasons["base/bad-hex"].codes == {"invalid"}
           and reasons["base/bad-hex"].message == "Give digits.")
    expect("each reason once", errors_page(reasons, ["base"]).count("`base/bad-hex`") == 1)

    for word in ("TO" "DO: x", "see /wo" "rk/main", "FIX" "ME"):
        expect(f"the word in {word}", len(word_problems(Path("x"), word)) == 1)
    expect("harmless words", not word_problems(Path("x"), "todo network/works TODOS"))

    print("\n".join(f"self-test: {what} went wrong" for what in wrong) or "self-test passed")
    return 1 if wrong else 0


def main() -> int:
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    files = listed_files()
    if sys.argv[1:] == ["--write"]:
        (ROOT / ERRORS).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / ERRORS).write_text(current_errors_page(files))
        return 0
    problems = find_problems(files)
    print("\n".join(problems) or f"{len(files)} files, documentation agrees with the code")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
