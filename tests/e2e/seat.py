#!/usr/bin/env python3
"""An institution of one's own: founded from the blank template, used with the command line alone, and moved to
another seat. And what a server does with bad input."""

import json
import socket
import subprocess
from pathlib import Path

from _programs import COMITYD, SOURCE, Server, check, comity, finish

made = subprocess.run([COMITYD, "init", "--template", f"{SOURCE}/templates/blank.json", "--data", "first"],
                      capture_output=True, text=True, timeout=60)
check("an institution is founded from the blank template", made.returncode == 0, made)
check("and it says how to serve it", f"{COMITYD} serve --data first" in made.stdout, made)
version = subprocess.run([COMITYD, "--version"], capture_output=True, text=True, timeout=60)
check("comityd says its version", version.returncode == 0 and version.stdout.startswith("comityd "), version)
keys = sorted(p.name for p in Path("first/keys").iterdir())
check("its keys are readable to the owner only",
      all((Path("first/keys") / k).stat().st_mode & 0o077 == 0 for k in keys), keys)
seal = next(k for k in keys if k.startswith("seal-"))
registrar = seal.removeprefix("seal-").removesuffix(".pem")

with Server("serve", "--data", "first", "--clock-every-seconds", "1") as server:
    origin = server.ask("/checkpoint")[2].decode().splitlines()[0]
    party = "first"

    new = comity("key", "new", "--out", "party.pem")
    check("a key is made", new.returncode == 0, new)
    check("and never overwritten", comity("key", "new", "--out", "party.pem").returncode == 5)
    proof = comity("--key", "party.pem", "--as", party, "key", "prove", "--origin", origin)
    Path("registration.json").write_text(proof.stdout)
    url = ("--url", server.url)
    asked = comity("--url", server.url + "/", "--key", "party.pem", "--as", party, "key", "prove")
    check("a proof asks the node for its record, and is the same", asked.stdout == proof.stdout, asked)
    dry = comity(*url, "--dry-run", "key", "register", "registration.json")
    check("a dry run signs nothing and prints what it would", dry.returncode == 0 and "public_key" in dry.stdout, dry)
    stranger = comity(*url, "--key", "party.pem", "--as", party, "key", "register", "registration.json")
    check("a key that nobody registered signs nothing: exit 4", stranger.returncode == 4, stranger)
    entered = comity(*url, "--key", f"first/keys/{seal}", "--as", registrar, "key", "register", "registration.json")
    check("the registrar registers the key", entered.returncode == 0 and "Entered as entry" in entered.stdout, entered)
    again = comity(*url, "--key", f"first/keys/{seal}", "--as", registrar, "key", "register", "registration.json")
    # The same statement in the same second is the same entry; signed anew, it clashes with the record.
    check("and not twice", again.returncode == 5 or again.stdout == entered.stdout, again)
    nobody = comity(*url, "need", "show", "no-such-need")
    check("what is not there is exit 3", nobody.returncode == 3, nobody)

    listed = comity(*url, "member", "list")
    check("a list is a table", listed.returncode == 0 and listed.stdout.startswith("ID ") and "\n" + party in listed.stdout,
          listed)
    shown = comity(*url, "member", "show", party)
    check("one thing is shown as labelled facts", shown.returncode == 0 and shown.stdout.startswith("id "), shown)
    check("and --json is what the node said", json.loads(comity(*url, "--json", "member", "show", party).stdout)["id"] == party)

    need = ("need", "file", "n-1", "--title", "x", "--unit", "hour", "--quantity", "1", "--destination", "XAA",
            "--end-use", "education", "--until", "2027-09-01", "--from")
    Path("other.json").write_text('{"name": "no bundle"}')
    Path("nothing").mkdir(exist_ok=True)
    for what, words in {
        "a bad date": (*need, "yesterday"),
        "a bad language": (*need, "2026-09-01", "--language", "english"),
        "a bad address": ("--url", "localhost:8080", "member", "list"),
        "no key": (*url, "key", "show"),
        "a key file that is not there": (*url, "--key", "nowhere.pem", "key", "show"),
        "a key file that is no key": (*url, "--key", "other.json", "key", "show"),
        "a bad --trust": ("verify", "other.json", "--trust", "ed25519:x"),
        "a file that is no bundle": ("verify", "other.json"),
        "a folder that is no record": ("audit", "nothing"),
        "the folder of a node in place of its public one": ("audit", "first"),
    }.items():
        bad = comity(*words)
        check(f"{what} is exit 2 and says what", bad.returncode == 2 and len(bad.stderr.strip()) > 20, bad)
    check("a folder that is not there is exit 3", comity("audit", "nowhere").returncode == 3)

    before = server.ask("/checkpoint")[2]
    size = int(before.decode().splitlines()[1])
    bad = {
        "an empty body": (b"", {"content-type": "application/cose"}, {400}),
        "octets that are no CBOR": (b"\xff\xff\xff", {"content-type": "application/cose"}, {400}),
        "a wrong content type": (b"{}", {"content-type": "text/plain"}, {400, 415}),
        "a cut statement": (bytes.fromhex("d28445a2012704"), {"content-type": "application/cose"}, {400}),
    }
    for what, (body, headers, statuses) in bad.items():
        status, answered, said = server.ask("/entries", body, headers)
        check(f"{what} is refused with a problem that says what", status in statuses and len(said) > 10
              and "problem" in answered.get("content-type", ""), (status, answered, said))
    for path, wanted in {"/api/v1/nothing": 404, "/api/v1/members?colour=red": 400, "/en/members?as_of=yesterday": 400,
                         "/api/v1/entries/999999": 404, "/tile/0/zzz": 400}.items():
        status, answered, said = server.ask(path)
        check(f"{path} is {wanted}", status == wanted or (wanted == 400 and status == 404 and "tile" in path), (status, said[:300]))
    status, answered, _ = server.ask("/api/v1/members", method="DELETE")
    check("a wrong method is 405 and says which are allowed", status == 405 and "allow" in answered, (status, answered))

    # 100 MB: refused before they are sent, and the server stays up.
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as raw:
        raw.sendall(f"POST /entries HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/cose\r\n"
                    f"Content-Length: {100 * 1024 * 1024}\r\n\r\n".encode())
        check("100 MB are 413 at once", b" 413 " in raw.recv(4096))
    status, _, after = server.ask("/checkpoint")
    grown = int(after.decode().splitlines()[1])
    entries = [json.loads(server.ask(f"/api/v1/entries/{i}")[2]) for i in range(size, grown)]
    check("nothing of it was appended; the server is up", status == 200 and
          all("institution.clock" in json.dumps(e) or "institution.state_root" in json.dumps(e) for e in entries), entries)

# The seat moves.
audit = comity("--json", "audit", "first/public")
check("the published folder audits", audit.returncode == 0, audit)
check("a backup of the folder", comity("backup", "first/public", "--to", "backup").returncode == 0)
moved = comity("restore", "backup", "--data", "second", "--keys", "first/keys")
check("the backup is restored elsewhere, to the same state root", moved.returncode == 0 and audit.returncode == 0
      and json.loads(audit.stdout)["state_root"] in moved.stdout, moved)
check("and not over what is there", comity("restore", "backup", "--data", "second", "--keys", "first/keys").returncode == 5)
with Server("serve", "--data", "second") as server:
    last = comity("--url", server.url, "--key", "party.pem", "--as", party, "key", "show")
    check("work goes on at the new seat", server.ask("/checkpoint")[0] == 200 and last.returncode == 0, last)
finish()
