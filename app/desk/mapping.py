"""The queue as a map: where the clues of a view lie, those close together in one circle, the same clues beside it.

The server draws it, so that it is a picture with links and needs no script; every circle, every way to move is an
address. Without tiles it is the district's outline, which also lies under them, so that a piece that does not come leaves no hole; nothing is drawn that a viewer may not see (decisions.md 4, 19).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.clues.lifecycle import OPEN
from app.clues.terms import ClueState
from app.desk import map_rules, rules
from app.desk.clue_page import Desk
from app.desk.map_rules import HEIGHT, WIDTH, Cluster, Spot, View
from app.desk.pages import Reader, desk_of
from app.desk.queries import beside, mapped, names
from app.desk.queries.mapped import DRAWN, Placed
from app.desk.queue_filters import ChipView, chips
from app.desk.queue_view import RowView, row_views
from app.desk.terms import COUNT_CAP, PAGE_ROWS, WORK_LISTS, Cursor, Filters
from app.geo import rules as geo_rules
from app.geo import tiles
from app.geo.districts import district
from app.geo.terms import BoundingBox, Wgs84Point
from app.platform.i18n import gettext as _
from app.platform.web.given import House, Now, ReadSession, Shared
from app.platform.web.render import in_locale, page
from app.reference import queries as reference
from app.reference.memory import remembered

router = APIRouter()
_SMALLEST: Final = 14
_LARGEST: Final = 22
_NAME_WIDE: Final = 70
_NAME_HIGH: Final = 16
# Below its town, above it, or on it: wherever no circle lies, so that neither hides the other.
_NAME_STANDS: Final = (34, -26, 5)
_NAME_RISES: Final = 12  # of its letters, above the line they stand on
# About half a kilometre: a provider's datum moves a point by as much.
_SHIFT: Final = 0.006
Drawn = Callable[[float, float], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Ground:
    """What the map is drawn on: nothing but the outline, or an installation's tiles."""

    has_tiles: bool = False
    has_names: bool = False
    is_shifted: bool = False
    deepest: int = 18
    credit: str = ""
    is_answering: bool = True


@dataclass(frozen=True, slots=True)
class CircleView:
    """One circle: how many clues, where on the drawing, and the address that looks closer."""

    x: float
    y: float
    r: int
    count: int
    is_urgent: bool
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class TileView:
    """One piece of a provider's map."""

    href: str
    x: float
    y: float
    size: float


@dataclass(frozen=True, slots=True)
class TownView:
    """A town's name on the drawing, and how far below its middle, which is roughly known, the line of it stands."""

    x: float
    y: float
    dy: int
    name: str


@dataclass(frozen=True, slots=True)
class MoveView:
    """A way to move the map."""

    label: str
    href: str
    icon: str


@dataclass(frozen=True, slots=True)
class MapPage:
    """The map and the list in step with it."""

    heading: str
    width: int
    height: int
    outline: str
    credit: str
    tiles: Sequence[TileView]
    names: Sequence[TileView]
    towns: Sequence[TownView]
    circles: Sequence[CircleView]
    moves: Sequence[MoveView]
    said: Sequence[str]
    chips: Sequence[ChipView]
    rows: Sequence[RowView]
    next_href: str | None
    list_href: str
    q: str
    carried: dict[str, str]


@router.get("/desk/map", name="desk:map")
def show(request: Request, actor: Reader, session: ReadSession, house: Shared, now: Now) -> Response:
    """Show the queue's view as a map with the clues of what is drawn beside it."""
    query = request.query_params
    view = compose(
        desk_of(request, session, actor, house, now), rules.filters(query),
        box=map_rules.read_box(query.get("box", "")), cursor=rules.read_cursor(query.get("at", "")),
        ground=_ground(house),
    )  # fmt: skip
    return page(request, "desk/map.html", view)


def _ground(house: House) -> Ground:
    source, settings = tiles.configured(house.settings), house.settings
    if source is None:
        return Ground()
    is_shifted = settings.tiles_datum == "gcj02"
    return Ground(
        has_tiles=True, has_names=bool(settings.tiles_names_url), is_shifted=is_shifted,
        deepest=settings.tiles_deepest, credit=settings.tiles_credit,
        is_answering=source.is_answering,
    )  # fmt: skip


