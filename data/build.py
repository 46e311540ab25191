#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes states.json, groups.json, population.csv and weights/ from downloaded source files.

    data/build.py --country-codes FILE --income FILE --population FILE

README.md says where the files come from, under which licence, and which traps they have. Nothing at
run or test time needs them. Same input, same output.
"""

import argparse
import csv
import json
import math
import re
import unicodedata
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Fixed order of the six languages (Arabic, Chinese, English, French, Russian, Spanish).
LANGUAGES = {"ar": "Arabic", "zh": "Chinese", "en": "English", "fr": "French", "ru": "Russian", "es": "Spanish"}
OBSERVER_STATES = {"VAT", "PSE"}  # non-member observer states of the United Nations
NOT_UN_MEMBERS = {"COK", "NIU"}   # have UN names, marked **; members of specialised agencies only
ARTICLE_AFTER = re.compile(r" \((the|l'|la|le|les|el|los|las)\)$")
ARTICLE_BEFORE = {"en": re.compile(r"^the "), "fr": re.compile(r"^(l'|la |le |les )"),
                  "es": re.compile(r"^(el |la |los |las )")}
ARABIC_ARTICLE = "\u0627\u0644"  # alif lam; names that begin with a hamza on the alif are not touched


def tidy(name: str) -> str:
    """One space between words, straight apostrophes, no footnote asterisks, NFC."""
    name = unicodedata.normalize("NFC", name).replace("\u2019", "'").replace("*", " ")
    return " ".join(name.split())


def short_name(name: str) -> tuple[str, str]:
    """The name for display, and its article (empty if the source gives none)."""
    found = ARTICLE_AFTER.search(name)
    return (name[:found.start()], found.group(1)) if found else (name, "")


def formal_name(name: str, language: str) -> str:
    article = ARTICLE_BEFORE.get(language)
    return article.sub("", name, count=1) if article else name


def sort_text(name: str, language: str) -> str:
    """What a collator gets: the name without its article."""
    if language == "ar":
        return name.removeprefix(ARABIC_ARTICLE)
    return name


def state_of(row: dict, patch: dict) -> dict:
    iso3 = row["ISO3166-1-Alpha-3"]
    state = {"iso3": iso3, "type": "observer-state" if iso3 in OBSERVER_STATES else "member-state",
             "short": {}, "formal": {}, "article": {}, "sort": {}}
    for language, column in LANGUAGES.items():
        short = tidy(patch.get("short", {}).get(language) or row[f"UNTERM {column} Short"])
        formal = tidy(patch.get("formal", {}).get(language) or row[f"UNTERM {column} Formal"])
        state["short"][language], article = short_name(short)
        state["formal"][language] = formal_name(formal, language)
        if article:
            state["article"][language] = article
        sort = sort_text(state["short"][language], language)
        if sort != state["short"][language]:
            state["sort"][language] = sort
    if patch:
        state["patched"] = patch["reason"]
    return state


def build_states(rows: list[dict]) -> list[dict]:
    patches = {patch["iso3"]: patch for patch in json.loads((HERE / "patches.json").read_text())["patches"]}
    states = []
    for row in rows:
        iso3 = row["ISO3166-1-Alpha-3"]
        if iso3 in NOT_UN_MEMBERS or not (row["UNTERM English Short"].strip() or iso3 in patches):
            continue
        states.append(state_of(row, patches.get(iso3, {})))
    states.sort(key=lambda state: state["iso3"])
    members = sum(state["type"] == "member-state" for state in states)
    assert (members, len(states) - members) == (193, 2), (members, len(states))
    for state in states:
        for form in ("short", "formal"):
            assert all(state[form][language] for language in LANGUAGES), state
    return states


def flagged(rows: list[dict], column: str, known: set[str]) -> list[str]:
    return sorted(row["ISO3166-1-Alpha-3"] for row in rows
                  if row[column].strip() and row["ISO3166-1-Alpha-3"] in known)


def build_groups(rows: list[dict], income: list[list[str]], known: set[str]) -> dict:
    ldc = [{"area": area, "from": "2024-01-01"} | ({"until": "2024-12-13"} if area == "STP" else {})
           for area in flagged(rows, "Least Developed Countries (LDC)", known)]
    plain = {"lldc": flagged(rows, "Land Locked Developing Countries (LLDC)", known),
             "sids": flagged(rows, "Small Island Developing States (SIDS)", known)}
    assert (len(ldc), len(plain["lldc"]), len(plain["sids"])) == (45, 32, 37)
    text = json.loads((HERE / "groups_text.json").read_text())
    members = {"ldc": ldc} | {group: [{"area": area, "from": "2026-05-15"} for area in areas]
                              for group, areas in plain.items()}
    for group, label in (("income-low", "Low income"), ("income-lower-middle", "Lower middle income"),
                         ("income-upper-middle", "Upper middle income"), ("income-high", "High income")):
        members[group] = [{"area": area, "from": "2025-07-01", "until": "2026-07-01"}
                          for area in sorted(row[0] for row in income if row[3] == label and row[0] in known)]
    return {"note": text["note"], "sources": text["sources"],
            "groups": [group | {"members": members[group["id"]]} for group in text["groups"]]}


def write_json(name: str, value: object) -> None:
    """Two-space indent, but a leaf object or list of one line where it fits: diffs stay readable."""
    def render(item: object, indent: str) -> str:
        flat = json.dumps(item, ensure_ascii=False)
        if not isinstance(item, (dict, list)) or not item or len(flat) + len(indent) <= 100:
            return flat
        inner = indent + "  "
        if isinstance(item, dict):
            lines = [f"{inner}{json.dumps(key)}: {render(part, inner)}" for key, part in item.items()]
            return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
        return "[\n" + ",\n".join(inner + render(part, inner) for part in item) + f"\n{indent}]"

    (HERE / name).write_text(render(value, "") + "\n", encoding="utf-8")


def build_population(source: Path, wanted: set[str]) -> None:
    with source.open(encoding="utf-8", newline="") as file:
        rows = {row["Country Code"]: row["Value"] for row in csv.DictReader(file) if row["Year"] == "2024"}
    missing = wanted - rows.keys()
    assert not missing, missing
    lines = ["iso3,year,population"] + [f"{iso3},2024,{int(float(rows[iso3]))}" for iso3 in sorted(wanted)]
    (HERE / "population.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def build_weights() -> None:
    """Three tables to set side by side, as motions adopt them (effect exchange.adopt_weights)."""
    with (HERE / "population.csv").open(encoding="utf-8", newline="") as file:
        people = {row["iso3"].lower(): int(row["population"]) for row in csv.DictReader(file)}
    source = "World Bank, population 2024 (CC BY 4.0), from data/population.csv"
    for table, title, weight, origin in (
            ("equal", "Every member alike", lambda _: 1, "none: every member weighs 1"),
            ("population", "Population, 2024", lambda count: count, source),
            ("sqrt-population", "Square root of population, 2024", math.isqrt, source)):
        write_json(f"weights/{table}.json", {
            "id": table, "version": 1, "title": {"en": title}, "source": origin, "date": "2024-07-01",
            "weights": {member: weight(count) for member, count in sorted(people.items())}})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for option in ("--country-codes", "--income", "--population"):
        parser.add_argument(option, type=Path, required=True)
    options = parser.parse_args()
    with options.country_codes.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with options.income.open(encoding="utf-8", newline="") as file:
        income = list(csv.reader(file))
    states = build_states(rows)
    known = {state["iso3"] for state in states}
    write_json("states.json", {
        "note": "Names of states as the United Nations uses them, after the patches of patches.json. "
                "See README.md. Inclusion in this list expresses no opinion on the status of any territory.",
        "source": "github.com/datasets/country-codes, data/country-codes.csv, commit caa72d1 (2026-05-15)",
        "states": states})
    write_json("groups.json", build_groups(rows, income, known))
    parties = json.loads((HERE / "waico.json").read_text())["parties"]
    build_population(options.population, {party["iso3"] for party in parties})
    build_weights()


if __name__ == "__main__":
    main()
