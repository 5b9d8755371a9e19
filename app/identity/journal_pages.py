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
from app.identity.queries import person
from app.platform import heads, journal, journal_reading
from app.platform.i18n import N_, gettext
from app.platform.web.given import Now, ReadSession, Shared
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
    "backup.made": N_("做了一次备份"),
    "compartment.entered": N_("进入线索范围"),
    "compartment.left": N_("退出线索范围"),
    "installation.moved": N_("搬到了另一个数据库"),
    "installation.restored": N_("从备份恢复了整个系统"),
    "keys.copy_proven": N_("核对了密钥副本"),
    "keys.rotated": N_("更换密钥"),
    "contacts.sealed": N_("把单位联系人加密保存"),
    "office.added": N_("建立检察院"),
    "passkey.added": N_("建立通行密钥"),
    "passkey.refused": N_("通行密钥不对"),
    "passkey.removed": N_("删除通行密钥"),
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
    "sign_on.bound": N_("绑定统一登录"),
    "sign_in.refused": N_("登录失败"),
}
# So many rows fit on one print; who needs more asks for a shorter time.
_ON_PAPER: Final = 500
_DOERS: Final = {"reporter": N_("反映人"), "system": N_("系统"), "link": N_("一次性链接")}
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
class ExtractPage:
    """What a filter finds, on paper, with the end of the chain at that moment."""

    entries: Sequence[Entry]
    said: Sequence[tuple[str, str]]
    made_at: datetime
    made_by: str
    is_cut: bool
    most: int
    sealed: int
    end: str


@dataclass(frozen=True)
class ChainPage:
    """What a walk over the chain and over its signed heads found."""

    sealed: int
    broken_at: int | None
    why: str
    unsealed: int
    heads: int
    head_faults: int


@router.get("/journal", name="identity:journal")
def read_journal(request: Request, actor: Reader, session: ReadSession) -> Response:
    """Show the journal of one's office by verb, person, thing and day."""
    asked = forms.journal_filter(request.query_params)
    found = _found(session, actor, asked, limit=journal_reading.PAGE)
    shown = found[: journal_reading.PAGE]
    words = _words(request)
    context = JournalPage(
        entries=_entries(session, shown, words),
        verbs=[(verb, gettext(words.get(verb, verb))) for verb in journal_reading.verbs(session)],
        asked=asked,
        next_before=shown[-1].id if len(found) > journal_reading.PAGE else "",
    )
    return page(request, "identity/journal.html", context)


@router.get("/journal/extract", name="identity:journal_extract")
def print_extract(request: Request, actor: Reader, session: ReadSession, now: Now) -> Response:
    """Print what a filter finds, with the end of the chain, so that the paper can be held against the journal later."""
    asked = forms.journal_filter(request.query_params)
    found = _found(session, actor, asked, limit=_ON_PAPER)
    words, seq = _words(request), heads.end_of_chain(session)
    said = [
        (gettext("事项"), gettext(words.get(asked.verb, asked.verb))),
        (gettext("谁"), asked.who),
        (gettext("对象编号"), asked.about),
        (gettext("从哪天"), str(asked.since or "")),
        (gettext("到哪天"), str(asked.until or "")),
    ]
    context = ExtractPage(
        entries=_entries(session, found[:_ON_PAPER], words),
        said=[(label, text) for label, text in said if text],
        made_at=now,
        made_by=actor.name,
        is_cut=len(found) > _ON_PAPER,
        most=_ON_PAPER,
        sealed=seq,
        end=journal_reading.digest_at(session, seq),
    )
    return page(request, "identity/journal_extract.html", context)


@router.get("/journal/chain", name="identity:journal_chain")
def check_chain(request: Request, _actor: Reader, session: ReadSession, house: Shared) -> Response:
    """Walk the whole chain and every signed head, and say whether every row is as it was written."""
    found = journal.verify(session)
    holding, faults = heads.verify(session, house.keys, house.settings.heads_dir)
    why = gettext(_BREAKS.get(found.why, found.why))
    context = ChainPage(found.sealed, found.broken_at, why, found.unsealed, holding, len(faults))
    return page(request, "identity/chain.html", context)


def _words(request: Request) -> dict[str, str]:
    return WORDS | getattr(request.app.state, "journal_words", {})


def _found(session: Any, actor: Actor, asked: forms.JournalFilter, *, limit: int) -> Sequence[Any]:
    return journal_reading.page_of(
        session, actor.office_id, verb=asked.verb, by=_by(session, actor, asked.who), about=asked.about,
        since=asked.since, until=asked.until, before=asked.before, limit=limit,
    )  # fmt: skip


def _by(session: Any, actor: Actor, who: str) -> journal_reading.Doers | None:
    """Return whom a typed name means: people of the office by name or login, or those who have no account."""
    if not who:
        return None
    kinds = [kind for kind, text in _DOERS.items() if who in {kind, text, gettext(text)}]
    return journal_reading.Doers(person.ids_named(session, actor.office_id, who), kinds)


def _entries(session: Any, rows: Sequence[Any], words: Mapping[str, str]) -> list[Entry]:
    who = [row.actor_id for row in rows if row.actor_kind == "account" and row.actor_id]
    names = queries.names_of(session, who)
    return [_entry(row, names, words) for row in rows]


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
