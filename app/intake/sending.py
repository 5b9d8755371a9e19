"""From the phone's JSON to the same command the form makes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError

from app.evidence.kinds import may_be_kept
from app.evidence.terms import Fidelity, Mark, Masking
from app.intake import answers, catalogue, masks, places, rules, sources
from app.intake.catalogue import COARSE_AREA, FormFacts
from app.intake.places import TypedPlace
from app.intake.salvage import OTHER, NotAReport, Unread, salvage
from app.intake.schemas import PhotoIn, PlaceIn, ReportIn
from app.intake.terms import UNKNOWN, Fault, Promise, ReportCommand, Said, StatedContact
from app.platform import i18n, sealing
from app.platform.crypto import KeyRing
from app.platform.db import ReadSession
from app.platform.digest import sha256_hex
from app.platform.errors import Invalid, Missing
from app.platform.i18n import N_
from app.platform.sealing import Unopenable
from app.reference import queries as reference

# The key under which the office reads what could not be read as an answer.
UNREAD: Final = "unread"


class ReportFaulty(Invalid):
    """The report can be read, but lacks what every report must have; details name the fields."""

    code = "report_faulty"
    text = N_("还有几处需要补充或改正。")


class UnreadableReport(Invalid):
    """The body is not the JSON of a report; details name the places."""

    code = "unreadable_report"
    text = N_("这份内容的格式不对，没有收下。")


class UnopenableReport(Invalid):
    """A sealed report that was sealed to no key of ours, or altered on its way."""

    code = "unopenable"
    text = N_("这份内容打不开：密钥不是本站的，或者传输中被改动。")


@dataclass(frozen=True, slots=True)
class Sent:
    """A report as a phone sent it; of a sealed one also what could not be read."""

    body: ReportIn
    digest: str
    is_sealed: bool = False
    unread: tuple[Unread, ...] = ()
    has_secret: bool = True

    @property
    def secret(self) -> str | None:
        """Return the secret that opens the receipt; a report that came without a usable one has none."""
        return self.body.secret if self.has_secret else None


def read_plain(raw: bytes) -> Sent:
    """Read a report strictly; raises UnreadableReport that names the places."""
    try:
        return Sent(ReportIn.model_validate_json(raw), sha256_hex(raw))
    except ValidationError as error:
        found = [
            ".".join(map(str, each["loc"])) for each in error.errors(include_input=False, include_url=False)
        ]
        raise UnreadableReport(errors=sorted(set(found))) from error


def read_sealed(raw: bytes, keys: KeyRing, report_id: str) -> Sent:
    """Open a report and read whatever can be read; raises UnopenableReport, never for what it says."""
    try:
        opened = b"".join(sealing.opened(keys, [raw], report_id=report_id, what=sealing.REPORT))
        found = salvage(opened)
    except (Unopenable, NotAReport):
        raise UnopenableReport from None
    return Sent(
        found.body, sha256_hex(opened), is_sealed=True, unread=found.unread, has_secret=found.has_secret
    )


def form_facts(session: ReadSession, sent: Sent, *, now: datetime) -> FormFacts:
    """Return what the report's category asks; a sealed report of a category that is gone is kept under another."""
    try:
        return catalogue.form_facts(session, sent.body.category, now=now)
    except Missing:
        if not sent.is_sealed:
            raise
    facts = catalogue.form_facts(session, OTHER, now=now)
    gone = reference.ever_category(session, sent.body.category)
    if gone is None:
        return facts
    # What could not be taken while the category stood is not taken because it has gone (domain.md 1.6 b).
    was = catalogue.matter_of(gone)
    matter = replace(
        facts.matter,
        allows_photos=was.allows_photos,
        allows_position=was.allows_position,
        compartment_kind=was.compartment_kind,
    )
    return replace(facts, matter=matter)


def command_of(
    report_id: str,
    sent: Sent,
    facts: FormFacts,
    *,
    keys: KeyRing,
    limit: int,
    most_bytes: int,
    now: datetime,
) -> ReportCommand:
    """Look at everything as the form does; raises ReportFaulty with the fields, but never for a sealed one."""
    body, matter = sent.body, facts.matter
    place = places.read(_typed(body.place), facts.town_names, allows_position=matter.allows_position, now=now)
    with i18n.speaking(body.locale):  # a fault names its question
        snapshots, faults = answers.read(facts.questions, _said(body, facts), now=now)
    promises = _promises(body, facts, limit=limit, most_bytes=most_bytes)
    has_photo = any(promise.declined is None for promise in promises)
    faults += place.faults or rules.place_faults(place.place)
    faults += rules.words_faults(body.words, matter, has_photo=has_photo, most=facts.words_most)
    contact = body.contact
    if contact is not None:
        faults += rules.contact_faults(contact.name, contact.phone, contact.words, has_consent=True)
    if not sent.is_sealed:
        _refuse(faults)
    else:
        unread = _unread(sent, facts, faults)
        snapshots = [*snapshots, *map(_kept_unread, unread)]
        faults += _category_faults(body, facts) + _unread_faults(unread)
    forwarder = sources.stamped_forwarder(keys, body.source_stamp, now=now)
    return ReportCommand(
        report_id=report_id,
        matter=matter,
        words=body.words,
        answers=snapshots,
        place=place.place,
        contact=StatedContact(contact.name, contact.phone, contact.words, facts.contact.version)
        if contact
        else None,
        channel=forwarder.channel if forwarder else sources.public_channel(body.via, facts),
        forwarder=forwarder,
        consent_version=facts.privacy.version,
        is_urgent=answers.is_urgent(snapshots),
        is_served_form=False,
        needs_correction=bool(faults),
        faults=faults,
        declined=[{"what": what, "reason": "forbidden_here"} for what in place.declined],
        promises=promises,
        secret=sent.secret,
        sent_digest=sent.digest,
        is_data_saving=body.is_data_saving,
        locale=body.locale,
        written_at=body.written_at,
    )


