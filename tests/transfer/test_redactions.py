"""A redaction made after a transfer was drafted: it is seen, taken up in one tap, and nothing older leaves before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from app.clues import queries as clue_queries
from app.evidence import queries as evidence_queries
from app.evidence import service as evidence_service
from app.evidence.models import Redaction
from app.evidence.terms import DerivativeKind, Masking
from app.platform import ids
from app.platform.putting import put
from app.transfer import disclosure, draft_view, queries, service
from app.transfer.lifecycle import TransferStepRefused
from app.transfer.terms import TransferState as S
from tests import cast
from tests.transfer import scenes
from tests.transfer.desk import post, show
from tests.transfer.scenes import CHECKS, CONTENT, NOW, PRACTICE

if TYPE_CHECKING:
    from app.identity.actor import Actor
    from app.platform.db import Database, WriteSession
    from app.platform.storage import BlobStore
    from app.transfer.models import Transfer
    from tests.conftest import HouseClient


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


def test_a_picture_its_reporter_could_not_cover_goes_along_only_when_somebody_chose_it(
    session: WriteSession, store: BlobStore
):
    chief = scenes.chief(session)
    clue_id = scenes.clue(session)
    first, second = (scenes.photo(session, store, clue_id, colour=colour) for colour in ("#456", "#654"))
    evidence_service.describe(session, second, masking=Masking.AS_IS.value)
    clue = clue_queries.by_id(session, clue_id)

    def begun() -> tuple[str, ...]:
        return draft_view.start(session, chief, clue, contact_phone="", now=NOW).evidence_ids

    assert begun() == (first,)
    redact(session, store, chief, second, "#000")
    assert begun() == (first, second)


@pytest.mark.app
def test_the_draft_leads_to_where_it_is_redacted(
    client: HouseClient, database: Database, store: BlobStore, clue_id: str
):
    with database.write_session() as session:
        chief = scenes.chief(session)
        picture = evidence_queries.of_clue(session, clue_id)[0].id
    cast.sign_in(client, "prosecutor_chen")
    place = client.to("desk:photo", clue_id=clue_id, evidence_id=picture)
    assert place not in client.get(client.to("transfer:draft", clue_id=clue_id)).text
    with database.write_session() as session:
        evidence_service.describe(session, picture, masking=Masking.AS_IS.value)
    assert place in client.get(client.to("transfer:draft", clue_id=clue_id)).text
    with database.write_session() as session:
        redact(session, store, chief, picture, "#000")
    assert place not in client.get(client.to("transfer:draft", clue_id=clue_id)).text


@pytest.mark.app
def test_the_page_says_it_and_takes_it_up_in_one_tap(
    client: HouseClient, database: Database, store: BlobStore, clue_id: str
):
    with database.write_session() as session:
        chief = scenes.chief(session)
        pictures = tuple(item.id for item in evidence_queries.of_clue(session, clue_id))
        transfer_id = scenes.drafted(
            session, chief, clue_id, content=replace(CONTENT, evidence_ids=pictures)
        ).id
    cast.sign_in(client, "prosecutor_chen")
    assert "图片有更新的遮盖" not in show(client, transfer_id)
    with database.write_session() as session:
        redact(session, store, scenes.chief(session), pictures[0], "#000")
    page = show(client, transfer_id)
    assert "有 1 张图片在存草稿以后又遮盖过" in page
    assert "换成最新遮盖的图" in page
    refused = post(client, "transfer:submit", transfer_id, database, is_checked="yes")
    assert refused.status_code == 409
    assert "请先换成最新遮盖的图" in refused.text
    assert post(client, "transfer:take_redactions", transfer_id, database).status_code == 303
    page = show(client, transfer_id)
    assert "图片有更新的遮盖" not in page
    assert "已换成最新遮盖的图，共 1 张。" in page
    with database.read_session() as session:
        kinds = [row.derivative_kind for row in queries.attachments(session, transfer_id)]
    assert kinds == ["redacted", "screen"]
    assert post(client, "transfer:submit", transfer_id, database, is_checked="yes").status_code == 303


@pytest.mark.app
def test_once_signed_the_page_says_how_pictures_can_still_be_changed(
    client: HouseClient, database: Database, store: BlobStore, clue_id: str
):
    with database.write_session() as session:
        chief = scenes.chief(session)
        pictures = tuple(item.id for item in evidence_queries.of_clue(session, clue_id))
        transfer = scenes.drafted(session, chief, clue_id, content=replace(CONTENT, evidence_ids=pictures))
        transfer_id = scenes.brought_to(session, chief, transfer, S.SIGNED).id
        redact(session, store, chief, pictures[0], "#000")
    cast.sign_in(client, "prosecutor_chen")
    page = show(client, transfer_id)
    assert "已经签发，文书里是旧图" in page
    assert "换成最新遮盖的图" not in page
    assert post(client, "transfer:take_redactions", transfer_id, database).status_code == 403
