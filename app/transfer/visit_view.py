"""Before and after side by side; who looked on the ground; when somebody looks again; who was called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.evidence import queries as evidence_queries
from app.evidence.terms import Origin
from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.identity.duty_contacts import whom_to_call
from app.identity.permissions import Verb
from app.identity.terms import OrgKind
from app.platform import clock, when
from app.platform.crypto import KeyRing
from app.platform.db import ReadSession, WriteSession
from app.platform.i18n import gettext as _
from app.platform.web.render import in_locale
from app.reference import queries as reference_queries
from app.transfer import kinds, labels, policy, queries, service
from app.transfer.invitations import desk_view as invitations
from app.transfer.models import Transfer, Visit
from app.transfer.shown import Option, Photo
from app.transfer.terms import AnswerKind, TransferAction, TransferState, VisitOutcome

AnySession = ReadSession | WriteSession
Url = Callable[..., str]
_WITH_RECEIVER = frozenset({TransferState.SENT.value, TransferState.ACKNOWLEDGED.value})
_LOST = frozenset({TransferState.REFUSED.value, TransferState.WITHDRAWN.value})


@dataclass(frozen=True, slots=True)
class VisitShown:
    """One visit."""

    outcome: str
    tone: str
    who: str
    words: str
    photos: Sequence[Photo]
    support: str
    support_photos: Sequence[Photo]


@dataclass(frozen=True, slots=True)
class RevisitShown:
    """One planned revisit."""

    label: str
    due: str
    why: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class CallShown:
    """One call."""

    when: datetime
    who: str
    words: str
    again: str


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Everything transfer/_follow_up.html shows."""

    before: Sequence[Photo]
    after: Sequence[Photo]
    visits: Sequence[VisitShown]
    revisits: Sequence[RevisitShown]
    calls: Sequence[CallShown]
    outcomes: Sequence[Option]
    supports: Sequence[Option]
    may_call: bool
    phone: str
    receivers: Sequence[Option]
    follows_href: str
    today: str


def follow_up(
    session: AnySession, keys: KeyRing, actor: Actor, transfer: Transfer, *, url: Url, now: datetime
) -> FollowUp:
    """Return what is known of the loop, and what this person may add to it."""
    today = clock.office_date(now)
    may_call = transfer.state in _WITH_RECEIVER and actor.may(Verb.TRANSFER_RECORD_PAPER)
    supports = invitations.supports(session, actor, transfer.clue_id)
    return FollowUp(
        before=_before(session, transfer, url),
        after=_after(session, transfer, url),
        visits=[_visit(session, row, supports, url) for row in queries.visits(session, transfer.id)],
        revisits=_revisits(session, transfer, today),
        calls=_calls(session, transfer),
        outcomes=_outcomes(actor, TransferState(transfer.state)),
        supports=[Option("", _("没有")), *supports] if supports else [],
        may_call=may_call,
        phone=_whom_to_call(session, keys, transfer) if may_call else "",
        receivers=_receivers(session, actor, transfer),
        follows_href=url("transfer:show", transfer_id=transfer.follows_id) if transfer.follows_id else "",
        today=today.isoformat(),
    )


def _whom_to_call(session: AnySession, keys: KeyRing, transfer: Transfer) -> str:
    return " ".join(whom_to_call(keys, identity_queries.org_unit(session, transfer.receiver_id)))


def _before(session: AnySession, transfer: Transfer, url: Url) -> list[Photo]:
    found = []
    for number, item in enumerate(queries.attachments(session, transfer.id), 1):
        href = url("transfer:attachment", transfer_id=transfer.id, attachment_id=item.id)
        found.append(Photo(href, href, _("移送时的图片 %(n)s", n=number)))
    return found


