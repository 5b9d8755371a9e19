"""The reporter's pages. Every form works without a script: post, 303, page."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from app.evidence import pages as evidence_pages
from app.evidence import queries as evidence_queries
from app.evidence.terms import DerivativeKind, Origin
from app.identity.guards import Anyone, MaybeForwarder
from app.intake import catalogue, choosing, codes, filing, forms, queries, service, shedding, views
from app.intake.doors import Arrived, Returned, Tracked, close_track, open_track
from app.intake.trying import CodeForm, read_code
from app.platform import clock, rates
from app.platform.errors import Missing
from app.platform.i18n import gettext as _
from app.platform.web.given import Form, Now, ReadSession, Shared, WriteSession
from app.platform.web.render import Flash, page, see_other
from app.reference import queries as reference

router = APIRouter()
Text = Annotated[str, Query(max_length=2000)]


@router.get("/", name="intake:home")
def show_home(
    request: Request, _guard: Anyone, session: ReadSession, house: Shared, via: Text = ""
) -> Response:
    """Say what this is, with one large button."""
    return page(
        request, "intake/home.html", choosing.home(session, office_hours=house.settings.office_hours, via=via)
    )


@router.get("/self-check", name="intake:self_check")
def show_self_check(request: Request, _guard: Anyone, session: ReadSession) -> Response:
    """Help people see whether another number is faster for them."""
    return page(request, "intake/self_check.html", choosing.self_check(session))


@router.get("/privacy", name="intake:privacy")
def show_privacy(request: Request, _guard: Anyone, session: ReadSession) -> Response:
    """Say what is kept of whom."""
    consents = {key: reference.consent(session, key) for key in ("privacy", "contact")}
    return page(request, "intake/privacy.html", consents)


@router.get("/masking", name="intake:masking")
def show_masking(request: Request, _guard: Anyone) -> Response:
    """Say how a photo is covered before it is sent; the form fetches its covering place from here on use."""
    return page(request, "intake/masking.html", {})


@router.get("/report", name="intake:pick")
def show_pick(
    request: Request,
    _guard: Anyone,
    session: ReadSession,
    now: Now,
    group: Text = "",
    via: Text = "",
) -> Response:
    """Offer what may be reported."""
    shown = choosing.pick(session, asked="", group_key=group, via=via, on=clock.office_date(now))
    return page(request, "intake/pick.html", shown)


@router.post("/report", name="intake:ask")
def ask_for_category(_guard: Anyone, request: Request, form: Form, house: Shared, now: Now) -> Response:
    """Answer free text with three categories. A POST, so that nobody's words stand in a URL or a log; writes nothing."""
    asked, via = form.get("q")[: choosing.ASKED_MOST], form.get("via")
    with house.database.read_session() as session:
        shown = choosing.pick(session, asked=asked, group_key="", via=via, on=clock.office_date(now))
    return page(request, "intake/pick.html", shown)


@router.get("/report/{category_key}", name="intake:form")
def show_form(
    request: Request,
    category_key: str,
    actor: MaybeForwarder,
    session: ReadSession,
    house: Shared,
    now: Now,
    via: Text = "",
) -> Response:
    """Show a category's form, signed with an id of its own."""
    facts = catalogue.form_facts(session, category_key, now=now)
    return page(
        request, "intake/form.html", filing.blank(facts, house, actor, via=choosing.source(via), now=now)
    )


@router.post("/report/{category_key}", name="intake:submit")  # noqa: FAST003 - Arrived takes the key
def submit_report(
    request: Request, arrived: Arrived, actor: MaybeForwarder, session: WriteSession, house: Shared, now: Now
) -> Response:
    """Receive a report: photos kept first, then the rows in one transaction, then the receipt."""
    read = forms.read_report(
        arrived.facts, arrived.form, keys=house.keys, store=house.store, actor=actor, now=now
    )
    kept, declined = filing.keep(read, arrived.facts, house)
    if read.command is None:
        again = filing.again(arrived.facts, house, actor, read, kept, now=now)
        return page(request, "intake/form.html", again, status=422)
    forwarder, command = (actor if read.command.forwarder else None), read.command
    if command.forwarder is None:
        pressed = shedding.pressure(session, house, request, now=now)
        command = replace(command, quarantine=command.quarantine or pressed)
    received = service.receive(
        session, house, command, kept=kept, declined=declined, actor=forwarder, now=now
    )
    response = see_other(request, "intake:receipt")
    open_track(response, request, house, received.report_id)
    return response


