"""今天的事: what has a date for one person today, overdue first, each with why it is that day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.clues import labels as clue_labels
from app.clues.terms import ClueState
from app.desk import probes, rules, why, words
from app.desk.clue_page import Desk
from app.desk.pages import Reader, desk_of
from app.desk.probes import Probe
from app.desk.queries import today as queries
from app.desk.queries.today import Whose
from app.identity import queries as identity_queries
from app.identity.permissions import Verb
from app.platform import clock
from app.platform.i18n import gettext as _
from app.platform.i18n import listed
from app.platform.web.given import Now, ReadSession, Shared
from app.platform.web.render import page
from app.platform.when import shown_date
from app.reference import queries as reference
from app.reference.memory import remembered
from app.transfer import labels as transfer_labels
from app.transfer.agreements import queries as agreement_queries
from app.transfer.agreements import terms as agreement_terms

router = APIRouter()
# Words that came back have a work list of their own; here the first few.
_NEWS: Final = 10


@dataclass(frozen=True, slots=True)
class TodayLine:
    """One thing with a date, and why that day."""

    href: str
    title: str
    label: str
    due: str
    tone: str
    why: Sequence[str]
    ends_on: date


@dataclass(frozen=True, slots=True)
class TodayHeap:
    """Lines that are as pressing as one another."""

    key: str
    title: str
    lines: Sequence[TodayLine]


@dataclass(frozen=True, slots=True)
class TeamDay:
    """The day of the teams somebody leads, beside their own: who has what, the longest overdue first."""

    names: str
    heaps: Sequence[TodayHeap]
    more: int


@dataclass(frozen=True, slots=True)
class TodayPage:
    """One person's day."""

    day: str
    heaps: Sequence[TodayHeap]
    recusals: Sequence[TodayLine]
    reviews: Sequence[TodayLine]
    news: Sequence[TodayLine]
    more: int
    mine_href: str
    probes: Sequence[Probe]
    team: TeamDay | None


@router.get("/desk/today", name="desk:today")
def show(request: Request, actor: Reader, session: ReadSession, house: Shared, now: Now) -> Response:
    """Show what has a date for this person, the longest overdue first."""
    desk = desk_of(request, session, actor, house, now)
    return page(request, "desk/today.html", compose(desk, probes.for_desk(desk, house.settings)))


def compose(desk: Desk, found: Sequence[Probe]) -> TodayPage:
    """Return the page; what is over its length is said as a number."""
    today, until = desk.today, desk.today + queries.SOON
    heaps, more = _heaps(desk, today, until, Whose.MINE)
    return TodayPage(
        day=shown_date(today), heaps=heaps, news=_news(desk, today), recusals=_recusals(desk, today),
        reviews=_reviews(desk, today), more=more, mine_href=desk.urls("desk:queue", list="mine"), probes=found,
        team=_team(desk, today, until),
    )  # fmt: skip


def _team(desk: Desk, today: date, until: date) -> TeamDay | None:
    names = queries.teams_led(desk.session, desk.actor, today=today)
    return TeamDay(listed(names), *_heaps(desk, today, until, Whose.TEAMS)) if names else None


def _heaps(desk: Desk, today: date, until: date, whose: Whose) -> tuple[list[TodayHeap], int]:
    """Return what has a date in heaps, the longest overdue first, and how many things more there are."""
    lines = sorted(
        [*_clues(desk, today, until, whose), *_transfers(desk, today, until, whose)],
        key=lambda line: line.ends_on,
    )
    shown = lines[: queries.MOST]
    counts = queries.counts(desk.session, desk.actor, today=today, until=until, whose=whose)
    key = "" if whose is Whose.MINE else "team-"
    heaps = (
        TodayHeap(f"{key}overdue", _("已经超期"), [line for line in shown if line.ends_on < today]),
        TodayHeap(f"{key}today", _("今天到期"), [line for line in shown if line.ends_on == today]),
        TodayHeap(f"{key}soon", _("三天内到期"), [line for line in shown if line.ends_on > today]),
    )
    return [heap for heap in heaps if heap.lines], counts.overdue + counts.today + counts.soon - len(shown)


def _holders(
    desk: Desk, found: Sequence[queries.Dated] | Sequence[queries.Awaited], whose: Whose
) -> dict[str, str]:
    """Return who has each thing of a team, in words; one's own day need not say it."""
    if whose is Whose.MINE:
        return {}
    people = identity_queries.names_of(desk.session, [one.assignee_id for one in found if one.assignee_id])
    return {one.id: people.get(one.assignee_id or "", "") or _("组里还没有人接") for one in found}


