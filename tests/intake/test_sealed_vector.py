"""The page and the server seal alike: fixed inputs give the bytes in sealed_vector.json, checked on both sides.

Written anew by `python -m tests.intake.test_sealed_vector`.
"""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from app.platform import sealing
from app.platform.crypto import KeyRing

VECTOR = Path(__file__).with_name("sealed_vector.json")
MASTER = "5a" * 32
REPORT_ID = "0193abcd-1234-7abc-8def-0123456789ab"
EPHEMERAL = 0x1F3D5B79_02468ACE_13579BDF_0F1E2D3C_4B5A6978_8796A5B4_C3D2E1F0_11223344
# Bytes no one need store: the n-th is n * 7 % 251.
LENGTHS = [0, 1, 262_143, 262_144, 262_145, 524_293]


def pattern(length: int) -> bytes:
    return bytes(at * 7 % 251 for at in range(length))


def vector() -> dict[str, Any]:
    ring = KeyRing([("k1", bytes.fromhex(MASTER))])
    own = ec.derive_private_key(EPHEMERAL, ec.SECP256R1())

    def seal(content: bytes, what: str) -> bytes:
        return sealing.seal(content, "k1", ring.sealing_point, report_id=REPORT_ID, what=what, own=own)

    report = '{"category":"aed_missing","words":"一到四层都没有看到除颤器"}'
    private = ring.sealing_key("k1").private_numbers().private_value
    return {
        "about": "yixian-sealed-v1: see the module docstring of app/platform/sealing.py",
        "key_id": "k1",
        "master_hex": MASTER,
        "private_hex": f"{private:064x}",
        "public": sealing.base64url(ring.sealing_point),
        "report_id": REPORT_ID,
        "ephemeral_private_hex": f"{EPHEMERAL:064x}",
        "report": {"what": "report", "plain": report, "sealed": base64.b64encode(seal(report.encode(), "report")).decode()},
        "files": [
            {
                "plain": "byte n is n * 7 % 251",
                "length": length,
                "what": sha256(pattern(length)).hexdigest(),
                "sealed_length": sealing.sealed_length(length, "k1"),
                "sealed_sha256": sha256(seal(pattern(length), sha256(pattern(length)).hexdigest())).hexdigest(),
            }
            for length in LENGTHS
        ],
    }  # fmt: skip


def test_fixed_inputs_give_the_bytes_of_the_vector():
    assert vector() == json.loads(VECTOR.read_text("utf-8"))


def test_the_vector_opens():
    known = json.loads(VECTOR.read_text("utf-8"))
    ring = KeyRing([(known["key_id"], bytes.fromhex(known["master_hex"]))])
    sealed = base64.b64decode(known["report"]["sealed"])
    found = b"".join(sealing.opened(ring, [sealed], report_id=known["report_id"], what="report"))
    assert found.decode() == known["report"]["plain"]


if __name__ == "__main__":
    VECTOR.write_text(json.dumps(vector(), ensure_ascii=False, indent=2) + "\n", "utf-8")
