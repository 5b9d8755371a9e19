"""The words of invitations as people at the desk and guests read them."""

from __future__ import annotations

from datetime import date
from typing import Final

from app.platform.i18n import N_, gettext
from app.platform.when import shown_date
from app.transfer.invitations import rules
from app.transfer.invitations.terms import InvitationKind, InvitationState

KINDS: Final = {
    InvitationKind.CONSULT: N_("专业咨询"),
    InvitationKind.OBSERVE: N_("再去现场看看"),
}
KIND_HINTS: Final = {
    InvitationKind.CONSULT: N_("看材料，用专业知识回答一个问题"),
    InvitationKind.OBSERVE: N_("到现场拍照，写一句话；照片记下拍摄的位置"),
}
_STATES: Final = {
    InvitationState.ASKED: (N_("等回答"), "time"),
    InvitationState.ANSWERED: (N_("已回答"), "done"),
    InvitationState.DECLINED: (N_("这次不方便"), "plain"),
    InvitationState.WITHDRAWN: (N_("已收回"), "plain"),
}


def kind(key: str) -> str:
    """Return what somebody is asked for."""
    return gettext(KINDS[InvitationKind(key)])


def until(due_on: date, today: date) -> str:
    """Return until when a guest may answer; near the end how many days are left."""
    day, left = shown_date(due_on), (due_on - today).days
    if left == 0:
        return gettext("到 %(day)s，今天是最后一天", day=day)
    if 0 < left <= rules.REMIND_DAYS:
        return gettext("到 %(day)s，还有 %(n)s 天", day=day, n=left)
    return gettext("到 %(day)s", day=day)


def state(key: str, due_on: date, today: date) -> tuple[str, str]:
    """Return where an invitation stands, with its tone; one nobody answered in time is over."""
    found = InvitationState(key)
    if found is InvitationState.ASKED and due_on < today:
        return gettext("过期没有回答"), "stop"
    label, tone = _STATES[found]
    return gettext(label), tone
