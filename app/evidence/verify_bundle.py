#!/usr/bin/env python3
"""Check an evidence bundle 证据包 without the product and without a network.

python3 verify.py BUNDLE.zip checks every byte of the zip; a folder it was unpacked into will do as well.
--digest HEX compares the zip with the number on the printed list 清单, --key HEX the key with the office's own.
Exit code: 0 whole, 1 altered (each fault is named), 2 not readable. Needs Python 3.8 or newer and nothing else;
time stamps are checked where there is the command `openssl`, SM3 where this Python has it. Laid out by hand, to
stay short enough to be read by whoever is asked to trust it.
"""

# fmt: off
import argparse
import hashlib
import json
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

P, Q = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT = -121665 * pow(121666, P - 2, P) % P, pow(2, (P - 1) // 4, P)
HEAD = ("id", "seq", "sha256", "sm3", "cause", "signed_at")

def add(a, b):
    """Add two points of the curve (RFC 8032, 5.1.4)."""
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    return (f - e) * (h - g) % P, (h + g) * (f + e) % P, (h - g) * (h + g) % P, (f - e) * (f + e) % P

def times(s, a):
    """Multiply a point by a number."""
    found = (0, 1, 1, 0)
    while s:
        found, a, s = (add(found, a) if s & 1 else found), add(a, a), s >> 1
    return found

def point(raw):
    """Read a point (RFC 8032, 5.1.3); None for bytes that are none."""
    y, sign = int.from_bytes(raw, "little") & ((1 << 255) - 1), raw[31] >> 7
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    x = x if (x * x - x2) % P == 0 else x * ROOT % P
    if y >= P or (x * x - x2) % P or (x == 0 and sign):
        return None
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P

BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))

def is_signed(public, signature, content):
    """Say whether an Ed25519 signature holds; both numbers may be written in one way only."""
    if not re.fullmatch("[0-9a-f]{64}", public) or not re.fullmatch("[0-9a-f]{128}", signature):
        return False
    key, sig = bytes.fromhex(public), bytes.fromhex(signature)
    a, r, s = point(key), point(sig[:32]), int.from_bytes(sig[32:], "little")
    if None in (a, r) or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(sig[:32] + key + content).digest(), "little") % Q
    left, right = times(s, BASE), add(r, times(h, a))
    return all((left[axis] * right[2] - right[axis] * left[2]) % P == 0 for axis in (0, 1))

