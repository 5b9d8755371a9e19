"""A view of the queue as a table or a map layer, in the reader's words. Pure, but for the names of people and things."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.clues import labels as clue_labels
from app.clues.terms import ClueState
from app.desk.clue_page import Desk
from app.desk.queries import names
from app.desk.queries.exported import Exported
from app.identity import queries as identity_queries
from app.platform import clock, sheets
from app.platform.i18n import gettext as _
from app.platform.web.render import in_locale

GEOJSON: Final = "application/geo+json"
# Metres and seconds are in no office's question; five places are about a metre.
_PLACES: Final = 5


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its key in a map layer, its heading in a table, and how a clue fills it."""

    key: str
    heading: str
    value: Callable[[Exported], Any]


def columns(desk: Desk, rows: Sequence[Exported]) -> list[Column]:
    """Return the columns, left to right."""
    known = names.known(desk.session)
    people = identity_queries.names_of(
        desk.session, list({row.assignee_id for row in rows if row.assignee_id})
    )

    def named(table: Any, key: str | None) -> str:
        return in_locale(table[key], "name") if key in table else key or ""

    return [
        Column("number", _("线索编号"), lambda row: row.number or ""),
        Column("title", _("标题"), lambda row: row.title),
        Column("category", _("类别"), lambda row: named(known.categories, row.category_key)),
        Column("field", _("领域"), lambda row: named(known.fields, row.field_key)),
        Column("state", _("状态"), lambda row: _(clue_labels.STATES[ClueState(row.state)])),
        Column("grade", _("等级"), lambda row: row.grade or ""),
        Column("source", _("来源"), lambda row: named(known.sources, row.source_type)),
        Column("channel", _("渠道"), lambda row: named(known.channels, row.channel)),
        Column("town", _("街道、乡镇"), lambda row: named(known.towns, row.town_key)),
        Column("place", _("地点"), lambda row: row.place_words),
        Column("latitude", _("纬度（WGS-84）"), lambda row: _degrees(row.lat)),
        Column("longitude", _("经度（WGS-84）"), lambda row: _degrees(row.lon)),
        Column(
            "place_source",
            _("位置来源"),
            lambda row: _(clue_labels.PLACE_SOURCES.get(row.place_source, row.place_source)),
        ),
        Column(
            "accuracy_m",
            _("误差（米）"),
            lambda row: "" if row.accuracy_m is None else round(row.accuracy_m),
        ),
        Column("urgent", _("紧急"), lambda row: _yes(is_so=row.is_urgent)),
        Column("major", _("重大"), lambda row: _yes(is_so=row.is_major)),
        Column("received", _("收到"), lambda row: _minute(row.received_at)),
        Column("registered", _("登记"), lambda row: _minute(row.registered_at)),
        Column("due", _("期限"), lambda row: "" if row.due_on is None else row.due_on.isoformat()),
        Column("closed", _("办结"), lambda row: _minute(row.closed_at)),
        Column("assignee", _("承办人"), lambda row: people.get(row.assignee_id or "", "")),
    ]


def _yes(*, is_so: bool) -> str:
    return _("是") if is_so else _("否")


def _degrees(value: float | None) -> float | str:
    return "" if value is None else round(value, _PLACES)


def _minute(instant: datetime | None) -> str:
    """Return an instant on the office's clock, the way a spreadsheet sorts it."""
    return "" if instant is None else instant.astimezone(clock.OFFICE_ZONE).strftime("%Y-%m-%d %H:%M")


def _table(desk: Desk, rows: Sequence[Exported]) -> list[list[Any]]:
    found = columns(desk, rows)
    return [[one.heading for one in found], *([one.value(row) for one in found] for row in rows)]


def csv(desk: Desk, rows: Sequence[Exported]) -> bytes:
    """Return a CSV that Excel opens in Chinese and that runs nothing."""
    return sheets.csv_bytes(_table(desk, rows))


def xlsx(desk: Desk, rows: Sequence[Exported]) -> bytes:
    """Return a workbook of one sheet of texts."""
    return sheets.xlsx_bytes(_table(desk, rows))


def geojson(desk: Desk, rows: Sequence[Exported]) -> bytes:
    """Return a map layer (RFC 7946: WGS-84, longitude first); a clue without a position has a null geometry (3.2)."""
    shown = [one for one in columns(desk, rows) if one.key not in {"latitude", "longitude"}]
    features = [
        {
            "type": "Feature",
            "id": row.id,
            "geometry": None
            if row.lat is None or row.lon is None
            else {"type": "Point", "coordinates": [round(row.lon, _PLACES), round(row.lat, _PLACES)]},
            "properties": {one.key: one.value(row) for one in shown},
        }
        for row in rows
    ]
    made = {"type": "FeatureCollection", "features": features}
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()


# Ending of the file's name, media type, writer.
FORMATS: Final[dict[str, tuple[str, Callable[[Desk, Sequence[Exported]], bytes]]]] = {
    "xlsx": (sheets.XLSX, xlsx),
    "csv": ("text/csv; charset=utf-8", csv),
    "geojson": (GEOJSON, geojson),
}
