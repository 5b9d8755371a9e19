"""What the pages of this room share: the office's practice, and the page shown again when a step did not succeed.

A stale page, a missing word or a step that is no longer open is answered with the fresh page and everything typed,
under its true status; handlers therefore only say what a step does.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Depends, Request
from fastapi.responses import Response

from app.clues import queries as clue_queries
from app.identity.actor import Actor
from app.platform import clock
from app.platform.errors import Conflict, Invalid, Problem
from app.platform.settings import Settings
from app.platform.web import refusals
from app.platform.web.given import Form, House
from app.platform.web.landing import LandedForm
from app.platform.web.render import page
from app.transfer import draft_view, queries, view
from app.transfer.forms import FieldError
from app.transfer.lifecycle import TransferStepRefused
from app.transfer.service import (
    CallAgainDay,
    ClueNotReady,
    FacilityBarred,
    LetterMissing,
    NoPublicAnswer,
    NoSuchReceiver,
    NoSuchSupport,
    NothingToReceiver,
    PromiseInPast,
    TwoStaff,
    Unchecked,
    Undecided,
    VisitDay,
)
from app.transfer.shown_again import ShownAgainRoute, told
from app.transfer.terms import DraftContent, Practice, SignStep

_SHOWN_AGAIN: Final = (Conflict, Invalid, ClueNotReady, FacilityBarred, LetterMissing, TransferStepRefused)
# Beside which box a refusal of the service stands.
_FIELDS: Final[dict[type[Problem], str]] = {
    NoSuchReceiver: "receivers",
    NoPublicAnswer: "public_answer",
    PromiseInPast: "paper_promised_on",
    NoSuchSupport: "support",
    TwoStaff: "staff_two",
    VisitDay: "visited_on",
    NothingToReceiver: "to_receiver",
    CallAgainDay: "again_on",
    Unchecked: "checks",
    Undecided: "checks",
}
_DRAFT_ROUTES: Final = frozenset({"transfer:draft", "transfer:save"})


def practice_of(settings: Settings) -> Practice:
    """Return how this office signs, numbers and waits."""
    return Practice(
        chain=tuple(SignStep(word.strip()) for word in settings.sign_chain.split(",") if word.strip()),
        number_pattern=settings.letter_number_pattern,
        office_short=settings.office_short,
        number_start=settings.number_start,
        feedback_days=settings.partner_feedback_days,
        revisit_days=tuple(int(word) for word in settings.revisit_days.split(",") if word.strip()),
    )


async def _typed(request: Request, form: Form) -> LandedForm:
    request.state.typed = form
    return form


# The form of a step, remembered so that it can be shown again.
Typed = Annotated[LandedForm, Depends(_typed)]


class FreshRoute(ShownAgainRoute):
    """A route of this room: what did not succeed is shown on the fresh page."""

    refused = _SHOWN_AGAIN

    def again(self, request: Request, problem: Problem) -> Response:
        """Show the draft or the transfer."""
        house: House = request.app.state.house
        errors, message = told(problem, _FIELDS.get(type(problem), ""))
        again = _draft_again if self.name in _DRAFT_ROUTES else _transfer_again
        return again(request, house, refusals.status_of(problem), errors, message)


def _transfer_again(
    request: Request, house: House, status: int, errors: list[FieldError], stale: str
) -> Response:
    actor: Actor = request.state.actor
    form: LandedForm = request.state.typed
    with house.database.read_session() as session:
        transfer = queries.get(session, actor, request.path_params["transfer_id"])
        fresh = view.page_of(
            session,
            house.keys,
            actor,
            transfer,
            practice=practice_of(house.settings),
            url=request.app.state.urls,
            now=clock.now(),
        )
    # What was typed wins over what is kept, save for the version: the fresh page carries the fresh one.
    typed = {name: form.get(name) for name in form.fields if name != "version"}
    shown = view.with_typed(fresh, values={**fresh.values, **typed}, errors=errors, stale=stale)
    return page(request, "transfer/show.html", {"page": shown}, status=status)


def _draft_again(
    request: Request, house: House, status: int, errors: list[FieldError], stale: str
) -> Response:
    actor: Actor = request.state.actor
    with house.database.read_session() as session:
        around = _around(session, actor, request)
        content = (
            DraftContent("", "", "", "", "", shows_position=False, contact_name="", contact_phone="")
            if around.transfer is None
            else draft_view.kept_content(session, around.transfer)
        )
        shown = draft_view.page_of(
            session, around, content, url=request.app.state.urls, now=clock.now(),
            typed=request.state.typed, errors=errors, stale=stale,
        )  # fmt: skip
    return page(request, "transfer/draft.html", {"page": shown}, status=status)


def _around(session: Any, actor: Actor, request: Request) -> draft_view.Around:
    transfer_id = request.path_params.get("transfer_id")
    if transfer_id is None:
        return draft_view.Around(clue_queries.get(session, actor, request.path_params["clue_id"]))
    transfer = queries.get(session, actor, transfer_id)
    return draft_view.Around(clue_queries.get(session, actor, transfer.clue_id), transfer)
