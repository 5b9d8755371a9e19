"""What leaves is what was chosen; the rest of the clue is not in it."""

from __future__ import annotations

import json
import tomllib
from dataclasses import fields as dataclass_fields
from dataclasses import replace
from datetime import date

import pytest

from app.identity.terms import CompartmentKind, OrgKind
from app.reference import loading
from app.transfer import kinds, letters, rules
from app.transfer.rules import Facts, Start
from app.transfer.terms import LetterKind, ShownAnswer, TransferAction, TransferKind, Wording
from app.transfer.terms import TransferState as S
from tests.transfer.scenes import ANSWERS, CONTENT, SECRET_PLATE

TEXTS = {
    row["key"]: row
    for row in tomllib.loads((loading.FOLDER / "transfer_kinds.toml").read_text("utf-8"))["transfer_kind"]
}


def wording(kind: TransferKind) -> Wording:
    """The fixed words a kind of transfer starts with."""
    return Wording(**{field.name: TEXTS[kind.value][field.name] for field in dataclass_fields(Wording)})


def facts_for(kind: TransferKind) -> Facts:
    """The facts of a transfer of one kind."""
    return replace(FACTS, kind=kind, wording=wording(kind))


FACTS = Facts(
    kind=TransferKind.AGENCY, office="松北区检察院", receiver="卫健局", number="哈松检公移〔2026〕1号",
    category="公共场所没有配置AED", field="公共卫生", found_on=date(2026, 11, 20), point=(45.812345, 126.534567),
    pictures=2, feedback_days=30, due_on=None, clue_number="松检公线〔2026〕0001号", source="举报",
    wording=wording(TransferKind.AGENCY),
)  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "key", "expected", "document"),
    [
        (OrgKind.AGENCY, "water", TransferKind.AGENCY, LetterKind.TRANSFER_LETTER),
        (
            OrgKind.PROCURATORATE,
            "sister_procuratorate",
            TransferKind.PROCURATORATE,
            LetterKind.TRANSFER_NOTICE,
        ),
        (OrgKind.PROCURATORATE, "superior_procuratorate", TransferKind.UPWARD, LetterKind.SUBMISSION_UP),
        (OrgKind.PROCURATORATE, None, TransferKind.PROCURATORATE, LetterKind.TRANSFER_NOTICE),
        (OrgKind.MILITARY_PROCURATORATE, "x", TransferKind.MILITARY, LetterKind.TRANSFER_LETTER),
        (OrgKind.DEPARTMENT, "x", TransferKind.DEPARTMENT, LetterKind.HANDOVER_FORM),
        (OrgKind.POLICE, "x", TransferKind.POLICE, LetterKind.TRANSFER_LETTER),
        (OrgKind.SUPERVISION, "x", TransferKind.SUPERVISION, LetterKind.TRANSFER_LETTER),
    ],
)
def test_the_document_follows_the_receiver(
    kind: OrgKind, key: str | None, expected: TransferKind, document: LetterKind
):
    found = kinds.kind_of(kind, key)
    assert found is expected
    assert kinds.KINDS[found].document is document


def test_volunteers_and_troops_receive_nothing():
    assert kinds.kind_of(OrgKind.VOLUNTEERS, "x") is None
    assert kinds.kind_of(OrgKind.MILITARY_UNIT, "x") is None


def test_nobody_hands_a_clue_to_their_own_department():
    assert kinds.kind_of(OrgKind.DEPARTMENT, "pil_department") is None
    assert kinds.kind_of(OrgKind.DEPARTMENT, "criminal_department") is TransferKind.DEPARTMENT


@pytest.mark.parametrize("kind", list(TransferKind))
def test_the_law_stands_in_the_table(kind: TransferKind):
    """办案规则 26: a same-level procuratorate must accept and may only report a dispute to its superior."""
    binds = kind is TransferKind.PROCURATORATE
    assert kinds.lacks(kind, TransferAction.REFUSE) is binds
    assert kinds.lacks(kind, TransferAction.REPORT_DISPUTE) is not binds
    assert set(kinds.KINDS) == set(TransferKind) == set(TEXTS)


@pytest.mark.parametrize(
    ("kind", "circle", "is_military"),
    [
        (TransferKind.AGENCY, CompartmentKind.OPEN, False),
        (TransferKind.AGENCY, CompartmentKind.MILITARY, True),
        (TransferKind.MILITARY, CompartmentKind.OPEN, True),
        (TransferKind.DEPARTMENT, CompartmentKind.MINORS, False),
    ],
)
def test_military_matters_have_one_more_list(
    kind: TransferKind, circle: CompartmentKind, *, is_military: bool
):
    assert (kinds.MILITARY_CHECKS in kinds.check_lists(kind, circle)) is is_military
    assert kinds.CHECKS in kinds.check_lists(kind, circle)


@pytest.mark.parametrize(
    ("states", "status"),
    [
        ((S.SENT, S.SENT), "transfer_out"),
        ((S.SENT, S.ACKNOWLEDGED, S.REFUSED), "transfer_acknowledged"),
        ((S.REPLIED, S.SENT), "transfer_replied"),
        ((S.WITHDRAWN, S.REFUSED, S.SENT), "transfer_out"),
        ((S.CLOSED, S.SENT), "transfer_replied"),
    ],
)
def test_the_public_sees_the_furthest_step_of_any_receiver(states: tuple[S, ...], status: str):
    assert rules.Outlook(states).furthest == status


def test_private_answers_never_travel_and_free_text_only_when_chosen():
    found = rules.chosen_answers(ANSWERS)
    assert [(answer.key, is_default) for answer, is_default in found] == [
        ("venue_type", True),
        ("before", False),
    ]
    assert SECRET_PLATE not in json.dumps([answer.shown for answer, _ in found], ensure_ascii=False)


