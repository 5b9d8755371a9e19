"""The table holds every deadline the office owes or sets, each with its source."""

from app.clocks.deadlines import DEADLINES
from app.clocks.terms import DeadlineKind, Unit

EXPECTED = {
    "filing_decision_service": (7, Unit.DAYS),
    "recommendation_service": (3, Unit.DAYS),
    "recommendation_superior_filing": (5, Unit.DAYS),
    "agency_reply": (2, Unit.MONTHS),
    "agency_reply_urgent": (15, Unit.DAYS),
    "admin_review": (1, Unit.MONTHS),
    "civil_notice": (30, Unit.DAYS),
    "civil_review": (3, Unit.MONTHS),
    "recusal": (3, Unit.DAYS),
    "entrusted_investigation": (30, Unit.DAYS),
    "suit_filing": (5, Unit.DAYS),
    "judgment_report": (3, Unit.DAYS),
    "withdrawal_submit": (3, Unit.DAYS),
    "petition_procedural_reply": (7, Unit.DAYS),
    "petition_result": (3, Unit.MONTHS),
    "clue_ack": (0, Unit.DAYS),
    "clue_progress": (7, Unit.WORKDAYS),
    "clue_evaluation": (15, Unit.DAYS),
    "preliminary_inquiry": (None, Unit.DAYS),
    "pre_recommendation_investigation": (None, Unit.DAYS),
    "12345_batch": (0, Unit.MONTH_END),
    "partner_transfer_feedback": (30, Unit.DAYS),
}


def test_the_table_holds_these_and_no_others():
    assert {key: (rule.amount, rule.unit) for key, rule in DEADLINES.items()} == EXPECTED


def test_each_row_stands_under_its_own_key_and_names_its_source():
    for key, rule in DEADLINES.items():
        assert rule.key == key
        assert rule.source


def test_what_the_law_sets_names_the_article_and_an_amount():
    bound = [rule for rule in DEADLINES.values() if rule.kind is DeadlineKind.STATUTORY]
    assert len(bound) == 13
    for rule in bound:
        assert "第" in rule.source
        assert rule.amount


def test_which_may_be_extended():
    extended = {key: rule.extension for key, rule in DEADLINES.items() if rule.extension}
    assert extended == {"admin_review": 1, "civil_review": 1, "petition_result": 3}