def compose(
    desk: Desk,
    filters: Filters,
    *,
    box: BoundingBox | None,
    cursor: Cursor | None,
    ground: Ground,
) -> MapPage:
    """Return the page; the box stands in the datum of what is drawn."""
    drawn = _shifted if ground.is_shifted else _as_it_is
    whole = _shift_box(district().bbox, drawn)
    view = map_rules.view_of(box or whole)
    found = mapped.placed(
        desk.session, desk.actor, filters, today=desk.today, now=desk.now,
        box=_wide(view.box, _SHIFT if ground.is_shifted else 0.0) if box is not None else None,
    )  # fmt: skip
    spots = {one.id: Spot(one.id, *drawn(one.lat, one.lon), _presses(one)) for one in found}
    inside = [one for one in found if view.holds(spots[one.id].lat, spots[one.id].lon)]
    drawn_ids = {one.id for one in inside}
    outside = [spots[one.id] for one in found if box is None and one.id not in drawn_ids]
    # What lies beyond the first drawing stays in its list: nothing is hidden by where it lies.
    listed = inside if box is not None else found
    shown, next_at = _page(listed, cursor)
    here = filters.query()

    def at(view: View) -> str:
        return desk.urls("desk:map", **here, box=map_rules.write_box(view.box))

    circles = [_circle(one, at) for one in map_rules.clusters(view, [spots[one.id] for one in inside])]
    return MapPage(
        heading=_(WORK_LISTS[filters.work_list]), width=WIDTH, height=HEIGHT, outline=_outline(view, drawn),
        credit=ground.credit, tiles=_tiles(desk, "geo:tile", view, ground.deepest) if ground.has_tiles else [],
        names=_tiles(desk, "geo:names", view, ground.deepest) if ground.has_names else [],
        towns=_towns(desk, view, drawn, circles), circles=circles,
        moves=_moves(desk, view, at, here, is_whole=box is None),
        said=[*_unanswered(ground), *_said(desk, filters, found, outside, is_boxed=box is not None)],
        chips=chips(desk, filters, names.known(desk.session), door="desk:map"),
        rows=_rows(desk, shown),
        next_href=_next(desk, here, box, next_at), list_href=desk.urls("desk:queue", **here),
        q=filters.q, carried={key: value for key, value in here.items() if key != "q"},
    )  # fmt: skip


def _presses(one: Placed) -> bool:
    return one.is_urgent and ClueState(one.state) in OPEN


def _as_it_is(lat: float, lon: float) -> tuple[float, float]:
    return lat, lon


def _shifted(lat: float, lon: float) -> tuple[float, float]:
    moved = geo_rules.to_gcj02(Wgs84Point(lat, lon))
    return moved.lat, moved.lon


def _shift_box(box: BoundingBox, drawn: Drawn) -> BoundingBox:
    return BoundingBox(*drawn(box.south, box.west), *drawn(box.north, box.east))


def _wide(box: BoundingBox, by: float) -> BoundingBox:
    return BoundingBox(box.south - by, box.west - by, box.north + by, box.east + by)


def _page(listed: Sequence[Placed], cursor: Cursor | None) -> tuple[list[Placed], str]:
    """Return one page of the list by key, and where the next begins."""
    rest = [
        one for one in listed if cursor is None or (one.received_at, one.id) < (cursor.received_at, cursor.id)
    ]
    shown = rest[:PAGE_ROWS]
    has_more = len(rest) > PAGE_ROWS
    return shown, rules.write_cursor(Cursor(shown[-1].received_at, shown[-1].id)) if has_more else ""


def _next(desk: Desk, here: dict[str, str], box: BoundingBox | None, next_at: str) -> str | None:
    if not next_at:
        return None
    boxed = {"box": map_rules.write_box(box)} if box is not None else {}
    return desk.urls("desk:map", **here, **boxed, at=next_at)


def _outline(view: View, drawn: Drawn) -> str:
    return " ".join(
        "M"
        + " L".join("{} {}".format(*view.project(*drawn(corner.lat, corner.lon))) for corner in ring)
        + " Z"
        for ring in district().polygon.rings
    )


