"""What comes back: answers on paper, our further questions and explanations, closure."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.clues import queries as clue_queries
from app.evidence import service as evidence_service
from app.evidence.kinds import Door
from app.identity.actor import Actor
from app.identity.guards import Requires
from app.identity.permissions import Verb
from app.platform import clock
from app.platform.i18n import gettext as _
from app.platform.web.given import Now, Shared, WriteSession
from app.platform.web.render import Flash, see_other
from app.transfer import disclosure, forms, queries, service
from app.transfer.door import FreshRoute, Typed, practice_of

router = APIRouter(route_class=FreshRoute)
Recorder = Annotated[Actor, Depends(Requires(Verb.TRANSFER_RECORD_PAPER))]
Sender = Annotated[Actor, Depends(Requires(Verb.TRANSFER_SEND))]
Closer = Annotated[Actor, Depends(Requires(Verb.CLUE_CLOSE))]


@router.post("/transfers/{transfer_id}/paper-answers", name="transfer:record_paper")
def record_paper(
    request: Request,
    transfer_id: str,
    actor: Recorder,
    house: Shared,
    form: Typed,
    session: WriteSession,
    now: Now,
) -> Response:
    """Enter an answer that came on paper, with its stamped scan."""
    entered = forms.paper(form, account_id=actor.account_id, today=clock.office_date(now))
    scans = form.files_of("scan")
    kept, declined = evidence_service.keep_files(
        house.store, scans, door=Door.STAFF, limit=house.settings.photo_limit
    )
    transfer = queries.get(session, actor, transfer_id)
    service.record_paper(
        session, actor, transfer, entered, files=kept, version=forms.version_of(form), now=now
    )
    text = _("已录入，有 %(n)s 个附件没有收下。", n=len(declined)) if declined else _("已录入。")
    return see_other(request, "transfer:show", flash=Flash(text), transfer_id=transfer_id)


@router.post("/transfers/{transfer_id}/messages", name="transfer:tell")
def tell(
    request: Request, transfer_id: str, actor: Sender, form: Typed, session: WriteSession, now: Now
) -> Response:
    """Answer a question of the receiver."""
    words = forms.outgoing(form, "tell_words", required=_("请写要告诉对方的话。"))
    transfer = queries.get(session, actor, transfer_id)
    service.tell(session, actor, transfer, words=words, version=forms.version_of(form), now=now)
    return see_other(request, "transfer:show", flash=Flash(_("已告诉受送单位。")), transfer_id=transfer_id)


@router.post("/transfers/{transfer_id}/further-questions", name="transfer:ask_again")
def ask_again(
    request: Request, transfer_id: str, actor: Sender, form: Typed, session: WriteSession, now: Now
) -> Response:
    """Ask the receiver for more after its reply."""
    words = forms.outgoing(form, "question_words", required=_("请写要继续问什么。"))
    transfer = queries.get(session, actor, transfer_id)
    service.ask_again(session, actor, transfer, words=words, version=forms.version_of(form), now=now)
    return see_other(
        request, "transfer:show", flash=Flash(_("已请受送单位继续办理。")), transfer_id=transfer_id
    )


@router.post("/transfers/{transfer_id}/closure", name="transfer:close")
def close(
    request: Request,
    transfer_id: str,
    actor: Closer,
    house: Shared,
    form: Typed,
    session: WriteSession,
    now: Now,
) -> Response:
    """Close a checked transfer; with the last one the clue ends and the reporter reads the answer."""
    answer = forms.outgoing(form, "public_answer")
    transfer = queries.get(session, actor, transfer_id)
    version = forms.version_of(form)
    days = practice_of(house.settings).revisit_days
    is_over = service.close(
        session, actor, transfer, public_answer=answer, version=version, now=now, revisit_days=days
    )
    if not is_over:
        text = _("这份移送已办结，还有别的单位在办。")
    elif disclosure.is_facility(clue_queries.by_id(session, transfer.clue_id)):
        text = _("已办结，线索随之办结。")
    else:
        text = _("已办结，反映人凭查询码能看到答复。")
    return see_other(request, "transfer:show", flash=Flash(text), transfer_id=transfer_id)
