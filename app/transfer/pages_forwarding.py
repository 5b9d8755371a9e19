"""Many clues at once, from an agency's own table: laid down, looked at line by line, taken in, what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.identity.actor import Actor
from app.identity.entrance import layout_of
from app.identity.guards import Requires
from app.identity.permissions import Verb
from app.platform import sheets
from app.platform.errors import Missing
from app.platform.i18n import gettext as _
from app.platform.web.given import Form, Now, ReadSession, Shared, WriteSession
from app.platform.web.render import Flash, page, see_other
from app.transfer import forwarding
from app.transfer.forwarding import queries, service
from app.transfer.forwarding.terms import (
    LEDGER_ONLY,
    LEDGER_REF,
    NAMES,
    NEEDED,
    ROWS_MOST,
    BatchState,
    Column,
    LineState,
)
from app.transfer.models import ForwardBatch
from app.transfer.shown import Option

router = APIRouter()
Importer = Annotated[Actor, Depends(Requires(Verb.REPORT_IMPORT))]
_SHOWN_WRONG = 200
_LEDGER_EXAMPLE = (
    "松检公线〔2024〕12号", "水体污染", "排口往沟里排黑水。", "", "松浦大桥东侧", "", "", "2024-03-05", "整改到位，办结",
)  # fmt: skip
# Reference data, not a text of ours: it stays as the office named it.
_EXAMPLE = (
    "2026-0001",
    "水体污染",
    "排口每天早上往沟里排黑水，有臭味，已经一个月。",
    "",
    "松浦大桥东侧",
    "",
    "",
)


@dataclass(frozen=True, slots=True)
class Link:
    """Where the crumb leads back to."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One batch in the list."""

    href: str
    name: str
    when: datetime
    told: str


@dataclass(frozen=True, slots=True)
class ImportsPage:
    """Everything partner/imports.html shows."""

    batches: Sequence[BatchRow]
    most: int
    title: str
    layout: str
    home: Link
    is_ledger: bool
    error: str = ""


@dataclass(frozen=True, slots=True)
class ColumnShown:
    """One thing a line may say, and the columns it may stand in."""

    name: str
    label: str
    chosen: str
    is_needed: bool


@dataclass(frozen=True, slots=True)
class BatchPage:
    """Everything partner/import.html shows."""

    id: str
    name: str
    stage: str
    row_count: int
    done_count: int
    percent: int
    counts: dict[str, int]
    wrong: Sequence[dict[str, Any]]
    wrong_count: int
    columns: Sequence[ColumnShown]
    headings: Sequence[Option]
    is_mapped: bool
    title: str
    layout: str
    ref_label: str
    error: str = ""


@router.get("/partner/imports", name="partner:imports")
def show_imports(request: Request, actor: Importer, session: ReadSession) -> Response:
    """Show the batches of their organisation, and the box for a new one."""
    return page(request, "partner/imports.html", {"page": _imports(request, session, actor)})


def _imports(request: Request, session: Any, actor: Actor, error: str = "") -> ImportsPage:
    url = request.app.state.urls
    rows = [
        BatchRow(url("partner:import", batch_id=row.id), row.name, row.created_at, _told(row))
        for row in queries.own(session, actor)
    ]
    home = (
        Link(_("窗口登记"), url("desk:counter")) if actor.is_office_staff
        else Link(_("我的事项"), url("partner:inbox"))
    )  # fmt: skip
    return ImportsPage(rows, ROWS_MOST, _title(actor), layout_of(actor), home, actor.is_office_staff, error)


def _title(actor: Actor) -> str:
    return _("导入原有台账") if actor.is_office_staff else _("批量移交线索")


def _columns(actor: Actor) -> list[tuple[Column, str]]:
    """Return what a line may say, in the words of whoever lays the table down."""
    if actor.is_office_staff:
        return [(column, _(LEDGER_REF if column is Column.REF else NAMES[column])) for column in Column]
    return [(column, _(NAMES[column])) for column in Column if column not in LEDGER_ONLY]


def _told(row: ForwardBatch) -> str:
    match BatchState(row.stage):
        case BatchState.DRAFT:
            return _("%(n)s 行，还没有导入", n=row.row_count)
        case BatchState.RUNNING:
            return _("正在导入，%(done)s / %(n)s", done=row.done_count, n=row.row_count)
        case BatchState.DONE:
            counts = _counts(row)
            return _("新收 %(new)s，已有 %(same)s，有误 %(wrong)s", **counts)


def _counts(row: ForwardBatch) -> dict[str, int]:
    return {state.value: sum(each["became"] == state.value for each in row.results) for state in LineState}


@router.get("/partner/imports/template.{kind}", name="partner:import_template")
def download_template(actor: Importer, kind: str) -> Response:
    """Give an empty table with the headings we know, and one line that shows how."""
    headings = [label for _column, label in _columns(actor)]
    return _table([headings, _LEDGER_EXAMPLE if actor.is_office_staff else _EXAMPLE], kind, "template")


