"""The query code: 80 bits of an HMAC as 16 signs, and 2 check signs. Pure; the code itself is stored nowhere.

Signs are Crockford's base 32 (no I, L, O, U), so that it can be read aloud. The check signs make it a word of a
Reed-Solomon code over GF(32) of distance 3: any one or two wrong signs are noticed, so every single slip and
every swap of neighbours is, wherever they fall.
"""

from __future__ import annotations

import hmac
import unicodedata
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DATA_SIGNS: Final = 16
LENGTH: Final = 18
_GROUP: Final = 4
_BITS: Final = 5
_POLYNOMIAL: Final = 0b100101  # x^5 + x^2 + 1 is primitive, so powers of 2 name every field element
_ORDER: Final = 31
_LOOKALIKES: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})


def _powers() -> tuple[int, ...]:
    found, value = [], 1
    for _ in range(_ORDER):
        found.append(value)
        value <<= 1
        if value > _ORDER:
            value ^= _POLYNOMIAL
    return tuple(found)


_POWER: Final = _powers()
_LOG: Final = {value: at for at, value in enumerate(_POWER)}


def _times(one: int, other: int) -> int:
    return _POWER[(_LOG[one] + _LOG[other]) % _ORDER] if one and other else 0


def _remainders(signs: list[int]) -> tuple[int, int]:
    """Return the two sums that are zero for a right code: of the signs, and of the signs weighted by place."""
    plain = weighted = 0
    for at, sign in enumerate(signs):
        plain ^= sign
        weighted ^= _times(sign, _POWER[at])
    return plain, weighted


def code_of(mac: str) -> str:
    """Return the code that belongs to a hexadecimal HMAC: its first 80 bits and the check signs."""
    bits = int(mac[: DATA_SIGNS * _BITS // 4], 16)
    signs = [(bits >> (_BITS * at)) & _ORDER for at in reversed(range(DATA_SIGNS))]
    plain, weighted = _remainders(signs)
    # Two equations for two signs: a + b = plain, a·p + b·q = weighted, with p, q the weights of their places.
    first, second = _POWER[DATA_SIGNS], _POWER[DATA_SIGNS + 1]
    top = weighted ^ _times(plain, second)
    a = _POWER[(_LOG[top] - _LOG[first ^ second]) % _ORDER] if top else 0
    return "".join(ALPHABET[sign] for sign in [*signs, a, plain ^ a])


def normalised(typed: str) -> str:
    """Return what was typed in the one form of a code: full-width, case, spaces, dashes and look-alikes settled."""
    plain = unicodedata.normalize("NFKC", typed[:200]).upper().translate(_LOOKALIKES)
    return "".join(sign for sign in plain if sign.isascii() and sign.isalnum())


def is_code(code: str) -> bool:
    """Say whether a normalised text is a code without a slip of the pen; says nothing of whose."""
    if len(code) != LENGTH or any(sign not in ALPHABET for sign in code):
        return False
    return _remainders([ALPHABET.index(sign) for sign in code]) == (0, 0)


def same(one: str, other: str) -> bool:
    """Compare two codes in a time that tells nothing."""
    return hmac.compare_digest(one.encode(), other.encode())


def grouped(code: str) -> str:
    """Return the code in groups of four, as it is printed and read aloud."""
    return " ".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))
