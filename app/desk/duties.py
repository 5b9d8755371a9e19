"""Who does what: how much each person has, who is away and who stands in, the hand-over of everything at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.desk.answers import StepForm, StepRoute
from app.desk.pages import desk_of
from app.desk.step_terms import Option
from app.desk.steps import Assigner, Writer, done
from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.identity.guards import Requires
from app.identity.permissions import Verb
from app.platform import clock
from app.platform.i18n import gettext as _
from app.platform.i18n import listed
from app.platform.web.given import Form, Now, ReadSession, Shared, WriteSession
from app.platform.web.render import Flash, page, see_other
from app.platform.when import shown_date
from app.triage import forms, service
from app.triage import queries as triage_queries
from app.triage.models import Absence
from app.triage.teams import queries as team_queries
from app.triage.teams import service as team_service

router = APIRouter()
steps = APIRouter(route_class=StepRoute)
_LONGEST_NAME: Final = 30
Lifter = Annotated[Actor, Depends(Requires(Verb.TRANSFER_REVIEW))]


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person with what they have in hand."""

    id: str
    name: str
    count: int
    href: str
    away: str


@dataclass(frozen=True, slots=True)
class AbsenceLine:
    """One absence that is not over."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class TeamLine:
    """One team with its people, and the choices of its form."""

    id: str
    name: str
    members: str
    waiting_href: str
    chosen: Sequence[str]
    lead: str
    lead_id: str


@dataclass(frozen=True, slots=True)
class DutiesPage:
    """The whole page."""

    teams: Sequence[TeamLine]
    staff: Sequence[Option]
    leads: Sequence[Option]
    people: Sequence[PersonLine]
    absences: Sequence[AbsenceLine]
    able: Sequence[Option]
    holders: Sequence[Option]
    today: date


@router.get("/desk/duties", name="desk:duties")
def show(request: Request, actor: Assigner, session: ReadSession, house: Shared, now: Now) -> Response:
    """Show who has what, who is away, and the forms that change it."""
    desk = desk_of(request, session, actor, house, now)
    able = triage_queries.handlers_of_office(session, office_id=actor.office_id, now=now)
    counts = triage_queries.open_counts(session, actor)
    names = {one.account_id: one.name for one in able}
    gone = identity_queries.names_of(session, [one for one in counts if one not in names])
    away = triage_queries.away(session, actor.office_id, desk.today)
    everybody = names | gone
    kept = [one for one in triage_queries.absences(session, actor.office_id) if one.to_on >= desk.today]
    people = [
        PersonLine(
            key, name if key in names else _("%(name)s（已不在岗）", name=name), counts.get(key, 0),
            desk.urls("desk:queue", list="all", assignee=key),
            _("外出，%(name)s代办", name=everybody.get(away[key].deputy_id, "—")) if key in away else "",
        )
        for key, name in everybody.items()
    ]  # fmt: skip
    teams = team_queries.of_office(session, actor.office_id)
    members = identity_queries.names_of(session, [one for team in teams for one in team.members])
    view = DutiesPage(
        teams=[
            TeamLine(
                team.id,
                team.name,
                listed(members.get(one, "—") for one in team.members),
                desk.urls("desk:queue", list="all", team=team.id),
                team.members,
                members.get(team.lead_id or "", ""),
                team.lead_id or "",
            )
            for team in teams
        ],
        staff=[Option(key, name) for key, name in names.items()],
        leads=[Option("", _("不设组长")), *(Option(key, name) for key, name in names.items())],
        people=sorted(people, key=lambda one: -one.count),
        absences=[AbsenceLine(one.id, _absence(one, everybody)) for one in kept],
        able=[Option("", _("请选择")), *(Option(key, name) for key, name in names.items())],
        holders=[
            Option("", _("请选择")),
            *(
                Option(one.id, _("%(name)s（%(n)s 条）", name=one.name, n=one.count))
                for one in people
                if one.count
            ),
        ],
        today=desk.today,
    )
    return page(request, "desk/duties.html", view)


def _absence(one: Absence, names: Mapping[str, str]) -> str:
    return _(
        "%(name)s：%(start)s到%(end)s外出，%(deputy)s代办",
        name=names.get(one.account_id, "—"),
        start=shown_date(one.from_on),
        end=shown_date(one.to_on),
        deputy=names.get(one.deputy_id, "—"),
    )


def _say(request: Request, text: str, tone: str = "done") -> Response:
    return see_other(request, "desk:duties", flash=Flash(text, tone))


@router.post("/desk/duties/absences", name="desk:be_away")
def be_away(request: Request, actor: Assigner, form: Form, session: WriteSession, now: Now) -> Response:
    """Note who is away and who stands in."""
    try_from, try_to = _day(form.get("from_on")), _day(form.get("to_on"))
    account_id, deputy_id = form.get("account_id")[:36], form.get("deputy_id")[:36]
    if try_from is None or try_to is None or try_to < max(try_from, clock.office_date(now)):
        return _say(request, _("请填从哪天到哪天，结束不能早于今天，也不能早于开始。"), "time")
    if not account_id or not deputy_id or account_id == deputy_id:
        return _say(request, _("请选谁外出、由谁代办，不能是同一个人。"), "time")
    service.be_away(
        session, actor, account_id=account_id, deputy_id=deputy_id, from_on=try_from, to_on=try_to, now=now
    )
    return _say(request, _("已登记。代办人的“我承办的”里会有这些线索。"))


@router.post("/desk/duties/absences/{absence_id}/end", name="desk:be_back")
def be_back(
    request: Request, absence_id: str, actor: Assigner, form: Form, session: WriteSession, now: Now
) -> Response:
    """Take an absence back."""
    del form  # landed, so that the body is read like every form's
    service.be_back(session, actor, absence_id, now=now)
    return _say(request, _("已取消"))


@router.post("/desk/duties/hand-over", name="desk:hand_over")
def hand_over(request: Request, actor: Assigner, form: Form, session: WriteSession, now: Now) -> Response:
    """Give everything open that somebody has to another, in one step that can be taken back."""
    from_id, to_id = form.get("from_id")[:36], form.get("to_id")[:36]
    if not from_id or not to_id or from_id == to_id:
        return _say(request, _("请选谁的线索移交给谁，不能是同一个人。"), "time")
    run_id = service.hand_over(session, actor, from_id=from_id, to_id=to_id, now=now)
    return see_other(request, "desk:bulk_run", run_id=run_id)


@router.post("/desk/duties/teams", name="desk:save_team")
def save_team(request: Request, actor: Assigner, form: Form, session: WriteSession, now: Now) -> Response:
    """Found a team, or change its name and people."""
    name, members = form.get("name").strip()[:_LONGEST_NAME], form.fields.get("members", [])
    if not name or not members:
        return _say(request, _("请写组名，至少选一个人。"), "time")
    lead_id = form.get("lead_id")[:36]
    if lead_id and lead_id not in members[:100]:
        return _say(request, _("组长要是组里的人，请把他也选进组。"), "time")
    team_service.save(
        session, actor, team_id=form.get("team_id")[:36], name=name, members=members[:100], now=now,
        lead_id=lead_id,
    )  # fmt: skip
    return _say(request, _("办案组已保存"))


@router.post("/desk/duties/teams/{team_id}/end", name="desk:end_team")
def end_team(
    request: Request, team_id: str, actor: Assigner, form: Form, session: WriteSession, now: Now
) -> Response:
    """End a team; what nobody of it has taken is again with nobody."""
    del form  # landed, so that the body is read like every form's
    team_service.dissolve(session, actor, team_id, now=now)
    return _say(request, _("办案组已撤销，没有人接的线索回到“无人承办”"))


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        return None


@steps.post("/desk/clues/{clue_id}/recusal", name="triage:recuse")
def recuse(
    request: Request, clue_id: str, actor: Writer, form: StepForm, session: WriteSession, now: Now
) -> Response:
    """Declare that one keeps out of a clue."""
    read = forms.noted(form, needed=_("请写为什么回避。"))
    service.recuse(session, actor, clue_id, reason=read.note, now=now)
    return done(request, form, clue_id, _("已声明回避"))


@steps.post("/desk/clues/{clue_id}/recusal-decision", name="triage:confirm_recusal")
def confirm_recusal(
    request: Request, clue_id: str, actor: Lifter, form: StepForm, session: WriteSession, now: Now
) -> Response:
    """Decide that somebody else keeps out of a clue as they declared."""
    read = forms.named(form, "account_id", needed=_("请选同意谁回避。"))
    service.confirm_recusal(session, actor, clue_id, account_id=read.key, now=now)
    return done(request, form, clue_id, _("已记下：同意回避"))


@steps.post("/desk/clues/{clue_id}/recusal-end", name="triage:lift_recusal")
def lift_recusal(
    request: Request, clue_id: str, actor: Lifter, form: StepForm, session: WriteSession, now: Now
) -> Response:
    """Decide that somebody else need not keep out of a clue."""
    read = forms.named(form, "account_id", needed=_("请选谁不用回避。"))
    reason = forms.noted(form, needed=_("请写为什么不用回避。")).note
    service.lift_recusal(session, actor, clue_id, account_id=read.key, reason=reason, now=now)
    return done(request, form, clue_id, _("已记下：不用回避"))
