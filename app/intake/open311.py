"""The Open311 GeoReport v2 door: services from our categories, definitions from our questions, requests as reports.

What a stranger may list is empty (domain.md, trap 10): a request is read only by its own unguessable id, and says
no more than the tracking page. `service_request_id` is a UUID of its own, never the query code or the number.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Final
from xml.etree import ElementTree as ET

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError

from app.clues import lifecycle
from app.clues import queries as clue_queries
from app.clues.terms import ClueState
from app.identity.guards import Anyone
from app.intake import catalogue, queries, sending, service, shedding
from app.intake.models import Report
from app.intake.schemas import ReportIn
from app.intake.sending import Sent
from app.platform import clock, ids
from app.platform.errors import Invalid, Missing
from app.platform.i18n import N_, gettext
from app.platform.web.given import Form, Now, ReadSession, Shared, WriteSession
from app.platform.web.landing import LandedForm
from app.reference import queries as reference
from app.reference.models import Question

router = APIRouter(prefix="/open311/v2")
_DATATYPES: Final = {
    "bool": "singlevaluelist",
    "enum": "singlevaluelist",
    "multi": "multivaluelist",
    "text": "text",
    "int": "number",
    "number": "number",
    "date": "datetime",
    "datetime": "datetime",
}
_ATTRIBUTE: Final = "attribute["
# Whoever knows ids may ask about so many at once.
_AT_ONCE: Final = 50
Ending = Annotated[str, Path(pattern="^(json|xml)$")]


class UnreadableRequest(Invalid):
    """The request is not what the service's definition asks for; details name the places."""

    code = "unreadable_request"
    text = N_("这份内容的格式不对，没有收下。")


def _answer(
    ending: str, root: str, each: str, rows: Sequence[Mapping[str, Any]], status: int = 200
) -> Response:
    if ending == "json":
        return JSONResponse(list(rows), status)
    top = ET.Element(root)
    for row in rows:
        _put(ET.SubElement(top, each), row)
    return Response(ET.tostring(top, encoding="utf-8", xml_declaration=True), status, media_type="text/xml")


def _put(parent: ET.Element, row: Mapping[str, Any]) -> None:
    for key, value in row.items():
        child = ET.SubElement(parent, key)
        if isinstance(value, Mapping):
            _put(child, value)
        elif isinstance(value, list):
            for item in value:
                _put(ET.SubElement(child, key.removesuffix("s")), item)
        elif value is not None:
            child.text = str(value).lower() if isinstance(value, bool) else _clean(str(value))


def _clean(text: str) -> str:
    """Leave out what XML 1.0 has no way to say (control characters other than tab and line ends)."""
    return "".join(letter for letter in text if letter in "\t\n\r" or letter >= " ")


@router.get("/discovery.{ending}", name="open311:discovery")
def discovery(_guard: Anyone, house: Shared, ending: Ending) -> Response:
    """Say where the door is and what it speaks."""
    base = house.settings.base_url + "/open311/v2"
    found = {
        "changeset": "2026-11-23T00:00:00Z",
        "contact": house.settings.office_phone,
        "key_service": "none needed",
        "endpoints": [
            {"specification": "http://wiki.open311.org/GeoReport_v2", "url": base, "type": "production",
             "changeset": "2026-11-23T00:00:00Z", "formats": [{"format": "text/xml"}, {"format": "application/json"}]}
        ],
    }  # fmt: skip
    if ending == "json":
        return JSONResponse(found)
    top = ET.Element("discovery")
    _put(top, found)
    return Response(ET.tostring(top, encoding="utf-8", xml_declaration=True), media_type="text/xml")


@router.get("/services.{ending}", name="open311:services")
def services(_guard: Anyone, session: ReadSession, now: Now, ending: Ending) -> Response:
    """List what may be reported."""
    groups = {group.key: group.name for group in reference.groups(session)}
    rows = [
        {
            "service_code": row.key, "service_name": row.name, "description": row.plain, "metadata": True,
            "type": "realtime", "keywords": ",".join(row.keywords), "group": groups.get(row.group_key, ""),
        }
        for row in reference.categories(session, clock.office_date(now))
    ]  # fmt: skip
    return _answer(ending, "services", "service", rows)


@router.get("/services/{service_code}.{ending}", name="open311:definition")
def definition(_guard: Anyone, session: ReadSession, now: Now, service_code: str, ending: Ending) -> Response:
    """Give a service's questions."""
    today = clock.office_date(now)
    category = reference.category(session, service_code, today)
    attributes = [
        _attribute(order, question)
        for order, question in enumerate(reference.all_questions(session, service_code, today), start=1)
    ]
    found = {"service_code": category.key, "attributes": attributes}
    if ending == "json":
        return JSONResponse(found)
    top = ET.Element("service_definition")
    _put(top, found)
    return Response(ET.tostring(top, encoding="utf-8", xml_declaration=True), media_type="text/xml")


def _attribute(order: int, question: Question) -> dict[str, Any]:
    options = question.options
    if question.kind == "bool":
        options = [{"value": "yes", "label": gettext("是")}, {"value": "no", "label": gettext("否")}]
    values = [{"key": option["value"], "name": option["label"]} for option in options]
    return {
        "variable": True, "code": question.key, "datatype": _DATATYPES[question.kind], "required": question.is_required,
        "datatype_description": question.hint, "order": order, "description": question.label,
        **({"values": values} if values else {}),
    }  # fmt: skip


