"""The table of deadlines, as data that a prosecutor can check against the sources named.

Articles were read in 《人民检察院公益诉讼办案规则》 (高检发释字〔2021〕2号). Each row's start is in the comment
above it: a deadline runs from receipt or service, never from the day a record was made.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from app.clocks.terms import DeadlineKind, DeadlineRule, Unit

if TYPE_CHECKING:
    from collections.abc import Mapping

_RULES: Final = "人民检察院公益诉讼办案规则"
_INTERPRETATION: Final = "最高人民法院、最高人民检察院关于检察公益诉讼案件适用法律若干问题的解释"
_PETITIONS: Final = "人民检察院信访工作规定（2026年2月修订，据报道）"

_LAW, _RULE, _OWN = DeadlineKind.STATUTORY, DeadlineKind.RULE, DeadlineKind.CONFIGURED
_DAYS, _MONTHS = Unit.DAYS, Unit.MONTHS

_TABLE: Final = (
    # From the decision to file.
    DeadlineRule("filing_decision_service", 7, _DAYS, _LAW, f"{_RULES}第70条"),
    # From the decision to recommend.
    DeadlineRule("recommendation_service", 3, _DAYS, _LAW, f"{_RULES}第76条"),
    # From service of the recommendation.
    DeadlineRule("recommendation_superior_filing", 5, _DAYS, _LAW, f"{_RULES}第75条"),
    # From the agency's receipt of the recommendation; the second where harm keeps growing.
    DeadlineRule("agency_reply", 2, _MONTHS, _LAW, f"{_INTERPRETATION}第21条"),
    DeadlineRule("agency_reply_urgent", 15, _DAYS, _LAW, f"{_INTERPRETATION}第21条"),
    # From the end of the rectification period; further extension by the superior.
    DeadlineRule("admin_review", 1, _MONTHS, _LAW, f"{_RULES}第47条", extension=1),
    # From publication of the notice.
    DeadlineRule("civil_notice", 30, _DAYS, _LAW, f"{_RULES}第91条"),
    # From the end of the notice; further extension by the superior.
    DeadlineRule("civil_review", 3, _MONTHS, _LAW, f"{_RULES}第47条", extension=1),
    # From receipt of the request to recuse, and again from a request to reconsider.
    DeadlineRule("recusal", 3, _DAYS, _LAW, f"{_RULES}第23条"),
    # From receipt of the letter of entrustment.
    DeadlineRule("entrusted_investigation", 30, _DAYS, _LAW, f"{_RULES}第43条"),
    # From service of the indictment on the court, to the superior's file.
    DeadlineRule("suit_filing", 5, _DAYS, _LAW, f"{_RULES}第46条"),
    # From receipt of the judgment or ruling.
    DeadlineRule("judgment_report", 3, _DAYS, _LAW, f"{_RULES}第58条"),
    # From the decision to withdraw or to change the claims.
    DeadlineRule("withdrawal_submit", 3, _DAYS, _LAW, f"{_RULES}第84条、第99条、第102条"),
    # From receipt of the petition.
    DeadlineRule("petition_procedural_reply", 7, _DAYS, _RULE, _PETITIONS),
    DeadlineRule("petition_result", 3, _MONTHS, _RULE, _PETITIONS, extension=3),
    # From receipt of the report; local practice elsewhere, so the office may set its own.
    DeadlineRule("clue_ack", 0, _DAYS, _OWN, "地方随手拍实践（徐州云龙）"),
    DeadlineRule("clue_progress", 7, Unit.WORKDAYS, _OWN, "地方随手拍实践（徐州云龙）"),
    # From registration; the rules set no limit.
    DeadlineRule("clue_evaluation", 15, _DAYS, _OWN, "本院设置"),
    DeadlineRule("preliminary_inquiry", None, _DAYS, _OWN, "本院设置"),
    DeadlineRule("pre_recommendation_investigation", None, _DAYS, _OWN, "本院设置"),
    # From the month's batch; answered by the end of the same month.
    DeadlineRule("12345_batch", 0, Unit.MONTH_END, _OWN, "地方12345协作实践（包头昆区）"),
    # From the partner's receipt of the transfer.
    DeadlineRule("partner_transfer_feedback", 30, _DAYS, _OWN, "协作约定"),
)

DEADLINES: Final[Mapping[str, DeadlineRule]] = MappingProxyType({rule.key: rule for rule in _TABLE})
