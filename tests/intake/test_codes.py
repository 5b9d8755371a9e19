from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.intake import codes

MACS = [hashlib.sha256(str(n).encode()).hexdigest() for n in range(40)] + ["0" * 64, "f" * 64]
CODES = st.binary(min_size=32, max_size=32).map(lambda raw: codes.code_of(raw.hex()))


@pytest.mark.parametrize("mac", MACS)
def test_every_wrong_sign_is_noticed(mac: str):
    code = codes.code_of(mac)
    assert codes.is_code(code)
    wrong = [
        code[:at] + sign + code[at + 1 :]
        for at in range(len(code))
        for sign in codes.ALPHABET
        if sign != code[at]
    ]
    assert len(wrong) == 18 * 31
    assert not any(map(codes.is_code, wrong))


@pytest.mark.parametrize("mac", MACS)
def test_every_swap_of_two_signs_is_noticed(mac: str):
    code = codes.code_of(mac)
    for one in range(len(code)):
        for other in range(one + 1, len(code)):
            if code[one] != code[other]:
                signs = list(code)
                signs[one], signs[other] = signs[other], signs[one]
                assert not codes.is_code("".join(signs))


def test_a_plain_sum_alone_would_miss_every_swap(monkeypatch: pytest.MonkeyPatch):
    """The fault this scheme guards against, planted: without the weighted sum the test above must fail."""
    whole = codes._remainders
    monkeypatch.setattr(codes, "_remainders", lambda signs: (whole(signs)[0], 0))
    code = codes.code_of(MACS[0])
    at = next(at for at in range(15) if code[at] != code[at + 1])
    assert codes.is_code(code[:at] + code[at + 1] + code[at] + code[at + 2 :])


@given(CODES, st.sampled_from([" ", "-", "－", "—", "\u3000", "\u200b", "  "]), st.booleans(), st.booleans())
def test_however_it_is_typed_it_is_the_same_code(code: str, between: str, is_low: bool, is_wide: bool):
    typed = between.join(code[at : at + 4] for at in range(0, 18, 4))
    typed = typed.lower() if is_low else typed
    if is_wide:
        typed = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in typed)
    assert codes.normalised(typed) == code


@pytest.mark.parametrize(("typed", "meant"), [("O", "0"), ("o", "0"), ("I", "1"), ("l", "1"), ("Ｌ", "1")])
def test_look_alikes_are_settled(typed: str, meant: str):
    assert codes.normalised(typed) == meant


@given(st.text(max_size=400))
def test_junk_is_no_code_and_no_fault(typed: str):
    assert codes.is_code(codes.normalised(typed)) in {True, False}
    assert len(codes.normalised(typed)) <= 4000


def test_a_code_has_80_bits_and_groups_of_four():
    assert len({codes.code_of(mac)[:16] for mac in MACS}) == len(MACS)
    assert codes.code_of("f" * 64)[:16] == "Z" * 16
    assert [len(group) for group in codes.grouped(codes.code_of(MACS[0])).split()] == [4, 4, 4, 4, 2]
    assert codes.same("A", "A")
    assert not codes.same("A", "B")
