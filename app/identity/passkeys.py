"""Passkeys 通行密钥 (W3C Web Authentication 3): a phone or a token that knows its holder lets them in without a password.

An extra, off unless YIXIAN_PASSKEYS is on. The holder's own check (finger, face, PIN) is always asked for, so that one
passkey is both steps of signing in. Nothing is kept of a try: its challenge travels in a stamp with the page. A
passkey answers only to a challenge younger than its last use, so that no answer opens twice.
"""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import delete, insert, or_, update
from sqlmodel import col

from app.identity import queries
from app.identity.models import Account, Passkey
from app.identity.queries import credentials
from app.platform import ids, journal
from app.platform.crypto import KeyRing
from app.platform.db import WriteSession
from app.platform.errors import Missing, Refused
from app.platform.i18n import N_
from app.platform.settings import Settings

BY: Final = "passkey"
MOST: Final = 10
NAME_MOST: Final = 40
_ANSWER_MOST: Final = 16_384
_HOLDS: Final = timedelta(minutes=15)
_CHALLENGE_BYTES: Final = 32
_ENTER, _ADD = "passkey enter", "passkey add"


class TooManyPasskeys(Refused):
    """More passkeys than anybody needs."""

    code = "too_many_passkeys"
    text = N_("最多 10 把通行密钥，请先删掉不用的。")


@dataclass(frozen=True, slots=True)
class Line:
    """One of somebody's passkeys as their account shows it."""

    id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Ask:
    """What the page gives the browser: the options as JSON, and the stamp that comes back with the answer."""

    options: str
    stamp: str


def are_offered(settings: Settings) -> bool:
    """Say whether this installation offers them: switched on, and at an address a browser allows them at."""
    return settings.passkeys and (settings.is_https or urlsplit(settings.base_url).hostname == "localhost")


def ask_to_enter(keys: KeyRing, settings: Settings, *, now: datetime) -> Ask | None:
    """Return what a browser needs to offer the passkeys of anybody; None where they are not offered."""
    if not are_offered(settings):
        return None
    challenge = secrets.token_bytes(_CHALLENGE_BYTES)
    options = _ceremonies().to_enter(_house(settings), challenge)
    return Ask(options, _stamp(keys, _ENTER, challenge, "", now))


def ask_to_add(
    keys: KeyRing, settings: Settings, account: Account, own: Sequence[Passkey], *, now: datetime
) -> Ask:
    """Return what a browser needs to make one more passkey for somebody."""
    challenge = secrets.token_bytes(_CHALLENGE_BYTES)
    options = _ceremonies().to_add(
        _house(settings), challenge,
        house_name=settings.office_name, account_id=account.id, login=account.login, name=account.name,
        known=[_plain(one.credential_id) for one in own],
    )  # fmt: skip
    return Ask(options, _stamp(keys, _ADD, challenge, account.id, now))


def lines(session: queries.AnySession, account_id: str) -> list[Line]:
    """Return somebody's passkeys for their account page."""
    return [
        Line(one.id, one.name, one.created_at, one.last_used_at)
        for one in credentials.passkeys_of(session, account_id)
    ]


def add(
    session: WriteSession,
    keys: KeyRing,
    settings: Settings,
    account: Account,
    *,
    stamp: str,
    answer: str,
    name: str,
    now: datetime,
) -> bool:
    """Keep a passkey somebody has just made; say whether its answer fits what was asked."""
    facts = keys.read_stamp(_ADD, stamp, now=now)
    if facts is None or facts.get("account") != account.id or len(answer) > _ANSWER_MOST:
        return False
    if len(credentials.passkeys_of(session, account.id)) >= MOST:
        raise TooManyPasskeys
    made = _ceremonies().added(_house(settings), settings.base_url, _plain(str(facts["challenge"])), answer)
    if made is None:
        return False
    credential_id = _text(made.credential_id)
    if credentials.passkey_by_credential(session, credential_id) is not None:
        return False
    passkey_id = ids.new()
    session.execute(
        insert(Passkey).values(
            id=passkey_id, account_id=account.id, credential_id=credential_id,
            public_key=_text(made.credential_public_key), sign_count=made.sign_count,
            name=name[:NAME_MOST], created_at=now, last_used_at=None,
        )
    )  # fmt: skip
    journal.record(
        session, journal.account(account.id), "passkey.added", "passkey", passkey_id,
        office_id=account.office_id, now=now,
    )  # fmt: skip
    return True


