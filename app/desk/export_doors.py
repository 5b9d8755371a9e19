"""Taking a view of the queue out of the house as a table or a map layer: for a written purpose, proved, journalled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.clues import secrecy
from app.desk import exporting, rules
from app.desk.clue_page import Desk
from app.desk.pages import desk_of
from app.desk.queries import exported as export_queries
from app.desk.queries import names
from app.desk.queue_filters import ChipView, chips
from app.desk.step_terms import Option
from app.desk.terms import Filters
from app.identity.actor import Actor
from app.identity.guards import Requires, proven
from app.identity.permissions import Verb
from app.platform import clock, ids, journal
from app.platform.errors import Fault
from app.platform.i18n import gettext as _
from app.platform.web.given import Form, Now, ReadSession, Shared
from app.platform.web.render import in_locale, page

router = APIRouter()
Exporter = Annotated[Actor, Depends(Requires(Verb.CLUE_EXPORT))]
ProvenExporter = Annotated[Actor, Depends(proven(Verb.CLUE_EXPORT))]
_PREFIX: Final = "filter_"
_SHORTEST: Final = 4
_LONGEST: Final = 500


@dataclass(frozen=True, slots=True)
class ExportPage:
    """What would be taken, as which file, and what for."""

    count: int
    most: int
    chips: Sequence[ChipView]
    query: dict[str, str]
    headings: Sequence[str]
    format: str
    purpose: str
    checks: Sequence[Option]
    checked: Sequence[str]
    errors: Sequence[Fault]
    wrong: dict[str, str]
    back: str


def _page(desk: Desk, filters: Filters, clue_ids: Sequence[str], **more: Any) -> ExportPage:
    asked = secrecy.asked(desk.session, desk.actor, clue_ids)
    return ExportPage(
        count=len(clue_ids),
        most=export_queries.MOST,
        chips=chips(desk, filters, names.known(desk.session)),
        query=filters.query(),
        headings=[one.heading for one in exporting.columns(desk, [])],
        back=desk.urls("desk:queue", **filters.query()),
        checks=[Option(row.key, in_locale(row, "name")) for row in asked],
        **({"checked": [], "format": "xlsx", "purpose": "", "errors": [], "wrong": {}} | more),
    )


def _ids(desk: Desk, filters: Filters) -> list[str]:
    return export_queries.ids_of(desk.session, desk.actor, filters, today=desk.today, now=desk.now)


@router.get("/desk/export", name="desk:export")
def show_export(request: Request, actor: Exporter, session: ReadSession, house: Shared, now: Now) -> Response:
    """Show how many clues a view has, what would be in the file and what not, and ask what for."""
    desk = desk_of(request, session, actor, house, now)
    filters = rules.filters(request.query_params)
    return page(request, "desk/export.html", _page(desk, filters, _ids(desk, filters)))


@router.post("/desk/export", name="desk:take_export")
def take_export(
    request: Request, actor: ProvenExporter, form: Form, session: ReadSession, house: Shared, now: Now
) -> Response:
    """Give the file; that it was taken, and what for, is journalled before its first byte leaves."""
    desk = desk_of(request, session, actor, house, now)
    written = {name.removeprefix(_PREFIX): form.get(name) for name in form.fields if name.startswith(_PREFIX)}
    filters = rules.filters(written)
    kind, purpose = form.get("format"), form.get("purpose").strip()
    clue_ids = _ids(desk, filters)
    errors = _faults(kind, purpose, len(clue_ids))
    asked = secrecy.asked(session, actor, clue_ids)
    if secrecy.is_missing(asked, form.all("checks")):
        errors.append(Fault("checks", _(secrecy.UNCHECKED)))
    if errors:
        given = {
            "format": kind,
            "purpose": purpose[:_LONGEST],
            "checked": form.all("checks"),
            "errors": errors,
            "wrong": {one.field: one.text for one in errors},
        }
        return page(request, "desk/export.html", _page(desk, filters, clue_ids, **given), status=422)
    rows = export_queries.exported(session, actor, clue_ids)
    media_type, write = exporting.FORMATS[kind]
    content = write(desk, rows)
    # What was searched for may be somebody's name: that something was, is enough.
    kept = {key: value for key, value in filters.query().items() if key != "q"} | (
        {"q": "…"} if filters.q else {}
    )
    with house.database.write_session() as writing:
        journal.record(
            writing, actor.doer, "clue.exported", "export", ids.new(), now=now, office_id=actor.office_id,
            facts={"format": kind, "count": len(rows), "view": kept}
            | ({"checks": [row.key for row in asked]} if asked else {}),
            note=purpose,
        )  # fmt: skip
    name = f"clues-{clock.office_date(now).isoformat()}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


def _faults(kind: str, purpose: str, count: int) -> list[Fault]:
    found = []
    if kind not in exporting.FORMATS:
        found.append(Fault("format", _("请选一种文件。")))
    if not _SHORTEST <= len(purpose) <= _LONGEST:
        found.append(Fault("purpose", _("请写清用途，至少四个字，比如“上报市院季度统计”。")))
    if count == 0:
        found.append(Fault("count", _("这个视图里没有线索，没有可以导出的。")))
    elif count > export_queries.MOST:
        found.append(Fault("count", _("一次最多导出 %(n)s 条，请先用筛选缩小范围。", n=export_queries.MOST)))
    return found
