"""From the phone's JSON to the same command the form makes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.intake import answers, places, rules, sources
from app.intake.catalogue import COARSE_AREA, FormFacts
from app.intake.places import TypedPlace
from app.intake.schemas import PlaceIn, ReportIn
from app.intake.terms import UNKNOWN, Fault, Promise, ReportCommand, Said, StatedContact
from app.platform.crypto import KeyRing
from app.platform.errors import Invalid
from app.platform.i18n import N_


class ReportFaulty(Invalid):
    """The report can be read, but lacks what every report must have; details name the fields."""

    code = "report_faulty"
    text = N_("还有几处需要补充或改正。")


def command_of(
    report_id: str, body: ReportIn, facts: FormFacts, *, keys: KeyRing, limit: int, now: datetime
) -> ReportCommand:
    """Look at everything as the form does; raises ReportFaulty with the fields."""
    matter = facts.matter
    place = places.read(_typed(body.place), facts.town_names, allows_position=matter.allows_position, now=now)
    snapshots, faults = answers.read(facts.questions, _said(body, facts), now=now)
    promises = _promises(body, allows_photos=matter.allows_photos, limit=limit)
    has_photo = any(promise.declined is None for promise in promises)
    faults += place.faults or rules.place_faults(place.place)
    faults += rules.words_faults(body.words, matter, has_photo=has_photo, most=facts.words_most)
    contact = body.contact
    if contact is not None:
        faults += rules.contact_faults(contact.name, contact.phone, contact.words, has_consent=True)
    _refuse(faults)
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
        declined=[{"what": what, "reason": "forbidden_here"} for what in place.declined],
        promises=promises,
        secret=body.secret,
        is_data_saving=body.is_data_saving,
        locale=body.locale,
        written_at=body.written_at,
    )


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


def _promises(body: ReportIn, *, allows_photos: bool, limit: int) -> list[Promise]:
    """Settle at once what may not be kept: the receipt tells the phone not to send it."""
    sizes = {photo.sha256: photo.size_bytes for photo in body.photos}
    found = []
    for at, (digest, size_bytes) in enumerate(sizes.items()):
        declined = "forbidden_here" if not allows_photos else "too_many" if at >= limit else None
        found.append(Promise(digest, size_bytes, declined))
    return found
