"""The door of guests: what a volunteer or liaison is asked, their answer; and a report laid to their account."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.evidence import service as evidence_service
from app.evidence.kinds import Door
from app.evidence.service import KeptFile
from app.evidence.terms import PathIn
from app.identity.actor import Actor
from app.identity.guards import Requires
from app.identity.permissions import Verb
from app.intake import codes, linking
from app.intake import queries as intake_queries
from app.intake.trying import read_code
from app.platform import clock, rates
from app.platform.errors import Problem
from app.platform.i18n import gettext as _
from app.platform.web import refusals
from app.platform.web.given import Form, House, Now, ReadSession, Shared, WriteSession
from app.platform.web.landing import LandedForm
from app.platform.web.render import Flash, page, see_other
from app.transfer.door import Typed
from app.transfer.invitations import forms, guest_view, queries, service
from app.transfer.invitations.rules import PhotoNeeded
from app.transfer.invitations.terms import Said
from app.transfer.pages_letters import attached
from app.transfer.shown_again import ShownAgainRoute, told

Guest = Annotated[Actor, Depends(Requires(Verb.INVITATION_ANSWER))]


class GuestRoute(ShownAgainRoute):
    """A route of this door: what did not succeed is shown on the fresh page with everything typed."""

    def again(self, request: Request, problem: Problem) -> Response:
        """Show the invitation."""
        house: House = request.app.state.house
        errors, stale = told(problem, "photos" if isinstance(problem, PhotoNeeded) else "")
        actor: Actor = request.state.actor
        now = clock.now()
        with house.database.read_session() as session:
            found = queries.own(
                session, actor, request.path_params["invitation_id"], today=clock.office_date(now)
            )
            shown = guest_view.page_of(
                session, found, url=request.app.state.urls, settings=house.settings, now=now,
                typed=request.state.typed, errors=errors, stale=stale,
            )  # fmt: skip
        return page(request, "partner/invitation.html", {"page": shown}, status=refusals.status_of(problem))


router = APIRouter(route_class=GuestRoute)


@router.get("/partner/invitations/{invitation_id}", name="partner:invitation")
def show(
    request: Request, invitation_id: str, actor: Guest, house: Shared, session: ReadSession, now: Now
) -> Response:
    """Show one invitation to its guest."""
    found = queries.own(session, actor, invitation_id, today=clock.office_date(now))
    shown = guest_view.page_of(session, found, url=request.app.state.urls, settings=house.settings, now=now)
    return page(request, "partner/invitation.html", {"page": shown})


@router.get("/partner/invitations/{invitation_id}/pictures/{picture_id}", name="partner:invitation_picture")
def show_picture(
    invitation_id: str, picture_id: str, actor: Guest, house: Shared, session: ReadSession, now: Now
) -> Response:
    """Give one picture the guest may see, while the invitation stands."""
    found = queries.own(session, actor, invitation_id, today=clock.office_date(now))
    return attached(house.store, queries.picture(session, found.id, picture_id).digest)


@router.post("/partner/invitations/{invitation_id}/answers", name="partner:answer_invitation")
def answer(
    request: Request,
    invitation_id: str,
    actor: Guest,
    form: Typed,
    house: Shared,
    session: WriteSession,
    now: Now,
) -> Response:
    """Take a guest's answer in: the photos first, then the rows in one transaction."""
    found = queries.own(session, actor, invitation_id, today=clock.office_date(now))
    said = forms.said(form, now=now)
    files = _keep(house, form, said)
    service.answer(session, actor, found, said, files=files, now=now)
    flash = Flash(_("收到了，谢谢您。到期以前还可以再补充。"))
    return see_other(request, "partner:invitation", flash=flash, invitation_id=invitation_id)


def _keep(house: House, form: LandedForm, said: Said) -> list[KeptFile]:
    """Keep the photos; each carries where the phone was when they were sent with these words."""
    kept, _declined = evidence_service.keep_files(
        house.store, form.files_of("photos_camera", "photos"), door=Door.STAFF, limit=house.settings.photo_limit,
        path_of={"photos_camera": PathIn.CAMERA, "photos": PathIn.PICKER},
    )  # fmt: skip
    return [replace(file, position=said.position) if file.is_picture else file for file in kept]


@router.post("/partner/invitations/{invitation_id}/refusal", name="partner:refuse_invitation")
def refuse(
    request: Request, invitation_id: str, actor: Guest, form: Typed, session: WriteSession, now: Now
) -> Response:
    """Note that the guest cannot help this time."""
    found = queries.own(session, actor, invitation_id, today=clock.office_date(now))
    service.decline(session, actor, found, forms.refusal(form), now=now)
    return see_other(request, "partner:inbox", flash=Flash(_("记下了，谢谢您告诉我们。")))


@router.post("/partner/reports", name="partner:link_report")
def link_report(
    request: Request, actor: Guest, form: Form, house: Shared, session: WriteSession, now: Now
) -> Response:
    """Lay a report to the guest's account by its query code."""
    rates.check(request, house, "track", house.settings.tries_per_hour)
    tried = read_code(form)
    report = (
        None if tried.error else intake_queries.by_code(session, house.keys, codes.normalised(tried.typed))
    )
    if report is None:
        return see_other(request, "partner:inbox", flash=Flash(tried.unknown().error, "stop"))
    linking.link(session, actor, report, now=now)
    return see_other(request, "partner:inbox", flash=Flash(_("已经放进“我反映的”。")))
