"""What the reporter will read, before it is sent: the words as they will stand there, apart from what stays in the house."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.clues import queries as clue_queries
from app.clues import rules as clue_rules
from app.clues.lifecycle import LIFECYCLE
from app.clues.terms import ClueAction
from app.desk import prepared
from app.desk.clue_terms import MessageView
from app.desk.steps import Writer
from app.desk.steps_shown import SAYS, SUBMIT
from app.platform.errors import Missing
from app.platform.i18n import gettext as _
from app.platform.web.given import Form, Now, ReadSession
from app.platform.web.landing import LandedForm
from app.platform.web.render import in_locale, page
from app.platform.when import shown_date
from app.reference import queries as reference
from app.triage.forms import PUBLIC_LENGTH
from app.triage.service.endings import REASON_LISTS

router = APIRouter()
# What the page shows in boxes or makes anew; everything else of the form travels along.
_OWN: Final = frozenset({"step", "template"})


@dataclass(frozen=True, slots=True)
class MessagePage:
    """The words as the reporter will see them, and the form that sends them."""

    clue_href: str
    title: str
    status: str
    sentence: str
    message: MessageView | None
    note: str
    box: str
    text: str
    longest: int
    hidden: Sequence[tuple[str, str]]
    step: str
    do_href: str
    look_href: str
    submit: str


def _reason_words(session: ReadSession, action: ClueAction, form: LandedForm) -> str:
    if action not in REASON_LISTS:
        return ""
    found = {one.key: one for one in reference.reasons(session, REASON_LISTS[action])}.get(
        form.get("reason_key")
    )
    return found.public if found else ""


def _hotline_line(session: ReadSession, action: ClueAction, form: LandedForm) -> str:
    if action is not ClueAction.REDIRECT:
        return ""
    found = {one.key: one for one in reference.hotlines(session)}.get(form.get("hotline_key"))
    return f"{found.name} {found.number}" if found else ""


def _until(form: LandedForm) -> str:
    try:
        day = date.fromisoformat(form.get("answer_by"))
    except ValueError:
        return ""
    return _("希望在 %(date)s 前补充", date=shown_date(day))


@router.post("/desk/clues/{clue_id}/message-preview", name="desk:message_preview")
def preview(
    request: Request, clue_id: str, actor: Writer, form: Form, session: ReadSession, now: Now
) -> Response:
    """Show what the reporter will read; nothing is sent, and the words can still be changed."""
    clue = clue_queries.get(session, actor, clue_id)
    step = form.get("step")
    if step not in SAYS:
        raise Missing
    action = ClueAction(step)
    box = prepared.TEXT if action is ClueAction.REQUEST_INFO else prepared.PUBLIC
    prepared.fill(session, actor, clue_id, form, box)
    typed = form.get(box).strip()[:PUBLIC_LENGTH]
    said = typed or _reason_words(session, action, form)
    lines = [said, _hotline_line(session, action, form), _until(form)]
    text = "\n".join(line for line in lines if line)
    is_facility = clue.public_status == clue_rules.MILITARY_B
    after = LIFECYCLE[action].to
    wording = (
        reference.wording(session, clue_rules.public_status(after, is_facility=is_facility))
        if after
        else None
    )
    urls = request.app.state.urls
    view = MessagePage(
        clue_href=urls("desk:clue", clue_id=clue_id),
        title=clue.title,
        status=in_locale(wording, "status") if wording else "",
        sentence=in_locale(wording, "sentence") if wording else "",
        message=MessageView(_("检察院"), now, text, is_ours=True) if said and not is_facility else None,
        note=form.get("note").strip(),
        box=box,
        text=said,
        longest=PUBLIC_LENGTH,
        hidden=[
            (name, value)
            for name, values in form.fields.items()
            if name not in _OWN and name != box
            for value in values
        ],
        step=step,
        do_href=urls(f"triage:{step}", clue_id=clue_id),
        look_href=urls("desk:message_preview", clue_id=clue_id),
        submit=_(SUBMIT[step]),
    )
    return page(request, "desk/message_preview.html", view)
