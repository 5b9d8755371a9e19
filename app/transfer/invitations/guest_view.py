"""What a guest sees: the list of what they are asked now, and one invitation as it was disclosed; never the clue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from app.evidence import queries as evidence_queries
from app.evidence.terms import Origin
from app.identity.actor import Actor
from app.platform import clock, when
from app.platform.db import ReadSession, WriteSession
from app.platform.i18n import gettext as _
from app.platform.settings import Settings
from app.platform.web.landing import LandedForm
from app.transfer import rules
from app.transfer.invitations import labels, queries
from app.transfer.invitations.desk_view import disclosed_rows
from app.transfer.invitations.models import Invitation, InvitationAnswer
from app.transfer.invitations.shown import AnswerOfGuest, GuestPage, GuestRow
from app.transfer.invitations.terms import InvitationKind
from app.transfer.shown import Photo

AnySession = ReadSession | WriteSession
Url = Callable[..., str]


def rows(session: AnySession, actor: Actor, *, url: Url, now: datetime) -> list[GuestRow]:
    """Return what this guest is asked now."""
    today = clock.office_date(now)
    return [
        GuestRow(
            url("partner:invitation", invitation_id=one.id), one.disclosed["subject"], labels.kind(one.kind),
            labels.until(one.due_on, today), *labels.state(one.state, one.due_on, today),
        )
        for one in queries.of_guest(session, actor, today=today)
    ]  # fmt: skip


def page_of(
    session: AnySession,
    invitation: Invitation,
    *,
    url: Url,
    settings: Settings,
    now: datetime,
    typed: LandedForm | None = None,
    errors: Sequence[Any] = (),
    stale: str = "",
) -> GuestPage:
    """Return one invitation for its guest."""
    shown = invitation.disclosed
    label, tone = labels.state(invitation.state, invitation.due_on, clock.office_date(now))
    return GuestPage(
        subject=shown["subject"], kind=labels.kind(invitation.kind), office=shown["office"], state=label, tone=tone,
        until=when.shown_date(invitation.due_on), question=shown["question"],
        rows=[row for row in disclosed_rows(invitation) if row.value != shown["question"]],
        photos=[
            Photo(href, href, _("图片 %(n)s", n=number))
            for number, item in enumerate(queries.pictures(session, invitation.id), 1)
            for href in [url("partner:invitation_picture", invitation_id=invitation.id, picture_id=item.id)]
        ],
        said=[_said(session, row) for row in queries.answers(session, invitation.id)],
        is_observation=invitation.kind == InvitationKind.OBSERVE.value,
        answer_href=url("partner:answer_invitation", invitation_id=invitation.id),
        refuse_href=url("partner:refuse_invitation", invitation_id=invitation.id),
        words_limit=rules.REPLY_LIMIT, file_limit=settings.photo_limit,
        file_mb=settings.photo_max_bytes // (1024 * 1024),
        values={name: typed.get(name) for name in typed.fields} if typed else {}, errors=errors, stale=stale,
    )  # fmt: skip


def _said(session: AnySession, row: InvitationAnswer) -> AnswerOfGuest:
    count = len(evidence_queries.of_origin(session, Origin.INVITATION, row.id))
    at = _("附 %(n)s 张照片，已收到", n=count) if count else ""
    return AnswerOfGuest(row.answered_at, row.body, row.is_refusal, at, ())