def _table(rows: Sequence[Sequence[Any]], kind: str, name: str) -> Response:
    made = {"csv": (sheets.csv_bytes, "text/csv; charset=utf-8"), "xlsx": (sheets.xlsx_bytes, sheets.XLSX)}
    if kind not in made:
        raise Missing
    write, media_type = made[kind]
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{kind}"', "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }  # fmt: skip
    return Response(write(rows), media_type=media_type, headers=headers)


@router.post("/partner/imports", name="partner:add_import")
def add_import(request: Request, actor: Importer, form: Form, session: WriteSession, now: Now) -> Response:
    """Lay a table down; nothing is taken in yet."""
    chosen = next(iter(form.files_of("table")), None)
    if chosen is None or chosen.landed is None:
        error = _("请选一个 xlsx 或者 csv 文件。")
        shown = _imports(request, session, actor, error)
        return page(request, "partner/imports.html", {"page": shown}, status=422)
    rows = sheets.read(chosen.landed.path.read_bytes(), most=ROWS_MOST)
    batch_id = forwarding.add(session, actor, rows or [[]], name=chosen.name, now=now)
    return see_other(request, "partner:import", batch_id=batch_id)


@router.get("/partner/imports/{batch_id}", name="partner:import")
def show_import(
    request: Request, batch_id: str, actor: Importer, house: Shared, session: ReadSession, now: Now
) -> Response:
    """Show one batch: the columns and what is wrong before it starts, how far it is, what became of each line."""
    batch = queries.get(session, actor, batch_id)
    is_draft = batch.stage == BatchState.DRAFT.value
    is_mapped = {column.value for column in NEEDED} <= set(batch.mapping)
    wrong = (
        service.check(session, house, batch, actor, now=now) if is_draft and is_mapped
        else [row for row in batch.results if row["became"] == LineState.WRONG.value]
    )  # fmt: skip
    shown = BatchPage(
        id=batch.id, name=batch.name, stage=batch.stage, row_count=batch.row_count, done_count=batch.done_count,
        percent=100 * batch.done_count // max(batch.row_count, 1), counts=_counts(batch),
        wrong=wrong[:_SHOWN_WRONG], wrong_count=len(wrong), is_mapped=is_mapped,
        title=_title(actor), layout=layout_of(actor), ref_label=_columns(actor)[0][1],
        columns=[
            ColumnShown(column.value, label, str(batch.mapping.get(column.value, "")), column in NEEDED)
            for column, label in _columns(actor)
        ],
        headings=[
            Option("", _("没有这一列")),
            *(Option(str(at), heading or _("第 %(n)s 列", n=at + 1)) for at, heading in enumerate(batch.headings)),
        ],
    )  # fmt: skip
    return page(request, "partner/import.html", {"page": shown})


@router.post("/partner/imports/{batch_id}/columns", name="partner:map_import")
def map_import(
    request: Request, batch_id: str, actor: Importer, form: Form, session: WriteSession
) -> Response:
    """Say which column is which; it is remembered for the next table."""
    batch = queries.get(session, actor, batch_id)
    most = len(batch.headings)
    typed = {column.value: form.get(column.value) for column in Column}
    mapping = {
        key: int(text)
        for key, text in typed.items()
        if text.isascii() and text.isdigit() and len(text) < 4 and int(text) < most  # noqa: PLR2004
    }
    forwarding.remap(session, batch, mapping)
    return see_other(request, "partner:import", batch_id=batch_id)


@router.post("/partner/imports/{batch_id}/start", name="partner:start_import")
def start_import(
    request: Request, batch_id: str, actor: Importer, _form: Form, session: WriteSession, now: Now
) -> Response:
    """Let the worker take the batch in."""
    forwarding.start(session, actor, queries.get(session, actor, batch_id), now=now)
    flash = Flash(_("开始导入了，可以离开这一页，过一会儿再来看结果。"))
    return see_other(request, "partner:import", flash=flash, batch_id=batch_id)


@router.post("/partner/imports/{batch_id}/removal", name="partner:drop_import")
def drop_import(
    request: Request, batch_id: str, actor: Importer, _form: Form, session: WriteSession, now: Now
) -> Response:
    """Take the table off the table again."""
    forwarding.drop(session, actor, queries.get(session, actor, batch_id), now=now)
    return see_other(request, "partner:imports", flash=Flash(_("已放弃，表里的内容没有留下。")))


@router.get("/partner/imports/{batch_id}/result.{kind}", name="partner:import_result")
def download_result(batch_id: str, kind: str, actor: Importer, session: ReadSession) -> Response:
    """Give what became of each line as a table."""
    batch = queries.get(session, actor, batch_id)
    told = {
        LineState.NEW.value: _("新收"),
        LineState.SAME.value: _("以前收过"),
        LineState.WRONG.value: _("有误，没有收"),
    }
    rows = [[row["line"], row["ref"], told[row["became"]], row["note"]] for row in batch.results]
    return _table(
        [[_("行号"), _columns(actor)[0][1], _("结果"), _("说明")], *rows], kind, f"result-{batch.id[-12:]}"
    )
