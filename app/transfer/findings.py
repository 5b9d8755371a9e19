"""What in a text could give a person away: telephone, identity card and plate numbers, words about oneself. Pure.

Each finding is decided by a person before anything leaves: masked in the text, or kept on purpose. The reporter's name
is sealed in intake and this room must not read it; what people say of themselves (我叫…, 我家住…) is sought instead.
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
    SELF = "self"


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
    FindingKind.SELF: "（个人情况已隐去）",
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
# What people say of themselves: a name, a home, a job, kin. Up to the next stop, because all of it points at them.
_OF_SELF: Final = (
    r"(?:本人|我)(?:的?(?:名字|姓名)(?:是|叫)?|就?是(?!说|想|从|在|看|觉得|认为|怕|不是|要|来|第|因)|叫|姓)"
    r"|(?:本人|我)们?家?(?:就)?(?:住在?|家在|家住)|我(?:的)?(?:微信|手机|电话|邮箱|QQ|qq)"
    r"|我(?:家)?(?:老公|老婆|爱人|丈夫|妻子|儿子|女儿|孩子|父亲|母亲|爸爸?|妈妈?|爷爷|奶奶|单位|公司|店)"
    r"|我们(?:就|都)?是(?=[^，。；！？]{0,10}(?:居民|业主|住户|员工|职工|村民|家属|家长|学生|邻居|租户))"
    r"|我在[^，。；！？\s]{2,20}(?:工作|上班|上学|做生意|开店)"
)
_WIDE: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_SELF: Final = re.compile(rf"(?:{_OF_SELF})[^，。；！？,;!?\n]{{0,24}}")
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
    # Words about oneself run to the next stop, or to a number that was found already and stands for itself.
    for match in _SELF.finditer(narrow):
        end = min([start for start, _, _ in taken if start > match.start()] + [match.end()])
        if not any(start <= match.start() < stop for start, stop, _ in taken):
            taken.append((match.start(), end, Finding(FindingKind.SELF, text[match.start() : end].rstrip())))
    return sorted(taken, key=lambda sighting: sighting[0])
