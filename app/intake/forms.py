"""From a landed form to a command: everything is looked at here, nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from app.evidence.kinds import Accepted, Door, verdict
from app.evidence.service import KeptFile
from app.evidence.terms import Fidelity, Mark, PathIn
from app.identity.actor import Actor
from app.intake import answers, masks, places, rules, sources
from app.intake.catalogue import COARSE_AREA, FormFacts
from app.intake.places import TypedPlace
from app.intake.shedding import Quarantine
from app.intake.terms import (
    UNKNOWN,
    Addition,
    Fault,
    MessageKind,
    ReportCommand,
    Said,
    StatedContact,
)
from app.platform import i18n, ids
from app.platform.crypto import KeyRing
from app.platform.i18n import N_
from app.platform.landed import LandedFile
from app.platform.storage import BlobStore
from app.platform.web.landing import LandedForm

PHOTO_FIELDS: Final = ("photos_camera", "photos")
PATHS: Final = {"photos_camera": PathIn.CAMERA, "photos": PathIn.PICKER}
HELD: Final = "held_photo"
# What the script says of each photo, in their order; and what somebody without one says of all of them.
MARKS: Final = "photos_marks"
SAID: Final = "photos_said"
# No person sees or fills this field; what fills it is a machine, and its report waits in quarantine.
TRAP: Final = "homepage"
_HELD_FOR: Final = timedelta(hours=12)
_PLACE_FIELDS: Final = (
    "lat",
    "lon",
    "accuracy_m",
    "fixed_at",
    "source",
    "town",
    "words",
    "pasted",
    "datum",
    "pin_datum",
)
_FROM_REPORTER: Final = frozenset({MessageKind.ADDITION, MessageKind.SOLVED, MessageKind.UNSOLVED})


@dataclass(frozen=True, slots=True)
class ReportForm:
    """A report's form as read: what was typed, what is wrong, and the command when nothing is."""

    values: Mapping[str, Any]
    errors: Sequence[Fault]
    command: ReportCommand | None
    files: Sequence[LandedFile]
    marks: Sequence[Mark | None]
    held: Sequence[KeptFile]


@dataclass(frozen=True, slots=True)
class AdditionForm:
    """A later word as read."""

    values: Mapping[str, Any]
    errors: Sequence[Fault]
    addition: Addition
    files: Sequence[LandedFile]
    marks: Sequence[Mark | None]


def form_stamp(keys: KeyRing, *, now: datetime) -> str:
    """Return the signed id of a served form: a second tap on it is the same report."""
    return keys.stamp("form", {"id": ids.new()}, expires_at=now + sources.STAMP_FOR)


def read_report(
    facts: FormFacts, form: LandedForm, *, keys: KeyRing, store: BlobStore, actor: Actor | None, now: datetime
) -> ReportForm:
    """Read a report's form: words, answers, place, contact, photos; every fault stands at its field."""
    matter = facts.matter
    files, said = form.files_of(*PHOTO_FIELDS), masks.for_all(form.get(SAID))
    marks = masks.of_files(form.get(MARKS), len(files), said)
    held = [replace(file, mark=file.mark or said) for file in held_files(form, keys, store, now=now)]
    place = places.read(
        _typed_place(form, facts), facts.town_names, allows_position=matter.allows_position, now=now
    )
    snapshots, answer_faults = answers.read(facts.questions, _said(form, facts), now=now)
    words = form.get("words")
    consented = form.get("contact_consent") == "yes"
    contact = (form.get("contact_name"), form.get("contact_phone"), form.get("contact_words"))
    has_photo = matter.allows_photos and bool(held or any(map(_is_photo, files)))
    faults = [*place.faults]
    if not any(fault.field.startswith("place") for fault in faults):
        faults += rules.place_faults(place.place)
    faults += [fault for fault in answer_faults if not _is_told(fault, facts, faults)]
    faults += rules.words_faults(words, matter, has_photo=has_photo, most=facts.words_most)
    photo_marks = [mark for file, mark in zip(files, marks, strict=True) if _is_photo(file)]
    faults += rules.masking_faults([*(file.mark for file in held), *photo_marks], matter)
    faults += rules.contact_faults(*contact, has_consent=consented)
    forwarder = sources.forwarder_of(actor) or sources.stamped_forwarder(
        keys, form.get("source_stamp"), now=now
    )
    command = ReportCommand(
        report_id=_form_id(form, keys, now=now),
        matter=matter,
        words=words,
        answers=snapshots,
        place=place.place,
        contact=StatedContact(*contact, facts.contact.version) if any(map(str.strip, contact)) else None,
        channel=forwarder.channel if forwarder else sources.public_channel(form.get("via"), facts),
        forwarder=forwarder,
        consent_version=facts.privacy.version,
        is_urgent=answers.is_urgent(snapshots),
        quarantine=Quarantine.TRAP.value if form.get(TRAP) else None,
        declined=[{"what": what, "reason": "forbidden_here"} for what in place.declined],
        locale=i18n.current_locale.get(),
    )
    return ReportForm(form.fields, faults, None if faults else command, files, marks, held)