def _after(session: AnySession, transfer: Transfer, url: Url) -> list[Photo]:
    """Return the pictures of the last reply and of the last visit, newest act first."""
    replies = [row for row in queries.answers(session, transfer.id) if row.kind == AnswerKind.REPLIED.value]
    seen = queries.visits(session, transfer.id)
    found: list[Photo] = []
    if seen:
        found += _pictures(session, Origin.STAFF, seen[-1].id, _("核查时拍的照片"), url)
    if replies:
        found += _pictures(session, Origin.TRANSFER, replies[-1].id, _("对方答复附的照片"), url)
    return found


def _pictures(session: AnySession, origin: Origin, origin_id: str, alt: str, url: Url) -> list[Photo]:
    return [
        Photo(
            url("evidence:picture", evidence_id=item.id, kind="screen"),
            url("evidence:picture", evidence_id=item.id, kind="screen"),
            alt,
        )
        for item in evidence_queries.of_origin(session, origin, origin_id)
        if item.is_picture and item.is_ready
    ]


def _visit(session: AnySession, row: Visit, supports: Sequence[Option], url: Url) -> VisitShown:
    label, tone = labels.OUTCOMES[VisitOutcome(row.outcome)]
    who = _(
        "%(day)s，%(one)s、%(two)s", day=when.shown_date(row.visited_on), one=row.staff_one, two=row.staff_two
    )
    photos = _pictures(session, Origin.STAFF, row.id, _("核查时拍的照片"), url)
    support = next((one.label for one in supports if one.value == row.support_id), "")
    leaning = invitations.supporting_photos(session, row.support_id, url) if row.support_id else []
    return VisitShown(_(label), tone, who, row.words, photos, support, leaning)


def _revisits(session: AnySession, transfer: Transfer, today: date) -> list[RevisitShown]:
    names = {row.key: in_locale(row, "name") for row in reference_queries.all_season_pauses(session)}
    found = []
    for row in queries.revisits(session, transfer.id):
        moved = _("%(day)s 赶上“%(season)s”，推到季节过去", day=when.shown_date(row.planned_on),
                  season=names.get(row.pause_key, row.pause_key)) if row.pause_key else ""  # fmt: skip
        state, tone = (_("已回访"), "done") if row.done_at else (_("到期，该去看了"), "stop")
        if not row.done_at and row.due_on > today:
            state, tone = _("还没到"), "plain"
        label = _("办结后 %(n)s 天", n=row.days)
        found.append(RevisitShown(label, when.shown_date(row.due_on), moved, state, tone))
    return found


def _calls(session: AnySession, transfer: Transfer) -> list[CallShown]:
    rows = queries.calls(session, transfer.id)
    names = identity_queries.names_of(session, [row.called_by for row in rows])
    return [
        CallShown(
            row.called_at,
            _("%(name)s 打给 %(who)s", name=names.get(row.called_by, ""), who=row.spoke_with),
            row.words,
            _("%(day)s 再打", day=when.shown_date(row.again_on)) if row.again_on else "",
        )
        for row in rows
    ]


def _outcomes(actor: Actor, state: TransferState) -> list[Option]:
    """Return what a visit may find here, as far as this person may record it."""
    needs = {
        VisitOutcome.VERIFIED: TransferAction.VERIFY,
        VisitOutcome.FAILED: TransferAction.FAIL,
        VisitOutcome.RELAPSED: TransferAction.RELAPSE,
    }
    return [
        Option(outcome.value, _(labels.OUTCOMES[outcome][0]))
        for outcome in service.outcomes_at(state)
        if policy.may(actor, needs[outcome], state)
    ]


def _receivers(session: AnySession, actor: Actor, transfer: Transfer) -> list[Option]:
    if transfer.state not in _LOST or not actor.may(Verb.TRANSFER_DRAFT):
        return []
    units = [
        unit
        for unit in reference_queries.agencies(session, transfer.office_id)
        if unit.id != transfer.receiver_id and kinds.kind_of(OrgKind(unit.kind), unit.key)
    ]
    return [Option("", _("请选择")), *(Option(unit.id, unit.name) for unit in units)]
