"""Views of the queue with a name: saved from the list, lent to the office, forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.desk import rules
from app.desk.clue_page import Desk
from app.desk.pages import Reader, desk_of
from app.identity import queries as identity_queries
from app.platform.i18n import gettext as _
from app.platform.web.given import Form, Now, ReadSession, Shared, WriteSession
from app.platform.web.render import Flash, page, redirect, see_other
from app.triage import queries as triage_queries
from app.triage import service

router = APIRouter()
_PREFIX = "filter_"
_LONGEST_NAME = 30


@dataclass(frozen=True, slots=True)
class ViewLine:
    """One saved view in the list of them."""

    id: str
    name: str
    href: str
    about: str
    is_own: bool
    is_shared: bool


@dataclass(frozen=True, slots=True)
class ViewsPage:
    """The saved views this person may use."""

    views: Sequence[ViewLine]


def _lines(desk: Desk) -> list[ViewLine]:
    found = triage_queries.saved_views(desk.session, desk.actor)
    people = identity_queries.names_of(desk.session, [one.account_id for one in found])
    lines = []
    for one in found:
        is_own = one.account_id == desk.actor.account_id
        about = (
            _("%(name)s 保存，给全院用", name=people.get(one.account_id, "—"))
            if one.is_shared
            else _("只给自己用")
        )
        href = desk.urls("desk:queue", **rules.filters(one.filters).query())
        lines.append(ViewLine(one.id, one.name, href, about, is_own=is_own, is_shared=one.is_shared))
    return lines


@router.get("/desk/views", name="desk:views")
def show(request: Request, actor: Reader, session: ReadSession, house: Shared, now: Now) -> Response:
    """Show the views one saved and those that others lend."""
    return page(request, "desk/views.html", ViewsPage(_lines(desk_of(request, session, actor, house, now))))


@router.post("/desk/views", name="desk:save_view")
def save(request: Request, actor: Reader, form: Form, session: WriteSession, now: Now) -> Response:
    """Keep the list as it is filtered now under a name."""
    written = {name.removeprefix(_PREFIX): form.get(name) for name in form.fields if name.startswith(_PREFIX)}
    # Read and written again, so that only what an address may say is kept.
    filters = rules.filters(written).query()
    name = form.get("name").strip()[:_LONGEST_NAME]
    back = request.app.state.urls("desk:queue", **filters)
    if not name:
        return redirect(request, back, flash=Flash(_("请给视图起个名字。"), "time"))
    service.save_view(
        session, actor, name=name, filters=filters, is_shared=bool(form.get("is_shared")), now=now
    )
    return redirect(request, back, flash=Flash(_("已保存视图“%(name)s”", name=name)))


@router.post("/desk/views/{view_id}/sharing", name="desk:share_view")
def share(request: Request, view_id: str, actor: Reader, form: Form, session: WriteSession) -> Response:
    """Lend one's own view to the office, or keep it to oneself."""
    service.share_view(session, actor, view_id, is_shared=bool(form.get("is_shared")))
    return see_other(request, "desk:views", flash=Flash(_("已改")))


@router.post("/desk/views/{view_id}/removal", name="desk:drop_view")
def drop(request: Request, view_id: str, actor: Reader, form: Form, session: WriteSession) -> Response:
    """Forget one's own view."""
    del form  # landed, so that the body is read like every form's
    service.drop_view(session, actor, view_id)
    return see_other(request, "desk:views", flash=Flash(_("视图已删除")))