def test_a_first_draft_starts_from_facts():
    start = Start(
        "公共场所没有配置AED",
        "松北街道 万象汇",
        date(2026, 11, 20),
        (ShownAnswer("a", "b", "c"),),
        "陈",
        "0451",
    )
    draft = rules.first_draft(start, ("e1",))
    assert "公共场所没有配置AED" in draft.summary
    assert "松北街道 万象汇" in draft.summary
    assert draft.evidence_ids == ("e1",)
    assert not draft.shows_position


def test_an_agency_reads_exactly_these_fields():
    shown = rules.disclosed(CONTENT, FACTS)
    assert set(shown) == {
        "kind", "document", "wording", "office", "receiver", "number", "subject", "category", "field", "found_on", "place",
        "position", "summary", "answers", "requests", "basis", "pictures", "feedback_days", "due_on",
        "confidentiality", "contact_name", "contact_phone", "clue_number", "source",
    }  # fmt: skip
    assert shown["clue_number"] is None
    assert shown["source"] is None
    assert shown["position"] is None


def test_a_position_is_rounded_and_the_same_for_neighbours():
    chosen = replace(CONTENT, shows_position=True)
    shown = rules.disclosed(chosen, FACTS)["position"]
    near = rules.disclosed(chosen, replace(FACTS, point=(45.812346, 126.534566)))["position"]
    assert shown == near
    assert (shown["lat"], shown["lon"]) != FACTS.point
    assert rules.disclosed(chosen, replace(FACTS, point=None))["position"] is None


def test_procuratorates_are_told_number_and_source():
    shown = rules.disclosed(CONTENT, facts_for(TransferKind.PROCURATORATE))
    assert (shown["clue_number"], shown["source"]) == ("松检公线〔2026〕0001号", "举报")


@pytest.mark.parametrize(
    ("pattern", "compartment", "expected"),
    [
        ("{office}公移〔{year}〕{seq}号", CompartmentKind.OPEN, "哈松检公移〔2026〕3号"),
        ("{office}公移〔{year}〕{seq}号", CompartmentKind.MILITARY, "哈松检军公移〔2026〕3号"),
        ("公移〔{year}〕{seq}号", CompartmentKind.MINORS, "未公移〔2026〕3号"),
    ],
)
def test_numbers_of_two_series_never_meet(pattern: str, compartment: CompartmentKind, expected: str):
    assert rules.number_text(pattern, office="哈松检", compartment=compartment, year=2026, seq=3) == expected


def test_the_reporter_reads_the_kind_of_body_only():
    text = rules.public_sentence(wording(TransferKind.AGENCY).body, date(2026, 11, 23))
    assert text == "2026年11月23日，您反映的问题已转交给有权处理的行政机关。"
    assert len({wording(kind).body for kind in TransferKind}) == len(TransferKind)


def test_control_signs_do_not_reach_a_document():
    assert rules.paragraphs("甲\x00\x07\x1b乙\r\n\n 丙\t丁\ufffe") == ["甲乙", "丙 丁"]


@pytest.mark.parametrize("kind", list(TransferKind))
def test_every_document_has_its_elements(kind: TransferKind):
    shown = rules.disclosed(CONTENT, facts_for(kind))
    fields = letters.fields_of(shown, dated_on=date(2026, 11, 23), signer="周检察长")
    texts = "\n".join(letters.flat(fields))
    for element in (CONTENT.subject, "某商场一至五层未见", "松北街道 万象汇一层", "2026年11月20日", "30日", "陈检察官",
                    rules.CONFIDENTIALITY, letters.MARK, "哈松检公移〔2026〕1号", "卫健局：", "图片2（已脱敏）",
                    wording(kind).title, wording(kind).requests_heading):  # fmt: skip
        assert element in texts
    is_inside = kind is TransferKind.DEPARTMENT
    assert ("签收人" in texts) is not is_inside
    assert ("案件管理部门登记" in texts) is is_inside
    assert ("第二十六条" in texts) is (kind in {TransferKind.PROCURATORATE, TransferKind.UPWARD})
    assert ("第三十一条" in texts) is (kind in {TransferKind.POLICE, TransferKind.SUPERVISION})
    assert ("签发人：周检察长" in texts) is (kind is TransferKind.UPWARD)
    tells_source = {TransferKind.PROCURATORATE, TransferKind.UPWARD, TransferKind.DEPARTMENT}
    assert ("松检公线〔2026〕0001号" in texts) is (kind in tells_source)


def test_a_draft_names_the_place_as_the_answers_do():
    mall = {"key": "venue_name", "kind": "text", "value": "万象汇", "shown": "万象汇", "is_private": False}
    site = {"key": "site_name", "kind": "text", "value": "x", "shown": "烈士 \n 纪念碑", "is_private": False}
    assert rules.place_of("松北街道", "一层大厅", [mall, site]) == "松北街道 万象汇 烈士 纪念碑 一层大厅"
    assert rules.place_of("松北街道", "万象汇一层", [mall]) == "松北街道 万象汇一层"
    assert rules.place_of("", " ", [mall, mall]) == "万象汇"


def test_a_private_or_unknown_name_is_not_the_place():
    told = {"key": "venue_name", "kind": "text", "value": "万象汇", "shown": "万象汇", "is_private": True}
    unknown = {
        "key": "venue_name",
        "kind": "text",
        "value": "unknown",
        "shown": "不清楚",
        "is_private": False,
    }
    other = {
        "key": "reported_before",
        "kind": "text",
        "value": "x",
        "shown": "我打过12345",
        "is_private": False,
    }
    assert rules.place_of("松北街道", "", [told, unknown, other]) == "松北街道"