@router.get("/receipt", name="intake:receipt")
def show_receipt(
    request: Request, _guard: Anyone, report_id: Tracked, session: ReadSession, house: Shared
) -> Response:
    """Show what was received, with the code; for half an hour, on this device."""
    report = queries.find(session, report_id) if report_id else None
    if report is None:
        return see_other(request, "intake:track")
    urls = request.app.state.urls
    shown = views.receipt(session, house.keys, report, urls, office_hours=house.settings.office_hours)
    return page(request, "intake/receipt.html", shown)


@router.get("/receipt/photos/{evidence_id}", name="intake:photo")
def show_photo(
    _guard: Anyone, evidence_id: str, report_id: Tracked, session: ReadSession, house: Shared
) -> Response:
    """Give the small copy of a photo to whoever holds the code of its matter."""
    report = queries.get(session, report_id) if report_id else None
    item = evidence_queries.item(session, evidence_id)
    if report is None or item.clue_id != report.clue_id or item.origin_kind != Origin.REPORT:
        raise Missing
    return evidence_pages.picture_response(session, house, item.digest, DerivativeKind.THUMB.value)


@router.get("/receipt/code.svg", name="intake:qr")
def show_qr(
    request: Request, _guard: Anyone, report_id: Tracked, session: ReadSession, house: Shared
) -> Response:
    """Draw the address of the tracking page with the code behind a `#`."""
    report = queries.get(session, report_id) if report_id else None
    if report is None:
        raise Missing
    return filing.qr_svg(request, house, queries.query_code(house.keys, report))


@router.get("/receipt/receipt.svg", name="intake:receipt_picture")
def save_receipt(
    request: Request, _guard: Anyone, report_id: Tracked, session: ReadSession, house: Shared
) -> Response:
    """Give the receipt as a picture to keep: code, drawing and day."""
    report = queries.get(session, report_id) if report_id else None
    if report is None:
        raise Missing
    return filing.receipt_svg(request, house, queries.query_code(house.keys, report), report.received_at)


@router.get("/track", name="intake:track")
def show_track(
    request: Request, _guard: Anyone, report_id: Tracked, session: ReadSession, house: Shared, now: Now
) -> Response:
    """Show where a matter stands, or ask for the code."""
    first = queries.find(session, report_id) if report_id else None
    if first is None:
        return page(request, "intake/code.html", CodeForm())
    return page(request, "intake/track.html", filing.standing(session, request, house, first, now=now))


@router.post("/track", name="intake:open_track")
def give_code(request: Request, _guard: Anyone, form: Form, session: ReadSession, house: Shared) -> Response:
    """Open a matter by its code for half an hour."""
    rates.check(request, house, "track", house.settings.tries_per_hour)
    tried = read_code(form)
    report = None if tried.error else queries.by_code(session, house.keys, codes.normalised(tried.typed))
    if report is None:
        return page(request, "intake/code.html", tried.unknown(), status=422)
    response = see_other(request, "intake:track")
    open_track(response, request, house, report.id)
    return response


@router.post("/track/closing", name="intake:leave_track")
def leave_track(request: Request, _guard: Anyone) -> Response:
    """Close the matter on this device before the half hour is over."""
    response = see_other(request, "intake:track", flash=Flash(_("已经关上。再看的时候请输入查询码。")))
    close_track(response, request)
    return response


@router.post("/track/messages", name="intake:add")
def add_message(
    request: Request, _guard: Anyone, returned: Returned, session: WriteSession, house: Shared, now: Now
) -> Response:
    """Take what the reporter adds: an answer, a photo, solved or not."""
    allows_photos = returned.matter.allows_photos
    read = forms.read_addition(returned.form, keys=house.keys, allows_photos=allows_photos, now=now)
    if read.errors:
        again = filing.standing(session, request, house, returned.first, read=read, now=now)
        return page(request, "intake/track.html", again, status=422)
    kept, declined = filing.keep_later(read, house, allows_photos=allows_photos)
    service.add(session, house, returned.first, read.addition, kept=kept, declined=declined, now=now)
    sentences = [_("收到了，谢谢您。"), *views.declined_sentences(filing.declined_said(declined))]
    return see_other(request, "intake:track", flash=Flash(" ".join(sentences)))


@router.post("/track/withdrawal", name="intake:withdraw")
def withdraw(
    request: Request, _guard: Anyone, returned: Returned, session: WriteSession, now: Now
) -> Response:
    """Note that the reporter withdraws."""
    if returned.form.get("sure") != "yes":
        return see_other(request, "intake:track", flash=Flash(_("请先勾选“我确定撤回”。"), "stop"))
    service.withdraw(session, returned.first, now=now)
    return see_other(request, "intake:track", flash=Flash(_("已经记下您撤回。需要时仍然可以在这里补充。")))
