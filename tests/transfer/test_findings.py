"""What could give a person away is found, decided, masked; what only looks like it is left alone."""

from __future__ import annotations

import pytest

from app.transfer import findings
from app.transfer.findings import found_in, has_id_check, masked, undecided

FOUND = [
    ("电话13904511234。", "phone:13904511234"),
    ("打 139 0451 1234 找他", "phone:13904511234"),
    ("１３９０４５１１２３４", "phone:13904511234"),
    ("+86-139-0451-1234", "phone:8613904511234"),
    ("座机0451-84012345", "phone:045184012345"),
    ("（0451）84012345", "phone:045184012345"),
    ("身份证11010519491231002X", "id_number:11010519491231002X"),
    ("110105 19491231 002x", "id_number:11010519491231002X"),
    ("车号黑A12345", "plate:黑A12345"),
    ("黑A·D12345停着", "plate:黑AD12345"),
    ("京Ａ１２３４５", "plate:京A12345"),
    ("警车黑A1234警", "plate:黑A1234警"),
    ("，我叫林小雨，", "self:我叫林小雨"),
    ("，我是这家厂的员工，", "self:我是这家厂的员工"),
    ("，我家住对面二楼，", "self:我家住对面二楼"),
    ("，本人姓林，", "self:本人姓林"),
    ("，我们是附近居民，", "self:我们是附近居民"),
    ("，我儿子在这里上学，", "self:我儿子在这里上学"),
    ("，我在松北某小学上班，", "self:我在松北某小学上班"),
]
FREE = [
    "2026年11月23日12309", "松检公线〔2026〕0007号", "110105194912310021 校验不对", "编号20261123001",
    "统一代码91230109MA1B2C3D4E", "北纬45.7997度，东经126.5000度", "13:04到11:23", "黑龙江省松北区12号楼",
    "我是从网上看到的", "我看到管子是黑的", "我院建议核查", "我觉得是污水", "请贵单位核查",
    "1390451123", "139045112345", "新Ubuntu系统", "",
]  # fmt: skip


@pytest.mark.parametrize(("text", "key"), FOUND)
def test_it_is_found(text: str, key: str):
    assert [finding.key for finding in found_in(text)] == [key]


@pytest.mark.parametrize("text", FREE)
def test_the_rest_stays_free(text: str):
    assert found_in(text) == []


@pytest.mark.parametrize(("text", "key"), FOUND)
def test_masking_takes_it_out_and_nothing_else(text: str, key: str):
    clean = masked(f"前{text}后", [key])
    assert found_in(clean) == []
    assert clean.startswith("前")
    assert clean.endswith("后")
    assert masked(clean, [key]) == clean


def test_only_what_was_named_is_masked():
    text = "13904511234 和 13804511234"
    assert masked(text, ["phone:13904511234"]) == "（电话已隐去） 和 13804511234"


def test_a_number_said_of_oneself_is_two_findings():
    found = found_in("我的电话是13904511234，晚上能接")
    assert [finding.kind.value for finding in found] == ["self", "phone"]
    assert (
        masked("我的电话是13904511234，", [finding.key for finding in found])
        == "（个人情况已隐去）（电话已隐去），"
    )


def test_undecided_are_those_nobody_kept():
    texts = ("13904511234", "黑A12345 13904511234")
    assert [found.key for found in undecided(texts, ())] == ["phone:13904511234", "plate:黑A12345"]
    assert [found.key for found in undecided(texts, ("plate:黑A12345",))] == ["phone:13904511234"]


@pytest.mark.parametrize(
    ("number", "is_real"),
    [
        ("11010519491231002X", True),
        ("440524188001010014", True),
        ("110105194912310020", False),
        ("11010519491331002X", False),
        ("1101051949123100", False),
        ("abcdef", False),
    ],
)
def test_the_check_of_gb_11643(number: str, is_real: bool):
    assert has_id_check(number) is is_real


def test_every_single_wrong_digit_is_caught():
    good = "11010519491231002X"
    for at in range(17):
        for digit in "0123456789":
            if digit != good[at]:
                assert not has_id_check(good[:at] + digit + good[at + 1 :])


def test_a_planted_blindness_is_seen(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(findings._PATTERNS, findings.FindingKind.PHONE)
    assert found_in("13904511234") == []
