"""What in a text could give somebody away: numbers, names, troop designations, words about oneself or copied. Pure.

Each finding is decided by a person before anything leaves: masked in the text, or kept on purpose. Names are
guessed from how people write them; the reporter's own is sealed in intake and this room never reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final


class FindingKind(StrEnum):
    """What a piece of text looks like."""

    PHONE = "phone"
    ID_NUMBER = "id_number"
    BANK_CARD = "bank_card"
    PLATE = "plate"
    SELF = "self"
    EMAIL = "email"
    ACCOUNT = "account"
    NAME = "name"
    UNIT = "unit"
    QUOTE = "quote"


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
    FindingKind.BANK_CARD: "（卡号已隐去）",
    FindingKind.PLATE: "（车牌已隐去）",
    FindingKind.SELF: "（个人情况已隐去）",
    FindingKind.EMAIL: "（邮箱已隐去）",
    FindingKind.ACCOUNT: "（账号已隐去）",
    FindingKind.NAME: "某某",
    FindingKind.UNIT: "（部队名称已隐去）",
    FindingKind.QUOTE: "（原话已隐去）",
}
_GAP: Final = r"[ \u3000\-–—·.]?"
_AREA_CODE: Final = r"(?:010|02\d|0[3-9]\d{2})"
# The surnames of nine people in ten (2020 census, the hundred most frequent) and the double ones still met.
_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟"
    "姜崔谭陆范汪廖石金韦贾夏付傅方邹熊白孟秦邱侯江尹薛闫阎段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤"
)
_NAME: Final = rf"(?:(?:欧阳|上官|司马|诸葛|慕容)|[{_SURNAMES}])"
# What follows a name rather than being part of it.
_GIVEN: Final = r"(?:(?![说称在于的后先是与和等及向对被把将已曾又也都就到来去住从每时里所])[\u4e00-\u9fff])"
_NAMED: Final = (
    "姓名|举报人|反映人|投诉人|联系人|当事人|业主|住户|户主|法定代表人|负责人|经营者|老板|我是|我叫|本人叫"
)
_TITLED: Final = "先生|女士|小姐|同志|师傅|阿姨|大爷|大妈|大娘|大叔"
_CHINESE_DIGIT: Final = r"[0-9零〇一二三四五六七八九]"
_IN_NUMBERS: Final = {
    FindingKind.ID_NUMBER: re.compile(
        rf"(?<![0-9A-Za-z])\d{{6}}{_GAP}\d{{8}}{_GAP}\d{{3}}[\dXx](?![0-9A-Za-z])"
    ),
    FindingKind.BANK_CARD: re.compile(rf"(?<!\d)(?:\d{{4}}{_GAP}){{3,4}}\d{{1,4}}(?![0-9A-Za-z])"),
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
_IN_WORDS: Final = {
    FindingKind.EMAIL: re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"),
    FindingKind.ACCOUNT: re.compile(
        r"(?:微信|QQ|qq|抖音|快手)(?:号码?)?[:： ]{0,2}([A-Za-z][A-Za-z0-9_-]{5,19}|\d{5,11})(?![0-9A-Za-z])"
    ),
    FindingKind.UNIT: re.compile(
        rf"(?:第{_CHINESE_DIGIT}{{1,4}}|{_CHINESE_DIGIT}{{4,6}})部队"
        r"|第[0-9零〇一二三四五六七八九十百]{1,5}(?:集团军|军区|师|旅|团|营)(?![长员级资内业养])"
        r"|(?:东部|南部|西部|北部|中部)战区(?!机关)[\u4e00-\u9fff]{0,6}?(?:军|部队|旅|基地)"
    ),
    FindingKind.NAME: re.compile(
        rf"(?:{_NAMED})[:：是为叫 ]{{0,2}}({_NAME}{_GIVEN}{{1,2}})(?![\u4e00-\u9fff]{{0,1}}(?:部门|单位))"
        rf"|({_NAME}{_GIVEN}{{0,2}}?)(?:{_TITLED})"
    ),
}
_PATTERNS: Final = _IN_NUMBERS | _IN_WORDS
# A number among these must hold digits; words are found by how they stand.
_NUMBERS: Final = frozenset({FindingKind.PHONE, FindingKind.PLATE})
QUOTE_LENGTH: Final = 12
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


def has_card_check(number: str) -> bool:
    """Say whether 16 to 19 digits are a bank card's: the check of ISO/IEC 7812 (Luhn)."""
    if not re.fullmatch(r"[3-9]\d{15,18}", number):
        return False
    doubled = [int(digit) * (2 if at % 2 else 1) for at, digit in enumerate(reversed(number))]
    return sum(digit // 10 + digit % 10 for digit in doubled) % 10 == 0


def found_in(text: str, words: Iterable[str] = ()) -> list[Finding]:
    """Return what one text holds, each thing once, in reading order; wide digits count as digits.

    `words` are the reporter's own: a run of them that was copied is found too (domain.md 1.7).
    """
    return [finding for _, _, finding in _sightings(text, words)]


def found_in_all(texts: Iterable[str], words: Sequence[str] = ()) -> list[Finding]:
    """Return what several texts hold, each thing once."""
    return list({finding.key: finding for text in texts for finding in found_in(text, words)}.values())


def masked(text: str, keys: Iterable[str], words: Iterable[str] = ()) -> str:
    """Return the text with the named findings replaced by words that say something was taken out."""
    wanted = frozenset(keys)
    for start, end, finding in sorted(_sightings(text, words), key=lambda sighting: -sighting[0]):
        if finding.key in wanted:
            text = text[:start] + _MASKS[finding.kind] + text[end:]
    return text


def undecided(texts: Iterable[str], kept: Iterable[str], words: Sequence[str] = ()) -> list[Finding]:
    """Return the findings nobody has decided to keep."""
    decided = frozenset(kept)
    return [finding for finding in found_in_all(texts, words) if finding.key not in decided]


def _sightings(text: str, words: Iterable[str] = ()) -> list[tuple[int, int, Finding]]:
    # Wide digits and letters are turned into narrow ones, sign by sign, so that places in the text stay the same.
    narrow = text.translate(_WIDE)
    taken: list[tuple[int, int, Finding]] = []
    for kind, pattern in _PATTERNS.items():
        for match in pattern.finditer(narrow):
            start, end = match.span(match.lastindex or 0)
            value = match.group(match.lastindex or 0)
            value = value if kind in _AS_WRITTEN else _SEPARATORS.sub("", value).upper()
            if not _overlaps(taken, start, end) and _is_true(kind, value):
                taken.append((start, end, Finding(kind, value)))
    # Words about oneself run to the next stop, or to a number that was found already and stands for itself;
    # a name among them goes with them.
    for match in _SELF.finditer(narrow):
        begun, end = match.span()
        end = min([at for at, _, it in taken if begun < at and it.kind is not FindingKind.NAME] + [end])
        if not any(at <= begun < stop for at, stop, _ in taken):
            taken = [each for each in taken if not begun < each[0] < end]
            taken.append((begun, end, Finding(FindingKind.SELF, text[begun:end].rstrip())))
    for start, end in _quotes(text, words):
        if not _overlaps(taken, start, end):
            taken.append((start, end, Finding(FindingKind.QUOTE, text[start:end])))
    return sorted(taken, key=lambda sighting: sighting[0])


_AS_WRITTEN: Final = frozenset({FindingKind.EMAIL, FindingKind.ACCOUNT, FindingKind.NAME, FindingKind.UNIT})


def _overlaps(taken: Iterable[tuple[int, int, Finding]], start: int, end: int) -> bool:
    return any(begin < end and start < stop for begin, stop, _ in taken)


def _is_true(kind: FindingKind, value: str) -> bool:
    match kind:
        case FindingKind.ID_NUMBER:
            return has_id_check(value)
        case FindingKind.BANK_CARD:
            return has_card_check(value)
        case _:
            return kind not in _NUMBERS or any(letter.isdigit() for letter in value)


def _quotes(text: str, words: Iterable[str]) -> Iterable[tuple[int, int]]:
    """Yield every run of the text that stands in the reporter's words as well, signs and spaces aside."""
    places = [at for at, letter in enumerate(text) if letter.isalnum()]
    plain = "".join(text[at] for at in places)
    known = {
        told[at : at + QUOTE_LENGTH]
        for told in ("".join(filter(str.isalnum, each)) for each in words)
        for at in range(len(told) - QUOTE_LENGTH + 1)
    }
    start = -1
    for at in range(len(plain) - QUOTE_LENGTH + 2):
        if plain[at : at + QUOTE_LENGTH] in known:
            start = at if start < 0 else start
        elif start >= 0:
            yield places[start], places[at + QUOTE_LENGTH - 2] + 1
            start = -1
