"""Hooks are opened and ended by the security administrator; what is to be told is noted here. Nothing here commits.

What is noted is a difference between what an organisation could read and what it was last told, not a message somebody
has to remember to write: a crash at any point leaves the difference standing, and the next look finds it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, insert, update

from app.identity.actor import Actor
from app.identity.models import Account
from app.identity.permissions import Verb, granted
from app.identity.queries import roles_of
from app.identity.terms import Role
from app.platform import ids, journal
from app.platform.crypto import KeyRing
from app.platform.db import WriteSession
from app.platform.errors import Conflict, Refused
from app.platform.i18n import N_
from app.transfer.hooks import queries, rules
from app.transfer.hooks.models import Hook, HookAttempt, HookEvent, HookTold
from app.transfer.hooks.queries import E, H, Told
from app.transfer.hooks.terms import DELIVER, OVERLAP, Attempt, Kind, Outcome

_TABLE, _NEW, _OLD = "hook", "secret", "old_secret"


class NoHook(Refused):
    """Hooks are for contacts of agencies, as tokens are."""

    code = "no_hook"
    text = N_("变动通知只发给协作单位的系统，跟着联络员的账号走，账号要在用。")


class HookTaken(Conflict):
    """An organisation has one hook; it is bound to another contact already."""

    code = "hook_taken"
    text = N_("这个单位已经在另一位联络员名下设了变动通知，请先在那里停用。")


class HookOver(Conflict):
    """There is no hook, or it was ended meanwhile."""

    code = "hook_over"
    text = N_("这里没有设变动通知，或者已经停用。")


def set_up(
    session: WriteSession,
    keys: KeyRing,
    actor: Actor,
    account: Account,
    *,
    url: str,
    kinds: Sequence[Kind],
    now: datetime,
) -> str:
    """Open a contact's hook, or change where it goes and what it hears; return a new secret, empty when it stays."""
    roles = roles_of(session, account.id, now=now)
    is_contact = Role.AGENCY_CONTACT in roles and Verb.CLUE_READ not in granted(roles)
    if not is_contact or not account.is_active or account.office_id != actor.office_id:
        raise NoHook
    found = queries.of_organisation(session, account.org_unit_id)
    if found is not None and found.account_id != account.id:
        raise HookTaken
    values = {"url": url, "kinds": sorted(kind.value for kind in kinds)}
    if found is not None:
        added = set(kinds) - {Kind(one) for one in found.kinds}
        session.execute(update(Hook).where(H.id == found.id).values(**values, failures=0, rests_until=None))
        session.refresh(found)
        _begin(session, found, added)
        _record(session, actor, "changed", account, found.id, now)
        return ""
    hook_id, secret = ids.new(), rules.new_secret()
    session.execute(
        insert(Hook).values(
            id=hook_id, office_id=account.office_id, org_unit_id=account.org_unit_id, account_id=account.id,
            sealed_secret=keys.seal_field(secret, table=_TABLE, row=hook_id, field=_NEW), failures=0,
            opened_by=actor.account_id, opened_at=now, **values,
        )
    )  # fmt: skip
    _begin(session, of_account(session, account.id), kinds)
    _record(session, actor, "opened", account, hook_id, now)
    return secret


def of_account(session: WriteSession, account_id: str) -> Hook:
    """Return the hook of a contact; raises HookOver."""
    found = queries.of_account(session, account_id)
    if found is None:
        raise HookOver
    return found


def _begin(session: WriteSession, hook: Hook, kinds: Collection[Kind]) -> None:
    """Take what there is as told: a hook hears what changes from now on, not the whole past."""
    if not kinds:
        return
    session.execute(
        delete(HookTold).where(Told.hook_id == hook.id, Told.kind.in_([kind.value for kind in kinds]))
    )
    while rows := queries.changes(session, hook, kinds):
        _tell(session, hook.id, rows)


def _tell(session: WriteSession, hook_id: str, rows: Sequence[tuple[Kind, str, str]]) -> None:
    for kind, subject_id, status in rows:
        is_same = (Told.hook_id == hook_id) & (Told.kind == kind.value) & (Told.subject_id == subject_id)
        changed = session.execute(update(HookTold).where(is_same).values(status=status))
        if changed.rowcount == 0:  # type: ignore[attr-defined]
            session.execute(
                insert(HookTold).values(
                    hook_id=hook_id, kind=kind.value, subject_id=subject_id, status=status
                )
            )


def renew(session: WriteSession, keys: KeyRing, actor: Actor, account: Account, *, now: datetime) -> str:
    """Make another secret; for a day both sign. Return the new one."""
    hook, secret = of_account(session, account.id), rules.new_secret()
    old = keys.open_field(hook.sealed_secret, table=_TABLE, row=hook.id, field=_NEW)
    session.execute(
        update(Hook).where(H.id == hook.id).values(
            sealed_secret=keys.seal_field(secret, table=_TABLE, row=hook.id, field=_NEW),
            sealed_old_secret=keys.seal_field(old, table=_TABLE, row=hook.id, field=_OLD), old_until=now + OVERLAP,
        )
    )  # fmt: skip
    _record(session, actor, "renewed", account, hook.id, now)
    return secret


