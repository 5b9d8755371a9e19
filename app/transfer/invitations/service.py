"""Asking a guest, the guest's answer, taking it back; nothing here commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, update
from sqlmodel import col

from app.clues import queries as clue_queries
from app.clues import service as clue_service
from app.clues.models import Clue
from app.evidence import service as evidence_service
from app.evidence.service import KeptFile
from app.evidence.terms import Origin
from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.identity.terms import CompartmentKind, Role
from app.platform import clock, ids, journal
from app.platform.db import ReadSession, WriteSession
from app.platform.errors import Conflict, Invalid, Refused
from app.platform.i18n import N_
from app.platform.journal import Doer
from app.reference import queries as reference_queries
from app.transfer import disclosure, findings, kinds, rules
from app.transfer.invitations import queries
from app.transfer.invitations import rules as invitation_rules
from app.transfer.invitations.models import Invitation, InvitationAnswer, InvitationPicture
from app.transfer.invitations.rules import InvitationBarred, PhotoNeeded
from app.transfer.invitations.terms import InvitationKind, InvitationState, Said
from app.transfer.service.signing import Unchecked, Undecided
from app.transfer.terms import DraftContent
from app.triage.service.opening import refuse_recused

AnySession = ReadSession | WriteSession


class NoSuchGuest(Invalid):
    """Nobody was chosen, or somebody who may not be asked about this clue."""

    code = "no_such_guest"
    text = N_("请从名单里选至少一个人。")


class StaleInvitation(Conflict):
    """The invitation has moved on since the page was opened."""

    code = "stale_invitation"
    text = N_("您打开页面之后，这份邀请有了变化。请看最新情况再决定。")


def role_asked(session: AnySession, clue: Clue) -> Role | None:
    """Return who may be asked about a clue; None where nobody outside may."""
    kind = identity_queries.compartment_kind(session, clue.compartment_id)
    return invitation_rules.guest_role(
        CompartmentKind(kind), is_facility=disclosure.is_facility(clue),
        is_registered=clue.registered_at is not None, is_erased=clue.erased_at is not None,
    )  # fmt: skip


def guests_of(session: AnySession, clue: Clue) -> list[queries.Guest]:
    """Return the people who may be asked about a clue: never one of an organisation the matter is about."""
    role = role_asked(session, clue)
    kept = clue_queries.kept_from(session, clue.id)
    found = queries.guests(session, clue.office_id, role) if role else []
    return [guest for guest in found if guest.org_unit_id not in kept]


def needed_checks(session: AnySession, clue: Clue) -> list[str]:
    """Return the keys of what has to be looked at before this leaves."""
    kind = CompartmentKind(identity_queries.compartment_kind(session, clue.compartment_id))
    # The list is the one of a letter to an authority; military clues have one more (domain.md 1.6).
    lists = kinds.lists_of(is_military=kind is CompartmentKind.MILITARY)
    return [row.key for name in lists for row in reference_queries.reasons(session, name)]


def invite(
    session: WriteSession,
    actor: Actor,
    clue_id: str,
    *,
    kind: InvitationKind,
    account_ids: Sequence[str],
    content: DraftContent,
    checks: Sequence[str],
    due_on: date,
    now: datetime,
) -> list[str]:
    """Ask guests about a clue, one invitation each, with exactly the chosen words and pictures; return their ids."""
    if not actor.may(Verb.INVITATION_SEND):
        raise Refused(verb=Verb.INVITATION_SEND.value)
    clue = clue_queries.get(session, actor, clue_id)
    refuse_recused(session, actor.account_id, clue.id)
    if role_asked(session, clue) is None:
        raise InvitationBarred
    chosen = list(dict.fromkeys(account_ids))
    if not chosen or not set(chosen) <= {guest.account_id for guest in guests_of(session, clue)}:
        raise NoSuchGuest
    invitation_rules.check_day(due_on, clock.office_date(now))
    told = disclosure.words_of(session, clue.id)
    if findings.undecided(rules.texts_of(content), content.kept_findings, told):
        raise Undecided
    wanted = needed_checks(session, clue)
    if set(wanted) - set(checks):
        raise Unchecked(missing=sorted(set(wanted) - set(checks)))
    pictures = disclosure.leaving_pictures(session, clue, content.evidence_ids)
    shown = invitation_rules.disclosed(
        content, kind=kind, office=identity_queries.org_unit(session, clue.office_id).name,
        category=reference_queries.category(session, clue.category_key, clock.office_date(clue.received_at)).name,
        point=None if clue.lat is None or clue.lon is None else (clue.lat, clue.lon),
        pictures=len(pictures), due_on=due_on,
    )  # fmt: skip
    row = {
        "clue_id": clue.id, "office_id": clue.office_id, "kind": kind.value, "version": 1, "disclosed": shown,
        "kept_findings": list(content.kept_findings), "checks": wanted,
        "due_on": due_on, "sent_by": actor.account_id, "sent_at": now,
    }  # fmt: skip
    return [_send(session, actor, account_id, row, pictures, now=now) for account_id in chosen]


def _send(
    session: WriteSession,
    actor: Actor,
    account_id: str,
    row: Mapping[str, Any],
    pictures: Sequence[disclosure.LeavingPicture],
    *,
    now: datetime,
) -> str:
    invitation_id = ids.new()
    session.execute(
        insert(Invitation).values(
            id=invitation_id, account_id=account_id, state=InvitationState.ASKED.value, **row
        )
    )
    for sort, picture in enumerate(pictures):
        session.execute(
            insert(InvitationPicture).values(
                id=ids.new(), invitation_id=invitation_id, evidence_id=picture.evidence_id, sort=sort,
                derivative_kind=picture.kind, digest=picture.digest,
            )
        )  # fmt: skip
    invitation = queries.get(session, actor, invitation_id)
    record(
        session, actor.doer, "sent", invitation, now=now,
        facts={"kind": invitation.kind, "pictures": len(pictures), "due_on": invitation.due_on.isoformat()},
    )  # fmt: skip
    return invitation_id


def withdraw(
    session: WriteSession, actor: Actor, invitation: Invitation, *, version: int, now: datetime
) -> None:
    """Take an invitation back: from this moment the guest sees nothing of it."""
    if not actor.may(Verb.INVITATION_SEND):
        raise Refused(verb=Verb.INVITATION_SEND.value)
    refuse_recused(session, actor.account_id, invitation.clue_id)
    if invitation.version != version:
        raise StaleInvitation(invitation_id=invitation.id)
    advance(session, invitation, InvitationState.WITHDRAWN, withdrawn_at=now)
    record(session, actor.doer, "withdrawn", invitation, now=now)


def answer(
    session: WriteSession,
    actor: Actor,
    invitation: Invitation,
    said: Said,
    *,
    files: Sequence[KeptFile],
    now: datetime,
) -> str:
    """Take a guest's answer in, its photos as evidence of the clue; return the answer's id."""
    invitation_rules.must_be_open(InvitationState(invitation.state))
    if invitation.kind == InvitationKind.OBSERVE.value and not any(file.is_picture for file in files):
        raise PhotoNeeded
    answer_id = _say(session, invitation, said, is_refusal=False, now=now)
    evidence_service.take_in(
        session, actor.doer, files, clue_id=invitation.clue_id, office_id=invitation.office_id,
        origin_kind=Origin.INVITATION, origin_id=answer_id, now=now,
    )  # fmt: skip
    advance(session, invitation, InvitationState.ANSWERED, answered_at=now)
    facts = {"answer": answer_id, "files": len(files), "has_position": said.position is not None}
    record(session, actor.doer, "answered", invitation, now=now, facts=facts)
    _tell_desk(session, invitation)
    return answer_id


def decline(
    session: WriteSession, actor: Actor, invitation: Invitation, words: str, *, now: datetime
) -> None:
    """Note that the guest cannot help this time."""
    _say(session, invitation, Said(words), is_refusal=True, now=now)
    advance(session, invitation, InvitationState.DECLINED)
    record(session, actor.doer, "declined", invitation, now=now)
    _tell_desk(session, invitation)


def _say(
    session: WriteSession, invitation: Invitation, said: Said, *, is_refusal: bool, now: datetime
) -> str:
    answer_id, at = ids.new(), said.position
    session.execute(
        insert(InvitationAnswer).values(
            id=answer_id, invitation_id=invitation.id, body=said.words, is_refusal=is_refusal, answered_at=now,
            phone_lat=at.lat if at else None, phone_lon=at.lon if at else None,
            phone_accuracy_m=at.accuracy_m if at else None, phone_fixed_at=at.fixed_at if at else None,
        )
    )  # fmt: skip
    return answer_id


def advance(session: WriteSession, invitation: Invitation, to: InvitationState, **values: Any) -> None:
    """Take one step of an invitation's life; the only writer of its state, and only under the version seen."""
    invitation_rules.must_be_open(InvitationState(invitation.state))
    changed = session.execute(
        update(Invitation)
        .where(col(Invitation.id) == invitation.id, col(Invitation.version) == invitation.version)
        .values(state=to.value, version=invitation.version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise StaleInvitation(invitation_id=invitation.id)
    session.refresh(invitation)


def record(
    session: WriteSession,
    doer: Doer,
    word: str,
    invitation: Invitation,
    *,
    now: datetime,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Journal what happened to an invitation."""
    journal.record(
        session, doer, f"invitation.{word}", "invitation", invitation.id, now=now, clue_id=invitation.clue_id,
        office_id=invitation.office_id, facts={"account": invitation.account_id, **(facts or {})},
        jobs=[journal.SIGN_HEAD] if word == "sent" else [],
    )  # fmt: skip


def _tell_desk(session: WriteSession, invitation: Invitation) -> None:
    clue_service.change(session, clue_queries.by_id(session, invitation.clue_id), has_news=True)


# What was shown keeps its shape, so that its page still stands; these of its parts were somebody's words.
_TOLD: dict[str, Any] = {
    "summary": "", "question": "", "place": "", "position": None, "answers": [], "pictures": 0,
    "contact_name": "", "contact_phone": "",
}  # fmt: skip


def erase_words(session: WriteSession, clue_id: str, *, subject: str) -> None:
    """Erase what guests read and said of a clue; who was asked when, and how it stood, stays."""
    for invitation in queries.all_of_clue(session, clue_id):
        session.execute(
            update(InvitationAnswer)
            .where(col(InvitationAnswer.invitation_id) == invitation.id)
            .values(body="", phone_lat=None, phone_lon=None, phone_accuracy_m=None, phone_fixed_at=None)
        )
        session.execute(
            delete(InvitationPicture).where(col(InvitationPicture.invitation_id) == invitation.id)
        )
        session.execute(
            update(Invitation)
            .where(col(Invitation.id) == invitation.id)
            .values(disclosed={**invitation.disclosed, **_TOLD, "subject": subject}, kept_findings=[])
            .execution_options(synchronize_session=False)
        )
