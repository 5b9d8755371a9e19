"""What is done with agreements; every change is journalled, nothing here commits."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, update

from app.evidence import service as evidence_service
from app.identity.actor import Actor
from app.platform import clock, ids, journal
from app.platform.crypto import KeyRing
from app.platform.db import WriteSession
from app.platform.digest import canonical_json, sha256_hex
from app.platform.errors import Conflict
from app.platform.i18n import N_
from app.transfer.agreements import rules
from app.transfer.agreements.queries import A, P
from app.transfer.agreements.rekeying import CONTACTS
from app.transfer.agreements.terms import Content, Document
from app.transfer.models import Agreement, AgreementParty


class StaleAgreement(Conflict):
    """Somebody changed the agreement after the page was opened."""

    code = "stale_agreement"
    text = N_("您打开页面之后，别人改过这份协作机制。请看最新情况再改。")


def add(
    session: WriteSession,
    keys: KeyRing,
    actor: Actor,
    content: Content,
    document: Document | None,
    *,
    now: datetime,
) -> str:
    """Enter an agreement; return its id."""
    agreement_id = ids.new()
    session.execute(
        insert(Agreement).values(
            id=agreement_id, office_id=actor.office_id, version=1, added_at=now, **_columns(content),
            **CONTACTS.values(keys, agreement_id, {"contacts": content.contacts}), **_paper(session, document, now),
        )
    )  # fmt: skip
    _set_parties(session, agreement_id, content)
    facts = _facts(keys, agreement_id, content, document) | {"version": 1}
    _record(session, actor, "added", agreement_id, now, facts)
    return agreement_id


def change(
    session: WriteSession,
    keys: KeyRing,
    actor: Actor,
    agreement: Agreement,
    content: Content,
    document: Document | None,
    *,
    version: int,
    now: datetime,
) -> None:
    """Change an agreement as a whole; a paper that is not sent again stays. Raises StaleAgreement."""
    sealed = CONTACTS.values(keys, agreement.id, {"contacts": content.contacts}, held=agreement)
    _write(session, agreement, version, {**_columns(content), **sealed, **_paper(session, document, now)})
    session.execute(delete(AgreementParty).where(P.agreement_id == agreement.id))
    _set_parties(session, agreement.id, content)
    facts = _facts(keys, agreement.id, content, document) | {"version": version + 1}
    _record(session, actor, "changed", agreement.id, now, facts)


def review(session: WriteSession, actor: Actor, agreement: Agreement, *, version: int, now: datetime) -> None:
    """Note that an agreement was looked at again and stays; the next look is a year from today."""
    again = rules.a_year_on(clock.office_date(now))
    _write(session, agreement, version, {"review_on": again})
    _record(session, actor, "reviewed", agreement.id, now, {"again": again.isoformat()})


def _write(session: WriteSession, agreement: Agreement, version: int, values: dict[str, Any]) -> None:
    changed = session.execute(
        update(Agreement)
        .where(A.id == agreement.id, A.version == version)
        .values(version=version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise StaleAgreement(agreement_id=agreement.id)


def _columns(content: Content) -> dict[str, Any]:
    values = asdict(content) | {"categories": list(content.categories)}
    del values["parties"], values["contacts"]
    return values


def _paper(session: WriteSession, document: Document | None, now: datetime) -> dict[str, Any]:
    if document is None:
        return {}
    evidence_service.note_blob(
        session, document.digest, size_bytes=document.size_bytes, media_type=document.media_type, now=now
    )
    return {
        "document_digest": document.digest, "document_bytes": document.size_bytes,
        "document_type": document.media_type,
    }  # fmt: skip


def _set_parties(session: WriteSession, agreement_id: str, content: Content) -> None:
    rows = [{"agreement_id": agreement_id, "org_unit_id": unit_id} for unit_id in content.parties]
    session.execute(insert(AgreementParty), rows)


def _facts(keys: KeyRing, agreement_id: str, content: Content, document: Document | None) -> dict[str, Any]:
    # Whom to call enters under a key, or a number could be guessed from the digest.
    contacts = keys.keyed_digest("duty-contact", f"{agreement_id} {content.contacts}")
    said = canonical_json(
        {key: str(value) for key, value in (asdict(content) | {"contacts": contacts}).items()}
    )
    facts: dict[str, Any] = {"after": sha256_hex(said), "parties": len(content.parties)}
    return facts | ({"document": document.digest} if document else {})


def _record(
    session: WriteSession, actor: Actor, word: str, agreement_id: str, now: datetime, facts: dict[str, Any]
) -> None:
    journal.record(
        session, actor.doer, f"agreement.{word}", "agreement", agreement_id,
        now=now, office_id=actor.office_id, facts=facts,
    )  # fmt: skip