@router.get("/requests.{ending}", name="open311:requests")
def requests(
    _guard: Anyone, session: ReadSession, now: Now, ending: Ending, service_request_id: str = ""
) -> Response:
    """Say how the requests stand whose ids are named; list none otherwise: open clues are never listed to the public."""
    asked = list(dict.fromkeys(filter(None, service_request_id.split(","))))[:_AT_ONCE]
    found = (queries.by_open311_id(session, each.strip()) for each in asked)
    names = _names(session, now)
    rows = [_standing(session, report, names) for report in found if report is not None]
    return _answer(ending, "service_requests", "request", rows)


@router.get("/requests/{request_id}.{ending}", name="open311:request")
def request(_guard: Anyone, session: ReadSession, now: Now, request_id: str, ending: Ending) -> Response:
    """Say how one request stands, to whoever knows its id."""
    report = queries.by_open311_id(session, request_id)
    if report is None:
        raise Missing
    return _answer(ending, "service_requests", "request", [_standing(session, report, _names(session, now))])


@router.get("/tokens/{token}.{ending}", name="open311:token")
def token(_guard: Anyone, session: ReadSession, token: str, ending: Ending) -> Response:
    """Give the id that belongs to a token. Ours are given at once, so that a request's token is its id."""
    if queries.by_open311_id(session, token) is None:
        raise Missing
    row = {"service_request_id": token, "token": token}
    return _answer(ending, "service_requests", "request", [row])


def _names(session: ReadSession, now: datetime) -> dict[str, str]:
    return {row.key: row.name for row in reference.categories(session, clock.office_date(now))}


def _standing(session: ReadSession, report: Report, names: Mapping[str, str]) -> dict[str, Any]:
    """Return every field of the standard; what a stranger may not know of a matter is empty."""
    clue = clue_queries.by_id(session, report.clue_id)
    wording = reference.wording(session, clue.public_status)
    withheld = dict.fromkeys((
        "description", "agency_responsible", "service_notice", "expected_datetime", "address", "address_id", "zipcode",
        "lat", "long", "media_url",
    ))  # fmt: skip
    return {
        "service_request_id": report.open311_id,
        "status": "closed" if ClueState(clue.state) in lifecycle.ENDED else "open",
        "status_notes": wording.sentence,
        "service_name": names.get(report.category_key),
        "service_code": report.category_key,
        "requested_datetime": report.received_at.isoformat(timespec="seconds"),
        "updated_datetime": clue.state_since.isoformat(timespec="seconds"),
        **withheld,
        "extended_attributes": {"status": wording.status},
    }


@router.post("/requests.{ending}", name="open311:post_request")
def post_request(
    _guard: Anyone,
    request: Request,
    form: Form,
    session: WriteSession,
    house: Shared,
    now: Now,
    ending: Ending,
) -> Response:
    """Receive a request as a report; its clients know no proof of work, so pressure only marks what they send."""
    body = _report(form)
    with house.database.read_session() as reading:
        facts = catalogue.form_facts(reading, body.category, now=now)
    settings = house.settings
    command = sending.command_of(
        ids.new(), Sent(body, ""), facts,
        keys=house.keys, limit=settings.photo_limit, most_bytes=settings.photo_max_bytes, now=now,
    )  # fmt: skip
    command = replace(command, quarantine=shedding.pressure(session, house, request, now=now))
    received = service.receive(session, house, command, kept=[], declined=[], actor=None, now=now)
    report = queries.get(session, received.report_id)
    row = {
        "service_request_id": report.open311_id, "service_notice": queries.query_code(house.keys, report),
        "account_id": None,
    }  # fmt: skip
    return _answer(ending, "service_requests", "request", [row], 201)


def _report(form: LandedForm) -> ReportIn:
    """Read the fields of GeoReport v2; a name or phone is kept only with `contact_consent=yes` (PIPL)."""
    answers: dict[str, Any] = {}
    for name, values in form.fields.items():
        if name.startswith(_ATTRIBUTE) and name.endswith(("]", "][]")):
            key = name.removeprefix(_ATTRIBUTE).removesuffix("[]").removesuffix("]")
            answers[key] = values if name.endswith("[]") or len(values) > 1 else values[0]
    lat, lon = _number(form.get("lat")), _number(form.get("long"))
    person = " ".join(filter(None, (form.get("first_name"), form.get("last_name")))).strip()
    phone = form.get("phone").strip()
    try:
        return ReportIn.model_validate(
            {
                "category": form.get("service_code"), "words": form.get("description"), "answers": answers,
                "secret": base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("="),
                "place": {"lat": lat, "lon": lon, "words": form.get("address_string"), "source": "pin"},
                "contact": {"name": person, "phone": phone, "consent": True} if (person or phone) and form.get("contact_consent") == "yes" else None,
            }
        )  # fmt: skip
    except ValidationError as error:
        places = {
            ".".join(map(str, each["loc"])) for each in error.errors(include_input=False, include_url=False)
        }
        raise UnreadableRequest(errors=sorted(places)) from error


def _number(typed: str) -> float | None:
    try:
        return float(typed) if typed.strip() else None
    except ValueError as error:
        raise UnreadableRequest(errors=["lat", "long"]) from error
