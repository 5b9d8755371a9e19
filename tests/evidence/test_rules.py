"""What a photo gives reason to ask: each limit from both sides, and nothing where nobody said anything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.evidence import rules
from app.evidence.exif import NOTHING, PhotoFacts
from app.evidence.rules import Flag, Said

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


def raised(facts: PhotoFacts = NOTHING, **said: Any) -> dict[Flag, dict[str, Any]]:
    return {one.flag: dict(one.figures) for one in rules.flags(Said(facts, NOW, **said))}


def test_a_photo_that_says_nothing_gives_nothing_to_ask() -> None:
    assert raised() == {}


@pytest.mark.parametrize(
    ("calm", "loud", "flag", "figures"),
    [
        ({"to_place_m": 500.0}, {"to_place_m": 501.0}, Flag.FAR_FROM_PLACE, {"n": 501}),
        ({"to_phone_m": 500.0}, {"to_phone_m": 900.4}, Flag.FAR_FROM_PHONE, {"n": 900}),
        ({"phone_accuracy_m": 200.0}, {"phone_accuracy_m": 200.6}, Flag.COARSE, {"n": 201}),
        (
            {"facts": PhotoFacts(error_m=200.0)},
            {"facts": PhotoFacts(error_m=3000.0)},
            Flag.COARSE,
            {"n": 3000},
        ),
        (
            {"facts": PhotoFacts(taken_at=NOW - timedelta(days=30))},
            {"facts": PhotoFacts(taken_at=NOW - timedelta(days=31))},
            Flag.OLD,
            {"n": 31},
        ),
        (
            {"facts": PhotoFacts(taken_at=NOW + timedelta(minutes=5))},
            {"facts": PhotoFacts(taken_at=NOW + timedelta(minutes=6))},
            Flag.AHEAD_OF_US,
            {"n": 6},
        ),
        ({}, {"is_outside": True}, Flag.OUTSIDE, {}),
        ({}, {"same_bytes": 2}, Flag.SAME_BYTES, {"n": 2}),
        ({}, {"same_picture": 1}, Flag.SAME_PICTURE, {"n": 1}),
        ({"name": "IMG_1.jpg"}, {"name": "Screenshot_20261125.jpg"}, Flag.SCREENSHOT, {}),
        ({"name": "照片.png"}, {"name": "微信截图_2026.png"}, Flag.SCREENSHOT, {}),
        ({}, {"facts": PhotoFacts(is_screenshot=True)}, Flag.SCREENSHOT, {}),
        (
            {"media_type": "image/jpeg", "size": (1170, 2532)},
            {"media_type": "image/png", "size": (2532, 1170)},
            Flag.SCREENSHOT,
            {},
        ),
        (
            {"facts": PhotoFacts(software="MediaTek Camera Application")},
            {"facts": PhotoFacts(software="Adobe Photoshop 25.0")},
            Flag.EDITED,
            {"name": "Adobe Photoshop 25.0"},
        ),
    ],
)
def test_each_flag_from_both_sides(
    calm: dict[str, Any], loud: dict[str, Any], flag: Flag, figures: dict[str, Any]
) -> None:
    assert flag not in raised(**calm)
    assert raised(**loud) == {flag: figures}


@pytest.mark.parametrize(
    ("apart", "is_known", "is_raised"),
    [
        (timedelta(minutes=9), True, False),
        (timedelta(minutes=11), True, True),
        (timedelta(hours=1), True, True),
        # Without a zone whole hours say where the clock was set, not that it is wrong.
        (timedelta(hours=1), False, False),
        (timedelta(hours=8), False, False),
        (timedelta(hours=1, minutes=14), False, True),
        (-timedelta(hours=2, minutes=12), False, True),
    ],
)
def test_the_cameras_clock_against_the_satellites(apart: timedelta, is_known: bool, is_raised: bool) -> None:
    taken = NOW - timedelta(days=1)
    facts = PhotoFacts(taken_at=taken, gps_at=taken + apart, taken_offset_known=is_known)
    assert (Flag.CLOCK_SKEW in raised(facts)) is is_raised


def test_hashes_that_differ_in_three_bits_share_a_quarter() -> None:
    one = 0x0F1E2D3C4B5A6978
    for bits in ((0, 20, 40), (63, 47, 31), (1, 2, 3), (15, 16, 32)):
        other = one
        for bit in bits:
            other ^= 1 << bit
        assert rules.differing_bits(one, other) == 3
        assert set(rules.bands(one)) & set(rules.bands(other))
    signed = one - (1 << 64)
    assert rules.bands(signed) == rules.bands(one)
    assert rules.differing_bits(signed, one) == 0


def test_a_flat_picture_resembles_nothing() -> None:
    for flat in (0, -1, 1 << 40, 0b1010101):
        assert rules.bands(flat) == ()