def read_addition(form: LandedForm, *, keys: KeyRing, allows_photos: bool, now: datetime) -> AdditionForm:
    """Read what somebody with a code adds: words, photos, solved or not."""
    files, words = form.files_of(*PHOTO_FIELDS), form.get("words")
    typed = form.get("kind", MessageKind.ADDITION.value)
    kind = MessageKind(typed) if typed in {known.value for known in _FROM_REPORTER} else MessageKind.ADDITION
    faults = []
    if len(words) > rules.WORDS_MOST:
        faults.append(
            Fault("words", N_("写得太长了，最多 %(most)s 个字，请删短一些"), {"most": rules.WORDS_MOST})
        )
    elif kind is MessageKind.ADDITION and not words.strip() and not (files and allows_photos):
        faults.append(Fault("words", N_("请写几句，或者选一张照片")))
    addition = Addition(_form_id(form, keys, now=now), kind, words)
    marks = masks.of_files(form.get(MARKS), len(files), masks.for_all(form.get(SAID)))
    return AdditionForm(form.fields, faults, addition, files, marks)


def _form_id(form: LandedForm, keys: KeyRing, *, now: datetime) -> str:
    """Return the id the served form was signed with; a stale or forged one counts as none, never as a refusal."""
    facts = keys.read_stamp("form", form.get("form_id"), now=now) if form.get("form_id") else None
    found = str(facts.get("id")) if facts else ""
    return found if ids.is_uuid(found) else ids.new()


def _typed_place(form: LandedForm, facts: FormFacts) -> TypedPlace:
    typed = {name: form.get(f"place_{name}") for name in _PLACE_FIELDS}
    if facts.asks_area and not typed["town"]:
        typed["town"] = form.get(f"q_{COARSE_AREA}")
    return TypedPlace(**typed)


def _said(form: LandedForm, facts: FormFacts) -> dict[str, Said]:
    said = {
        question.key: Said(
            tuple(form.all(f"q_{question.key}")), is_unknown=form.get(f"q_{question.key}_unknown") == "yes"
        )
        for question in facts.questions
    }
    if facts.asks_area and not form.get(f"q_{COARSE_AREA}"):
        # The place's own field asks for the town; words in its stead say that the town is not known.
        town = form.get("place_town") or (UNKNOWN if form.get("place_words").strip() else "")
        said[COARSE_AREA] = Said((town,) if town else ())
    return said


def _is_told(fault: Fault, facts: FormFacts, told: Sequence[Fault]) -> bool:
    """Say whether a fault of the coarse area is already told at the place."""
    is_area = facts.asks_area and fault.field == f"q_{COARSE_AREA}"
    return is_area and any(known.field.startswith("place") for known in told)


def _is_photo(file: LandedFile) -> bool:
    ruling = verdict(file.first_bytes, file.declared_type, file.size_bytes, Door.CITIZEN)
    return file.landed is not None and isinstance(ruling, Accepted)


def held_stamps(keys: KeyRing, kept: Sequence[KeptFile], *, now: datetime) -> list[str]:
    """Return stamps for photos that are already here while their form is not right yet: a browser forgets them."""
    return [
        keys.stamp(
            "held-photo",
            {
                "digest": file.digest, "size": file.size_bytes, "type": file.media_type, "name": file.original_name,
                "declared": file.declared_type, "path": file.path.value, "picture": file.is_picture,
                "masking": file.mark.masking.value if file.mark else None, "parts": file.mark.parts if file.mark else None,
            },
            expires_at=now + _HELD_FOR,
        )
        for file in kept
    ]  # fmt: skip


def held_files(form: LandedForm, keys: KeyRing, store: BlobStore, *, now: datetime) -> list[KeptFile]:
    """Return the photos an earlier round of this form has brought, if they are still here."""
    found = (keys.read_stamp("held-photo", stamp, now=now) for stamp in form.all(HELD)[:50])
    return [
        _held(facts)
        for facts in found
        if facts is not None and store.exists(facts["digest"])  # house: allow selects-in-queries (a blob, not a row)
    ]  # fmt: skip


def _held(facts: Mapping[str, Any]) -> KeptFile:
    mark = masks.mark(facts.get("masking"), facts.get("parts"))
    return KeptFile(
        digest=facts["digest"], size_bytes=facts["size"], media_type=facts["type"],
        declared_type=facts["declared"], original_name=facts["name"], path=PathIn(facts["path"]),
        is_picture=facts["picture"], fidelity=mark.fidelity if mark else Fidelity.ORIGINAL, mark=mark,
    )  # fmt: skip
