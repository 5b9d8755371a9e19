"""The auditor's screens: the journal with filters, and the check of its chain. Ids and facts, never a note."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response

from app.identity import forms, queries
from app.identity.actor import Actor
from app.identity.guards import Requires
from app.identity.permissions import Verb
from app.platform import journal, journal_reading
from app.platform.i18n import N_, gettext
from app.platform.web.given import ReadSession
from app.platform.web.render import page

router = APIRouter()
Reader = Annotated[Actor, Depends(Requires(Verb.JOURNAL_READ))]
# What identity writes; the words of later rooms are handed in by the wiring (`app.state.journal_words`).
WORDS: Final = {
    "account.added": N_("添加账号"),
    "account.changed": N_("修改账号"),
    "account.deactivated": N_("停用账号"),
    "account.password_changed": N_("本人改密码"),
    "account.password_reset": N_("重置密码"),
    "account.reactivated": N_("恢复账号"),
    "compartment.entered": N_("进入线索范围"),
    "compartment.left": N_("退出线索范围"),
    "keys.rotated": N_("更换密钥"),
    "office.added": N_("建立检察院"),
    "recovery_code.used": N_("用备用码登录"),
    "recovery_codes.printed": N_("打印备用码"),
    "role.granted": N_("授予身份"),
    "role.withdrawn": N_("收回身份"),
    "second_step.refused": N_("手机验证码不对"),
    "second_step.reset": N_("清除手机验证码"),
    "second_step.set": N_("设置手机验证码"),
    "session.ended": N_("退出登录"),
    "session.proved": N_("再次确认本人"),
    "session.started": N_("登录"),
    "sign_in.refused": N_("登录失败"),
}
_DOERS: Final = {"reporter": N_("举报人"), "system": N_("系统"), "link": N_("一次性链接")}
_BREAKS: Final = {
    "a seal is missing": N_("缺了一节"),
    "the journal row is missing": N_("日志行不见了"),
    "it does not follow the seal before it": N_("和前一节接不上"),
    "the row was altered": N_("日志行被改过"),
    "the row was moved": N_("日志行被挪了位置"),
    "a row stands without a seal": N_("有一行日志没有封进链里"),
}


@dataclass(frozen=True)
class Entry:
    """One journal row as an auditor reads it."""

    id: str
    at: datetime
    verb: str
    words: str
    who: str
    subject_kind: str
    subject_id: str
    clue_id: str
    facts: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class JournalPage:
    """A page of the journal, newest first."""

    entries: Sequence[Entry]
    verbs: Sequence[tuple[str, str]]
    asked: forms.JournalFilter
    next_before: str


@dataclass(frozen=True)
class ChainPage:
    """What a walk over the chain found."""

    sealed: int
    broken_at: int | None
    why: str
    unsealed: int


@router.get("/journal", name="identity:journal")
def read_journal(request: Request, actor: Reader, session: ReadSession) -> Response:
    """Show the journal of one's office by verb and day."""
    asked = forms.journal_filter(request.query_params)
    found = journal_reading.page_of(
        session, actor.office_id, verb=asked.verb, since=asked.since, until=asked.until, before=asked.before
    )
    shown = found[: journal_reading.PAGE]
    names = queries.names_of(
        session, [row.actor_id for row in shown if row.actor_kind == "account" and row.actor_id]
    )
    words = WORDS | getattr(request.app.state, "journal_words", {})
    context = JournalPage(
        entries=[_entry(row, names, words) for row in shown],
        verbs=[(verb, gettext(words.get(verb, verb))) for verb in journal_reading.verbs(session)],
        asked=asked,
        next_before=shown[-1].id if len(found) > journal_reading.PAGE else "",
    )
    return page(request, "identity/journal.html", context)


@router.get("/journal/chain", name="identity:journal_chain")
def check_chain(request: Request, _actor: Reader, session: ReadSession) -> Response:
    """Walk the whole chain and say whether every row is as it was written."""
    found = journal.verify(session)
    why = gettext(_BREAKS.get(found.why, found.why))
    context = ChainPage(found.sealed, found.broken_at, why, found.unsealed)
    return page(request, "identity/chain.html", context)


def _entry(row: Any, names: Mapping[str, str], words: Mapping[str, str]) -> Entry:
    doer, verb = _DOERS.get(row.actor_kind, row.actor_kind), words.get(row.verb, row.verb)
    return Entry(
        id=row.id,
        at=row.recorded_at,
        verb=row.verb,
        words=gettext(verb),
        who=names.get(row.actor_id, row.actor_id) if row.actor_kind == "account" else gettext(doer),
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        clue_id=row.clue_id or "",
        facts=[(key, str(value)) for key, value in sorted(row.facts.items())],
    )
