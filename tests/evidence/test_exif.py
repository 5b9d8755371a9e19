"""What a photo says is read once and safely, whatever stands there."""

from __future__ import annotations

import io
import json
import math
import random
import struct
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.evidence import exif
from app.evidence.exif import NOTHING, PhotoFacts
from tests import photos

CHINA = timezone(timedelta(hours=8))


def block_of(photo: bytes) -> bytes:
    return bytes(Image.open(io.BytesIO(photo)).info["exif"])


def with_gps(**changes: object) -> PhotoFacts:
    tags: dict[int, object] = {
        1: b"N\0",
        2: ((45, 1), (48, 1), (36, 1)),
        3: b"E\0",
        4: ((126, 1), (31, 1), (48, 1)),
    }
    tags.update({int(key[1:]): value for key, value in changes.items()})
    return exif.facts({"gps": tags})


def test_a_phone_photo_tells_all_it_knows() -> None:
    facts = exif.facts(block_of(photos.small_photo(software="HarmonyOS 5")))
    assert facts.taken_at == datetime(2026, 11, 20, 9, 30, tzinfo=CHINA)
    assert facts.taken_offset_known
    assert facts.taken_at_text == "2026:11:20 09:30:00"
    assert facts.lat == pytest.approx(45.81, abs=1e-6)
    assert facts.lon == pytest.approx(126.53, abs=1e-6)
    assert (facts.error_m, facts.datum_text, facts.direction_deg) == (8.0, "WGS-84", 270.5)
    assert (facts.make, facts.model, facts.software) == ("HUAWEI", "P60", "HarmonyOS 5")
    assert exif.orientation(block_of(photos.small_photo(orientation=7))) == 7


def test_the_reader_agrees_with_pillow_about_the_same_bytes() -> None:
    block = block_of(photos.small_photo())
    other = Image.Exif()
    other.load(block)
    mine = exif.parse(block)
    assert mine["0th"][0x0112] == other[0x0112] == 6
    assert mine["gps"][18] == other.get_ifd(0x8825)[18].encode() + b"\0"
    assert exif.facts(
        {"0th": other, "exif": other.get_ifd(0x8769), "gps": other.get_ifd(0x8825)}
    ) == exif.facts(block)


def test_motorola_byte_order_is_read_too() -> None:
    camera = Image.Exif()
    camera.endian = ">"
    camera[0x010F] = "Canon"
    block = camera.tobytes()
    assert block[6:8] == b"MM"
    assert exif.facts(block).make == "Canon"


@pytest.mark.parametrize(
    ("text", "offset", "instant", "is_known"),
    [
        ("2026:11:20 09:30:00", None, datetime(2026, 11, 20, 1, 30, tzinfo=UTC), False),
        ("2026:11:20 09:30:00", "+09:00", datetime(2026, 11, 20, 0, 30, tzinfo=UTC), True),
        ("2026:11:20 09:30:00", "-03:30", datetime(2026, 11, 20, 13, 0, tzinfo=UTC), True),
        ("2026:11:20 09:30:00", "Z", datetime(2026, 11, 20, 9, 30, tzinfo=UTC), True),
        ("2026:11:20 09:30:00", "+99:99", datetime(2026, 11, 20, 1, 30, tzinfo=UTC), False),
        ("2026:11:20 09:30:00", "   :  ", datetime(2026, 11, 20, 1, 30, tzinfo=UTC), False),
        ("2026-11-20T09:30:00", None, datetime(2026, 11, 20, 1, 30, tzinfo=UTC), False),
        ("2026:02:30 09:30:00", None, None, False),
        ("2026:11:20 24:00:00", None, None, False),
        ("0000:00:00 00:00:00", None, None, False),
        ("1970:01:01 00:00:00", None, None, False),
        ("9999:12:31 23:59:59", "-14:00", None, False),
        ("２０２６:11:20 09:30:00", None, None, False),
        ("yesterday", None, None, False),
    ],
)
def test_times_with_and_without_an_offset(
    text: str, offset: str | None, instant: datetime | None, is_known: bool
) -> None:
    facts = exif.facts({"exif": {0x9003: text, **({0x9011: offset} if offset else {})}})
    assert (facts.taken_at, facts.taken_offset_known) == (instant, is_known)
    assert facts.taken_at_text == text.strip()


