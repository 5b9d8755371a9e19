"""What is told of a visit or of a call; everything that has to be put right is said at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from app.platform.i18n import gettext as _
from app.platform.i18n import listed
from app.platform.web.landing import LandedForm
from app.transfer import findings, labels
from app.transfer.forms import Reading
from app.transfer.terms import VisitOutcome, VisitTold

_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class CallTold:
    """A call as somebody notes it."""

    spoke_with: str
    words: str
    again_on: date | None


def call(form: LandedForm) -> CallTold:
    """Return what was noted of a call; raises NotYet."""
    reading = Reading(form)
    told = CallTold(
        reading.words("spoke_with", required=_("请写和谁通的话。"), limit=_NAME),
        reading.words("call_words"),
        reading.day("again_on"),
    )
    reading.done()
    return told


def visit(form: LandedForm, *, today: date) -> VisitTold:
    """Return what was told of a visit; words that leave the house are searched like every other; raises NotYet."""
    reading = Reading(form)
    outcome = {each.value: each for each in VisitOutcome}.get(form.get("outcome"))
    reading.say("outcome", _("请选核查的结论。"), unless=outcome)
    told = VisitTold(
        visited_on=reading.day("visited_on", required=_("请填核查的日期。"), until=today) or today,
        staff_one=reading.words(
            "staff_one", required=_("现场核查要有两名工作人员，请写两个人的姓名。"), limit=_NAME
        ),
        staff_two=reading.words(
            "staff_two", required=_("现场核查要有两名工作人员，请写两个人的姓名。"), limit=_NAME
        ),
        outcome=outcome or VisitOutcome.VERIFIED,
        words=reading.words("visit_words", required=_("请写看到了什么。")),
        to_receiver=_leaving(reading, "to_receiver"),
        public_answer=_leaving(reading, "visit_answer"),
        support_id=form.get("support")[:36],
    )
    reading.done()
    return told


def _leaving(reading: Reading, name: str) -> str:
    typed = reading.words(name)
    found = findings.found_in(typed)
    if found and reading.form.get("visit_kept") != "yes":
        told = listed(f"{_(labels.FINDINGS[each.kind])} {each.value}" for each in found)
        reading.say(name, _("里面有%(found)s。请删去，或者勾选“确认保留”。", found=told))
    return typed
