"""Words for a position, where an installation has a geocoder: a suggestion the reporter may keep or change.

The service learns the middle of a hundred-metre square and nothing else of the reporter; of a matter of a closed
circle (near a military facility, of a minor) it learns nothing at all.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.geo.geocoding import PacedGeocoder, geocoder_of
from app.geo.terms import PointRefused, Wgs84Point
from app.identity.guards import Anyone
from app.identity.terms import CompartmentKind
from app.intake import catalogue
from app.intake.places import WORDS_MOST
from app.intake.terms import Matter
from app.platform import rates
from app.platform.errors import Missing
from app.platform.web.given import Form, House, Now, ReadSession, Shared
from app.platform.web.landing import LandedForm

router = APIRouter()


def describes(matter: Matter, house: House) -> PacedGeocoder | None:
    """Return who may be asked about places of this kind of matter; None where nobody may."""
    is_open = matter.allows_position and matter.compartment_kind == CompartmentKind.OPEN
    return geocoder_of(house.settings.geocoder) if is_open else None


@router.post("/report/{category_key}/address", name="intake:address")
def suggest_address(
    request: Request,
    category_key: str,
    _guard: Anyone,
    form: Form,
    session: ReadSession,
    house: Shared,
    now: Now,
) -> Response:
    """Answer a position with words as plain text; an empty answer is none."""
    geocoder = describes(catalogue.form_facts(session, category_key, now=now).matter, house)
    if geocoder is None:
        raise Missing
    rates.check(request, house, "address", house.settings.tries_per_hour)
    point = _point(form)
    words = geocoder.describe(point) if point else None
    told = " ".join((words or "").split())[:WORDS_MOST]
    return Response(told, media_type="text/plain", headers={"Cache-Control": "no-store"})


def _point(form: LandedForm) -> Wgs84Point | None:
    try:
        return Wgs84Point(float(form.get("lat")[:40]), float(form.get("lon")[:40]))
    except (ValueError, PointRefused):
        return None
