#!/usr/bin/env python3
"""The story with the real programs: the demonstration is played and served; an auditor checks it from outside,
and every bent copy is refused with exit code 6 and a name."""

import json
import random
import shutil
import subprocess
from pathlib import Path

from _programs import COMITYD, SOURCE, Server, check, comity, finish

once = subprocess.run([COMITYD, "demo", "--once", "--share", SOURCE], capture_output=True, text=True, timeout=300)
steps = [line for line in once.stdout.splitlines() if line.startswith("Step ")]
check("comityd demo --once plays ten steps and exits 0", once.returncode == 0 and len(steps) == 10, once)

with Server("demo", "--data", "demonstration") as server:
    for path, words in {
        "/en/": "Demonstration", "/en/members?as_of=2026-07-20&status=founding-signatory": "29 ", "/en/motions/adopt-allocation-rules": "reservation",
        "/en/rounds/training-2026": "Senegal", "/en/needs/lso-training": "Lesotho", "/en/benefit": "Gini",
        "/en/restrictions/example-equipment-order": "example-issuing-body", "/en/record": "Entries, newest first",
    }.items():
        status, headers, body = server.ask(path)
        text = body.decode()
        check(f"{path} is a page that says {words!r}", status == 200 and words.lower() in text.lower(), (status, text[:1500]))
        check(f"{path} carries the label of a demonstration", "Demonstration" in text, text[:500])
        check(f"{path} is at most 100 kB", len(body) <= 100_000, len(body))
        check(f"{path} needs no script", "<script" not in text)
        status, _, body = server.ask(path.replace("?", ".json?") if "?" in path else path.rstrip("/") + ".json"
                                     if path != "/en/" else "/api/v1/institution")
        check(f"{path} is there as JSON, labelled", status == 200 and "demonstration" in json.loads(body), (path, status))

    members = comity("--url", server.url, "--json", "member", "list", "--as-of", "2026-07-20")
    check("the CLI reads the register as of a day", members.returncode == 0 and "lso" in members.stdout, members)

    need = json.loads(server.ask("/api/v1/needs/lso-training")[2])
    check("the need's journey is there", "lso-training" in json.dumps(need), need)

    found = comity("--url", server.url, "need", "show", "lso-training")
    check("the CLI shows a need, and why it got what it got",
          found.returncode == 0 and found.stdout.startswith("id ") and "\nwhy " in found.stdout, found)
    check("and says that it is of a demonstration", "DEMONSTRATION" in found.stderr, found)
    shares = comity("--url", server.url, "round", "show", "training-2026")
    check("the CLI shows a round, share by share", shares.returncode == 0 and " WHY\n" in shares.stdout
          and "\nlso-training " in shares.stdout, shares)
    parties = comity("--url", server.url, "member", "list")
    page = json.loads(comity("--url", server.url, "--json", "member", "list").stdout)
    check("the CLI lists all parties of all pages, a row each",
          page["pages"] > 1 and len(parties.stdout.splitlines()) == page["total"] + 1, (page["total"], parties))

    # An entry of the need itself; its receipt carries the round, the result and the motion.
    def entry_of(value):
        if isinstance(value, dict):
            if isinstance(value.get("entry"), int):
                return value["entry"]
            value = list(value.values())
        if isinstance(value, list):
            for item in value:
                entry = entry_of(item)
                if entry is not None:
                    return entry
        return None

    entry = entry_of(need)
    check("the need names its entry", entry is not None, need)
    got = comity("--url", server.url, "receipt", "get", str(entry), "--out", "receipt.json")
    check("a receipt is written", got.returncode == 0 and Path("receipt.json").exists(), got)

    backup = comity("backup", server.url, "--to", "backup")
    check("a backup is taken from the running server", backup.returncode == 0, backup)
    audit = comity("--json", "audit", server.url)
    check("the record audits over HTTP", audit.returncode == 0 and json.loads(audit.stdout)["allocations"] == 2, audit)

# From here on there is no server.
verify = comity("verify", "receipt.json")
check("the receipt verifies offline", verify.returncode == 0 and "Verified." in verify.stdout, verify)
check("the receipt says that it is of a demonstration", "DEMONSTRATION" in verify.stdout, verify)
check("the receipt shows the adopted rule and the allocation",
      "was adopted" in verify.stdout and "certificate of optimality holds" in verify.stdout, verify)
key = json.loads(comity("--json", "verify", "receipt.json").stdout)["checkpoint_key"]
check("the receipt verifies with the known key", comity("verify", "receipt.json", "--trust", key).returncode == 0)
check("and not with another", comity("verify", "receipt.json", "--trust",
      "ed25519:11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").returncode == 6)

random.seed(7)
good = Path("receipt.json").read_bytes()
for _ in range(60):
    bent = bytearray(good)
    position = random.randrange(len(bent))
    bent[position] ^= 1 << random.randrange(8)
    Path("bent.json").write_bytes(bent)
    refused = comity("verify", "bent.json")
    check(f"a flipped bit at octet {position} of a receipt is refused with 6",
          refused.returncode == 6 and len(refused.stderr.strip()) > 20, refused)

offline = comity("--json", "audit", "backup")
check("the backup audits without a server", offline.returncode == 0, offline)
check("to the same state root", offline.returncode == 0 and audit.returncode == 0
      and json.loads(offline.stdout)["state_root"] == json.loads(audit.stdout)["state_root"])
files = [f for f in Path("backup").rglob("*") if f.is_file()]
for file in files:
    octets = bytearray(file.read_bytes())
    position = random.randrange(len(octets))
    original = bytes(octets)
    octets[position] ^= 1 << random.randrange(8)
    file.write_bytes(octets)
    refused = comity("audit", "backup")
    check(f"a flipped bit in {file.name} is refused with 6 and named",
          refused.returncode == 6 and ("Entry " in refused.stderr or file.name in refused.stderr or "tile/" in refused.stderr),
          refused)
    file.write_bytes(original)
check("the mended backup audits again", comity("audit", "backup").returncode == 0)
check("verify of a missing file is exit 3", comity("verify", "nowhere.json").returncode == 3)
check("a misspelt command is exit 2", comity("vrify").returncode == 2)

keys = sorted(Path("demonstration/keys").glob("*.pem"))
check("the keys of the demonstration's parties are there, readable to the owner only",
      {"lso.pem", "seal-lso.pem", "seal-secretariat.pem", "operator.pem", "checkpoint.pem", "receipt.pem"}
      <= {k.name for k in keys} and all(k.stat().st_mode & 0o077 == 0 for k in keys), keys)

# A second start takes what is there, and anybody can act in it.
with Server("demo", "--data", "demonstration", "--clock-every-seconds", "1") as server:
    check("a later start plays nothing again", not any(l.startswith("Step") for l in server.lines), server.lines)
    check("and serves the same record", server.ask("/checkpoint")[0] == 200)
    filed = comity("--url", server.url, "--key", "demonstration/keys/lso.pem", "--as", "lso", "--json", "need", "file",
                   "lso-more-training", "--title", "More training places", "--unit", "training-place", "--quantity", "5",
                   "--destination", "LSO", "--end-use", "education", "--from", "2026-09-01", "--until", "2099-09-01")
    check("a key of the demonstration files a need", filed.returncode == 0, filed)
    entry = json.loads(filed.stdout)["entry"] if filed.returncode == 0 else "0"
    got = comity("--url", server.url, "receipt", "get", entry, "--wait", "60", "--out", "new.json")
    check("its receipt is waited for", got.returncode == 0, got)
    check("and verifies", comity("verify", "new.json").returncode == 0)
shutil.rmtree("demonstration")
finish()
