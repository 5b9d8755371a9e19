"""Receiving a report: exactly once, whatever the network repeats. Nothing here commits.

The files are durable under their digests before any of this runs (goals.md R1); here are the rows, all of them
in the caller's one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from app.clocks.rules import deadline
from app.clues import service as clue_service
from app.clues.service import NewClue, PlaceOfClue
from app.clues.terms import Standing
from app.evidence import service as evidence_service
from app.evidence.service import DeclinedFile, KeptFile
from app.evidence.terms import Origin
from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.identity.terms import CompartmentKind
from app.intake import codes, queries, rules
from app.intake.models import PromisedPhoto, Report, ReporterContact
from app.intake.saying import ask_to_correct
from app.intake.terms import (
    CHASE,
    REPORT_RECEIVED,
    PhotoState,
    Promise,
    Received,
    ReportCommand,
    StatedContact,
    StatedPlace,
)
from app.platform import clock, ids, journal
from app.platform.crypto import KeyRing
from app.platform.db import ReadSession, WriteSession
from app.platform.digest import sha256_hex
from app.platform.errors import Conflict
from app.platform.i18n import N_
from app.platform.journal import Doer
from app.platform.putting import put
from app.platform.settings import Settings
from app.reference import memory

_LIAISON_DOOR = "liaison"


class House(Protocol):
    """What is needed of the house."""

    @property
    def settings(self) -> Settings:
        """Return the settings."""

    @property
    def keys(self) -> KeyRing:
        """Return the keys."""


class ReportDiffers(Conflict):
    """Another report came under an id that is already taken; details name what differs."""

    code = "report_differs"
    text = N_("同一个编号下已经收到过内容不同的一份，没有重复保存。")


def receive(
    session: WriteSession,
    house: House,
    command: ReportCommand,
    *,
    kept: Sequence[KeptFile],
    declined: Sequence[DeclinedFile],
    actor: Actor | None,
    now: datetime,
    is_first: bool = False,
) -> Received:
    """Receive a first report: it opens exactly one clue. The same report again gives the same answer.

    `is_first` says that the caller has looked, in this transaction, and there is none of this id (a table of many).
    """
    files = unique(kept)
    promised = [promise.digest for promise in command.promises if promise.preview_of is None]
    digests = [file.digest for file in files] or promised
    parts = rules.parts_of(command, digests)
    digest, report_id = rules.content_digest(parts), command.report_id
    queries.hold(session, report_id)
    found = None if is_first else queries.find(session, report_id)
    if found is not None and found.content_digest != digest and command.is_served_form:
        report_id = rules.sibling_id(report_id, digest)
        queries.hold(session, report_id)
        found = queries.find(session, report_id)
    if found is not None:
        _refuse_other(session, found, command, parts, digest)
        return Received(found.id, found.clue_id, is_new=False)
    return _open(session, house, command, report_id, digest, files, declined, actor, now)


def replayed(session: ReadSession, report_id: str, sent_digest: str) -> Received | None:
    """Return what became of the very same bytes when they came before: whatever the house has learnt since."""
    found = queries.find(session, report_id)
    if found is None or found.sent_digest != sent_digest:
        return None
    return Received(found.id, found.clue_id, is_new=False)


def _refuse_other(
    session: WriteSession, found: Report, command: ReportCommand, parts: Mapping[str, Any], digest: str
) -> None:
    if not codes.same(found.secret_digest or "", secret_digest(command.secret) or ""):
        raise ReportDiffers(differs=["secret"])
    if found.content_digest != digest:
        photos = [row.digest for row in queries.promised(session, found.id) if row.preview_of is None]
        held = rules.stated_parts(found.category_key, found.words, found.answers, found.place, photos)
        raise ReportDiffers(differs=rules.differing(held, parts))


def _open(
    session: WriteSession,
    house: House,
    command: ReportCommand,
    report_id: str,
    digest: str,
    files: Sequence[KeptFile],
    declined: Sequence[DeclinedFile],
    actor: Actor | None,
    now: datetime,
) -> Received:
    matter, doer = command.matter, doer_of(command, actor)
    arrivals = memory.arrivals(session)
    channel = arrivals.channel(command.channel)
    kind = (
        CompartmentKind.MILITARY
        if channel.door == _LIAISON_DOOR
        else CompartmentKind(matter.compartment_kind)
    )
    office_id, circle_id = (
        (actor.office_id, identity_queries.circle_of(session, actor.office_id, kind))
        if actor
        else identity_queries.circle_for_citizens(session, kind)
    )
    amount = matter.sla_days or house.settings.evaluation_days
    due = deadline("clue_evaluation", clock.office_date(now), arrivals.calendar, amount)
    clue_id = clue_service.open_clue(
        session,
        doer,
        NewClue(
            office_id=office_id,
            compartment_id=circle_id,
            category_key=matter.key,
            field_key=matter.field_key,
            title=rules.title(matter, command.place, command.answers),
            source_type=channel.source_type,
            channel=channel.key,
            place=_place_of_clue(command.place),
            is_urgent=command.is_urgent,
            is_facility=matter.is_facility,
            is_complete=all(promise.declined or promise.preview_of for promise in command.promises),
            needs_correction=command.needs_correction,
            has_photo=any(file.is_picture for file in files),
            due_on=due.due_on,
            words=command.words,
            quarantine=command.quarantine,
            number=command.kept_number,
        ),
        now=now,
    )
    said = [*command.declined, *declined_said(declined)]
    write_report(
        session, doer, house, now=now, has_code=True,
        row={
            "id": report_id, "clue_id": clue_id, "office_id": office_id, "is_supplement": False,
            "content_digest": digest, "secret_digest": secret_digest(command.secret),
            "sent_digest": command.sent_digest or None,
            "channel": channel.key, "consent_version": command.consent_version,
            "account_id": command.forwarder.account_id if command.forwarder else None,
            "org_unit_id": command.forwarder.org_unit_id if command.forwarder else None,
            "category_key": matter.key, "words": command.words, "answers": list(command.answers),
            "place": rules.place_json(command.place), "declined": said, "locale": command.locale,
            "quarantine": command.quarantine, "is_data_saving": command.is_data_saving, "written_at": command.written_at,
            "external_ref": command.external_ref,
        },
        files=files, verb=REPORT_RECEIVED,
    )  # fmt: skip
    for promise in command.promises:
        _promise(session, report_id, promise, PhotoState.DECLINED if promise.declined else PhotoState.MISSING)
    if any(promise.declined is None and promise.preview_of is None for promise in command.promises):
        later = now + timedelta(hours=house.settings.chase_hours)
        journal.enqueue(
            session, CHASE, once_key=report_id, payload={"report": report_id}, now=now, run_after=later
        )
    if command.contact is not None:
        _seal_contact(session, house.keys, report_id, command.contact, now=now)
    if command.faults:
        ask_to_correct(session, clue_id, office_id, command.faults, locale=command.locale, now=now)
    return Received(report_id, clue_id, is_new=True)


def write_report(
    session: WriteSession,
    doer: Doer,
    house: House,
    *,
    row: Mapping[str, Any],
    files: Sequence[KeptFile],
    verb: str,
    has_code: bool,
    now: datetime,
) -> None:
    """Write one report with its files and its journal row; only a first report has a code."""
    report_id, clue_id, office_id, keys = row["id"], row["clue_id"], row["office_id"], house.keys
    code_digest = None
    if has_code:
        code = codes.code_of(keys.keyed_digest("query-code", report_id))
        code_digest = keys.keyed_digest("code-digest", code)
    put(
        session, Report, **row, open311_id=ids.new(), received_at=now, code_digest=code_digest, code_key_id=keys.current_id
    )  # fmt: skip
    taken = evidence_service.take_in(
        session, doer, files, clue_id=clue_id, office_id=office_id,
        origin_kind=Origin.REPORT, origin_id=report_id, now=now,
    )  # fmt: skip
    for file, item in zip(files, taken, strict=True):
        promise = Promise(item.digest, item.size_bytes, fidelity=file.fidelity.value, mark=file.mark)
        _promise(session, report_id, promise, PhotoState.HELD, evidence_id=item.evidence_id)
    facts = {"content": row["content_digest"], "channel": row["channel"], "photos": len(taken)}
    journal.record(
        session, doer, verb, "report", report_id,
        now=now, clue_id=clue_id, office_id=office_id, facts=facts | {"declined": len(row["declined"])},
    )  # fmt: skip


def _promise(
    session: WriteSession,
    report_id: str,
    promise: Promise,
    state: PhotoState,
    *,
    evidence_id: str | None = None,
) -> None:
    put(
        session, PromisedPhoto, report_id=report_id, digest=promise.digest, size_bytes=promise.size_bytes, state=state.value,
        reason=promise.declined, evidence_id=evidence_id, fidelity=promise.fidelity, path=promise.path,
        masking=promise.mark.masking.value if promise.mark else None,
        masked_parts=promise.mark.parts if promise.mark else None,
        name=promise.name, media_type=promise.media_type, position=promise.position,
        preview_of=promise.preview_of,
    )  # fmt: skip


def _seal_contact(
    session: WriteSession, keys: KeyRing, report_id: str, contact: StatedContact, *, now: datetime
) -> None:
    def sealed(field: str, text: str) -> str | None:
        if not text.strip():
            return None
        return keys.seal_field(text, table="reporter_contact", row=report_id, field=field)

    digits = rules.phone_digits(contact.phone) if contact.phone.strip() else None
    put(
        session, ReporterContact, report_id=report_id,
        sealed_name=sealed("name", contact.name),
        sealed_phone=sealed("phone", contact.phone),
        sealed_words=sealed("words", contact.words),
        phone_index=keys.keyed_digest("phone-index", digits) if digits else None,
        consent_version=contact.consent_version,
        consented_at=now,
    )  # fmt: skip


def doer_of(command: ReportCommand, actor: Actor | None) -> Doer:
    """Return under whose name a report is journalled: the forwarder's account, or the reporter, who has none."""
    if actor is not None:
        return actor.doer
    return journal.account(command.forwarder.account_id) if command.forwarder else journal.REPORTER


def secret_digest(secret: str | None) -> str | None:
    """Return what is kept of a phone's secret; 128 random bits need no slow hash."""
    return sha256_hex(secret.encode()) if secret else None


def unique(kept: Sequence[KeptFile]) -> list[KeptFile]:
    """Return each file once: a photo chosen through both buttons is one photo."""
    return list({file.digest: file for file in reversed(kept)}.values())[::-1]


def declined_said(declined: Sequence[DeclinedFile]) -> list[dict[str, Any]]:
    """Return declined files as the report keeps them: never their name, which may be somebody's."""
    return [{"what": "photo", "reason": file.reason, "size_bytes": file.size_bytes} for file in declined]


def _place_of_clue(place: StatedPlace) -> PlaceOfClue:
    return PlaceOfClue(
        lat=place.lat, lon=place.lon, accuracy_m=place.accuracy_m, source=place.source, raw=place.raw,
        fixed_at=place.fixed_at, words=place.words, town_key=place.town_key, standing=Standing(place.standing),
    )  # fmt: skip