def canonical(value):
    """Return the one byte form of a JSON value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

def hashed(content, kind="sha256"):
    """Return a digest in hexadecimal; None for SM3 where this Python does not have it."""
    try:
        return hashlib.new(kind, content).hexdigest()
    except ValueError:
        return None

def unzipped(raw, faults):
    """Read a zip that may only be what the product writes: each header is made anew and compared."""
    files, at, directory = {}, 0, b""
    while raw[at:at + 4] == b"PK\3\4" and len(raw) >= at + 30:
        size, length = struct.unpack_from("<IH", raw, at + 22)
        start = at + 30 + length
        name, data = raw[at + 30:start], raw[start:start + size]
        common = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 0x21, zlib.crc32(data), size, size, length, 0)
        shown = name.decode("ascii", "replace")
        if raw[at:start] != b"PK\3\4" + common + name or len(data) != size or shown in files:
            faults.append(f"zip bytes {at}-{start + size}: {shown} or its header was altered")
        tail = struct.pack("<HHHII", 0, 0, 0, 0o100444 << 16, at) + name
        directory += b"PK\1\2" + struct.pack("<H", 20 | 3 << 8) + common + tail
        files[shown], at = data, start + size
    end = directory + struct.pack("<4s4HIIH", b"PK\5\6", 0, 0, len(files), len(files), len(directory), at, 0)
    if raw[at:] != end:
        faults.append(f"zip bytes {at}-{max(len(raw), at + len(end))}: a header or the directory was altered")
    return files

def check_files(files, manifest, faults, notes):
    """Compare every file with the list of the manifest, and every item with the file it names."""
    listed = {each["name"]: each for each in manifest["files"]}
    faults += [f"{name}: it is missing" for name in listed if name not in files]
    faults += [f"{name}: it does not belong here" for name in {*files} - {*listed, "manifest.json", "manifest.sig"}]
    for name in (name for name in listed if name in files):
        each, content = listed[name], files[name]
        if (len(content), hashed(content)) != (each["size_bytes"], each["sha256"]):
            faults.append(f"{name}: its bytes were altered")
        elif each["sm3"] is not None and hashed(content, "sm3") not in {None, each["sm3"]}:
            faults.append(f"{name}: its SM3 differs")
    faults += [f"{item['name']}: its digest in the list of items is another" for item in manifest["items"]
               if listed.get(item["name"], {}).get("sha256") != item["sha256"]]
    notes += ["SM3 is not checked: this Python does not have it"] * (hashed(b"", "sm3") is None)

def check_journal(journal, manifest, faults):
    """Follow the chain from each row of this clue to the signed head behind it."""
    shown, added = [], {}
    for span in journal["spans"]:
        previous, expected, head = span["previous"], span["first"], span["head"]
        for link in span["links"]:
            seq, row, where = link["seq"], link.get("row"), f"journal.json: row {link['seq']}"
            of_row = (link.get("row_sha256"), link.get("row_sm3"))
            if row is not None:
                of_row = (hashed(canonical(row)), hashed(canonical(row), "sm3"))
                shown.append(seq)
                if row["verb"] == "evidence.added":
                    added[row["subject_id"]] = row["facts"]["digest"]
            if seq != expected:
                faults.append(f"{where}: it is out of order, or rows from {expected} on are missing")
            sealed = [canonical({"seq": seq, "previous": previous, "row": digest}) for digest in of_row]
            if hashed(sealed[0]) != link["sha256"] or hashed(sealed[1], "sm3") not in {None, link["sm3"]}:
                faults.append(f"{where}: it was altered, or does not follow the row before it")
            previous, expected = link["sha256"], seq + 1
        signed = canonical({"kind": "yixian-journal-head/1", **{key: head[key] for key in HEAD}})
        if not is_signed(manifest["keys"].get(head["key_id"], ""), head["signature"], signed):
            faults.append(f"journal.json: the signature over row {head['seq']} does not hold")
        if (head["seq"], head["sha256"]) != (expected - 1, previous):
            faults.append(f"journal.json: rows up to the signed row {head['seq']} are missing")
    if shown != manifest["journal_rows"]:
        faults.append(f"journal.json: of rows {manifest['journal_rows']} it shows {shown}")
    faults += [f"{item['name']}: the journal does not tell that these bytes were taken in"
               for item in manifest["items"] if added.get(item["evidence_id"]) != item["sha256"]]

def check_stamps(files, journal, faults, notes):
    """Let openssl compare each time stamp with the signed head it was given for."""
    heads = {f"stamps/{span['head']['seq']}.tsr": span["head"] for span in journal["spans"]}
    stamps = [name for name in heads if name in files]
    if not stamps or "stamps/ca.pem" not in files or not shutil.which("openssl"):
        notes.append(f"{len(stamps)} time stamps; not checked without openssl and stamps/ca.pem")
        return
    with tempfile.TemporaryDirectory() as folder:
        answer, chain = Path(folder, "answer.tsr"), Path(folder, "ca.pem")
        chain.write_bytes(files["stamps/ca.pem"])
        for name in stamps:
            answer.write_bytes(files[name])
            digest = hashed(heads[name]["signature"].encode())
            command = ["openssl", "ts", "-verify", "-digest", digest, "-in", answer, "-CAfile", chain]
            if subprocess.run(command, capture_output=True, check=False).returncode:
                faults.append(f"{name}: the time stamp does not hold")

def check(files, faults, notes, key=""):
    """Check everything that can be checked without the zip around it."""
    try:
        raw, manifest = files["manifest.json"], json.loads(files["manifest.json"])
        public = manifest["keys"][manifest["key_id"]]
        notes.append(f"clue {manifest['clue']['number']}, made {manifest['made_at']}, signed by {public}")
        if not is_signed(public, files["manifest.sig"].decode("ascii", "replace"), raw):
            faults.append("manifest.json or manifest.sig: the signature does not hold")
        faults += ["manifest.json: it is not signed by the key you gave"] * (key not in {"", public})
        check_files(files, manifest, faults, notes)
        journal = json.loads(files["journal.json"])
        check_journal(journal, manifest, faults)
        check_stamps(files, journal, faults, notes)
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        faults.append(f"manifest.json, manifest.sig or journal.json cannot be read: {problem!r}")

def main(arguments):
    """Check what the command line names; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("place", nargs="?", type=Path, default=Path(__file__).parent)
    parser.add_argument("--digest", default="", type=str.lower)
    parser.add_argument("--key", default="", type=str.lower)
    wish, faults, notes = parser.parse_args(arguments), [], []
    try:
        if wish.place.is_dir():
            found = (path for path in wish.place.rglob("*") if path.is_file())
            files = {path.relative_to(wish.place).as_posix(): path.read_bytes() for path in found}
            notes.append("only what came out of the zip is checked, not the zip itself")
        else:
            whole = wish.place.read_bytes()
            notes.append(f"SHA-256 of the zip: {hashed(whole)}")
            faults += ["the zip is not the one on the printed list"] * (wish.digest not in {"", hashed(whole)})
            files = unzipped(whole, faults)
    except OSError as problem:
        print(f"cannot read: {problem}")
        return 2
    check(files, faults, notes, wish.key)
    print(*(f"NOTE   {note}" for note in notes), *(f"FAULT  {fault}" for fault in faults), sep="\n")
    print(f"ALTERED 有改动: {len(faults)}" if faults else "WHOLE 完好: every byte is as it was when it was made")
    return 1 if faults else 0

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
