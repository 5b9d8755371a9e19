"""Passwords: Argon2id within bounds, the same time for a login nobody has, and which passwords are refused.

At most four are hashed at once and a few more wait; whoever comes beyond that is asked to come again, so that a
flood at this door takes neither the machine's memory nor the threads that receive reports.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final, NamedTuple

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app.platform.errors import Unavailable
from app.platform.i18n import N_

LENGTH_MIN: Final = 12
LENGTH_MAX: Final = 128
_AT_ONCE: Final = 4
_WAITING: Final = 12
_OWN_CHARACTERS: Final = 6  # what must be left when everything guessable is taken out
_DIFFERENT_CHARACTERS: Final = 5
_NAME_PART: Final = 4  # shorter parts of a login are found in half of all words
# No letter or digit that looks like another: the slip is read off paper.
_READABLE: Final = "23456789abcdefghjkmnpqrstuvwxyz"

TOO_SHORT: Final = N_("密码至少 12 个字，长一点的一句话最好记。")
TOO_LONG: Final = N_("密码最多 128 个字。")
NAMES_YOU: Final = N_("密码里不要有账号或姓名。")
GUESSABLE: Final = N_(
    "这个密码太容易猜到（常见词、拼音、年份、连续或重复的字）。请换一个，例如几个不相干的词连成一句。"
)

# Cost follows OWASP's Argon2id advice (19 MiB, 2 rounds or more): four at once stay under 80 MB.
_COSTS: Final = {"normal": (3, 19 * 1024), "low": (1, 64)}
_hashing = threading.BoundedSemaphore(_AT_ONCE)
_line = threading.BoundedSemaphore(_AT_ONCE + _WAITING)


class Checked(NamedTuple):
    """Whether a password was right, and its new hash where the old one was made at a lower cost."""

    is_right: bool
    upgraded: str | None


@cache
def _hasher(cost: str) -> PasswordHash:
    rounds, memory = _COSTS[cost]
    return PasswordHash((Argon2Hasher(time_cost=rounds, memory_cost=memory, parallelism=1),))


@cache
def _nobodys_hash(cost: str) -> str:
    return _hasher(cost).hash(secrets.token_hex(16))


@contextmanager
def _turn() -> Iterator[None]:
    if not _line.acquire(blocking=False):
        raise Unavailable
    try:
        with _hashing:
            yield
    finally:
        _line.release()


def hashed(password: str, *, cost: str) -> str:
    """Return the Argon2id string that is stored."""
    with _turn():
        return _hasher(cost).hash(password)


def check(password: str, stored: str | None, *, cost: str) -> Checked:
    """Compare a password with what is stored; without anything stored it takes as long and is wrong."""
    if not Argon2Hasher.identify(stored or ""):
        stored = None  # nothing of ours (a row altered by hand) opens nothing
    with _turn():
        is_right, upgraded = _hasher(cost).verify_and_update(password, stored or _nobodys_hash(cost))
    return Checked(is_right and stored is not None, upgraded if stored else None)


def readable(groups: int = 4) -> str:
    """Return random characters (4.95 bits each) in groups of four, to be read off a printed slip; 79 bits by default."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(groups))


# -- what is refused --------------------------------------------------------------------------------------------
# Guessed first against Chinese accounts: pinyin of feelings, family, places and this trade, and lucky numbers.
_WORDS: Final = frozenset(  # words are read and added to more easily without quotation marks
    """
    woaini woaiwojia wobuaini aini woaiziji woxihuanni wodemima mima nihao zaijian xiexie laopo laogong baobao baobei
    mama baba jiejie gege didi meimei pengyou jiating shenghuo xingfu kuaile pingan jiankang facai gongxi shunli
    zhongguo beijing shanghai dongbei haerbin harbin heilongjiang songbei daoli nangang songhuajiang taiyangdao hulin
    jianchayuan jianchaguan jiancha renmin gongyi susong gongyisusong yixian xiansuo bangong yuangong guanli
    guanliyuan xitong ceshi zhanghao yonghu denglu weixin zhifubao taobao tengxun baidu huawei xiaomi
    password passwd passw0rd admin administrator root welcome login letmein master monkey dragon sunshine princess
    iloveyou ilove football baseball superman batman qwerty asdfgh zxcvbn qazwsx wsxedc test guest user default
    secret office police court justice china public hello changeme temp abc
    """.split()  # noqa: SIM905
)
_NUMBERS: Final = (
    "5201314",
    "1314520",
    "520520",
    "1314",
    "520",
    "521",
    "168",
    "666",
    "888",
    "110",
    "12309",
    "12345",
)
_ROWS: Final = (
    "abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "!@#$%^&*()",
)  # fmt: skip
_NUMBER_PATTERNS: Final = (
    re.compile(r"1[3-9]\d{9}"),  # a mobile number
    re.compile(r"(?:19|20)\d{2}[-./年]?(?:0?[1-9]|1[0-2])[-./月]?(?:[12]\d|3[01]|0?[1-9])日?"),  # a day
    re.compile(r"(?:19|20)\d{2}年?"),  # a year
)
_REPETITIONS: Final = (
    re.compile(r"(.)\1{2,}"),  # one character again and again
    re.compile(r"(.{2,6}?)\1+"),  # a group again and again
)
_LOOKALIKES: Final = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"}
)


@cache
def _runs() -> tuple[str, ...]:
    both_ways = [way for row in _ROWS for way in (row, row[::-1])]
    found = {
        way[at : at + size] for way in both_ways for size in range(4, 9) for at in range(len(way) - size + 1)
    }
    return tuple(sorted(found, key=lambda run: (-len(run), run)))


@cache
def _words() -> re.Pattern[str]:
    return re.compile("|".join(sorted(_WORDS, key=lambda word: (-len(word), word))))


def fault(password: str, *, login: str, name: str) -> str | None:
    """Return why a password is refused (a message id), or None when it may be used."""
    if len(password) < LENGTH_MIN:
        return TOO_SHORT
    if len(password) > LENGTH_MAX:
        return TOO_LONG
    plain = password.casefold()
    parts = [part for part in re.split(r"[^a-z]+", login.casefold()) if len(part) >= _NAME_PART]
    if any(own and own in plain for own in (login.casefold(), name.casefold(), *parts)):
        return NAMES_YOU
    if len(set(plain)) < _DIFFERENT_CHARACTERS or _own_characters(plain) < _OWN_CHARACTERS:
        return GUESSABLE
    return None


def _own_characters(plain: str) -> int:
    """Count the letters and digits that are left when numbers, words, runs and repetitions are taken out."""
    left = _blanked(plain, _NUMBER_PATTERNS)
    left = _without_words(left)
    for run in _runs():
        left = left.replace(run, " ")
    left = _blanked(left, _REPETITIONS)
    for number in _NUMBERS:
        left = left.replace(number, " ")
    return sum(1 for character in left if character.isalnum())


def _blanked(text: str, patterns: tuple[re.Pattern[str], ...]) -> str:
    for pattern in patterns:
        text = pattern.sub(" ", text)
    return text


def _without_words(plain: str) -> str:
    """Blank out words, also where digits stand for letters (w0aini)."""
    blanked = list(plain)
    for spelled in (plain, plain.translate(_LOOKALIKES)):
        for found in _words().finditer(spelled):
            blanked[found.start() : found.end()] = " " * (found.end() - found.start())
    return "".join(blanked)
