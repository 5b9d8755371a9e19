"""Drafting: one transfer per receiver, changed until it is submitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, update

from app.clues import lifecycle as clue_lifecycle
from app.clues import queries as clue_queries
from app.clues.models import Clue
from app.clues.terms import ClueAction, ClueState
from app.evidence.terms import DerivativeKind
from app.identity.actor import Actor
from app.identity.models import OrgUnit
from app.identity.permissions import Verb
from app.identity.terms import OrgKind
from app.platform import clock, ids
from app.platform.db import WriteSession
from app.platform.errors import Invalid, Refused
from app.platform.i18n import N_
from app.reference import queries as reference_queries
from app.transfer import disclosure, kinds, queries
from app.transfer.lifecycle import TransferStepRefused
from app.transfer.models import Transfer, TransferAttachment
from app.transfer.service import steps
from app.transfer.terms import DraftContent, TransferState


class ClueNotReady(Refused):
    """The clue is not where it may be transferred from."""

    code = "clue_not_ready"
    text = N_("这条线索现在不能移送，请先登记并开始评估。")


class NoSuchReceiver(Invalid):
    """The organisation named receives no transfers of this office."""

    code = "no_such_receiver"
    text = N_("请从名单里选一个受送单位。")


class FacilityBarred(Refused):
    """Of a military facility neither picture nor position leaves (军事设施保护法 17)."""

    code = "facility_barred"
    text = N_("涉及军事设施的线索不能附照片，也不能附坐标。")


def _allowed(clue: Clue, content: DraftContent) -> None:
    found = kinds.barred(
        is_facility=disclosure.is_facility(clue), has_pictures=bool(content.evidence_ids),
        shows_position=content.shows_position,
    )  # fmt: skip
    barred = [each.value for each in found]
    if barred:
        raise FacilityBarred(barred=barred)


def draft(
    session: WriteSession,
    actor: Actor,
    clue_id: str,
    *,
    receiver_ids: Sequence[str],
    content: DraftContent,
    now: datetime,
) -> list[str]:
    """Draft a transfer of a clue to each receiver chosen; return their ids in the order chosen."""
    if not actor.may(Verb.TRANSFER_DRAFT):
        raise Refused(verb=Verb.TRANSFER_DRAFT.value)
    clue = clue_queries.get(session, actor, clue_id)
    if ClueAction.TRANSFER not in clue_lifecycle.open_actions(ClueState(clue.state)):
        raise ClueNotReady(state=clue.state)
    _allowed(clue, content)
    units = {unit.id: unit for unit in reference_queries.agencies(session, clue.office_id)}
    chosen = [units[unit_id] for unit_id in dict.fromkeys(receiver_ids) if unit_id in units]
    if not chosen or len(chosen) != len(set(receiver_ids)):
        raise NoSuchReceiver
    for receiver in chosen:
        steps.refuse_respondent(session, clue.id, receiver.id)
    return [_insert(session, actor, clue, receiver, content, now=now) for receiver in chosen]


def reaim(session: WriteSession, actor: Actor, transfer: Transfer, *, receiver_id: str, now: datetime) -> str:
    """Aim a refused transfer at another receiver: the same words and pictures, a new draft; return its id."""
    if transfer.state not in _LOST:
        raise TransferStepRefused(state=transfer.state, action="reaim")
    pictures = tuple(item.evidence_id for item in queries.attachments(session, transfer.id))
    content = replace(disclosure.content_of(transfer), evidence_ids=pictures)
    (made,) = draft(session, actor, transfer.clue_id, receiver_ids=[receiver_id], content=content, now=now)
    fresh = queries.by_id(session, made)
    steps.change(session, fresh, version=fresh.version, follows_id=transfer.id)
    steps.record(session, actor.doer, "reaimed", fresh, now=now, facts={"from": transfer.id})
    return made


_LOST = frozenset({TransferState.REFUSED.value, TransferState.WITHDRAWN.value})


def _insert(
    session: WriteSession,
    actor: Actor,
    clue: Clue,
    receiver: OrgUnit,
    content: DraftContent,
    *,
    now: datetime,
) -> str:
    kind = kinds.kind_of(OrgKind(receiver.kind), receiver.key)
    if kind is None:
        raise NoSuchReceiver
    transfer_id = ids.new()
    session.execute(
        insert(Transfer).values(
            id=transfer_id, clue_id=clue.id, office_id=clue.office_id, compartment_id=clue.compartment_id,
            kind=kind.value, receiver_id=receiver.id, state=TransferState.DRAFT.value, version=1,
            found_on=clock.office_date(clue.received_at), drafted_by=actor.account_id, drafted_at=now,
            **_columns(content),
        )
    )  # fmt: skip
    _attach(session, transfer_id, clue, content.evidence_ids)
    transfer = queries.by_id(session, transfer_id)
    steps.record(session, actor.doer, "drafted", transfer, now=now, facts={"kind": kind.value})
    return transfer_id


def edit(
    session: WriteSession,
    actor: Actor,
    transfer: Transfer,
    content: DraftContent,
    *,
    version: int,
    now: datetime,
) -> None:
    """Change a draft: its words, what goes along, which findings are kept on purpose."""
    if not actor.may(Verb.TRANSFER_DRAFT):
        raise Refused(verb=Verb.TRANSFER_DRAFT.value)
    steps.fresh(transfer, version)
    must_be_draft(transfer)
    clue = clue_queries.get(session, actor, transfer.clue_id)
    _allowed(clue, content)
    steps.change(session, transfer, version=version, **_columns(content))
    session.execute(delete(TransferAttachment).where(TransferAttachment.transfer_id == transfer.id))  # type: ignore[arg-type]
    _attach(session, transfer.id, clue, content.evidence_ids)
    steps.record(
        session, actor.doer, "edited", transfer, now=now, facts={"pictures": len(content.evidence_ids)}
    )


def take_redactions(
    session: WriteSession, actor: Actor, transfer: Transfer, *, version: int, now: datetime
) -> int:
    """Let the newest redacted copies go along in place of what the draft was saved with; return how many."""
    if not actor.may(Verb.TRANSFER_DRAFT):
        raise Refused(verb=Verb.TRANSFER_DRAFT.value)
    steps.fresh(transfer, version)
    must_be_draft(transfer)
    newer = disclosure.outdated(session, transfer)
    if not newer:
        return 0
    for attachment_id, copy in newer.items():
        session.execute(
            update(TransferAttachment)
            .where(TransferAttachment.id == attachment_id)  # type: ignore[arg-type]
            .values(digest=copy.digest, derivative_kind=DerivativeKind.REDACTED.value)
        )
    steps.change(session, transfer, version=version)
    pictures = len(queries.attachments(session, transfer.id))
    facts = {"pictures": pictures, "redacted_anew": len(newer)}
    steps.record(session, actor.doer, "edited", transfer, now=now, facts=facts)
    return len(newer)


def must_be_draft(transfer: Transfer) -> None:
    """Raise TransferStepRefused once a transfer has left its writer's hands."""
    if transfer.state != TransferState.DRAFT.value:
        raise TransferStepRefused(state=transfer.state, action="edit")


def _columns(content: DraftContent) -> dict[str, Any]:
    return {
        "subject": content.subject,
        "summary": content.summary,
        "requests": content.requests,
        "basis": content.basis,
        "place_shown": content.place_shown,
        "shows_position": content.shows_position,
        "position_square_m": content.position_square_m,
        "shown_answers": [asdict(answer) for answer in content.shown_answers],
        "contact_name": content.contact_name,
        "contact_phone": content.contact_phone,
        "kept_findings": list(content.kept_findings),
    }


def _attach(session: WriteSession, transfer_id: str, clue: Clue, evidence_ids: Sequence[str]) -> None:
    """Let ready pictures of this clue go along, as derivatives: never an original, never another clue's."""
    for sort, picture in enumerate(disclosure.leaving_pictures(session, clue, evidence_ids)):
        session.execute(
            insert(TransferAttachment).values(
                id=ids.new(), transfer_id=transfer_id, evidence_id=picture.evidence_id, sort=sort,
                derivative_kind=picture.kind, digest=picture.digest,
            )
        )  # fmt: skip
