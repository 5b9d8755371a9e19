"""Reports as phones would send them: every form of the season is filled in and read by the real form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from app.demo import pictures, words
from app.demo.office import Office, chance
from app.evidence import service as evidence_service
from app.evidence.kinds import FIRST_BYTES, Door
from app.identity.actor import Actor
from app.intake import catalogue, forms, service
from app.intake.catalogue import FormFacts
from app.platform import clock
from app.platform.landed import LandedFile
from app.platform.storage import BlobStore
from app.platform.web.landing import LandedForm
from app.reference.models import Question

_OUTSIDE: Final = (45.7566, 126.6425)
_YES_WHEN_URGENT: Final = 0.05
_ANSWERED: Final = 0.7
_FEW: Final = 120


@dataclass(frozen=True, slots=True)
class Plan:
    """What one report is about: drawn once, so that a neighbour may tell of the same matter again."""

    category_key: str
    town_key: str
    place: str
    lat: float
    lon: float
    photos: int
    forwarder: str | None = None
    channel: str = "web"
    is_outside: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of it."""

    report_id: str
    clue_id: str


class NotAccepted(RuntimeError):
    """The real form found a fault in a demonstration report: the demonstration is wrong, not the form."""


def send(office: Office, plan: Plan, rng: Random, *, now: datetime) -> Sent:
    """Fill in the form, keep the photos, receive the report: the same calls as the page makes."""
    house, actor = office.house, office.people[plan.forwarder] if plan.forwarder else None
    with house.database.read_session() as reading:
        facts = catalogue.form_facts(reading, plan.category_key, now=now)
    form = _filled(facts, plan, rng, now=now)
    if facts.matter.allows_photos:
        form.files += photos(house.store, plan, facts.category.group_key, rng, now=now)
    read = forms.read_report(facts, form, keys=house.keys, store=house.store, actor=actor, now=now)
    if read.command is None:
        raise NotAccepted(f"{plan.category_key}: {[fault.text for fault in read.errors]}")
    kept, declined = evidence_service.keep_files(
        house.store, read.files, door=Door.CITIZEN, limit=house.settings.photo_limit,
        is_forbidden=not facts.matter.allows_photos, path_of=forms.PATHS,
    )  # fmt: skip
    forwarder: Actor | None = actor if read.command.forwarder else None
    with house.database.write_session() as session:
        received = service.receive(
            session, house, read.command, kept=kept, declined=declined, actor=forwarder, now=now
        )
    return Sent(received.report_id, received.clue_id)


def photos(store: BlobStore, plan: Plan, group_key: str, rng: Random, *, now: datetime) -> list[LandedFile]:
    """Draw a report's photos and land them as the form would."""
    scene = pictures.scene_of(plan.category_key, group_key)
    return [
        land(
            store,
            pictures.picture(
                scene, rng, taken_at=now - timedelta(minutes=rng.randint(2, 600)), is_turned=chance(rng, 0.2),
                position=(plan.lat, plan.lon) if chance(rng, 0.4) else None,
            ),
            f"IMG_{rng.randint(1000, 9999)}.jpg",
        )
        for _photo in range(plan.photos)
    ]  # fmt: skip


def land(store: BlobStore, content: bytes, name: str) -> LandedFile:
    """Land bytes of our own as an uploaded file."""
    incoming = store.incoming()
    incoming.write(content)
    return LandedFile(
        field="photos", name=name, declared_type="image/jpeg", size_bytes=len(content),
        first_bytes=content[:FIRST_BYTES], landed=incoming.seal(),
    )  # fmt: skip


def _filled(facts: FormFacts, plan: Plan, rng: Random, *, now: datetime) -> LandedForm:
    fields: dict[str, list[str]] = {"via": [plan.channel]}
    fields["words"] = [words.said(rng, "words", plan.category_key)[: facts.words_most]]
    fields |= _place(facts, plan, rng, now=now)
    if chance(rng, 0.22):  # about one in five leaves a number
        fields |= {"contact_phone": [f"1380000{rng.randint(0, 9999):04d}"], "contact_consent": ["yes"]}
    for question in facts.questions:
        if question.key not in facts.asked_elsewhere and (question.is_required or chance(rng, _ANSWERED)):
            said = _answer(question, rng, now=now)
            fields[f"q_{question.key}" if said else f"q_{question.key}_unknown"] = said or ["yes"]
    if facts.matter.needs_masking:
        fields["photos_said"] = ["clear" if chance(rng, 0.8) else "as_is"]
    return LandedForm(fields=fields)


def _place(facts: FormFacts, plan: Plan, rng: Random, *, now: datetime) -> dict[str, list[str]]:
    if not facts.matter.allows_position:
        return {"place_town": [plan.town_key]}
    lat, lon = _OUTSIDE if plan.is_outside else (plan.lat, plan.lon)
    stated = {"place_words": [plan.place]}
    if not plan.is_outside:
        stated["place_town"] = [plan.town_key]
    if plan.is_outside or chance(rng, 0.6):  # most phones give a position
        stated |= {
            "place_lat": [f"{lat + rng.uniform(-0.0004, 0.0004):.6f}"],
            "place_lon": [f"{lon + rng.uniform(-0.0004, 0.0004):.6f}"],
            "place_accuracy_m": [str(rng.choice((8, 12, 15, 24, 40, 65, 300)))], "place_source": ["browser"],
            "place_fixed_at": [(now - timedelta(seconds=rng.randint(5, 400))).isoformat()],
        }  # fmt: skip
    elif chance(rng, 0.2):  # a few paste from a map
        stated |= {"place_pasted": [f"{lat:.5f}, {lon:.5f}"], "place_datum": ["gcj02"]}
    return stated


def _answer(question: Question, rng: Random, *, now: datetime) -> list[str]:
    """Return what is typed for one question; nothing typed means 不清楚."""
    if chance(rng, 0.12):
        return []
    match question.kind:
        case "bool":
            return ["yes" if chance(rng, _YES_WHEN_URGENT if question.is_urgent else 0.55) else "no"]
        case "enum" | "multi":
            return _chosen(question, rng)
        case "text":
            told = words.answer(rng, question.key)
            return [told] if told else []
        case _:
            return [_measured(question, rng, now=now)]


def _measured(question: Question, rng: Random, *, now: datetime) -> str:
    today = clock.office_date(now)
    if question.kind == "date":
        back = rng.randint(20, 200) if "expiry" in question.key else rng.randint(0, 4)
        return str(today - timedelta(days=back))
    if question.kind == "datetime":
        local = (now - timedelta(hours=rng.randint(1, 60))).astimezone(clock.OFFICE_ZONE)
        return f"{local:%Y-%m-%dT%H:%M}"
    low = int(question.low or 0)
    high = int(min(question.high if question.high is not None else _FEW, low + _FEW))
    return str(rng.randint(min(max(low, 1), high), high))


def _chosen(question: Question, rng: Random) -> list[str]:
    calm: Sequence[str] = [option["value"] for option in question.options if not option.get("urgent")]
    urgent: Sequence[str] = [option["value"] for option in question.options if option.get("urgent")]
    pool = urgent if urgent and (not calm or chance(rng, _YES_WHEN_URGENT)) else calm
    return (
        [rng.choice(pool)]
        if question.kind == "enum"
        else rng.sample(pool, k=min(len(pool), rng.randint(1, 2)))
    )
