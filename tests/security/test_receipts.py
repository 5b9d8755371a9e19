"""Codes and tokens: the bits they promise, spread evenly, and nothing that grows with time. Statistics: the tool."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

from app.identity import passwords, totp
from app.intake import codes
from app.platform import ids
from app.platform.crypto import KeyRing

KEYS = KeyRing([("k", bytes(range(32)))])


def code(number: int) -> str:
    return codes.code_of(KEYS.keyed_digest("query-code", f"01a214ee-cbae-7f6c-a75d-{number:012x}"))


def evenness(texts: list[str]) -> float:
    """Chi-square per degree of freedom over all signs of all texts: near one when they are even."""
    counted = Counter(sign for text in texts for sign in text)
    mean = sum(counted.values()) / len(counted)
    return sum((seen - mean) ** 2 / mean for seen in counted.values()) / (len(counted) - 1)


def test_tokens_and_codes_have_the_bits_they_promise():
    made = [code(number) for number in range(4000)]
    assert len(set(made)) == len(made)
    body = [text[:16] for text in made]  # 16 signs of 32 before the check signs
    assert len({sign for text in body for sign in text}) == 32
    assert 16 * math.log2(32) == 80
    assert evenness(body) < 2
    tokens = [ids.token() for _ in range(200)]
    assert len(set(tokens)) == 200
    assert min(map(len, tokens)) * 6 >= 128
    assert len(totp.new_secret()) * 5 == 160
    printed = passwords.readable(6).replace("-", "")
    assert len(printed) * math.log2(31) > 112


def test_neighbours_tell_nothing_of_each_other():
    """Reports that arrive one after the other have codes that differ in as many signs as chance would have it."""
    made = [code(number)[:16] for number in range(2000)]
    alike = [sum(a == b for a, b in zip(one, two, strict=True)) for one, two in pairwise(made)]
    assert 0.3 < sum(alike) / len(alike) < 0.7  # 16 signs of 32: half a sign on average
    assert evenness(["AB", "AB", "AA"] * 500) > 100, "a planted leaning is seen"
