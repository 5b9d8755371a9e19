"""The counter: a clue brought in person, by phone, by letter, by another department, or found by the office."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from app.clues import queries as clue_queries
from app.clues.service import Numbering
from app.desk import counter_forms, place_options
from app.desk.counter_forms import CounterForm
from app.desk.step_terms import Option
from app.evidence import service as evidence_service
from app.evidence.kinds import Door
from app.evidence.terms import PathIn
from app.identity.actor import Actor
from app.identity.guards import Requires
from app.identity.permissions import Verb
from app.intake import catalogue, codes
from app.intake import forms as intake_forms
from app.intake import queries as intake_queries
from app.intake import service as intake_service
from app.intake.terms import Fault, Received
from app.platform import clock, db, drawing
from app.platform.drawing import Drawing
from app.platform.errors import Missing
from app.platform.i18n import N_
from app.platform.i18n import gettext as _
from app.platform.web.cookies import cookie_name, set_cookie
from app.platform.web.given import Form, House, Now, ReadSession, Shared, WriteSession
from app.platform.web.render import in_locale, page, see_other
from app.reference import queries as reference
from app.triage import service

router = APIRouter()
Enterer = Annotated[Actor, Depends(Requires(Verb.CLUE_ENTER))]
_DOOR: Final = "counter"
_COOKIE: Final = "yixian_counter"
_RECEIPT_FOR: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class CounterPage:
    """The form, blank or with what was typed."""

    categories: Sequence[Option]
    channels: Sequence[Option]
    towns: Sequence[Option]
    datums: Sequence[Option]
    values: Mapping[str, str]
    errors: Sequence[Fault]
    errors_by_field: Mapping[str, str]
    consent: str
    form_id: str
    can_register: bool
    can_import: bool


@dataclass(frozen=True, slots=True)
class CounterReceipt:
    """What the person takes along."""

    code: str
    groups: Sequence[str]
    drawing: Drawing
    track_address: str
    number: str
    received_at: datetime
    clue_href: str | None


@router.get("/desk/counter", name="desk:counter")
def show_counter(
    request: Request, actor: Enterer, session: ReadSession, house: Shared, now: Now
) -> HTMLResponse:
    """Show a form nobody has written on."""
    local = now.astimezone(clock.OFFICE_ZONE)
    values = {"received_at": f"{local:%Y-%m-%dT%H:%M}"}
    return page(request, "desk/counter.html", _form_page(session, house, actor, values, (), now=now))


@router.post("/desk/counter", name="desk:enter")
def enter(
    request: Request,
    actor: Enterer,
    form: Form,
    reading: ReadSession,
    session: WriteSession,
    house: Shared,
    now: Now,
) -> Response:
    """Receive what was brought, give it a number if wished, and print the person's receipt."""
    read = _read(reading, house, form, now=now)
    if read.command is None:
        view = _form_page(reading, house, actor, read.values, read.errors, now=now)
        return page(request, "desk/counter.html", view, status=422)
    received = _receive(session, house, actor, read, now=now)
    response = see_other(request, "desk:counter_receipt")
    _hand_out(response, request, house, received.report_id, now=now)
    return response


@router.get("/desk/counter/receipt", name="desk:counter_receipt")
def show_receipt(
    request: Request, actor: Enterer, session: ReadSession, house: Shared, now: Now
) -> HTMLResponse:
    """Show the receipt to print, to the one who entered the report, for half an hour: it carries the code."""
    cookie = request.cookies.get(cookie_name(request, _COOKIE))
    facts = house.keys.read_stamp(_COOKIE, cookie, now=now) if cookie else None
    if facts is None or facts.get("account") != actor.account_id:
        raise Missing
    return page(
        request, "desk/counter_receipt.html", receipt_of(request, session, house, actor, str(facts["report"]))
    )


def _read(reading: db.ReadSession, house: House, form: Form, *, now: datetime) -> CounterForm:
    channels = {row.key: row.name for row in reference.channels(reading, _DOOR)}
    try:
        facts = catalogue.form_facts(reading, counter_forms.typed_category(form), now=now)
    except Missing:
        typed = {name: found[0] for name, found in form.fields.items() if found}
        return CounterForm(typed, [Fault("category", N_("请选择类别。"))], None, (), "", wants_number=False)
    return counter_forms.read(facts, form, channels, keys=house.keys, now=now)


