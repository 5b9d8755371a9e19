"""Between the pages and the rest of the room: a form's page, its photos, its pictures of the code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from app.evidence import service as evidence_service
from app.evidence.kinds import Door
from app.evidence.service import DeclinedFile, KeptFile
from app.geo.districts import district
from app.identity.actor import Actor
from app.intake import address, catalogue, codes, forms, prompts, rules, sources, views
from app.intake.catalogue import FormFacts
from app.intake.forms import AdditionForm, ReportForm
from app.intake.models import Report
from app.intake.prompts import Choice, Prompt
from app.intake.reception import declined_said
from app.intake.terms import UNKNOWN, Fault
from app.platform import clock, drawing
from app.platform.db import ReadSession, WriteSession
from app.platform.i18n import gettext
from app.platform.web.given import House
from app.reference import queries as reference
from app.reference.models import Category

__all__ = ["again", "blank", "declined_said", "keep", "keep_later", "qr_svg", "receipt_svg", "standing"]


@dataclass(frozen=True, slots=True)
class PinMap:
    """Where a map opens that nobody has moved yet, and how it is drawn."""

    lat: float
    lon: float
    datum: str
    deepest: int
    credit: str
    has_names: bool  # as a layer of their own


@dataclass(frozen=True, slots=True)
class FormPage:
    """One category's form, blank or with what was typed."""

    category: Category
    name: str
    safety: str
    photos_hint: str
    questions: Sequence[Prompt]
    more_questions: Sequence[Prompt]
    is_more_open: bool
    towns: Sequence[Choice]
    allows_photos: bool
    needs_masking: bool
    place_mode: str
    pin_map: PinMap | None
    suggests_address: bool
    words_optional: bool
    words_hint: str
    words_most: int
    values: Mapping[str, str]
    errors: Sequence[Fault]
    errors_by_field: Mapping[str, str]
    is_contact_open: bool
    contact_consent: str
    form_id: str
    source_stamp: str
    via: str
    held: Sequence[str]
    photo_limit: int
    forwarder_name: str
    office_hours: str
    words_least: int


def blank(facts: FormFacts, house: House, actor: Actor | None, *, via: str, now: datetime) -> FormPage:
    """Return a form nobody has written on."""
    stamp = forms.form_stamp(house.keys, now=now)
    return _form_page(facts, house, actor, {"form_id": [stamp], "via": [via]}, (), (), now=now)


def again(
    facts: FormFacts,
    house: House,
    actor: Actor | None,
    read: ReportForm,
    kept: Sequence[KeptFile],
    *,
    now: datetime,
) -> FormPage:
    """Return a form with everything typed and every photo kept, and what has to be put right."""
    return _form_page(facts, house, actor, read.values, read.errors, kept, now=now)


def _form_page(
    facts: FormFacts,
    house: House,
    actor: Actor | None,
    typed: Mapping[str, list[str]],
    errors: Sequence[Fault],
    kept: Sequence[KeptFile],
    *,
    now: datetime,
) -> FormPage:
    matter, category = facts.matter, facts.category
    by_field = {fault.field: fault.text for fault in reversed(errors)}
    opened, more = prompts.split(prompts.prompts(facts, typed, by_field), facts)
    values = {name: found[0] for name, found in typed.items()}
    towns = [
        Choice("", gettext("请选择")),
        *(Choice(town.key, prompts.said(town, "name")) for town in facts.towns),
    ]
    if not matter.allows_position:
        towns.append(Choice(UNKNOWN, gettext("不清楚")))
    contact = ("contact_name", "contact_phone", "contact_words", "contact_consent")
    area_fault = by_field.get(f"q_{catalogue.COARSE_AREA}", "")
    return FormPage(
        category=category, name=prompts.said(category, "name"), safety=prompts.said(category, "safety"),
        photos_hint=prompts.said(category, "photos_hint"), questions=opened, more_questions=more,
        is_more_open=any(prompt.error or prompt.value for prompt in more), towns=towns,
        allows_photos=matter.allows_photos, needs_masking=matter.needs_masking,
        place_mode="full" if matter.allows_position else "coarse",
        pin_map=_pin_map(house) if matter.allows_position else None,
        suggests_address=address.describes(matter, house) is not None,
        words_optional=matter.is_priority and matter.allows_photos,
        words_hint=prompts.said(facts.few_words, "hint") if facts.few_words else "",
        words_most=facts.words_most, values=values, errors=_linked(errors),
        errors_by_field=by_field | ({"place_town": area_fault} if area_fault else {}),
        is_contact_open=any(values.get(name) for name in contact) or any(name in by_field for name in contact),
        contact_consent=prompts.said(facts.contact, "text"), form_id=values.get("form_id", ""),
        source_stamp=sources.source_stamp(house.keys, actor, now=now) or values.get("source_stamp", ""),
        via=values.get("via", ""), held=forms.held_stamps(house.keys, kept, now=now),
        photo_limit=house.settings.photo_limit, forwarder_name=actor.org_name if actor else "",
        office_hours=house.settings.office_hours,
        words_least=rules.WORDS_LEAST,
    )  # fmt: skip


