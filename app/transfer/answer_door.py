"""What the receiver's two doors share: taking one act in, and the fresh page when it did not succeed."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from fastapi import Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from app.evidence import service as evidence_service
from app.evidence.kinds import Door
from app.evidence.service import KeptFile
from app.evidence.terms import PathIn
from app.platform import clock, ids
from app.platform.db import ReadSession, WriteSession
from app.platform.errors import Conflict, Invalid, Missing, Problem
from app.platform.i18n import N_
from app.platform.i18n import gettext as _
from app.platform.web import refusals
from app.platform.web.given import House
from app.platform.web.landing import LandedForm
from app.platform.web.render import Flash, page, see_other
from app.reference import queries as reference_queries
from app.transfer import (
    answer_view,
    forms,
    forms_answer,
    letter_docx,
    letter_door,
    letter_pdf,
    queries,
    service,
)
from app.transfer.forms_answer import Act, Saying
from app.transfer.lifecycle import OPEN, TransferStepRefused
from app.transfer.models import Transfer
from app.transfer.pages_letters import attached, download
from app.transfer.receivers import ByAccount, LinkOver, Receiver
from app.transfer.shown import Photo
from app.transfer.shown_again import ShownAgainRoute, told
from app.transfer.team import view as team_view
from app.transfer.terms import TransferState

Url = Callable[..., str]
_SHOWN_AGAIN: Final = (Conflict, Invalid, TransferStepRefused)
_PATHS: Final = {
    "photos_camera": PathIn.CAMERA,
    "photos": PathIn.PARTNER,
    "files": PathIn.PARTNER,
}
_THANKS: Final = {
    Act.ACKNOWLEDGEMENT: N_("已经接收。办理之后请在这里回复。"),
    Act.REFUSAL: N_("已经退回，检察院会另行处理。谢谢。"),
    Act.DISPUTE: N_("异议已经记下，检察院会看到。"),
    Act.REPLY: N_("回复已经收到，检察院会核对。谢谢。"),
    Act.PROMISE: N_("答复的日期已经记下。"),
    Act.QUESTION: N_("问题已经发给检察院，答复会出现在这里。"),
}


class AnswerRoute(ShownAgainRoute):
    """A route of the receiver's doors: what did not succeed is shown on the fresh page with everything typed."""

    refused = _SHOWN_AGAIN

    def has_page(self, request: Request) -> bool:
        """Only for whom the door has opened."""
        return hasattr(request.state, "receiver")

    def again(self, request: Request, problem: Problem) -> Response:
        """Show the transfer."""
        return _again(request, problem)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the handler; a door that has closed says so calmly and hands the words back."""
        original = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await original(request)
            except LinkOver as over:
                return await run_in_threadpool(_closed, request, over)

        return handle


def _closed(request: Request, over: LinkOver) -> Response:
    form: LandedForm | None = getattr(request.state, "typed", None)
    kept = forms_answer.typed_words(form) if form is not None else ""
    return page(request, "transfer/link_over.html", {"kept": kept}, status=refusals.status_of(over))


def _again(request: Request, problem: Problem) -> Response:
    house: House = request.app.state.house
    receiver: Receiver = request.state.receiver
    form: LandedForm = request.state.typed
    errors, message = told(problem)
    now = clock.now()
    with house.database.read_session() as session:
        fresh = shown(request, house, session, receiver, receiver.transfer(session, now=now), now=now)
    # The fresh page carries the fresh version; only words come back.
    values = {name: form.get(name) for name in form.fields if name != "version"}
    act = str(request.path_params.get("act", ""))
    again = answer_view.again(
        fresh, act, values=values, errors=errors, stale=message, kept=forms_answer.typed_words(form)
    )
    return page(request, receiver.template, {"page": again}, status=refusals.status_of(problem))


def shown(
    request: Request,
    house: House,
    session: ReadSession | WriteSession,
    receiver: Receiver,
    transfer: Transfer,
    *,
    now: datetime,
) -> answer_view.AnswerPage:
    """Return the receiver's page."""
    settings, url = house.settings, request.app.state.urls
    found = answer_view.page_of(
        session, receiver, transfer, url=url,
        file_limit=settings.photo_limit, file_bytes=settings.photo_max_bytes, now=now,
    )  # fmt: skip
    if not isinstance(receiver, ByAccount):
        return found
    return replace(found, team=team_view.team_of(session, receiver.actor, transfer, url))


