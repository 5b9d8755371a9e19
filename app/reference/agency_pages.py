"""The agencies' screens: who a clue may be transferred to or come from, and who answers for what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.identity.actor import Actor
from app.identity.duty_contacts import CONTACTS
from app.identity.guards import Requires
from app.identity.labels import ORG_KINDS
from app.identity.models import OrgUnit
from app.identity.permissions import Verb
from app.identity.terms import OrgKind
from app.platform import clock, db
from app.platform.i18n import gettext as _
from app.platform.i18n import listed
from app.platform.web.given import Form, Now, ReadSession, Shared, WriteSession
from app.platform.web.render import Flash, in_locale, page, see_other
from app.reference import agency_forms, agency_service, forms, queries
from app.reference.agency_forms import AgencyTyped, DutyTyped
from app.reference.forms import Group
from app.reference.inputs import Option, Wrong
from app.reference.queries import RECEIVER_KINDS
from app.reference.views import Heap, Link, Mark, Row

router = APIRouter()
AgencyEditor = Annotated[Actor, Depends(Requires(Verb.AGENCY_EDIT))]


@dataclass(frozen=True)
class AgenciesPage:
    """Every organisation the office deals with, under its kind."""

    heaps: list[Heap]
    unconfirmed: int


@dataclass(frozen=True)
class AgencyPage:
    """One organisation's form with its duties."""

    title: str
    crumbs: list[Link]
    action: str
    version: int
    groups: list[Group]
    errors: list[Wrong]
    duties: list[DutyTyped]
    told: dict[str, str]
    categories: list[Option]
    towns: list[Option]
    roles: list[Option]
    defaults: list[Row]
    is_stale: bool
    is_lost: bool


@router.get("/agencies", name="reference:agencies")
def show_agencies(request: Request, actor: AgencyEditor, session: ReadSession, now: Now) -> Response:
    """Show who clues go to and come from."""
    units = queries.org_units(session, actor.office_id)
    names = {row.key: in_locale(row, "name") for row in queries.categories(session, clock.office_date(now))}
    leads: dict[str, list[str]] = {}
    for duty in queries.duties(session, [unit.id for unit in units]):
        leads.setdefault(duty.org_unit_id, []).append(names.get(duty.category_key, duty.category_key))
    heaps = _heaps(request, units, leads)
    unconfirmed = sum(not unit.is_confirmed for unit in units if unit.is_active)
    return page(request, "reference/agencies.html", AgenciesPage(heaps, unconfirmed))


@router.get("/agencies/new", name="reference:new_agency")
def show_new_agency(request: Request, _actor: AgencyEditor, session: ReadSession, now: Now) -> Response:
    """Show the empty form of an organisation."""
    blank = AgencyTyped({"kind": OrgKind.AGENCY.value, "is_active": "yes"}, [], [], {}, [], 0)
    return page(request, "reference/agency.html", _agency_page(request, session, None, blank, now))


@router.post("/agencies", name="reference:add_agency")
def add_agency(
    request: Request, actor: AgencyEditor, house: Shared, session: WriteSession, form: Form, now: Now
) -> Response:
    """Add an organisation."""
    typed = agency_forms.read(form, *_choices(session, now))
    if typed.errors:
        return page(
            request, "reference/agency.html", _agency_page(request, session, None, typed, now), status=422
        )
    agency_service.add(session, house.keys, actor.doer, actor.office_id, typed.row, typed.duty_rows, now=now)
    return see_other(request, "reference:agencies", flash=Flash(_("单位已经添加。")))


@router.get("/agencies/{agency_id}", name="reference:agency")
def show_agency(
    request: Request, actor: AgencyEditor, house: Shared, session: ReadSession, now: Now, agency_id: str
) -> Response:
    """Show one organisation's form."""
    unit = queries.org_unit_of(session, actor.office_id, agency_id)
    duties = agency_forms.duties_typed(queries.duties(session, [unit.id]))
    known = AgencyTyped(agency_forms.typed_of(house.keys, unit), duties, [], {}, [], unit.version)
    is_lost = CONTACTS.is_lost(house.keys, unit)
    shown = _agency_page(request, session, unit, known, now, is_lost=is_lost)
    return page(request, "reference/agency.html", shown)


