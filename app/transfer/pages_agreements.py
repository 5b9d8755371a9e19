"""Agreements 协作机制: the list with what is to be looked at again, one with its paper, the form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.evidence import kinds
from app.evidence import service as evidence_service
from app.evidence.kinds import Door
from app.identity.actor import Actor
from app.identity.duty_contacts import whom_to_call
from app.identity.guards import Requires
from app.identity.permissions import Verb
from app.platform import clock
from app.platform.errors import Missing
from app.platform.i18n import gettext as _
from app.platform.i18n import listed
from app.platform.web.given import Form, House, Now, ReadSession, Shared, WriteSession
from app.platform.web.landing import LandedForm
from app.platform.web.render import Flash, in_locale, page, see_other
from app.platform.when import shown_date
from app.reference import queries as reference_queries
from app.transfer.agreements import forms, queries, rules, service
from app.transfer.agreements.rekeying import CONTACTS
from app.transfer.agreements.terms import AHEAD, Document
from app.transfer.forms import FieldError, version_of
from app.transfer.models import Agreement
from app.transfer.shown import Option, Row

router = APIRouter()
Keeper = Annotated[Actor, Depends(Requires(Verb.AGENCY_EDIT))]
# Whoever hands matters over may read what was agreed with those who get them.
Reader = Annotated[Actor, Depends(Requires(Verb.AGREEMENT_READ))]
AnySession = queries.AnySession


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """One agreement in the list, and one on its own page."""

    href: str
    name: str
    about: str
    mark: str
    tone: str


@dataclass(frozen=True, slots=True)
class AgreementsPage:
    """Everything agreements/index.html shows."""

    rows: Sequence[AgreementRow]


@dataclass(frozen=True, slots=True)
class AgreementPage:
    """Everything agreements/show.html shows."""

    id: str
    name: str
    version: int
    mark: str
    tone: str
    facts: Sequence[Row]
    mechanisms: str
    contacts: str
    is_lost: bool
    parties: Sequence[Row]
    document: str
    is_review_near: bool
    may_edit: bool


@dataclass(frozen=True, slots=True)
class FormPage:
    """Everything agreements/form.html shows."""

    title: str
    action: str
    back: str
    version: int
    values: Mapping[str, str]
    categories: Sequence[Option]
    chosen_categories: Sequence[str]
    units: Sequence[Option]
    chosen_units: Sequence[str]
    document: str
    errors: Sequence[FieldError]
    told: Mapping[str, str]
    stale: str
    is_lost: bool


@router.get("/agreements", name="agreement:index")
def show_all(request: Request, actor: Keeper, session: ReadSession, now: Now) -> Response:
    """Show the office's agreements."""
    found, today = queries.of_office(session, actor.office_id), clock.office_date(now)
    names = _units(session, actor)
    parties = queries.parties(session, [each.id for each in found])
    rows = [
        AgreementRow(
            request.app.state.urls("agreement:show", agreement_id=each.id), each.name,
            listed(names.get(unit_id, "—") for unit_id in parties.get(each.id, [])), *_mark(each, today),
        )
        for each in found
    ]  # fmt: skip
    return page(request, "agreements/index.html", {"page": AgreementsPage(rows)})


@router.get("/agreements/new", name="agreement:new")
def show_new(request: Request, actor: Keeper, session: ReadSession, now: Now) -> Response:
    """Show the empty form."""
    shown = _form(request, session, actor, None, {}, now)
    return page(request, "agreements/form.html", {"page": shown})


@router.post("/agreements", name="agreement:add")
def add(
    request: Request, actor: Keeper, form: Form, house: Shared, session: WriteSession, now: Now
) -> Response:
    """Enter an agreement with its signed paper."""
    document, refused = _document(house, form)
    content, errors = forms.read(form, **_known(session, actor, now))
    if errors := [*errors, *refused]:
        shown = _form(request, session, actor, None, forms.typed_of(form), now, errors=errors)
        return page(request, "agreements/form.html", {"page": shown}, status=422)
    made = service.add(session, house.keys, actor, content, document, now=now)
    return see_other(request, "agreement:show", flash=Flash(_("协作机制已经记下。")), agreement_id=made)