def end(session: WriteSession, actor: Actor, account: Account, *, now: datetime) -> None:
    """End a hook at once; what waited is told to nobody."""
    hook = of_account(session, account.id)
    session.execute(update(Hook).where(H.id == hook.id).values(ended_at=now))
    _record(session, actor, "ended", account, hook.id, now)


def try_out(session: WriteSession, actor: Actor, account: Account, *, now: datetime) -> None:
    """Send one message that is about nothing, so that both sides see whether the way is open."""
    hook = of_account(session, account.id)
    session.execute(update(Hook).where(H.id == hook.id).values(rests_until=None))
    _note(session, hook.id, Kind.TEST, hook.id, now)
    ask(session, hook.id, now=now)
    _record(session, actor, "tried", account, hook.id, now)


def send_again(
    session: WriteSession, actor: Actor, account: Account, event_id: str, *, now: datetime
) -> None:
    """Let an event that was given up, or waits, be tried again now; under the same id, so that it counts once."""
    hook = of_account(session, account.id)
    found = queries.event(session, hook.id, event_id)
    changed = session.execute(
        update(HookEvent)
        .where(E.id == found.id, E.delivered_at.is_(None))
        .values(attempts=0, parked_at=None, next_at=now)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise HookOver
    session.execute(update(Hook).where(H.id == hook.id).values(rests_until=None))
    ask(session, hook.id, now=now)
    _record(session, actor, "sent_again", account, hook.id, now, event=found.id)


def note_changes(session: WriteSession, hook_id: str, *, now: datetime) -> int:
    """Note everything that reads otherwise now than it was told; return how many events that made."""
    hook = queries.find(session, hook_id, for_update=True)
    if hook is None:
        return 0
    rows = queries.changes(session, hook, queries.may_hear(session, hook, now=now))
    fresh = [row for row in rows if not queries.untouched(session, hook_id, row[0], row[1])]
    for kind, subject_id, _status in fresh:
        _note(session, hook_id, kind, subject_id, now)
    _tell(session, hook_id, rows)
    return len(fresh)


def _note(session: WriteSession, hook_id: str, kind: Kind, subject_id: str, now: datetime) -> None:
    session.execute(
        insert(HookEvent).values(
            id=ids.new(), hook_id=hook_id, kind=kind.value, subject_id=subject_id, made_at=now, attempts=0,
            next_at=now,
        )
    )  # fmt: skip


def ask(session: WriteSession, hook_id: str, *, now: datetime) -> None:
    """Ask for a job that tells what is due, unless one waits."""
    if not queries.is_asked_for(session, hook_id):
        journal.enqueue(
            session, DELIVER, once_key=f"{hook_id}:{ids.new()}", payload={"hook": hook_id}, now=now
        )


def secrets_of(keys: KeyRing, hook: Hook, *, now: datetime) -> tuple[str, ...]:
    """Return the secrets that sign now."""
    found = (keys.open_field(hook.sealed_secret, table=_TABLE, row=hook.id, field=_NEW),)
    if hook.sealed_old_secret is None or hook.old_until is None or hook.old_until <= now:
        return found
    return (*found, keys.open_field(hook.sealed_old_secret, table=_TABLE, row=hook.id, field=_OLD))


def note_attempt(session: WriteSession, event: HookEvent, attempt: Attempt, *, now: datetime) -> None:
    """Write one attempt into the ledger, and say when the next one may be."""
    attempts = event.attempts + 1
    session.execute(
        insert(HookAttempt).values(
            id=ids.new(), event_id=event.id, outcome=attempt.outcome.value, status=attempt.status,
            took_ms=attempt.took_ms, attempted_at=now,
        )
    )  # fmt: skip
    is_over = attempt.outcome is Outcome.SILENCED or rules.is_given_up(attempts)
    values = (
        {"delivered_at": now}
        if attempt.outcome is Outcome.TAKEN
        else {"parked_at": now if is_over else None, "next_at": now + rules.pause(attempts)}
    )
    session.execute(update(HookEvent).where(E.id == event.id).values(attempts=attempts, **values))
    hook = queries.find(session, event.hook_id)
    if hook is None:
        return
    if rules.is_silent(attempt):
        failures = hook.failures + 1
        rest = {"failures": failures, "rests_until": now + rules.pause(failures)}
        session.execute(update(Hook).where(H.id == hook.id).values(**rest))
    elif hook.failures and attempt.outcome is Outcome.TAKEN:
        session.execute(update(Hook).where(H.id == hook.id).values(failures=0, rests_until=None))


def _record(
    session: WriteSession,
    actor: Actor,
    word: str,
    account: Account,
    hook_id: str,
    now: datetime,
    **facts: str,
) -> None:
    journal.record(
        session, actor.doer, f"hook.{word}", "account", account.id,
        now=now, office_id=account.office_id, facts={"hook": hook_id, **facts},
    )  # fmt: skip
