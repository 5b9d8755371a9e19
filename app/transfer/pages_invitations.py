"""Asking guests at the desk: the form, one invitation with its answers, taking it back."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.clues import queries as clue_queries
from app.identity.actor import Actor
from app.identity.guards import Requires
from app.identity.permissions import Verb
from app.platform import clock, ids
from app.platform.errors import Missing, Problem
from app.platform.i18n import gettext as _
from app.platform.web import refusals
from app.platform.web.given import House, Now, ReadSession, Shared, WriteSession
from app.platform.web.render import Flash, page, see_other
from app.transfer import disclosure, draft_view
from app.transfer.door import Typed
from app.transfer.forms import FieldError, version_of
from app.transfer.invitations import desk_view, forms, queries, service
from app.transfer.invitations.rules import InvitationDay
from app.transfer.pages_letters import attached
from app.transfer.service import Unchecked, Undecided
from app.transfer.shown_again import ShownAgainRoute, told

Sender = Annotated[Actor, Depends(Requires(Verb.INVITATION_SEND))]
Reader = Annotated[Actor, Depends(Requires(Verb.TRANSFER_READ))]
# Beside which box a refusal of the service stands.
_FIELDS: Final[dict[type[Problem], str]] = {
    service.NoSuchGuest: "guests",
    InvitationDay: "due_on",
    Unchecked: "checks",
}


class AskRoute(ShownAgainRoute):
    """A route of this page: what did not succeed is shown on the fresh form with everything typed."""

    def has_page(self, request: Request) -> bool:
        """Only asking has a form."""
        return "clue_id" in request.path_params

    def again(self, request: Request, problem: Problem) -> Response:
        """Show the form that asks; whatever is wrong stands beside a field of it."""
        house: House = request.app.state.house
        # What was found in the words is decided above them, where each finding stands.
        name = "findings" if isinstance(problem, Undecided) else _FIELDS.get(type(problem), "")
        errors, message = told(problem, name)
        errors = errors or [FieldError(name, message)]
        with house.database.read_session() as session:
            actor: Actor = request.state.actor
            clue = clue_queries.get(session, actor, request.path_params["clue_id"])
            now = clock.now()
            content = desk_view.start(session, actor, clue, contact_phone="", now=now)
            shown = desk_view.ask_page(
                session, clue, content, url=request.app.state.urls, now=now, typed=request.state.typed, errors=errors
            )  # fmt: skip
        return page(request, "transfer/invite.html", {"page": shown}, status=refusals.status_of(problem))


router = APIRouter(route_class=AskRoute)


@router.get("/desk/clues/{clue_id}/invitations", name="transfer:invite")
def show_form(
    request: Request, clue_id: str, actor: Sender, house: Shared, session: ReadSession, now: Now
) -> Response:
    """Show the form that asks guests about a clue."""
    clue = clue_queries.get(session, actor, clue_id)
    content = desk_view.start(session, actor, clue, contact_phone=house.settings.office_phone, now=now)
    shown = desk_view.ask_page(session, clue, content, url=request.app.state.urls, now=now)
    return page(request, "transfer/invite.html", {"page": shown})


@router.post("/desk/clues/{clue_id}/invitations", name="transfer:send_invitations")
def invite(
    request: Request, clue_id: str, actor: Sender, form: Typed, session: WriteSession, now: Now
) -> Response:
    """Ask the guests chosen, each with the same words."""
    clue = clue_queries.get(session, actor, clue_id)
    choosable = [answer for answer, _is_default in draft_view.choosable_answers(session, clue.id)]
    asked, content = forms.asked(
        form, choosable, disclosure.words_of(session, clue.id), today=clock.office_date(now)
    )
    sent = service.invite(
        session, actor, clue_id, kind=asked.kind, account_ids=asked.account_ids, content=content,
        checks=form.all("checks"), due_on=asked.due_on, now=now,
    )  # fmt: skip
    flash = Flash(_("已经请了 %(n)s 人，对方登录后就能看到。", n=len(sent)))
    return see_other(request, "transfer:invitation", flash=flash, invitation_id=sent[0])


@router.get("/invitations/{invitation_id}", name="transfer:invitation")
def show(request: Request, invitation_id: str, actor: Reader, session: ReadSession, now: Now) -> Response:
    """Show one invitation: what was shown to whom, what was answered."""
    if not ids.is_uuid(invitation_id):
        raise Missing
    found = queries.get(session, actor, invitation_id)
    shown = desk_view.page_of(session, actor, found, url=request.app.state.urls, now=now)
    return page(request, "transfer/invitation.html", {"page": shown})


@router.get("/invitations/{invitation_id}/pictures/{picture_id}", name="transfer:invitation_picture")
def show_picture(
    invitation_id: str, picture_id: str, actor: Reader, house: Shared, session: ReadSession
) -> Response:
    """Give one picture that was shown."""
    if not ids.is_uuid(invitation_id):
        raise Missing
    found = queries.get(session, actor, invitation_id)
    return attached(house.store, queries.picture(session, found.id, picture_id).digest)


@router.post("/invitations/{invitation_id}/withdrawal", name="transfer:withdraw_invitation")
def withdraw(
    request: Request, invitation_id: str, actor: Sender, form: Typed, session: WriteSession, now: Now
) -> Response:
    """Take an invitation back."""
    if not ids.is_uuid(invitation_id):
        raise Missing
    found = queries.get(session, actor, invitation_id)
    service.withdraw(session, actor, found, version=version_of(form), now=now)
    flash = Flash(_("已收回，对方现在什么也看不到了。"))
    return see_other(request, "transfer:invitation", flash=flash, invitation_id=invitation_id)
