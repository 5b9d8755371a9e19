"""What the office sees: the form that asks, one invitation with its answers, the lines on the clue's page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from app.clues import queries as clue_queries
from app.clues.models import Clue
from app.evidence import queries as evidence_queries
from app.evidence.terms import Origin
from app.geo.distances import distance_m
from app.geo.terms import Wgs84Point
from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.identity.terms import Role
from app.platform import clock, when
from app.platform.db import ReadSession, WriteSession
from app.platform.i18n import gettext as _
from app.platform.web.landing import LandedForm
from app.reference import queries as reference_queries
from app.transfer import draft_view, rules, view_parts
from app.transfer.invitations import labels, queries, service
from app.transfer.invitations.models import Invitation, InvitationAnswer
from app.transfer.invitations.rules import InvitationBarred
from app.transfer.invitations.shown import AnswerOfGuest, AskPage, InvitationLine, InvitationPage
from app.transfer.invitations.terms import InvitationState
from app.transfer.shown import Option, Photo, Row
from app.transfer.terms import DraftContent

AnySession = ReadSession | WriteSession
Url = Callable[..., str]
_NEEDS = {"kind", "guests", "due_on", "checks"}


def start(
    session: AnySession, actor: Actor, clue: Clue, *, contact_phone: str, now: datetime
) -> DraftContent:
    """Return the words a person starts from: the least, so that everything more is a choice."""
    begun = draft_view.start(session, actor, clue, contact_phone=contact_phone, now=now)
    category = reference_queries.category(session, clue.category_key, clock.office_date(now)).name
    return replace(
        begun, subject=_("请您看看“%(category)s”的问题", category=category)[: rules.SUBJECT_LIMIT], requests="",
        summary="", shown_answers=(), evidence_ids=(),
    )  # fmt: skip


def ask_page(
    session: AnySession,
    clue: Clue,
    content: DraftContent,
    *,
    url: Url,
    now: datetime,
    typed: LandedForm | None = None,
    errors: Sequence[Any] = (),
    stale: str = "",
) -> AskPage:
    """Return the form that asks guests about a clue; raises InvitationBarred where nobody may be asked."""
    role = service.role_asked(session, clue)
    if role is None:
        raise InvitationBarred
    return AskPage(
        draft=draft_view.page_of(
            session, draft_view.Around(clue), content, url=url, now=now, typed=typed,
            errors=[error for error in errors if error.field not in _NEEDS],
        ),
        kinds=[Option(key.value, _(label), _(labels.KIND_HINTS[key])) for key, label in labels.KINDS.items()],
        guests=[
            Option(guest.account_id, guest.name, " · ".join(filter(None, (guest.expertise, guest.unit))))
            for guest in service.guests_of(session, clue)
        ],
        chosen_guests=tuple(typed.all("guests")) if typed else (),
        checks=view_parts.tick_list(session, service.needed_checks(session, clue)),
        checked=tuple(typed.all("checks")) if typed else (),
        is_liaison=role is Role.LIAISON,
        today=clock.office_date(now).isoformat(),
        values={name: typed.get(name) if typed else "" for name in ("kind", "due_on")},
        errors=errors,
        stale=stale,
    )  # fmt: skip


def page_of(
    session: AnySession, actor: Actor, invitation: Invitation, *, url: Url, now: datetime
) -> InvitationPage:
    """Return one invitation for the office: what was shown, what was said."""
    clue = clue_queries.get(session, actor, invitation.clue_id)
    today = clock.office_date(now)
    label, tone = labels.state(invitation.state, invitation.due_on, today)
    names = identity_queries.names_of(session, [invitation.account_id, invitation.sent_by])
    is_open = invitation.state != InvitationState.WITHDRAWN.value
    return InvitationPage(
        id=invitation.id, clue_id=clue.id, clue_title=clue.title, clue_number=clue.number or "",
        title=labels.kind(invitation.kind), guest=names.get(invitation.account_id, "—"), state=label, tone=tone,
        until=when.shown_date(invitation.due_on),
        sent=_("%(name)s，%(day)s", name=names.get(invitation.sent_by, "—"),
               day=when.shown_date(clock.office_date(invitation.sent_at))),
        rows=disclosed_rows(invitation),
        photos=_shown_pictures(session, invitation, url),
        answers=[_answer(session, clue, row, url) for row in queries.answers(session, invitation.id)],
        version=invitation.version,
        may_withdraw=is_open and today <= invitation.due_on and actor.may(Verb.INVITATION_SEND),
    )  # fmt: skip


def disclosed_rows(invitation: Invitation) -> list[Row]:
    """Return what the guest reads, field by field."""
    shown = invitation.disclosed
    at = shown["position"]
    found = [
        Row(_("类别"), shown["category"]),
        Row(_("地点"), shown["place"]),
        Row(
            _("大致位置"),
            "" if not at else f"{at['lat']:.4f}, {at['lon']:.4f} (WGS-84, ±{at['square_m'] / 2:.0f} m)",
        ),
        Row(_("情况"), shown["summary"]),
        *(Row(answer["label"], answer["shown"]) for answer in shown["answers"]),
        Row(_("想请您做的"), shown["question"]),
        Row(_("联系人"), " ".join(part for part in (shown["contact_name"], shown["contact_phone"]) if part)),
    ]
    return [row for row in found if row.value]


def _shown_pictures(session: AnySession, invitation: Invitation, url: Url) -> list[Photo]:
    found = []
    for number, item in enumerate(queries.pictures(session, invitation.id), 1):
        href = url("transfer:invitation_picture", invitation_id=invitation.id, picture_id=item.id)
        found.append(Photo(href, href, _("给对方看的图片 %(n)s", n=number)))
    return found


def _answer(session: AnySession, clue: Clue, row: InvitationAnswer, url: Url) -> AnswerOfGuest:
    photos = [
        Photo(
            url("evidence:picture", evidence_id=item.id, kind="thumb") if item.is_ready else None,
            url("desk:photo", clue_id=clue.id, evidence_id=item.id),
            _("志愿者或联络员拍的照片"),
            is_held=True,
        )
        for item in evidence_queries.of_origin(session, Origin.INVITATION, row.id)
        if item.is_picture
    ]
    return AnswerOfGuest(row.answered_at, row.body, row.is_refusal, stamped(clue, row), photos)


def stamped(clue: Clue, row: InvitationAnswer) -> str:
    """Return where the guest's phone was, as far as anybody knows, and how far that is from the clue's place."""
    if row.is_refusal:
        return ""
    if row.phone_lat is None or row.phone_lon is None:
        return _("没有记下位置")
    error = round(row.phone_accuracy_m or 0)
    said = _("手机定位，误差约 %(n)s 米", n=error) if error else _("手机定位")
    if clue.lat is None or clue.lon is None:
        return said
    metres = distance_m(Wgs84Point(row.phone_lat, row.phone_lon), Wgs84Point(clue.lat, clue.lon))
    return _("%(said)s，离线索位置约 %(metres)s 米", said=said, metres=round(metres))


def lines(session: AnySession, actor: Actor, clue_id: str, *, url: Url, today: date) -> list[InvitationLine]:
    """Return a clue's invitations for the clue's page: who was asked for what, how it stands."""
    found = queries.of_clue(session, actor, clue_id)
    names = identity_queries.names_of(session, [one.account_id for one in found]) if found else {}
    return [
        InvitationLine(
            url("transfer:invitation", invitation_id=one.id), names.get(one.account_id, "—"),
            labels.kind(one.kind), *labels.state(one.state, one.due_on, today),
            _("到 %(day)s", day=when.shown_date(one.due_on)),
        )
        for one in found
    ]  # fmt: skip


def ask_link(session: AnySession, actor: Actor, clue: Clue, url: Url) -> dict[str, str]:
    """Return where somebody asks guests about this clue, and in which words; nothing where nobody may."""
    role = service.role_asked(session, clue) if actor.may(Verb.INVITATION_SEND) else None
    label = (
        _("请联络员咨询，或者再去现场看看") if role is Role.LIAISON else _("请志愿者咨询，或者再去现场看看")
    )
    href = url("transfer:invite", clue_id=clue.id) if role else ""
    return {"invite_href": href, "invite_label": label if role else ""}


def supports(session: AnySession, actor: Actor, clue_id: str) -> list[Option]:
    """Return the answers of guests a visit can lean on, as choices: who, when, how far from the clue's place."""
    found = queries.supports(session, actor, clue_id)
    if not found:
        return []
    clue = clue_queries.get(session, actor, clue_id)
    names = identity_queries.names_of(session, [invitation.account_id for _said, invitation in found])
    return [
        Option(
            said.id,
            _("%(name)s，%(day)s，%(at)s", name=names.get(invitation.account_id, "—"),
              day=when.shown_date(clock.office_date(said.answered_at)), at=stamped(clue, said)),
        )
        for said, invitation in found
    ]  # fmt: skip


def supporting_photos(session: AnySession, answer_id: str, url: Url) -> list[Photo]:
    """Return the photos of a guest's answer that a visit leans on."""
    return [
        Photo(
            url("evidence:picture", evidence_id=item.id, kind="screen"),
            url("evidence:picture", evidence_id=item.id, kind="screen"),
            _("志愿者或联络员拍的照片"),
        )
        for item in evidence_queries.of_origin(session, Origin.INVITATION, answer_id)
        if item.is_picture and item.is_ready
    ]