def _unread(sent: Sent, facts: FormFacts, faults: Sequence[Fault]) -> list[Unread]:
    """Return everything that was said and would be lost; near a facility no more than the words (domain.md 1.6 b)."""
    asked = {question.key: question.label for question in facts.questions}
    wrong = {fault.field.removeprefix("q_") for fault in faults if fault.field.startswith("q_")}
    found = [
        each for each in sent.unread if facts.matter.allows_position or each.part in {"words", "answers"}
    ]
    for key, value in sent.body.answers.items():
        if key in wrong or key not in asked:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            found.append(Unread(asked.get(key, key), text))
    if facts.matter.allows_position and any(fault.field.startswith("place") for fault in faults):
        stated = sent.body.place.model_dump_json(exclude_defaults=True)
        found += [Unread("place", stated)] if stated != "{}" else []
    return found


def _kept_unread(unread: Unread) -> dict[str, Any]:
    """Return what could not be read in the form of an answer; private, so that it never leaves the house."""
    shown = f"{unread.part}: {unread.text}"
    return {
        "key": UNREAD, "kind": "text", "label": "没有读懂的内容", "label_en": "Could not be read", "unit": "",
        "value": shown, "shown": shown, "shown_en": shown, "is_private": True, "is_urgent": False,
    }  # fmt: skip


def _category_faults(body: ReportIn, facts: FormFacts) -> list[Fault]:
    if body.category == facts.matter.key:
        return []
    return [Fault("category", N_("您选的类别现在没有了，先放在“其他”里。请说说这是哪方面的问题"))]


def _unread_faults(unread: Sequence[Unread]) -> list[Fault]:
    if not unread:
        return []
    return [Fault("unread", N_("有些内容我们没有读懂，请用几句话再说一遍"))]


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise ReportFaulty(errors=[{"field": fault.field, "text": fault.text} for fault in faults])


def _typed(place: PlaceIn) -> TypedPlace:
    return TypedPlace(
        lat="" if place.lat is None else repr(place.lat),
        lon="" if place.lon is None else repr(place.lon),
        accuracy_m="" if place.accuracy_m is None else repr(place.accuracy_m),
        fixed_at=place.fixed_at.isoformat() if place.fixed_at else "",
        source=place.source, town=place.town or "", words=place.words, pasted=place.pasted, datum=place.datum,
        pin_datum=place.pin_datum,
    )  # fmt: skip


def _said(body: ReportIn, facts: FormFacts) -> dict[str, Said]:
    said = {key: Said(_as_typed(value)) for key, value in body.answers.items()}
    said |= {key: Said(said[key].values if key in said else (), is_unknown=True) for key in body.unknown}
    if facts.asks_area and COARSE_AREA not in said:
        said[COARSE_AREA] = Said((body.place.town or UNKNOWN,))
    return said


def _as_typed(value: bool | float | str | list[str]) -> tuple[str, ...]:  # noqa: FBT001 - JSON's own truth value
    if isinstance(value, bool):
        return ("yes" if value else "no",)
    if isinstance(value, list):
        return tuple(value)
    return (
        value
        if isinstance(value, str)
        else format(value, "f").rstrip("0").rstrip(".")
        if isinstance(value, float)
        else str(value),
    )


def _promises(body: ReportIn, facts: FormFacts, *, limit: int, most_bytes: int) -> list[Promise]:
    """Settle at once what may not be kept: the receipt tells the phone not to send it."""
    photos = {photo.sha256: photo for photo in body.photos}
    found = []
    for at, photo in enumerate(photos.values()):
        declined = _declined(photo, facts, most_bytes)
        if declined is None and at >= limit:
            declined = "too_many"
        found.append(_promise(photo, facts, declined))
        preview = photo.preview
        if preview is not None and preview.sha256 not in photos:
            reason = declined or ("too_large" if preview.size_bytes > most_bytes else None)
            ahead = Promise(
                preview.sha256, preview.size_bytes, reason,
                fidelity="phone_preview", mark=_mark(photo), path=photo.path, media_type="image/jpeg", preview_of=photo.sha256,
            )  # fmt: skip
            found.append(ahead)
    return list({promise.digest: promise for promise in reversed(found)}.values())[::-1]


def _declined(photo: PhotoIn, facts: FormFacts, most_bytes: int) -> str | None:
    if not facts.matter.allows_photos:
        return "forbidden_here"
    if photo.size_bytes > most_bytes:
        return "too_large"
    return None if may_be_kept(photo.media_type) else "type"


def _mark(photo: PhotoIn) -> Mark | None:
    """Return the reporter's word about personal data; a client that only names the fidelity says it too."""
    if photo.masking is None and Fidelity(photo.fidelity) is Fidelity.MASKED_ON_PHONE:
        return Mark(Masking.MASKED, photo.masked_parts)
    return masks.mark(photo.masking, photo.masked_parts)


def _promise(photo: PhotoIn, facts: FormFacts, declined: str | None) -> Promise:
    mark = _mark(photo)
    position = photo.position if facts.matter.allows_position and declined is None else None
    return Promise(
        digest=photo.sha256,
        size_bytes=photo.size_bytes,
        declined=declined,
        fidelity=mark.fidelity.value
        if mark and Fidelity(photo.fidelity) is Fidelity.ORIGINAL
        else photo.fidelity,
        mark=mark,
        path=photo.path,
        name="" if declined else photo.name,
        media_type=photo.media_type,
        position=position.model_dump(mode="json", exclude_none=True) if position else None,
    )
