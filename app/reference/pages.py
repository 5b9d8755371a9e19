"""The reference room's screens for an administrator: sections and rows. Calendar and agencies have their own files."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.identity.actor import Actor
from app.identity.guards import Requires
from app.identity.permissions import Verb
from app.platform import clock
from app.platform.errors import Missing
from app.platform.i18n import gettext as _
from app.platform.web.given import Form, Now, ReadSession, WriteSession
from app.platform.web.render import Flash, page, see_other
from app.reference import agency_pages, calendar_pages, service, views
from app.reference.entry import Sheet
from app.reference.inputs import day_of
from app.reference.sections import Mode, section
from app.reference.views import Link

router = APIRouter()
# Before the sections, whose addresses would otherwise take theirs.
router.include_router(calendar_pages.router)
router.include_router(agency_pages.router)
Editor = Annotated[Actor, Depends(Requires(Verb.REFERENCE_EDIT))]


@router.get("/reference", name="reference:index")
def show_index(request: Request, _actor: Editor, session: ReadSession) -> Response:
    """Show the sections with their counts."""
    return page(request, "reference/index.html", views.IndexPage(views.menu(session, request.app.state.urls)))


@router.get("/reference/{section_key}", name="reference:section")
def show_section(
    request: Request, _actor: Editor, session: ReadSession, now: Now, section_key: str
) -> Response:
    """Show one section's rows."""
    found, url = section(section_key), request.app.state.urls
    heaps = views.heaps(session, found, url, clock.office_date(now))
    adds = url("reference:new", section_key=section_key) if found.key_inputs else None
    crumbs = views.crumbs(url, Link(_(found.title), None))
    shown = views.SectionPage(found, views.menu(session, url, section_key), crumbs, heaps, adds)
    return page(request, "reference/section.html", shown)


@router.get("/reference/{section_key}/new", name="reference:new")
def show_new(
    request: Request, actor: Editor, session: ReadSession, now: Now, section_key: str, category: str = ""
) -> Response:
    """Show the empty form of a new row; a question may name its category."""
    sheet = Sheet(request, session, actor, now, section(section_key), None, category)
    return page(request, "reference/entry.html", sheet.blank())


@router.post("/reference/{section_key}", name="reference:add")
def add(
    request: Request, actor: Editor, session: WriteSession, now: Now, section_key: str, form: Form
) -> Response:
    """Add a row under a key of its own."""
    sheet = Sheet(request, session, actor, now, section(section_key), None, form.get("category_key"))
    typed = sheet.read(form)
    if typed.errors:
        return page(request, "reference/entry.html", sheet.again(typed), status=422)
    service.save(
        session, actor.doer, sheet.section, typed.columns, typed.row, starts_on=typed.starts_on, now=now
    )
    return sheet.leave(typed, _("已经添加。"))


@router.get("/reference/{section_key}/{key}", name="reference:entry")
def show_entry(
    request: Request, actor: Editor, session: ReadSession, now: Now, section_key: str, key: str, on: str = ""
) -> Response:
    """Show one row's form; `on` shows the row that is planned from a later day."""
    sheet = Sheet(request, session, actor, now, section(section_key), key, planned_on=day_of(on))
    return page(request, "reference/entry.html", sheet.known())


@router.post("/reference/{section_key}/{key}", name="reference:change")
def change(
    request: Request, actor: Editor, session: WriteSession, now: Now, section_key: str, key: str, form: Form
) -> Response:
    """Change a row: dated ones begin anew on a day, others are changed in place."""
    planned_on = day_of(form.get("starts_on"))
    sheet = Sheet(
        request, session, actor, now, section(section_key), key, planned_on=planned_on, seen=form.get("seen")
    )
    typed = sheet.read(form)
    if typed.errors:
        return page(request, "reference/entry.html", sheet.again(typed), status=422)
    if sheet.is_stale(typed):
        return page(request, "reference/entry.html", sheet.again(typed, is_stale=True), status=409)
    service.save(
        session, actor.doer, sheet.section, typed.columns, typed.row, starts_on=typed.starts_on, now=now
    )
    return sheet.leave(typed, _("已经保存。"))


@router.post("/reference/{section_key}/{key}/retirement", name="reference:retire")
def retire(
    request: Request, actor: Editor, session: WriteSession, now: Now, section_key: str, key: str, form: Form
) -> Response:
    """Stop using a dated row after a day; nothing is deleted."""
    sheet = Sheet(request, session, actor, now, section(section_key), key)
    ends_on = day_of(form.get("ends_on"))
    if sheet.section.mode is not Mode.DATED:
        raise Missing
    if ends_on is None or ends_on < sheet.today:
        return page(request, "reference/entry.html", sheet.not_ended(), status=422)
    service.retire(session, actor.doer, sheet.section, sheet.columns or {}, ends_on=ends_on, now=now)
    return see_other(request, "reference:section", section_key=section_key, flash=Flash(_("已经停用。")))
