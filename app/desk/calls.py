"""Calling reporters: who waits for a word, when somebody last called; the number only by the look that is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.clues import labels as clue_labels
from app.clues.terms import ClueState
from app.desk import words
from app.desk.answers import StepForm, StepRoute
from app.desk.queries import history
from app.desk.step_terms import Option
from app.desk.steps import done
from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.identity.guards import Requires
from app.identity.permissions import Verb
from app.intake import calling
from app.intake.queries import calls
from app.intake.terms import CallEnd
from app.platform.i18n import gettext as _
from app.platform.web.given import Now, ReadSession, Shared, WriteSession
from app.platform.web.render import Flash, page, see_other
from app.triage import forms

router = APIRouter(route_class=StepRoute)
Caller = Annotated[Actor, Depends(Requires(Verb.CONTACT_REVEAL))]
_ENDED_FOR: Final = timedelta(days=30)
_SETTLES: Final = frozenset({CallEnd.REACHED.value, CallEnd.DECLINED.value})


@dataclass(frozen=True, slots=True)
class CalleeView:
    """One reporter to call, without any contact."""

    href: str
    title: str
    label: str
    why: str
    tone: str
    last: str
    reveal_href: str
    call_href: str


@dataclass(frozen=True, slots=True)
class CallsPage:
    """The list, and what the forms in it ask."""

    rows: Sequence[CalleeView]
    only_mine: bool
    needs_two: bool
    ends: Sequence[Option]


@router.get("/desk/calls", name="desk:reporter_calls")
def show(request: Request, actor: Caller, session: ReadSession, house: Shared, now: Now) -> Response:
    """Show whose reporters have something to hear; one's own clues unless the address asks for all."""
    only_mine = request.query_params.get("whose") != "all"
    found = calls.to_call(session, actor, ended_since=now - _ENDED_FOR, only_mine=only_mine)
    last = history.last_calls(session, [one.id for one in found])
    people = identity_queries.names_of(session, [entry.actor_id for entry in last.values() if entry.actor_id])
    urls = request.app.state.urls
    rows = []
    for one in found:
        waits = one.state == ClueState.NEED_MORE_INFO
        entry = last.get(one.id)
        if entry is not None and _is_settled(entry, one):
            continue
        rows.append(
            CalleeView(
                href=urls("desk:clue", clue_id=one.id),
                title=one.title,
                label=words.known_by(one.number, _(clue_labels.STATES[ClueState(one.state)])),
                why=_("请补充，还没有回复（%(age)s）", age=words.age_in_days(one.state_since, now))
                if waits
                else _("有了结果，可以告诉（%(age)s）", age=words.age_in_days(one.state_since, now)),
                tone="time" if waits else "plain",
                last=_last(entry, people) if entry else _("还没有打过电话"),
                reveal_href=urls("triage:reveal", clue_id=one.id),
                call_href=urls("triage:call", clue_id=one.id),
            )
        )
    view = CallsPage(rows, only_mine, house.settings.reveal_needs_two, call_options())
    return page(request, "desk/calls.html", view)


def _is_settled(entry: history.Entry, one: calls.Callee) -> bool:
    """Say whether a call since the clue came to stand where it stands leaves nothing to say."""
    return entry.recorded_at >= one.state_since and entry.facts.get("end") in _SETTLES


def call_options() -> list[Option]:
    """Return how a call can go, to choose from."""
    return [Option("", _("请选择")), *(Option(value, label) for value, label in words.call_ends())]


def _last(entry: history.Entry, people: dict[str, str]) -> str:
    return _(
        "%(when)s %(name)s打过：%(end)s",
        when=words.shown_moment(entry.recorded_at),
        name=people.get(entry.actor_id or "", "—"),
        end=words.call_end(entry.facts),
    )


@router.post("/desk/clues/{clue_id}/calls", name="triage:call")
def record(
    request: Request, clue_id: str, actor: Caller, form: StepForm, session: WriteSession, now: Now
) -> Response:
    """Note a call to a reporter."""
    read = forms.call(form)
    calling.record_call(session, actor, clue_id, end=read.end, words=read.words, now=now)
    if form.get("from") == "list":
        whose = "all" if form.get("whose") == "all" else ""
        return see_other(request, "desk:reporter_calls", whose=whose, flash=Flash(_("已记下这次通话")))
    return done(request, form, clue_id, _("已记下这次通话"))
