"""Following up at the desk: visits by two people, calls to who is late, a refused transfer aimed anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.evidence import service as evidence_service
from app.evidence.kinds import Door
from app.evidence.terms import PathIn
from app.identity.actor import Actor
from app.identity.guards import Requires
from app.identity.permissions import Verb
from app.platform import clock
from app.platform.i18n import gettext as _
from app.platform.web.given import Now, ReadSession, Shared, WriteSession
from app.platform.web.render import Flash, page, see_other
from app.transfer import call_view, forms, forms_visit, queries, service
from app.transfer.door import FreshRoute, Typed, practice_of

router = APIRouter(route_class=FreshRoute)
Reader = Annotated[Actor, Depends(Requires(Verb.TRANSFER_READ))]
Drafter = Annotated[Actor, Depends(Requires(Verb.TRANSFER_DRAFT))]
Recorder = Annotated[Actor, Depends(Requires(Verb.TRANSFER_RECORD_PAPER))]
Closer = Annotated[Actor, Depends(Requires(Verb.CLUE_CLOSE))]


@dataclass(frozen=True, slots=True)
class CallsPage:
    """Everything transfer/calls.html shows."""

    rows: Sequence[call_view.CallRow]


@router.get("/transfer-calls", name="transfer:calls")
def show_calls(request: Request, actor: Reader, house: Shared, session: ReadSession, now: Now) -> Response:
    """Show who is late, with a telephone number each, most late first."""
    rows = call_view.rows(
        session, house.keys, actor, url=request.app.state.urls, today=clock.office_date(now)
    )
    return page(request, "transfer/calls.html", {"page": CallsPage(rows)})


@router.post("/transfers/{transfer_id}/calls", name="transfer:call")
def call(
    request: Request, transfer_id: str, actor: Recorder, form: Typed, session: WriteSession, now: Now
) -> Response:
    """Note a call to the receiver."""
    told = forms_visit.call(form)
    transfer = queries.get(session, actor, transfer_id)
    service.record_call(
        session,
        actor,
        transfer,
        spoke_with=told.spoke_with,
        words=told.words,
        again_on=told.again_on,
        now=now,
    )
    return see_other(request, "transfer:show", flash=Flash(_("通话已记下。")), transfer_id=transfer_id)


@router.post("/transfers/{transfer_id}/visits", name="transfer:visit")
def visit(
    request: Request,
    transfer_id: str,
    actor: Closer,
    house: Shared,
    form: Typed,
    session: WriteSession,
    now: Now,
) -> Response:
    """Note what two people found on the ground, with their pictures."""
    told = forms_visit.visit(form, today=clock.office_date(now))
    kept, declined = evidence_service.keep_files(
        house.store, form.files_of("photos_camera", "photos"), door=Door.STAFF, limit=house.settings.photo_limit,
        path_of={"photos_camera": PathIn.CAMERA, "photos": PathIn.PICKER},
    )  # fmt: skip
    transfer = queries.get(session, actor, transfer_id)
    ended = service.record_visit(
        session, actor, transfer, told, files=kept, version=forms.version_of(form), now=now,
        revisit_days=practice_of(house.settings).revisit_days,
    )  # fmt: skip
    text = _("核查已记下，线索随之办结。") if ended else _("核查已记下。")
    text = _("核查已记下，有 %(n)s 个文件没有收下。", n=len(declined)) if declined else text
    return see_other(request, "transfer:show", flash=Flash(text), transfer_id=transfer_id)


@router.post("/transfers/{transfer_id}/successors", name="transfer:reaim")
def reaim(
    request: Request, transfer_id: str, actor: Drafter, form: Typed, session: WriteSession, now: Now
) -> Response:
    """Aim a refused transfer at another receiver, in one step."""
    receiver = forms.chosen(form, "new_receiver", required=_("请选改送哪个单位。"))
    transfer = queries.get(session, actor, transfer_id)
    made = service.reaim(session, actor, transfer, receiver_id=receiver, now=now)
    return see_other(
        request, "transfer:show", flash=Flash(_("已按原来的内容起草，请核对后提交。")), transfer_id=made
    )
