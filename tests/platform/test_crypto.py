"""Sealed fields, keyed digests and stamps: what opens, and what must not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.platform.crypto import KeyRing, Unreadable, make_key_file
from app.platform.digest import sm3_hex

NOW = datetime(2026, 11, 23, tzinfo=UTC)
RING = KeyRing([("k1", b"1" * 32)])
PLACE = {"table": "reporter_contact", "row": "r1", "field": "phone"}


@pytest.mark.parametrize("cipher", ["sm4-gcm", "aes-gcm"])
@given(text=st.text())
def test_a_sealed_field_opens_to_exactly_what_it_was(cipher: str, text: str) -> None:
    ring = KeyRing([("k1", b"1" * 32)], cipher=cipher)
    assert ring.open_field(ring.seal_field(text, **PLACE), **PLACE) == text


@pytest.mark.parametrize("other", [{"row": "r2"}, {"field": "name"}, {"table": "report"}])
def test_a_sealed_field_cannot_be_moved(other: dict[str, str]) -> None:
    sealed = RING.seal_field("13800000000", **PLACE)
    with pytest.raises(Unreadable):
        RING.open_field(sealed, **(PLACE | other))


def test_a_changed_byte_or_another_key_does_not_open() -> None:
    sealed = RING.seal_field("13800000000", **PLACE)
    changed = sealed[:-4] + ("A" if sealed[-4] != "A" else "B") + sealed[-3:]
    with pytest.raises(Unreadable):
        RING.open_field(changed, **PLACE)
    with pytest.raises(Unreadable):
        KeyRing([("k1", b"2" * 32)]).open_field(sealed, **PLACE)


def test_old_keys_still_open_after_rotation_and_the_new_one_seals() -> None:
    sealed = RING.seal_field("旧", **PLACE)
    rotated = KeyRing([("k2", b"2" * 32), ("k1", b"1" * 32)])
    assert rotated.open_field(sealed, **PLACE) == "旧"
    assert ".k2." in rotated.seal_field("新", **PLACE)


def test_no_two_seals_of_the_same_text_are_equal() -> None:
    assert RING.seal_field("13800000000", **PLACE) != RING.seal_field("13800000000", **PLACE)


def test_a_stamp_holds_for_its_purpose_until_its_end() -> None:
    stamp = RING.stamp("form", {"id": "x"}, expires_at=NOW + timedelta(minutes=1))
    assert RING.read_stamp("form", stamp, now=NOW) == {"id": "x"}
    assert RING.read_stamp("track", stamp, now=NOW) is None
    assert RING.read_stamp("form", stamp, now=NOW + timedelta(minutes=2)) is None


@given(st.text(max_size=200))
def test_no_text_is_a_stamp(text: str) -> None:
    assert RING.read_stamp("form", text, now=NOW) is None


def test_a_key_file_is_private_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "master.keys"
    make_key_file(path, key_id="k1")
    assert path.stat().st_mode & 0o077 == 0
    assert KeyRing.from_file(path).current_id == "k1"
    with pytest.raises(FileExistsError):
        make_key_file(path, key_id="k2")


def test_sm3_is_the_standards_sm3() -> None:
    assert sm3_hex(b"abc").startswith("66c7f0f4")  # GB/T 32905, appendix A
