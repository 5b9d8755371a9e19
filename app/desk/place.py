"""Putting a clue's place right: by words, by coordinates, or by a search where the installation has a geocoder.

What is searched for is typed by the office, never taken from what a reporter wrote; and nothing is asked about a
clue of a closed circle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from app.clues import queries as clue_queries
from app.clues.models import Clue
from app.clues.rules import MILITARY_B
from app.clues.service import PlaceOfClue
from app.clues.terms import Standing
from app.desk import place_options
from app.desk.answers import StepForm, StepRoute
from app.desk.step_terms import Option
from app.desk.steps import Registrar, done
from app.geo.geocoding import PacedGeocoder, geocoder_of
from app.geo.terms import PlaceSource, Wgs84Point
from app.identity import queries as identity_queries
from app.identity.terms import CompartmentKind
from app.intake import places
from app.intake.places import ReadPlace, TypedPlace
from app.intake.terms import Fault
from app.platform import db
from app.platform.errors import Missing
from app.platform.i18n import gettext as _
from app.platform.web.given import Form, House, Now, ReadSession, Shared, WriteSession
from app.platform.web.landing import LandedForm
from app.platform.web.render import page
from app.reference import queries as reference
from app.triage import service
from app.triage.forms import Reading

router = APIRouter(route_class=StepRoute)
_FIELDS: Final = ("town", "words", "pasted", "datum")
_SOUGHT_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class PlaceForm:
    """The form, with what stands or what was typed, and what a search found."""

    clue_id: str
    title: str
    version: int
    standing_at: str
    allows_position: bool
    can_ask: bool
    towns: Sequence[Option]
    datums: Sequence[Option]
    values: Mapping[str, str]
    errors: Sequence[Fault]
    errors_by_field: Mapping[str, str]
    found: str = ""
    trouble: str = ""


@router.get("/desk/clues/{clue_id}/place", name="desk:place")
def show_place(
    request: Request, clue_id: str, actor: Registrar, session: ReadSession, house: Shared
) -> HTMLResponse:
    """Show the place as it stands, ready to be put right."""
    clue = clue_queries.get(session, actor, clue_id)
    return page(request, "desk/place.html", _page(session, house, clue, _standing_values(clue)))


@router.post("/desk/clues/{clue_id}/place/search", name="desk:find_place")
def find_place(
    request: Request, clue_id: str, actor: Registrar, form: Form, session: ReadSession, house: Shared
) -> HTMLResponse:
    """Ask the geocoder for a name, or for words at the standing position; what it says is only a suggestion."""
    clue = clue_queries.get(session, actor, clue_id)
    geocoder = _geocoder(session, house, clue)
    if geocoder is None:
        raise Missing
    values = _typed_values(form)
    shown = _page(session, house, clue, values)
    answered = _described(clue, geocoder, shown) if form.get("here") else _found(form, geocoder, shown)
    return page(request, "desk/place.html", answered)


@router.post("/desk/clues/{clue_id}/place", name="triage:set_place")
def set_place(
    request: Request,
    clue_id: str,
    actor: Registrar,
    form: StepForm,
    session: WriteSession,
    house: Shared,
    now: Now,
) -> Response:
    """Put the place right; what the reporter stated stays with the report."""
    clue = clue_queries.get(session, actor, clue_id)
    allows_position = _allows_position(session, clue)
    read = places.read(
        TypedPlace(**{name: form.get(name) for name in _FIELDS}), _town_names(session),
        allows_position=allows_position, now=now,
    )  # fmt: skip
    if read.faults:
        errors = [replace(fault, field=fault.field.removeprefix("place_")) for fault in read.faults]
        again = _page(session, house, clue, _typed_values(form), errors)
        return page(request, "desk/place.html", again, status=422)
    place = _place(clue, read, form, allows_position=allows_position)
    service.set_place(session, actor, clue_id, version=Reading(form).version(), now=now, place=place)
    return done(request, form, clue_id, _("地点已保存"))


def _place(clue: Clue, read: ReadPlace, form: LandedForm, *, allows_position: bool) -> PlaceOfClue:
    """Return the place with the new position, else the one that stands, else none where it was taken away."""
    stated = read.place
    if stated.lat is not None:
        standing = PlaceOfClue(
            lat=stated.lat, lon=stated.lon, accuracy_m=stated.accuracy_m, source=PlaceSource.STAFF.value,
            raw=stated.raw, standing=Standing(stated.standing),
        )  # fmt: skip
    elif form.get("drop_position") == "yes" or not allows_position or clue.lat is None:
        standing = PlaceOfClue(source=PlaceSource.STAFF.value)
    else:
        standing = PlaceOfClue(
            lat=clue.lat, lon=clue.lon, accuracy_m=clue.accuracy_m, source=clue.place_source,
            raw=clue.place_raw, fixed_at=clue.place_fixed_at, standing=Standing(clue.standing),
        )  # fmt: skip
    return replace(standing, words=stated.words, town_key=stated.town_key)


def _found(form: LandedForm, geocoder: PacedGeocoder, shown: PlaceForm) -> PlaceForm:
    words = " ".join(form.get("sought").split())[:_SOUGHT_MOST]
    found = geocoder.find(words) if words else None
    if found is None:
        return replace(shown, trouble=_("没有找到，请换个说法，或者直接填坐标。"))
    at = f"{found.point.lat:.6f}, {found.point.lon:.6f}"
    return replace(shown, found=found.label, values={**shown.values, "pasted": at, "datum": "wgs84"})


def _described(clue: Clue, geocoder: PacedGeocoder, shown: PlaceForm) -> PlaceForm:
    here = Wgs84Point(clue.lat, clue.lon) if clue.lat is not None and clue.lon is not None else None
    words = geocoder.describe(here) if here else None
    if not words:
        return replace(shown, trouble=_("没有读出地址，请自己写一写附近有什么。"))
    return replace(shown, found=" ".join(words.split())[: places.WORDS_MOST])


def _standing_values(clue: Clue) -> dict[str, str]:
    return {"town": clue.town_key or "", "words": clue.place_words, "pasted": "", "datum": "gcj02"}


def _typed_values(form: LandedForm) -> dict[str, str]:
    return {name: form.get(name) for name in (*_FIELDS, "sought", "drop_position")}


def _town_names(session: db.ReadSession | db.WriteSession) -> dict[str, str]:
    return {town.key: town.name for town in reference.towns(session)}


def _allows_position(session: db.ReadSession | db.WriteSession, clue: Clue) -> bool:
    """Near military facilities no position is kept, whoever brings it (domain.md 1.6)."""
    kind = reference.ever_category(session, clue.category_key)
    return clue.public_status != MILITARY_B and kind is not None and kind.position != "forbidden"


def _geocoder(session: db.ReadSession | db.WriteSession, house: House, clue: Clue) -> PacedGeocoder | None:
    is_open = identity_queries.compartment_kind(session, clue.compartment_id) is CompartmentKind.OPEN
    return geocoder_of(house.settings.geocoder) if is_open and _allows_position(session, clue) else None


def _page(
    session: db.ReadSession | db.WriteSession,
    house: House,
    clue: Clue,
    values: Mapping[str, str],
    errors: Sequence[Fault] = (),
) -> PlaceForm:
    return PlaceForm(
        clue_id=clue.id,
        title=clue.title,
        version=clue.version,
        standing_at="" if clue.lat is None else f"{clue.lat:.5f}, {clue.lon:.5f}",
        allows_position=_allows_position(session, clue),
        can_ask=_geocoder(session, house, clue) is not None,
        towns=place_options.towns(session),
        datums=place_options.datums(),
        values=values,
        errors=errors,
        errors_by_field={fault.field: fault.text for fault in reversed(errors)},
    )