def _receive(
    session: db.WriteSession, house: House, actor: Actor, read: CounterForm, *, now: datetime
) -> Received:
    if read.command is None:
        raise Missing
    # The bytes are durable before the first row is written (goals.md R1).
    kept, declined = evidence_service.keep_files(
        house.store, read.files, door=Door.STAFF, limit=house.settings.photo_limit,
        is_forbidden=not read.command.matter.allows_photos, path_of={counter_forms.PAPERS: PathIn.SCAN},
    )  # fmt: skip
    received = intake_service.receive(
        session, house, read.command, kept=kept, declined=declined, actor=actor, now=now
    )
    if received.is_new and read.handed_over_by:
        service.note_entry(session, actor, received.clue_id, now=now, text=read.handed_over_by)
    clue = clue_queries.by_id(session, received.clue_id)
    may_see = clue.compartment_id in actor.compartments and actor.may(Verb.CLUE_REGISTER)
    if received.is_new and read.wants_number and may_see:
        settings = house.settings
        service.register(
            session, actor, clue.id, version=clue.version, now=now,
            numbering=Numbering(settings.clue_number_pattern, settings.office_short, settings.number_start),
            evaluation_days=settings.evaluation_days,
        )  # fmt: skip
    return received


def _hand_out(response: Response, request: Request, house: House, report_id: str, *, now: datetime) -> None:
    actor: Actor = request.state.actor
    facts = {"report": report_id, "account": actor.account_id}
    stamp = house.keys.stamp(_COOKIE, facts, expires_at=now + _RECEIPT_FOR)
    set_cookie(
        response, request, cookie_name(request, _COOKIE), stamp, max_age=int(_RECEIPT_FOR.total_seconds())
    )


def receipt_of(
    request: Request, session: db.ReadSession | db.WriteSession, house: House, actor: Actor, report_id: str
) -> CounterReceipt:
    """Return the receipt of a report as it is printed for the person: code, number, day; nothing of what was said."""
    report = intake_queries.get(session, report_id)
    clue = clue_queries.by_id(session, report.clue_id)
    urls, code = request.app.state.urls, intake_queries.query_code(house.keys, report)
    address = f"{house.settings.base_url}{urls('intake:track')}"
    can_see = clue.compartment_id in actor.compartments
    return CounterReceipt(
        code=code,
        groups=codes.grouped(code).split(),
        drawing=drawing.qr(f"{address}#{code}"),
        track_address=address,
        number=clue.number or "",
        received_at=report.received_at,
        clue_href=urls("desk:clue", clue_id=clue.id) if can_see else None,
    )


def _form_page(
    session: db.ReadSession,
    house: House,
    actor: Actor,
    values: Mapping[str, str],
    errors: Sequence[Fault],
    *,
    now: datetime,
) -> CounterPage:
    today = clock.office_date(now)
    sources = {row.key: in_locale(row, "name") for row in reference.source_types(session)}
    pick = Option("", _("请选择"))
    return CounterPage(
        categories=[
            pick,
            *(Option(row.key, in_locale(row, "name")) for row in reference.categories(session, today)),
        ],
        channels=[
            pick,
            *(
                Option(
                    row.key, f"{in_locale(row, 'name')}（{sources.get(row.source_type, row.source_type)}）"
                )
                for row in reference.channels(session, _DOOR)
            ),
        ],
        towns=place_options.towns(session),
        datums=place_options.datums(),
        values=values,
        errors=errors,
        errors_by_field={fault.field: fault.text for fault in reversed(errors)},
        consent=in_locale(reference.consent(session, "contact"), "text"),
        form_id=values.get("form_id") or intake_forms.form_stamp(house.keys, now=now),
        can_register=actor.may(Verb.CLUE_REGISTER),
        can_import=actor.may(Verb.REPORT_IMPORT),
    )