@router.get("/agreements/{agreement_id}", name="agreement:show")
def show(
    request: Request, agreement_id: str, actor: Reader, house: Shared, session: ReadSession, now: Now
) -> Response:
    """Show one agreement."""
    found, today, url = (
        queries.get(session, actor, agreement_id),
        clock.office_date(now),
        request.app.state.urls,
    )
    units = {unit.id: unit for unit in reference_queries.org_units(session, actor.office_id)}
    parties = [units[key] for key in queries.parties(session, [found.id]).get(found.id, []) if key in units]
    mark, tone = _mark(found, today)
    shown = AgreementPage(
        id=found.id, name=found.name, version=found.version, mark=mark, tone=tone,
        facts=_facts(session, found, today), mechanisms=found.mechanisms,
        contacts=CONTACTS.opened(house.keys, found, "contacts"), is_lost=CONTACTS.is_lost(house.keys, found),
        parties=[Row(in_locale(unit, "name"), "  ".join(whom_to_call(house.keys, unit))) for unit in parties],
        document=url("agreement:document", agreement_id=found.id) if found.document_digest else "",
        is_review_near=found.review_on is not None and found.review_on <= today + AHEAD,
        may_edit=actor.may(Verb.AGENCY_EDIT),
    )  # fmt: skip
    return page(request, "agreements/show.html", {"page": shown})


@router.get("/agreements/{agreement_id}/form", name="agreement:edit")
def show_form(
    request: Request, agreement_id: str, actor: Keeper, house: Shared, session: ReadSession, now: Now
) -> Response:
    """Show the form of one agreement."""
    found = queries.get(session, actor, agreement_id)
    kept = forms.kept_of(house.keys, found, queries.parties(session, [found.id]).get(found.id, []))
    is_lost = CONTACTS.is_lost(house.keys, found)
    shown = _form(request, session, actor, found, kept, now, is_lost=is_lost)
    return page(request, "agreements/form.html", {"page": shown})


@router.post("/agreements/{agreement_id}", name="agreement:change")
def change(
    request: Request,
    agreement_id: str,
    actor: Keeper,
    form: Form,
    house: Shared,
    session: WriteSession,
    now: Now,
) -> Response:
    """Change an agreement; a stale page is shown again with what was typed."""
    document, refused = _document(house, form)
    found = queries.get(session, actor, agreement_id)
    content, errors = forms.read(form, **_known(session, actor, now))
    is_stale = version_of(form) != found.version
    if (errors := [*errors, *refused]) or is_stale:
        shown = _form(
            request, session, actor, found, forms.typed_of(form), now, errors=errors, is_stale=is_stale
        )
        return page(request, "agreements/form.html", {"page": shown}, status=422 if errors else 409)
    service.change(session, house.keys, actor, found, content, document, version=found.version, now=now)
    return see_other(request, "agreement:show", flash=Flash(_("协作机制已经保存。")), agreement_id=found.id)


@router.post("/agreements/{agreement_id}/review", name="agreement:review")
def review(
    request: Request, agreement_id: str, actor: Keeper, form: Form, session: WriteSession, now: Now
) -> Response:
    """Note that it was looked at again and stays as it is."""
    found = queries.get(session, actor, agreement_id)
    service.review(session, actor, found, version=version_of(form), now=now)
    flash = Flash(_("已记下复核过了，一年后再提醒。"))
    return see_other(request, "agreement:show", flash=flash, agreement_id=found.id)


