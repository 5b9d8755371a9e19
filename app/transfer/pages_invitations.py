"""Asking guests at the desk: the form, one invitation with its answers, taking it back."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from app.clues import queries as clue_queries
from app.identity.actor import Actor
from app.identity.guards import Requires
from app.identity.permissions import Verb
from app.platform import clock, ids
from app.platform.errors import Conflict, Invalid, Missing, Problem
from app.platform.i18n import gettext as _
from app.platform.web import refusals
from app.platform.web.given import House, Now, ReadSession, Shared, WriteSession
from app.platform.web.render import Flash, page, see_other
from app.transfer import disclosure, draft_view
from app.transfer.door import Typed
from app.transfer.forms import FieldError, NotYet, version_of
from app.transfer.invitations import desk_view, forms, queries, service
from app.transfer.invitations.rules import InvitationDay
from app.transfer.pages_letters import attached
from app.transfer.service import Unchecked, Undecided

Sender = Annotated[Actor, Depends(Requires(Verb.INVITATION_SEND))]
Reader = Annotated[Actor, Depends(Requires(Verb.TRANSFER_READ))]
# Beside which box a refusal of the service stands.
_FIELDS: Final[dict[type[Problem], str]] = {
    service.NoSuchGuest: "guests",
    InvitationDay: "due_on",
    Unchecked: "checks",
}


class AskRoute(APIRoute):
    """A route of this page: what did not succeed is shown on the fresh form with everything typed."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the handler."""
        original = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await original(request)
            except (Conflict, Invalid) as problem:
                if getattr(request.state, "typed", None) is None or "clue_id" not in request.path_params:
                    raise
                return await run_in_threadpool(_again, request, problem)

        return handle


router = APIRouter(route_class=AskRoute)


def _again(request: Request, problem: Problem) -> Response:
    house: House = request.app.state.house
    errors = list(problem.details["errors"]) if isinstance(problem, NotYet) else []
    if not errors:
        # What was found in the words is decided above them, where each finding stands.
        name = "findings" if isinstance(problem, Undecided) else _FIELDS.get(type(problem), "")
        errors = [FieldError(name, _(problem.message))]
    with house.database.read_session() as session:
        actor: Actor = request.state.actor
        clue = clue_queries.get(session, actor, request.path_params["clue_id"])
        now = clock.now()
        content = desk_view.start(session, actor, clue, contact_phone="", now=now)
        shown = desk_view.ask_page(
            session,
            clue,
            content,
            url=request.app.state.urls,
            now=now,
            typed=request.state.typed,
            errors=errors,
        )
    return page(request, "transfer/invite.html", {"page": shown}, status=refusals.status_of(problem))


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
