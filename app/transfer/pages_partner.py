# ruff: noqa: FAST003 - `Receiving` takes the transfer_id of every address here
"""The door of agencies, liaisons and volunteers with an account: what was sent to them, what they reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.identity.actor import Actor
from app.identity.guards import Requires
from app.identity.permissions import Verb
from app.identity.terms import Role
from app.intake.doors import open_track
from app.intake.queries import partner as report_queries
from app.platform import clock, ids, when
from app.platform.db import ReadSession as Reading
from app.platform.errors import Missing
from app.platform.i18n import gettext as _
from app.platform.web.given import Now, ReadSession, Shared
from app.platform.web.given import WriteSession as Writing
from app.platform.web.render import in_locale, page, see_other
from app.transfer import answer_door, labels, queries
from app.transfer.answer_door import AnswerRoute
from app.transfer.door import Typed
from app.transfer.entrances import Entrance, military_entrances
from app.transfer.invitations import guest_view
from app.transfer.invitations.shown import GuestRow
from app.transfer.models import Transfer
from app.transfer.receivers import ByAccount
from app.transfer.reminders import queries as reminder_queries
from app.transfer.reminders import rules as reminder_rules
from app.transfer.shown import ListRow, WorkListShown
from app.transfer.team import queries as team_queries
from app.transfer.terms import TransferState

router = APIRouter(route_class=AnswerRoute)
Forwarder = Annotated[Actor, Depends(Requires(Verb.REPORT_FORWARD))]
Answerer = Annotated[Actor, Depends(Requires(Verb.TRANSFER_ANSWER))]
_OVER_SHOWN = 20
_WAITING = frozenset({TransferState.SENT.value, TransferState.ACKNOWLEDGED.value})


def _receiver(request: Request, transfer_id: str, actor: Answerer) -> ByAccount:
    receiver = ByAccount(actor, transfer_id)
    request.state.receiver = receiver
    return receiver


Receiving = Annotated[ByAccount, Depends(_receiver)]


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One of their own reports."""

    id: str
    category: str
    words: str
    received_at: datetime
    status: str
    sentence: str


@dataclass(frozen=True, slots=True)
class InboxPage:
    """What waits for them, what they have done, what they have reported."""

    title: str
    answers_transfers: bool
    waiting: Sequence[ListRow]
    over: Sequence[ListRow]
    reports: Sequence[ReportRow]
    may_import: bool = False
    notice: str = ""
    lists: Sequence[WorkListShown] = ()
    history_href: str = ""
    invitations: Sequence[GuestRow] = ()
    entrances: Sequence[Entrance] = ()
    link_href: str = ""
    figures_href: str = ""


@router.get("/partner", name="partner:inbox")
def show_inbox(
    request: Request, actor: Forwarder, house: Shared, session: ReadSession, now: Now, which: str = ""
) -> Response:
    """Show what was sent to their organisation, and their own reports."""
    today, url = clock.office_date(now), request.app.state.urls
    answers = actor.may(Verb.TRANSFER_ANSWER)
    found = [*queries.inbox(session, actor, is_open=True), *queries.inbox(session, actor, is_open=False)]
    waiting = sorted((row for row in found if row.state in _WAITING), key=lambda row: row.due_on or today)
    over = [row for row in found if row.state not in _WAITING]
    people = team_queries.colleagues(session, actor) if answers else {}
    hands = team_queries.holders(session, actor, [row.id for row in waiting]) if len(people) > 1 else {}
    chosen = [row for row in waiting if is_in(which, hands.get(row.id), actor.account_id)]
    shown = InboxPage(
        title=_("收件箱") if answers else _("我反映的问题"),
        answers_transfers=answers,
        waiting=[
            partner_row(session, row, url, today, holder=people.get(hands.get(row.id, ""), ""))
            for row in chosen
        ],
        over=[partner_row(session, row, url, today) for row in over[:_OVER_SHOWN]],
        reports=[_report(row) for row in report_queries.own_reports(session, actor)],
        may_import=actor.may(Verb.REPORT_IMPORT),
        notice=_pressing(session, waiting, today),
        lists=_lists(waiting, hands, actor.account_id, which, url) if len(people) > 1 and waiting else [],
        history_href=url("partner:history") if answers and over else "",
        figures_href=url("partner:figures") if answers else "",
        entrances=military_entrances(session, house, url, today) if Role.LIAISON in actor.roles else (),
        invitations=guest_view.rows(session, actor, url=url, now=now),
        link_href=url("partner:link_report") if actor.may(Verb.INVITATION_ANSWER) else "",
    )
    return page(request, "partner/inbox.html", {"page": shown})


@router.post("/partner/reports/{report_id}/opening", name="partner:open_report")
def open_report(
    request: Request, report_id: str, actor: Forwarder, house: Shared, session: ReadSession
) -> Response:
    """Open the way of an own report for half an hour, as its query code would."""
    if not ids.is_uuid(report_id):
        raise Missing
    report = report_queries.own_report(session, actor, report_id)
    response = see_other(request, "intake:track")
    open_track(response, request, house, report.id)
    return response


@router.get("/partner/transfers/{transfer_id}", name="partner:transfer")
def show(
    request: Request, _actor: Answerer, receiver: Receiving, house: Shared, session: ReadSession, now: Now
) -> Response:
    """Show one transfer sent to their organisation."""
    return answer_door.show(request, house, session, receiver, now=now)