@router.get("/agreements/{agreement_id}/document", name="agreement:document")
def download(agreement_id: str, actor: Reader, house: Shared, session: ReadSession) -> Response:
    """Give the signed paper as a download, read against its digest."""
    found = queries.get(session, actor, agreement_id)
    if found.document_digest is None or found.document_type is None:
        raise Missing
    content = house.store.read_verified(found.document_digest)
    name = f"agreement-{found.id[-12:]}.{kinds.extension_of(found.document_type)}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store",
        "Content-Security-Policy": "sandbox; default-src 'none'", "X-Content-Type-Options": "nosniff",
    }  # fmt: skip
    return Response(content, media_type=found.document_type, headers=headers)


def _document(house: House, form: LandedForm) -> tuple[Document | None, list[FieldError]]:
    """Keep the paper before anything is written (goals R1); what this door does not keep is said."""
    sent = [file for file in form.files_of("document") if file.size_bytes or file.name]
    kept, declined = evidence_service.keep_files(house.store, sent, door=Door.STAFF, limit=1)
    if declined:
        return None, [
            FieldError("document", _("这个文件没有收下。请传一个 PDF、OFD、Word 文档或者照片，不要太大。"))
        ]
    return (Document(kept[0].digest, kept[0].size_bytes, kept[0].media_type) if kept else None), []


def _units(session: AnySession, actor: Actor) -> dict[str, str]:
    return {
        unit.id: in_locale(unit, "name") for unit in reference_queries.org_units(session, actor.office_id)
    }


def _categories(session: AnySession, on: date) -> dict[str, str]:
    return {row.key: in_locale(row, "name") for row in reference_queries.categories(session, on)}


def _known(session: AnySession, actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "categories": _categories(session, clock.office_date(now)).keys(),
        "units": _units(session, actor).keys(),
    }


def _mark(found: Agreement, today: date) -> tuple[str, str]:
    if found.review_on is not None and found.review_on <= today + AHEAD:
        return _("要复核"), "time" if found.review_on >= today else "stop"
    if rules.is_in_force(found, today):
        return _("有效"), "done"
    return (_("还没有签署") if found.signed_on is None or found.signed_on > today else _("已到期")), "plain"


def _facts(session: AnySession, found: Agreement, today: date) -> list[Row]:
    names = _categories(session, today)
    about = listed(names.get(key, key) for key in found.categories) or _("全部类别")
    days = _("%(n)s 日", n=found.feedback_days) if found.feedback_days else _("没有约定，按本院平常的期限")
    said = [
        (_("文号"), found.number),
        (_("签署日期"), shown_date(found.signed_on) if found.signed_on else ""),
        (_("到期日"), shown_date(found.ends_on) if found.ends_on else ""),
        (_("适用类别"), about),
        (_("反馈期限"), days),
        (_("下次复核"), shown_date(found.review_on) if found.review_on else ""),
    ]
    return [Row(label, text) for label, text in said if text]


def _form(
    request: Request,
    session: AnySession,
    actor: Actor,
    found: Agreement | None,
    typed: forms.Typed,
    now: datetime,
    *,
    errors: Sequence[FieldError] = (),
    is_stale: bool = False,
    is_lost: bool = False,
) -> FormPage:
    url = request.app.state.urls
    return FormPage(
        title=_("添加协作机制") if found is None else found.name,
        action=url("agreement:add") if found is None else url("agreement:change", agreement_id=found.id),
        back=url("agreement:index") if found is None else url("agreement:show", agreement_id=found.id),
        version=found.version if found else 0,
        values={name: typed.get(name, [""])[0] for name in forms.BOXES},
        categories=[Option(key, name) for key, name in _categories(session, clock.office_date(now)).items()],
        chosen_categories=typed.get("categories", []),
        units=[Option(key, name) for key, name in _units(session, actor).items()],
        chosen_units=typed.get("parties", []),
        document=_("已经存有一份；再传一份就换成新的。") if found and found.document_digest else "",
        errors=errors, told={error.field: error.text for error in errors},
        stale=_("您打开页面之后，别人改过这份协作机制。您写的都还在，再保存一次就以您的为准。") if is_stale else "",
        is_lost=is_lost,
    )  # fmt: skip
