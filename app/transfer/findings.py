"""What in a text could give a person away: telephone numbers, identity card numbers, number plates. Pure.

Each finding is decided by a person before anything leaves: masked in the text, or kept on purpose. Names are not
sought: the reporter's name is sealed in intake and this room must not read it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final


class FindingKind(StrEnum):
    """What a piece of text looks like."""

    PHONE = "phone"
    ID_NUMBER = "id_number"
    PLATE = "plate"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found, wherever and however often it stands in the texts."""

    kind: FindingKind
    value: str

    @property
    def key(self) -> str:
        """Return the name under which a decision about it is remembered."""
        return f"{self.kind.value}:{self.value}"


# Documents are Chinese whatever the reader's language, so these are not messages of the catalogue.
_MASKS: Final = {
    FindingKind.PHONE: "（电话已隐去）",
    FindingKind.ID_NUMBER: "（证件号码已隐去）",
    FindingKind.PLATE: "（车牌已隐去）",
}
_GAP: Final = r"[ \u3000\-–—·.]?"
_AREA_CODE: Final = r"(?:010|02\d|0[3-9]\d{2})"
_PATTERNS: Final = {
    FindingKind.ID_NUMBER: re.compile(
        rf"(?<![0-9A-Za-z])\d{{6}}{_GAP}\d{{8}}{_GAP}\d{{3}}[\dXx](?![0-9A-Za-z])"
    ),
    FindingKind.PHONE: re.compile(
        rf"(?<!\d)(?:(?:\+|00)?86{_GAP})?1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}(?!\d)"
        rf"|(?<!\d)[(（]?{_AREA_CODE}[)）]?{_GAP}[2-9]\d{{2,3}}{_GAP}\d{{4}}(?!\d)"
    ),
    FindingKind.PLATE: re.compile(
        r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领]"
        rf"[A-HJ-NP-Za-hj-np-z]{_GAP}(?:[0-9A-HJ-NP-Za-hj-np-z]{{4,5}}[0-9A-Za-z挂学警港澳])(?![0-9A-Za-z])"
        r"|(?<![0-9A-Za-z])WJ[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]\d{4}[0-9A-Z](?![0-9A-Za-z])"
    ),
}
_WIDE: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_SEPARATORS: Final = re.compile(r"[ \u3000\-–—·.()（）+]")


def has_id_check(number: str) -> bool:
    """Say whether 18 characters are an identity number: a real birthday and the check of GB 11643-1999."""
    if not re.fullmatch(r"\d{17}[\dX]", number):
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    # Weights are 2^(17-i) mod 11, the check letter is looked up by the sum mod 11 (ISO 7064, MOD 11-2).
    weighed = sum(int(digit) * pow(2, 17 - at, 11) for at, digit in enumerate(number[:17]))
    return number[17] == "10X98765432"[weighed % 11]


def found_in(text: str) -> list[Finding]:
    """Return what one text holds, each thing once, in reading order; wide digits count as digits."""
    return [finding for _, _, finding in _sightings(text)]


def found_in_all(texts: Iterable[str]) -> list[Finding]:
    """Return what several texts hold, each thing once."""
    return list({finding.key: finding for text in texts for finding in found_in(text)}.values())


def masked(text: str, keys: Iterable[str]) -> str:
    """Return the text with the named findings replaced by words that say something was taken out."""
    wanted = frozenset(keys)
    for start, end, finding in sorted(_sightings(text), key=lambda sighting: -sighting[0]):
        if finding.key in wanted:
            text = text[:start] + _MASKS[finding.kind] + text[end:]
    return text


def undecided(texts: Iterable[str], kept: Iterable[str]) -> list[Finding]:
    """Return the findings nobody has decided to keep."""
    decided = frozenset(kept)
    return [finding for finding in found_in_all(texts) if finding.key not in decided]


def _sightings(text: str) -> list[tuple[int, int, Finding]]:
    # Wide digits and letters are turned into narrow ones, sign by sign, so that places in the text stay the same.
    narrow = text.translate(_WIDE)
    taken: list[tuple[int, int, Finding]] = []
    for kind, pattern in _PATTERNS.items():
        for match in pattern.finditer(narrow):
            value = _SEPARATORS.sub("", match.group()).upper()
            overlaps = any(start < match.end() and match.start() < end for start, end, _ in taken)
            is_false = (kind is FindingKind.ID_NUMBER and not has_id_check(value)) or not any(
                letter.isdigit() for letter in value
            )
            if overlaps or is_false:
                continue
            taken.append((match.start(), match.end(), Finding(kind, value)))
    return sorted(taken, key=lambda sighting: sighting[0])
