"""Decisions on invitations: what the guest reads, until when, what may still be said. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from app.identity.terms import CompartmentKind, Role
from app.platform.errors import Invalid, Refused
from app.platform.i18n import N_
from app.transfer import rules
from app.transfer.invitations.terms import GUESTS, InvitationKind, InvitationState
from app.transfer.terms import DraftContent

MOST_DAYS: Final = 180
# A guest who has not answered is reminded once, so many days before the end.
REMIND_DAYS: Final = 3
# What may be said from where; a guest may add to an answer, or answer after all, until the day has passed.
_OPEN: Final = frozenset({InvitationState.ASKED, InvitationState.ANSWERED, InvitationState.DECLINED})


class InvitationBarred(Refused):
    """Nobody from outside is asked about such a clue (domain.md 1.12; 军事设施保护法 17)."""

    code = "invitation_barred"
    text = N_("这条线索不能请外面的人看：还没有登记、已经清除，或者属于不对外的范围。")


class InvitationOver(Refused):
    """It was withdrawn, or refused already."""

    code = "invitation_over"
    text = N_("这份邀请已经结束，不能再做这一步。")


class InvitationDay(Invalid):
    """The day lies in the past or far away."""

    code = "invitation_day"
    text = N_("请选今天以后、半年以内的一天。")


class PhotoNeeded(Invalid):
    """Who looks again on the ground sends a photo of what they saw."""

    code = "photo_needed"
    text = N_("请至少拍一张现场的照片。")


def guest_role(
    kind: CompartmentKind, *, is_facility: bool, is_registered: bool, is_erased: bool
) -> Role | None:
    """Return who may be asked about a clue; None where nobody may."""
    if is_facility or is_erased or not is_registered:
        return None
    return GUESTS.get(kind)


def check_day(due_on: date, today: date) -> None:
    """Raise InvitationDay unless a guest has time and the end is in sight."""
    if not today <= due_on <= today + timedelta(days=MOST_DAYS):
        raise InvitationDay


def is_visible_on(state: InvitationState, due_on: date, today: date) -> bool:
    """Say whether the guest still sees anything of it."""
    return state is not InvitationState.WITHDRAWN and today <= due_on


def is_to_remind(due_on: date, sent_on: date, today: date) -> bool:
    """Say whether a guest who has not answered is reminded today; not on the very day they were asked."""
    return sent_on < today <= due_on <= today + timedelta(days=REMIND_DAYS)


def must_be_open(state: InvitationState) -> None:
    """Raise InvitationOver unless something may still be said or taken back."""
    if state not in _OPEN:
        raise InvitationOver(state=state.value)


def disclosed(
    content: DraftContent,
    *,
    kind: InvitationKind,
    office: str,
    category: str,
    point: tuple[float, float] | None,
    pictures: int,
    due_on: date,
) -> dict[str, Any]:
    """Return exactly what the guest reads, as it is kept when it leaves (domain.md 1.7)."""
    shown = point if content.shows_position else None
    return {
        "kind": kind.value,
        "office": office,
        "category": category,
        "subject": content.subject,
        "summary": content.summary,
        "question": content.requests,
        "place": content.place_shown,
        "position": None if shown is None else rules.rounded_to(*shown, content.position_square_m),
        "answers": [{"label": answer.label, "shown": answer.shown} for answer in content.shown_answers],
        "pictures": pictures,
        "contact_name": content.contact_name,
        "contact_phone": content.contact_phone,
        "due_on": due_on.isoformat(),
    }  # fmt: skip
