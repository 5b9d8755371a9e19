"""A redaction made after a transfer was drafted: it is seen, taken up in one tap, and nothing older leaves before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from app.evidence import queries as evidence_queries
from app.evidence import service as evidence_service
from app.evidence.models import Redaction
from app.evidence.terms import DerivativeKind
from app.platform import ids
from app.platform.db import put
from app.transfer import disclosure, queries, service
from app.transfer.lifecycle import TransferStepRefused
from tests.transfer import scenes
from tests.transfer.scenes import CHECKS, CONTENT, NOW, PRACTICE

if TYPE_CHECKING:
    from app.identity.actor import Actor
    from app.platform.db import WriteSession
    from app.platform.storage import BlobStore
    from app.transfer.models import Transfer


def redact(session: WriteSession, store: BlobStore, actor: Actor, evidence_id: str, colour: str) -> str:
    """A redacted copy as the darkroom's job leaves it; returns its digest."""
    item = evidence_queries.item(session, evidence_id)
    hidden = scenes.picture((64, 48), colour)
    params = {"parts": [{"left": 1, "colour": colour}]}
    digest = scenes.keep(store, hidden)
    evidence_service.keep_derivative(
        session, item.digest, DerivativeKind.REDACTED, digest=digest, size=(64, 48), size_bytes=len(hidden),
        params=params, now=NOW,
    )  # fmt: skip
    made = evidence_queries.derivative_id(
        session, item.digest, DerivativeKind.REDACTED, evidence_service.params_digest_of(params)
    )
    put(
        session, Redaction, id=ids.new(), evidence_id=evidence_id, derivative_id=made, made_by=actor.account_id, made_at=NOW
    )  # fmt: skip
    return digest


def attached(session: WriteSession, transfer: Transfer) -> list[tuple[str, str]]:
    return [(row.derivative_kind, row.digest) for row in queries.attachments(session, transfer.id)]


def test_a_redaction_made_after_the_draft_must_be_taken_up_before_it_goes_on(
    session: WriteSession, store: BlobStore
):
    chief = scenes.chief(session)
    clue_id = scenes.clue(session)
    first, second = (scenes.photo(session, store, clue_id, colour=colour) for colour in ("#456", "#654"))
    content = replace(CONTENT, evidence_ids=(first, second))
    transfer = scenes.drafted(session, chief, clue_id, content=content)
    assert disclosure.outdated(session, transfer) == {}
    assert service.take_redactions(session, chief, transfer, version=transfer.version, now=NOW) == 0
    before = attached(session, transfer)

    hidden = redact(session, store, chief, second, "#000")
    stale = {"checks": CHECKS, "practice": PRACTICE, "version": transfer.version, "now": NOW}
    with pytest.raises(service.PicturesOutdated):
        service.submit(session, chief, transfer, **stale)
    assert attached(session, transfer) == before
    assert service.take_redactions(session, chief, transfer, version=transfer.version, now=NOW) == 1
    assert attached(session, transfer) == [before[0], ("redacted", hidden)]
    assert transfer.version == stale["version"] + 1
    service.submit(session, chief, transfer, **{**stale, "version": transfer.version})

    # Made while it lies with the reviewer: it goes no further, and comes back to its writer.
    newest = redact(session, store, chief, second, "#111")
    onward = {"words": "", "practice": PRACTICE, "version": transfer.version, "now": NOW}
    with pytest.raises(service.PicturesOutdated):
        service.approve_review(session, chief, transfer, **onward)
    with pytest.raises(TransferStepRefused):
        service.take_redactions(session, chief, transfer, version=transfer.version, now=NOW)
    service.return_draft(session, chief, transfer, words="请换图", version=transfer.version, now=NOW)
    service.take_redactions(session, chief, transfer, version=transfer.version, now=NOW)
    assert attached(session, transfer)[1] == ("redacted", newest)


def test_a_redaction_taken_back_lets_nothing_less_hidden_slip_in(session: WriteSession, store: BlobStore):
    chief = scenes.chief(session)
    clue_id = scenes.clue(session)
    evidence_id = scenes.photo(session, store, clue_id)
    hidden = redact(session, store, chief, evidence_id, "#000")
    transfer = scenes.drafted(session, chief, clue_id, content=replace(CONTENT, evidence_ids=(evidence_id,)))
    assert attached(session, transfer) == [("redacted", hidden)]
    session.execute(update(Redaction).values(withdrawn_at=NOW))
    assert disclosure.outdated(session, transfer) == {}
    assert service.take_redactions(session, chief, transfer, version=transfer.version, now=NOW) == 0
    assert attached(session, transfer) == [("redacted", hidden)]
