"""Decisions on plain values: what a report must have, what it is told apart by, what its clue is called. Pure."""

from __future__ import annotations

import hashlib
import unicodedata
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.intake.terms import UNKNOWN, Fault, Matter, ReportCommand, StatedPlace
from app.platform.digest import canonical_json, sha256_hex
from app.platform.i18n import N_

WORDS_LEAST: Final = 10
WORDS_MOST: Final = 5000
TITLE_LENGTH: Final = 200
NAME_MOST: Final = 60
CONTACT_WORDS_MOST: Final = 500
PHONE_TYPED_MOST: Final = 40
_PHONE_DIGITS: Final = range(7, 16)
_PHONE_SIGNS: Final = frozenset("0123456789+-()/ .转xX#")
# Answers that name the place better than a street does, the most telling first.
_NAMES_PLACE: Final = ("venue_name", "hospital", "reach_name", "project", "village")


def words_faults(words: str, matter: Matter, *, has_photo: bool, most: int = WORDS_MOST) -> list[Fault]:
    """Say what is wrong with the description; with a photo it may be missing where every second counts."""
    said = len("".join(words.split()))
    if len(words) > most:
        return [Fault("words", N_("写得太长了，最多 %(most)s 个字，请删短一些"), {"most": most})]
    if said >= WORDS_LEAST or (matter.is_priority and has_photo):
        return []
    if matter.is_priority and matter.allows_photos:
        return [
            Fault(
                "words",
                N_("请拍一张照片，或者写几句看到的情况（至少 %(least)s 个字）"),
                {"least": WORDS_LEAST},
            )
        ]
    return [Fault("words", N_("请写几句看到的情况，至少 %(least)s 个字"), {"least": WORDS_LEAST})]


def masking_faults(marks: Sequence[object], matter: Matter) -> list[Fault]:
    """Ask for a word about each photo where they show personal data; any of the words will do."""
    if not matter.needs_masking or all(mark is not None for mark in marks):
        return []
    return [Fault("photos_said", N_("请说一下照片里有没有别人的个人信息，选一项就行"))]


def contact_faults(name: str, phone: str, words: str, *, has_consent: bool) -> list[Fault]:
    """Say what is wrong with the contact; leaving none is always right."""
    if not (name.strip() or phone.strip() or words.strip()):
        return []
    faults = []
    if len(name) > NAME_MOST:
        faults.append(Fault("contact_name", N_("称呼太长了，最多 %(most)s 个字"), {"most": NAME_MOST}))
    if phone.strip() and phone_digits(phone) is None:
        faults.append(Fault("contact_phone", N_("电话好像不对，请再看一下；不想留可以清空")))
    if len(words) > CONTACT_WORDS_MOST:
        faults.append(Fault("contact_words", N_("这里最多写 %(most)s 个字"), {"most": CONTACT_WORDS_MOST}))
    if not has_consent:
        faults.append(Fault("contact_consent", N_("留联系方式需要您勾选同意；不想留请清空上面几栏")))
    return faults


def phone_digits(typed: str) -> str | None:
    """Return a phone number's digits, or None when no such number can be meant (mobile, landline, abroad)."""
    plain = unicodedata.normalize("NFKC", typed).strip()
    digits = "".join(sign for sign in plain if sign in "0123456789")
    if len(plain) > PHONE_TYPED_MOST or len(digits) not in _PHONE_DIGITS or set(plain) - _PHONE_SIGNS:
        return None
    return digits


def place_faults(place: StatedPlace) -> list[Fault]:
    """Ask for a place where none is given; any kind is enough: a position, a town, or words."""
    if place.lat is not None or place.town_key or place.words.strip() or (place.raw or {}).get("text"):
        return []
    return [Fault("place", N_("请告诉我们在哪里：用我的位置、选街道，或者写附近有什么，任选一种"))]


def place_json(place: StatedPlace) -> dict[str, Any]:
    """Return a place as the report keeps it."""
    return {
        "lat": place.lat, "lon": place.lon, "accuracy_m": place.accuracy_m, "source": place.source,
        "raw": dict(place.raw) if place.raw else None,
        "fixed_at": place.fixed_at.isoformat() if place.fixed_at else None,
        "words": place.words, "town": place.town_key,
    }  # fmt: skip


def parts_of(command: ReportCommand, digests: Sequence[str]) -> dict[str, Any]:
    """Return what makes a report this report; who sent it is not part of it, so that no digest tells."""
    return stated_parts(
        command.matter.key, command.words, command.answers, place_json(command.place), digests
    )


def stated_parts(
    category_key: str,
    words: str,
    answers: Sequence[Mapping[str, Any]],
    place: Mapping[str, Any],
    digests: Sequence[str],
) -> dict[str, Any]:
    """Return the parts under the names a conflict tells; answers by value, because labels may be edited."""
    said = {str(answer["key"]): answer["value"] for answer in answers}
    return {
        "category": category_key,
        "words": words,
        "answers": said,
        "place": dict(place),
        "photos": list(digests),
    }


def content_digest(parts: Mapping[str, Any]) -> str:
    """Return the digest by which a replay is known."""
    return sha256_hex(canonical_json(dict(parts)))


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Return the names of the parts in which two reports differ."""
    return [name for name in one if canonical_json(one[name]) != canonical_json(other[name])]


def sibling_id(report_id: str, digest: str) -> str:
    """Return the id of other content under a served form's id: always the same, so twice is one report."""
    made = int.from_bytes(hashlib.sha256(f"{report_id}|{digest}".encode()).digest()[:16])
    # RFC 9562, version 8: a UUID of our own bytes; this Python does not make them itself.
    made = made & ~(0xF << 76) | 8 << 76
    return str(uuid.UUID(int=made & ~(0b11 << 62) | 0b10 << 62))


def title(matter: Matter, place: StatedPlace, answers: Sequence[Mapping[str, Any]]) -> str:
    """Return the clue's title: what, and where in the reporter's words; near a facility the town at most."""
    named = {str(answer["key"]): answer for answer in answers}
    spots = [
        str(named[key]["value"]) for key in _NAMES_PLACE if key in named and named[key]["value"] != UNKNOWN
    ]
    spot = " ".join((spots or [place.words])[0].split())
    where = [] if matter.is_facility else [spot]
    where.append(place.town_name)
    return "，".join([matter.name, *(part for part in where if part)])[:TITLE_LENGTH]