def show(
    request: Request, house: House, session: ReadSession, receiver: Receiver, *, now: datetime
) -> Response:
    """Answer with the receiver's page."""
    transfer = receiver.transfer(session, now=now)
    return page(
        request, receiver.template, {"page": shown(request, house, session, receiver, transfer, now=now)}
    )


def say(
    request: Request,
    house: House,
    session: WriteSession,
    receiver: Receiver,
    act: str,
    form: LandedForm,
    *,
    now: datetime,
) -> Response:
    """Take one act in: its files first, then the rows in one transaction, then a calm sentence."""
    if act not in set(Act):
        raise Missing
    with house.database.read_session() as reading:
        reasons = [row.key for row in reference_queries.reasons(reading, "transfer_refusal")]
    saying = forms_answer.read(form, Act(act), reasons=reasons, today=clock.office_date(now))
    files = _keep(house, form) if saying.act is Act.REPLY else []
    transfer = receiver.transfer(session, now=now)
    take(session, receiver, transfer, saying, files=files, version=forms.version_of(form), now=now)
    is_over = receiver.room == "link" and TransferState(transfer.state) not in OPEN
    target = "link:done" if is_over else receiver.home
    return see_other(request, target, flash=Flash(_(_THANKS[saying.act])), **receiver.params)


def _keep(house: House, form: LandedForm) -> list[KeptFile]:
    settings = house.settings
    chosen = forms_answer.files(form, limit=settings.photo_limit, most_bytes=settings.photo_max_bytes)
    kept, _declined = evidence_service.keep_files(
        house.store, chosen, door=Door.STAFF, limit=settings.photo_limit, path_of=_PATHS
    )
    return kept


def take(
    session: WriteSession,
    receiver: Receiver,
    transfer: Transfer,
    saying: Saying,
    *,
    files: list[KeptFile],
    version: int,
    now: datetime,
) -> str:
    """Hand an act to the room's service; return the answer's id."""
    by = (session, receiver.doer, transfer, receiver.given(saying.signer))
    at: dict[str, Any] = {"words": saying.words, "version": version, "now": now}
    match saying.act:
        case Act.ACKNOWLEDGEMENT:
            return service.acknowledge(*by, **at)
        case Act.REFUSAL:
            return service.refuse(*by, reason_key=saying.reason_key, **at)
        case Act.DISPUTE:
            return service.report_dispute(*by, **at)
        case Act.PROMISE:
            return service.promise(*by, promised_on=saying.promised_on or clock.office_date(now), **at)
        case Act.QUESTION:
            return service.ask(*by, **at)
        case Act.REPLY:
            return service.reply(*by, files=files, **at)


def picture(
    house: House, session: ReadSession, receiver: Receiver, attachment_id: str, *, now: datetime
) -> Response:
    """Answer with a picture that went along with this very transfer."""
    transfer = receiver.transfer(session, now=now)
    if not ids.is_uuid(attachment_id):
        raise Missing
    return attached(house.store, queries.attachment(session, transfer.id, attachment_id).digest)


def letter(request: Request, session: ReadSession, receiver: Receiver, *, now: datetime) -> Response:
    """Answer with the letter for printing, as it was made."""
    transfer = receiver.transfer(session, now=now)
    made = queries.letter(session, transfer.id)
    url = request.app.state.urls
    photos = []
    for caption, item in zip(
        made.fields["attachments"], queries.attachments(session, transfer.id), strict=False
    ):
        src = url(f"{receiver.room}:picture", **receiver.params, attachment_id=item.id)
        photos.append(Photo(src=src, href=None, alt=caption, caption=caption))
    return page(request, "transfer/letter_print.html", letter_door.LetterPage(made.fields, photos))


def letter_file(
    house: House, session: ReadSession, receiver: Receiver, extension: str, *, now: datetime
) -> Response:
    """Answer with the newest document as a download."""
    made = queries.letter(session, receiver.transfer(session, now=now).id)
    if extension == "pdf":
        return download(house.store, made, made.pdf_digest, letter_pdf.MEDIA_TYPE, extension)
    return download(house.store, made, made.docx_digest, letter_docx.MEDIA_TYPE, extension)