@router.post("/agencies/{agency_id}", name="reference:change_agency")
def change_agency(
    request: Request,
    actor: AgencyEditor,
    house: Shared,
    session: WriteSession,
    form: Form,
    now: Now,
    agency_id: str,
) -> Response:
    """Change an organisation and its duties; a stale page is shown again with what was typed."""
    unit = queries.org_unit_of(session, actor.office_id, agency_id)
    typed = agency_forms.read(form, *_choices(session, now))
    is_stale = typed.version != unit.version
    if typed.errors or is_stale:
        shown = _agency_page(request, session, unit, typed, now, is_stale=is_stale)
        return page(request, "reference/agency.html", shown, status=422 if typed.errors else 409)
    agency_service.change(
        session, house.keys, actor.doer, unit, typed.row, typed.duty_rows, version=typed.version, now=now
    )
    return see_other(request, "reference:agencies", flash=Flash(_("单位已经保存。")))


def _choices(session: db.ReadSession | db.WriteSession, now: datetime) -> tuple[list[Option], list[Option]]:
    categories = queries.categories(session, clock.office_date(now))
    towns = queries.towns(session)
    return (
        [Option(row.key, in_locale(row, "name")) for row in categories],
        [Option(row.key, in_locale(row, "name")) for row in towns],
    )


def _heaps(request: Request, units: Any, leads: dict[str, list[str]]) -> list[Heap]:
    url = request.app.state.urls
    found: dict[str, list[Row]] = {kind.value: [] for kind in (*RECEIVER_KINDS, *OrgKind)}
    for unit in units:
        marks: list[Mark] = [] if unit.is_active else [(_("已停用"), "plain")]
        marks.append((_("已核实"), "done") if unit.is_confirmed else (_("待核实"), "time"))
        # Whom to call stands on the organisation's own page: a list of fifty opens nothing.
        has_phone = _("留了电话") if CONTACTS.is_there(unit, "phone") else ""
        said = [has_phone, listed(leads.get(unit.id, [])[:4])]
        about = "  ·  ".join(part for part in said if part)
        row = Row(url("reference:agency", agency_id=unit.id), in_locale(unit, "name"), about, marks)
        found[unit.kind].append(row)
    return [Heap(_(ORG_KINDS[OrgKind(kind)]), rows) for kind, rows in found.items() if rows]


def _agency_page(
    request: Request,
    session: db.ReadSession | db.WriteSession,
    unit: OrgUnit | None,
    typed: AgencyTyped,
    now: datetime,
    *,
    is_stale: bool = False,
    is_lost: bool = False,
) -> AgencyPage:
    url = request.app.state.urls
    title = _("添加单位") if unit is None else unit.name
    action = (
        url("reference:add_agency") if unit is None else url("reference:change_agency", agency_id=unit.id)
    )
    categories, towns = _choices(session, now)
    blanks = [DutyTyped()] * max(0, agency_forms.BLANK_ROWS - sum(not duty.category for duty in typed.duties))
    known = forms.Lists({}, {})
    return AgencyPage(
        title=title, crumbs=[Link(_("单位"), url("reference:agencies")), Link(title, None)], action=action,
        version=unit.version if unit is not None else 0,
        groups=forms.groups(agency_forms.INPUTS, typed.values, typed.errors, known), errors=typed.errors,
        duties=[*typed.duties, *blanks], told={error.field: error.text for error in typed.errors},
        categories=[Option("", _("没有")), *categories], towns=[Option("", _("全区")), *towns],
        roles=[Option(agency_forms.LEAD, _("牵头")), Option(agency_forms.CO, _("配合"))],
        defaults=_defaults(request, session, unit, now), is_stale=is_stale, is_lost=is_lost,
    )  # fmt: skip


def _defaults(
    request: Request, session: db.ReadSession | db.WriteSession, unit: OrgUnit | None, now: datetime
) -> list[Row]:
    """Return the categories whose own row names this organisation, when no duty says otherwise."""
    if unit is None or not unit.key:
        return []
    url, found = request.app.state.urls, []
    may_open = request.state.actor.may(Verb.REFERENCE_EDIT)
    for row in queries.categories(session, clock.office_date(now)):
        if unit.key == row.lead or unit.key in row.co:
            role = (_("牵头"), "act") if unit.key == row.lead else (_("配合"), "plain")
            href = url("reference:entry", section_key="categories", key=row.key) if may_open else ""
            found.append(Row(href, in_locale(row, "name"), "", [role]))
    return found