def recognise(
    session: WriteSession, keys: KeyRing, settings: Settings, *, stamp: str, answer: str, now: datetime
) -> Account | None:
    """Return whose passkey answered what was asked, and note its use; None, without saying why, for everything else."""
    facts = keys.read_stamp(_ENTER, stamp, now=now)
    found = _named(session, answer) if facts is not None and are_offered(settings) else None
    if facts is None or found is None:
        return None
    account = queries.account_by_id(session, found.account_id)
    counted = _ceremonies().entered(
        _house(settings), settings.base_url, _plain(str(facts["challenge"])), answer,
        public_key=_plain(found.public_key), count=found.sign_count,
    )  # fmt: skip
    is_right = counted is not None and account.is_active and _use(session, found, counted, facts, now=now)
    if not is_right:
        journal.record(
            session, journal.SYSTEM, "passkey.refused", "account", account.id, office_id=account.office_id, now=now
        )  # fmt: skip
        return None
    return account


def remove(session: WriteSession, account: Account, passkey_id: str, *, now: datetime) -> None:
    """Forget one of somebody's own passkeys; raises Missing for anybody else's."""
    gone = session.execute(
        delete(Passkey).where(col(Passkey.id) == passkey_id, col(Passkey.account_id) == account.id)
    )
    if not gone.rowcount:  # type: ignore[attr-defined]
        raise Missing
    journal.record(
        session, journal.account(account.id), "passkey.removed", "passkey", passkey_id,
        office_id=account.office_id, now=now,
    )  # fmt: skip


def remove_all(session: WriteSession, account_id: str) -> None:
    """Forget all of somebody's passkeys: their second step is taken away, or they leave."""
    session.execute(delete(Passkey).where(col(Passkey.account_id) == account_id))


def _named(session: WriteSession, answer: str) -> Passkey | None:
    """Return the passkey an answer names; held, so that two answers of it take turns."""
    if len(answer) > _ANSWER_MOST:
        return None
    try:
        told = json.loads(answer)
        credential_id = _text(_plain(str(told["rawId"])))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return credentials.passkey_by_credential(session, credential_id, holds=True)


def _use(
    session: WriteSession, found: Passkey, counted: int, facts: dict[str, Any], *, now: datetime
) -> bool:
    """Note a use, if the challenge is younger than the last one: an answer that was overheard opens nothing."""
    asked_at = datetime.fromtimestamp(float(facts["at"]), tz=now.tzinfo)
    used = session.execute(
        update(Passkey)
        .where(
            col(Passkey.id) == found.id,
            or_(col(Passkey.last_used_at).is_(None), col(Passkey.last_used_at) < asked_at),
        )
        .values(last_used_at=now, sign_count=counted)
    )
    return bool(used.rowcount)  # type: ignore[attr-defined]


def _stamp(keys: KeyRing, purpose: str, challenge: bytes, account_id: str, now: datetime) -> str:
    facts = {"challenge": _text(challenge), "account": account_id, "at": now.timestamp()}
    return keys.stamp(purpose, facts, expires_at=now + _HOLDS)


def _house(settings: Settings) -> str:
    return urlsplit(settings.base_url).hostname or ""


def _ceremonies() -> ModuleType:
    from app.identity import ceremonies  # noqa: PLC0415 - an extra: loaded where passkeys are offered

    return ceremonies


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def _plain(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