def _pin_map(house: House) -> PinMap | None:
    """Return the map of this installation, opened on its district; None where no tiles are configured."""
    settings = house.settings
    if not settings.tiles_url:
        return None
    box = district().bbox
    return PinMap(
        (box.south + box.north) / 2, (box.west + box.east) / 2, settings.tiles_datum, settings.tiles_deepest,
        settings.tiles_credit, bool(settings.tiles_names_url),
    )  # fmt: skip


def _linked(errors: Sequence[Fault]) -> list[Fault]:
    """Let the summary lead to a field that is on the page: the coarse area is asked at the place."""
    area = f"q_{catalogue.COARSE_AREA}"
    return [
        Fault("place_town", fault.message, fault.values) if fault.field == area else fault for fault in errors
    ]


def keep(read: ReportForm, facts: FormFacts, house: House) -> tuple[list[KeptFile], list[DeclinedFile]]:
    """Keep a form's photos before any row is written; those of an earlier round come first."""
    limit = house.settings.photo_limit
    held = list(read.held)[:limit]
    kept, declined = evidence_service.keep_files(
        house.store, read.files, door=Door.CITIZEN, limit=limit - len(held),
        is_forbidden=not facts.matter.allows_photos, path_of=forms.PATHS, marks=read.marks,
    )  # fmt: skip
    return ([*held, *kept] if facts.matter.allows_photos else []), declined


def keep_later(
    read: AdditionForm, house: House, *, allows_photos: bool
) -> tuple[list[KeptFile], list[DeclinedFile]]:
    """Keep the photos of an addition before any row is written."""
    return evidence_service.keep_files(
        house.store, read.files, door=Door.CITIZEN, limit=house.settings.photo_limit,
        is_forbidden=not allows_photos, path_of=forms.PATHS, marks=read.marks,
    )  # fmt: skip


def standing(
    session: ReadSession | WriteSession,
    request: Request,
    house: House,
    first: Report,
    *,
    now: datetime,
    read: AdditionForm | None = None,
) -> views.TrackPage:
    """Return the tracking page of a report, blank or with what was typed."""
    category = reference.category(session, first.category_key, clock.office_date(first.received_at))
    values = {name: found[0] for name, found in read.values.items()} if read else {}
    return views.track(
        session, first, request.app.state.urls,
        matter=catalogue.matter_of(category),
        form_id=values.get("form_id") or forms.form_stamp(house.keys, now=now),
        photo_limit=house.settings.photo_limit, values=values, errors=read.errors if read else (),
    )  # fmt: skip


def qr_svg(request: Request, house: House, code: str) -> Response:
    """Draw the QR code as a picture of its own."""
    return _svg(request, "intake/qr.svg", {"drawing": drawing.qr(_address(request, house, code))}, name="")


def receipt_svg(request: Request, house: House, code: str, received_at: datetime) -> Response:
    """Draw the receipt as a picture to keep."""
    values: dict[str, Any] = {
        "drawing": drawing.qr(_address(request, house, code)),
        "groups": codes.grouped(code).split(),
        "received_on": clock.office_date(received_at),
    }
    return _svg(request, "intake/receipt.svg", values, name="yixian.svg")


def _address(request: Request, house: House, code: str) -> str:
    return f"{house.settings.base_url}{request.app.state.urls('intake:track')}#{code}"


def _svg(request: Request, template: str, values: Mapping[str, Any], *, name: str) -> Response:
    body = request.app.state.environment.get_template(template).render(values)
    headers = {"Cache-Control": "no-store"}
    if name:
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return Response(body, media_type="image/svg+xml", headers=headers)