@pytest.mark.parametrize(
    ("ns", "ew", "sign"), [("N", "E", (1, 1)), ("S", "W", (-1, -1)), (b"s\0", b"e", (-1, 1))]
)
def test_hemispheres(ns: object, ew: object, sign: tuple[int, int]) -> None:
    facts = with_gps(_1=ns, _3=ew)
    assert facts.lat == pytest.approx(45.81 * sign[0])
    assert facts.lon == pytest.approx(126.53 * sign[1])


@pytest.mark.parametrize(
    "changes",
    [
        {"_1": None},
        {"_3": b""},
        {"_1": b"E"},
        {"_2": ((0, 1), (0, 1), (0, 1)), "_4": ((0, 1), (0, 1), (0, 1))},
        {"_2": ((0, 0), (0, 0), (0, 0)), "_4": ((0, 0), (0, 0), (0, 0))},
        {"_2": ((91, 1), (0, 1), (0, 1))},
        {"_4": ((181, 1), (0, 1), (0, 1))},
        {"_2": ((45, 1), (61, 1), (0, 1))},
        {"_2": ((2**32 - 1, 1), (0, 1), (0, 1))},
        {"_2": (math.nan, 0.0, 0.0)},
        {"_2": (math.inf, 0.0, 0.0)},
        {"_2": (10**400, 0, 0)},
        {"_2": ((-45, 1), (0, 1), (0, 1))},
        {"_2": ()},
        {"_2": "45,48.6N"},
        {"_2": ((45, 1), (48, 1), (36, 1), (0, 1))},
    ],
)
def test_an_odd_position_is_no_position(changes: dict[str, object]) -> None:
    facts = with_gps(**changes)
    assert (facts.lat, facts.lon, facts.error_m) == (None, None, None)


def test_seconds_of_nothing_over_nothing_are_zero_seconds() -> None:
    facts = with_gps(_2=((45, 1), (4860, 100), (0, 0)), _31=(15, 2))
    assert facts.lat == pytest.approx(45.81)
    assert facts.error_m == 7.5


def test_other_forms_of_numbers_are_understood() -> None:
    assert with_gps(_2=(45.81,), _4=(Fraction(12653, 100),)).lat == pytest.approx(45.81)
    assert with_gps(_2=(4581, 100), _4=[126, 31, 48]).lat == pytest.approx(45.81)


@pytest.mark.parametrize(
    ("direction", "shown"),
    [((360, 1), 0.0), ((0, 1), 0.0), ((361, 1), None), ((1, 0), None), ((-1, 1), None)],
)
def test_directions(direction: tuple[int, int], shown: float | None) -> None:
    assert with_gps(_17=direction).direction_deg == shown


def test_texts_lose_what_cannot_be_shown_and_keep_the_rest() -> None:
    tags = {
        0x010F: "华为".encode("gb18030") + b"\0rest",
        0x0110: "a\x00b\u202ec\ud800" + "d" * 200,
        0x0131: b" \x07 ",
    }
    facts = exif.facts({"0th": tags})
    assert facts.make == "华为"
    assert facts.model is not None
    assert facts.model.startswith("abcddd")
    assert len(facts.model) == 64
    assert facts.software is None
    assert exif.facts({"0th": {0x010F: "<script>alert(1)</script>"}}).make == "<script>alert(1)</script>"


@pytest.mark.parametrize("value", [0, 9, -1, "6", 6.5, None, (6,), 10**400])
def test_an_orientation_that_is_none_is_upright(value: object) -> None:
    assert exif.orientation({"0th": {0x0112: value}}) == 1


def test_a_directory_that_points_at_itself_ends() -> None:
    block = photos.exif_block(
        main=[(0x8769, 4, 1, struct.pack("<I", 8)), (0x8825, 4, 1, struct.pack("<I", 8))]
    )
    assert exif.facts(block) == NOTHING


def test_a_directory_of_a_million_entries_is_bounded() -> None:
    assert (
        exif.facts(b"II*\0\x08\0\0\0\xff\xff" + b"\x0f\x01\x02\0\xff\xff\xff\xff\0\0\0\0" * 65535) == NOTHING
    )


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.binary(max_size=30)
    | st.fractions(),
    lambda inner: st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple),
    max_leaves=8,
)
KNOWN_TAGS = st.sampled_from(
    [1, 2, 3, 4, 7, 16, 17, 18, 29, 31, 0x0112, 0x010F, 0x0110, 0x0131, 0x9003, 0x9010, 0x9011, 0x9286]
)