@router.get("/partner/transfers/{transfer_id}/letter", name="partner:letter")
def show_letter(
    request: Request, _actor: Answerer, receiver: Receiving, session: ReadSession, now: Now
) -> Response:
    """Show the letter for printing."""
    return answer_door.letter(request, session, receiver, now=now)


@router.get("/partner/transfers/{transfer_id}/letter.docx", name="partner:letter_docx")
def download_docx(
    _actor: Answerer, receiver: Receiving, house: Shared, session: ReadSession, now: Now
) -> Response:
    """Give the letter as DOCX."""
    return answer_door.letter_file(house, session, receiver, "docx", now=now)


@router.get("/partner/transfers/{transfer_id}/letter.pdf", name="partner:letter_pdf")
def download_pdf(
    _actor: Answerer, receiver: Receiving, house: Shared, session: ReadSession, now: Now
) -> Response:
    """Give the letter as PDF, where one was made."""
    return answer_door.letter_file(house, session, receiver, "pdf", now=now)


@router.get("/partner/transfers/{transfer_id}/pictures/{attachment_id}", name="partner:picture")
def show_picture(
    _actor: Answerer, attachment_id: str, receiver: Receiving, house: Shared, session: ReadSession, now: Now
) -> Response:
    """Give one picture that goes along."""
    return answer_door.picture(house, session, receiver, attachment_id, now=now)


@router.post("/partner/transfers/{transfer_id}/{act}", name="partner:say")
def say(
    request: Request,
    _actor: Answerer,
    act: str,
    form: Typed,
    receiver: Receiving,
    house: Shared,
    session: Writing,
    now: Now,
) -> Response:
    """Take one act of the receiver in."""
    return answer_door.say(request, house, session, receiver, act, form, now=now)


def _pressing(session: Reading, waiting: Sequence[Transfer], today: date) -> str:
    """Return what a receiver is reminded of, in one sentence for everything; empty when nothing presses."""
    if not waiting:
        return ""
    steps = reminder_queries.ladders(session, today)
    days = [
        (row.promised_on or row.due_on, reminder_rules.soon_days(steps.get(row.kind, ())))
        for row in waiting
        if row.promised_on or row.due_on
    ]
    late = sum(due is not None and due < today for due, _soon in days)
    soon = sum(due is not None and today <= due <= today + timedelta(days=most) for due, most in days)
    if late and soon:
        return _("有 %(late)s 件已经逾期，%(soon)s 件快到期，请尽快办理。", late=late, soon=soon)
    if late:
        return _("有 %(late)s 件已经逾期，请尽快办理。", late=late)
    return _("有 %(soon)s 件快到期，请尽快办理。", soon=soon) if soon else ""


def is_in(which: str, holder: str | None, account_id: str) -> bool:
    """Say whether a transfer belongs to a list: everybody's, one's own, nobody's."""
    return {"mine": holder == account_id, "nobody": holder is None}.get(which, True)


def _lists(
    waiting: Sequence[Transfer], hands: Mapping[str, str], account_id: str, which: str, url: answer_door.Url
) -> list[WorkListShown]:
    names = {"": _("全部"), "mine": _("我经手的"), "nobody": _("还没有人经手")}
    return [
        WorkListShown(
            label, sum(is_in(key, hands.get(row.id), account_id) for row in waiting),
            url("partner:inbox", which=key) if key else url("partner:inbox"),
            key == (which if which in names else ""), "plain",
        )
        for key, label in names.items()
    ]  # fmt: skip


def partner_row(
    session: Reading, row: Transfer, url: answer_door.Url, today: date, *, holder: str = ""
) -> ListRow:
    """Return one transfer as its receiver's lists show it."""
    disclosed = row.disclosed or {}
    label, tone = labels.state(row.state, sees="receiver")
    due, due_tone = "", "plain"
    due_on = row.promised_on or row.due_on  # as reminders count
    if due_on and row.state in _WAITING:
        left = (due_on - today).days
        due = _("已过 %(n)s 天", n=-left) if left < 0 else _("还有 %(n)s 天", n=left)
        due_tone = "stop" if left < 0 else "time"
    first = next(iter(queries.attachments(session, row.id)), None)
    flags = [(_("承诺 %(day)s", day=when.shown_date(row.promised_on)), "plain")] if row.promised_on else []
    flags += [(_("经手 %(name)s", name=holder), "plain")] if holder else []
    return ListRow(
        href=url("partner:transfer", transfer_id=row.id), title=disclosed["subject"], place=disclosed["place"],
        source=disclosed["number"] or "", age=when.shown_time(row.sent_at) if row.sent_at else "", flags=flags,
        due=due, due_tone=due_tone, state_label=label, state_tone=tone,
        photo_src=url("partner:picture", transfer_id=row.id, attachment_id=first.id) if first else None,
    )  # fmt: skip


def _report(row: report_queries.OwnReport) -> ReportRow:
    return ReportRow(
        id=row.id, category=in_locale(row.category, "name"), words=row.title, received_at=row.received_at,
        status=in_locale(row.wording, "status"), sentence=in_locale(row.wording, "sentence"),
    )  # fmt: skip