def _clues(desk: Desk, today: date, until: date, whose: Whose) -> list[TodayLine]:
    found = queries.dated(desk.session, desk.actor, today=today, until=until, whose=whose)
    holders = _holders(desk, found, whose)
    days = remembered(
        desk.session, ("desk.terms", today),
        lambda: {kind.key: kind.sla_days for kind in reference.categories(desk.session, today)},
    )  # fmt: skip
    lines = []
    for one in found:
        due, tone = words.due_words(*rules.due(one.due_on, one.state, today))
        reasons = why.of_clue(
            one.due_on, one.registered_at, one.received_at,
            days=days.get(one.category_key) or desk.evaluation_days, calendar=why.calendar(desk.session),
        )  # fmt: skip
        label = " · ".join(
            part
            for part in (
                holders.get(one.id), one.number, _(clue_labels.STATES[ClueState(one.state)]), _("线索期限"),
            )
            if part
        )  # fmt: skip
        lines.append(
            TodayLine(
                desk.urls("desk:clue", clue_id=one.id), one.title, label, due, tone,
                reasons or [_("这一天是收到时按类别的天数算的，或者由人改过。")], one.due_on,
            )
        )  # fmt: skip
    return lines


def _transfers(desk: Desk, today: date, until: date, whose: Whose) -> list[TodayLine]:
    found = queries.awaited(desk.session, desk.actor, today=today, until=until, whose=whose)
    holders = _holders(desk, found, whose)
    receivers = identity_queries.org_names_of(desk.session, [one.receiver_id for one in found])
    lines = []
    for one in found:
        left = (one.ends_on - today).days
        due = (
            _("已过 %(n)s 天", n=-left) if left < 0 else _("今天") if not left else _("还有 %(n)s 天", n=left)
        )
        label = " · ".join(
            part
            for part in (
                holders.get(one.id), one.number, receivers.get(one.receiver_id, ""), _("等对方答复"),
            )
            if part
        )  # fmt: skip
        lines.append(
            TodayLine(
                desk.urls("transfer:show", transfer_id=one.id), one.title, label, due,
                "stop" if left < 0 else "time", _why_answer(desk, one), one.ends_on,
            )
        )  # fmt: skip
    return lines


def _why_answer(desk: Desk, one: queries.Awaited) -> list[str]:
    if one.promised_on is not None:
        return [_("对方答应在%(day)s以前答复。", day=shown_date(one.promised_on))]
    if one.due_on is None or one.sent_at is None or not one.disclosed:
        return [_("从收到纸质文书的那天起算")]
    days = int(one.disclosed["feedback_days"])
    found = transfer_labels.why_due(
        clock.office_date(one.sent_at), one.due_on, why.calendar(desk.session), days
    )
    return found or [_("从收到纸质文书的那天起算")]


def _recusals(desk: Desk, today: date) -> list[TodayLine]:
    """Return what a head has to decide within three days: who keeps out of which clue."""
    found = queries.undecided(desk.session, desk.actor)
    people = identity_queries.names_of(desk.session, [one.account_id for one in found])
    lines = []
    for one in found:
        ends = why.recusal(one.declared_at, why.calendar(desk.session))
        due, tone = words.due_words(*rules.standing(ends.due_on, today))
        label = " · ".join(
            part for part in (one.number, _("%(name)s声明回避", name=people.get(one.account_id, "—"))) if part
        )
        href = desk.urls("desk:clue", clue_id=one.clue_id)
        lines.append(TodayLine(href, one.title, label, due, tone, why.said(ends), ends.due_on))
    return lines


def _reviews(desk: Desk, today: date) -> list[TodayLine]:
    """Return the agreements to be looked at again, for whoever keeps the list of organisations."""
    if not desk.actor.may(Verb.AGENCY_EDIT):
        return []
    found = agreement_queries.to_review(desk.session, desk.actor.office_id, today + agreement_terms.AHEAD)
    lines = []
    for one in found:
        day = one.review_on or today
        due, tone = words.due_words(*rules.standing(day, today))
        lines.append(
            TodayLine(
                desk.urls("agreement:show", agreement_id=one.id), one.name, _("协作机制"), due, tone,
                [_("记下协作机制时定的复核日期，提前三十天列在这里。")], day,
            )
        )  # fmt: skip
    return lines


def _news(desk: Desk, today: date) -> list[TodayLine]:
    return [
        TodayLine(
            desk.urls("desk:clue", clue_id=key), title,
            " · ".join(part for part in (number, _(clue_labels.STATES[ClueState(state)])) if part),
            "", "plain", (), today,
        )
        for key, number, title, state in queries.news(desk.session, desk.actor, today=today)[:_NEWS]
    ]  # fmt: skip