def _tiles(desk: Desk, layer: str, view: View, deepest: int) -> list[TileView]:
    return [
        TileView(desk.urls(layer, z=zoom, x=column, y=row), x, y, size)
        for zoom, column, row, x, y, size in view.tiles(deepest)
    ]


def _towns(desk: Desk, view: View, drawn: Drawn, circles: Sequence[CircleView]) -> list[TownView]:
    towns = remembered(desk.session, "desk.towns", lambda: list(reference.towns(desk.session)))
    found: list[TownView] = []
    for town in towns:
        if town.lat is None or town.lon is None or not view.holds(*drawn(town.lat, town.lon)):
            continue
        x, y = view.project(*drawn(town.lat, town.lon))
        # A name on another or on a circle helps nobody; looked at closer, each comes.
        for dy in _NAME_STANDS:
            is_free = all(
                abs(one.x - x) > _NAME_WIDE or abs(one.y + one.dy - y - dy) > _NAME_HIGH for one in found
            )
            if is_free and not any(_is_hidden(x, y + dy, circle) for circle in circles):
                found.append(TownView(x, y, dy, in_locale(town, "name")))
                break
    return found


def _is_hidden(x: float, line: float, circle: CircleView) -> bool:
    """Whether a circle lies on a name whose letters stand on a line."""
    middle = line - _NAME_RISES / 2
    return (
        abs(circle.x - x) < _NAME_WIDE / 2 + circle.r and abs(circle.y - middle) < _NAME_HIGH / 2 + circle.r
    )


def _circle(one: Cluster, at: Callable[[View], str]) -> CircleView:
    label = _("%(n)s 条线索", n=one.count)
    if one.urgent:
        label = _("%(n)s 条线索，%(urgent)s 条紧急", n=one.count, urgent=one.urgent)
    radius = min(_LARGEST, _SMALLEST + round(2 * math.log2(one.count)))
    closer = at(map_rules.view_of(map_rules.around(one.spots)))
    return CircleView(one.x, one.y, radius, one.count, is_urgent=bool(one.urgent), label=label, href=closer)


def _moves(
    desk: Desk, view: View, at: Callable[[View], str], here: dict[str, str], *, is_whole: bool
) -> list[MoveView]:
    found = [
        MoveView(_("放大"), at(view.zoomed(0.5)), "plus"),
        MoveView(_("缩小"), at(view.zoomed(2.0)), "minus"),
        MoveView(_("往北"), at(view.moved(0, -1)), "chevron-up"),
        MoveView(_("往南"), at(view.moved(0, 1)), "chevron-down"),
        MoveView(_("往西"), at(view.moved(-1, 0)), "chevron-left"),
        MoveView(_("往东"), at(view.moved(1, 0)), "chevron-right"),
    ]
    return found if is_whole else [*found, MoveView(_("看全区"), desk.urls("desk:map", **here), "map")]


def _unanswered(ground: Ground) -> list[str]:
    return [] if ground.is_answering else [_("地图服务现在没有应答，缺的地方先看示意图；过一会儿再打开。")]


def _said(
    desk: Desk, filters: Filters, found: Sequence[Placed], outside: Sequence[Spot], *, is_boxed: bool
) -> list[str]:
    """Return what the drawing does not show, so that nobody takes it for everything."""
    said = []
    if len(found) >= DRAWN:
        said.append(_("只画最近的 %(n)s 条。", n=DRAWN))
    if outside:
        said.append(_("%(n)s 条在图外，列表里有。", n=len(outside)))
    if not is_boxed:
        lost = mapped.nowhere(desk.session, desk.actor, filters, today=desk.today, now=desk.now)
        if lost:
            count = f"{COUNT_CAP}+" if lost > COUNT_CAP else str(lost)
            said.append(_("另有 %(n)s 条没有位置，不在图上，也不在这个列表里。", n=count))
    return said


def _rows(desk: Desk, shown: Sequence[Placed]) -> list[RowView]:
    rows = mapped.rows_of(desk.session, desk.actor, [one.id for one in shown])
    found = beside.of_rows(desk.session, desk.actor, rows, now=desk.now)
    return row_views(desk, rows, found, opened="")