def check(facts: PhotoFacts) -> None:
    """Whatever was read can be written into a database and a page, and comes back the same."""
    plain = json.loads(json.dumps(facts.as_json(), allow_nan=False))
    assert PhotoFacts.from_json(plain) == facts
    json.dumps(plain, ensure_ascii=False).encode()
    assert (facts.lat is None) == (facts.lon is None)


@given(st.dictionaries(st.sampled_from(["0th", "exif", "gps"]), st.dictionaries(KNOWN_TAGS, VALUES) | VALUES))
def test_no_tags_are_too_strange(tags: dict[str, dict[int, object]]) -> None:
    check(exif.facts(tags))
    assert 1 <= exif.orientation(tags) <= 8


@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08", b"Exif\0\0II*\0\x08\0\0\0"]),
)
def test_no_block_is_too_strange(block: bytes, head: bytes) -> None:
    check(exif.facts(head + block))
    assert 1 <= exif.orientation(head + block) <= 8


@given(st.integers(0, 2**32))
def test_no_damage_to_a_real_block_is_too_strange(seed: int) -> None:
    chance = random.Random(seed)
    block = bytearray(
        photos.exif_block(main=[photos.ascii_entry(0x010F, "HUAWEI")], gps=photos.gps_entries(45.81, 126.53))
    )
    for _ in range(chance.randrange(1, 9)):
        block[chance.randrange(len(block))] = chance.randrange(256)
    check(exif.facts(bytes(block)))


@given(VALUES | st.dictionaries(st.sampled_from([*NOTHING.as_json()]), VALUES))
def test_what_another_process_sends_is_as_little_believed(plain: object) -> None:
    check(PhotoFacts.from_json(plain))


def _gps_clock(day: str | None, *clock: tuple[int, int]) -> exif.PhotoFacts:
    gps = [*photos.gps_entries(45.8, 126.5), *([photos.ascii_entry(29, day)] if day else [])]
    return exif.facts(photos.exif_block(gps=[*gps, *([photos.rational_entry(7, *clock)] if clock else [])]))


@pytest.mark.parametrize(
    ("day", "clock", "found"),
    [
        ("2026:11:20", ((1, 1), (30, 1), (15, 1)), "2026-11-20T01:30:15+00:00"),
        ("2026-11-20", ((1, 1), (30, 1), (1500, 100)), "2026-11-20T01:30:15+00:00"),
        ("2026:11:20", ((24, 1), (0, 1), (0, 1)), None),
        ("2026:11:20", ((1, 0), (0, 1), (0, 1)), None),
        ("2026:11:20", ((1, 1), (61, 1), (0, 1)), None),
        ("2026:13:20", ((1, 1), (0, 1), (0, 1)), None),
        ("0000:00:00", ((0, 1), (0, 1), (0, 1)), None),
        ("1980:01:06", ((0, 1), (0, 1), (0, 1)), None),
        ("2026:11:20", ((1, 1), (0, 1)), None),
        ("2026:11:20", (), None),
        (None, ((1, 1), (0, 1), (0, 1)), None),
    ],
)
def test_the_satellites_own_time(
    day: str | None, clock: tuple[tuple[int, int], ...], found: str | None
) -> None:
    facts = _gps_clock(day, *clock)
    assert (facts.gps_at.isoformat() if facts.gps_at else None) == found
    assert exif.PhotoFacts.from_json(facts.as_json()) == facts


@pytest.mark.parametrize(
    ("comment", "is_screenshot"),
    [
        (b"ASCII\0\0\0Screenshot", True),
        (b"ASCII\0\0\0Screenshot\0\0", True),
        (b"ASCII\0\0\0a Screenshot", False),
        (b"Screenshot", False),
    ],
)
def test_the_word_phones_write_into_a_picture_of_their_screen(comment: bytes, is_screenshot: bool) -> None:
    facts = exif.facts(photos.exif_block(exif=[(0x9286, 7, len(comment), comment)]))
    assert facts.is_screenshot is is_screenshot
