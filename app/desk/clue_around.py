"""Where a clue is and what lies around it: the place with its honesty label, near and linked clues."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from app.clues import labels as clue_labels
from app.clues import queries as clue_queries
from app.clues.models import Clue
from app.clues.terms import ClueState, Standing
from app.desk import words
from app.desk.clue_terms import Drawing, Labelled, NearView, PlaceView
from app.desk.queries import around
from app.desk.queries.names import Name
from app.geo import rules as geo_rules
from app.geo.distances import distance_m
from app.geo.districts import District, Schematic, district, schematic_path
from app.geo.terms import Wgs84Point
from app.identity.actor import Actor
from app.platform.db import ReadSession, WriteSession
from app.platform.i18n import gettext as _
from app.platform.web.render import Urls, in_locale
from app.reference.models import Category

AnySession = ReadSession | WriteSession
_WIDTH: Final = 320
_HEIGHT: Final = 200


def place(clue: Clue, towns: Mapping[str, Name], *, now: datetime) -> PlaceView:
    """Return the place with its honesty label: source, accuracy, age, standing."""
    known = towns.get(clue.town_key or "")
    town = in_locale(known, "name") if known else ""
    standing = Standing(clue.standing)
    rows = [Labelled(_("街道、乡镇"), town or "—"), Labelled(_("位置来源"), source_words(clue.place_source))]
    point = point_of(clue)
    if point is not None:
        rows.append(Labelled(_("坐标"), f"{point.lat:.5f}, {point.lon:.5f}"))
        error = _("±%(n)s 米", n=round(clue.accuracy_m)) if clue.accuracy_m is not None else _("没有给出误差")
        rows.append(Labelled(_("误差"), error))
    if clue.place_fixed_at is not None:
        rows.append(Labelled(_("定位时间"), words.age_in_days(clue.place_fixed_at, now)))
    rows.append(Labelled(_("与本区的关系"), _(clue_labels.STANDINGS[standing])))
    warning = _(clue_labels.STANDINGS[standing]) if standing in {Standing.OUTSIDE, Standing.NEAR_EDGE} else ""
    copied = f"{point.lat:.6f},{point.lon:.6f}" if point else ""
    return PlaceView(clue.place_words, rows, warning, _drawing(point) if point else None, copied)


def source_words(source: str) -> str:
    """Return how a place came to be known."""
    found = clue_labels.PLACE_SOURCES.get(source)
    return _(found) if found else source


def point_of(clue: Clue) -> Wgs84Point | None:
    """Return a clue's position, if it has one."""
    return Wgs84Point(clue.lat, clue.lon) if clue.lat is not None and clue.lon is not None else None


@cache
def _sketch() -> tuple[District, Schematic]:
    """Return the outline and its drawing: a hundred and thirty corners that no clue moves."""
    found = district()
    return found, schematic_path(found.polygon, _WIDTH, _HEIGHT)


def _drawing(point: Wgs84Point) -> Drawing:
    found, sketch = _sketch()
    x, y = sketch.project(point)
    is_on_it = 0 <= x <= _WIDTH and 0 <= y <= _HEIGHT
    return Drawing(
        sketch.path, _WIDTH, _HEIGHT, x if is_on_it else None, y if is_on_it else None,
        _("%(name)s轮廓示意，不是地图", name=found.name),
    )  # fmt: skip


def near(
    session: AnySession, actor: Actor, clue: Clue, kind: Category, urls: Urls, *, now: datetime
) -> list[NearView]:
    """Return visible clues of the category within its radius and window, nearest first."""
    here = point_of(clue)
    if here is None:
        return []
    box = geo_rules.bounding_box(here, kind.duplicate_radius_m)
    found = around.in_box(
        session, actor, box=(box.south, box.west, box.north, box.east), category_key=clue.category_key,
        since=clue.received_at - timedelta(days=kind.duplicate_window_days), but=clue.id,
    )  # fmt: skip
    measured = [
        (distance_m(here, Wgs84Point(other.lat, other.lon)), other)
        for other in found
        if other.lat is not None and other.lon is not None
    ]
    close = sorted(
        (pair for pair in measured if pair[0] <= kind.duplicate_radius_m),
        key=lambda pair: (pair[0], pair[1].id),
    )
    return [
        neighbour(other, urls, now=now, note=_("相距 %(n)s 米", n=round(metres)))
        for metres, other in close[:8]
    ]


def neighbour(other: around.Neighbour, urls: Urls, *, now: datetime, note: str) -> NearView:
    """Return another clue as a line of a list."""
    state = _(clue_labels.STATES[ClueState(other.state)])
    return NearView(
        href=urls("desk:clue", clue_id=other.id),
        title=other.title,
        label=words.known_by(other.number, state, words.age_in_days(other.received_at, now)),
        note=note,
    )


def linked(session: AnySession, actor: Actor, clue: Clue, urls: Urls, *, now: datetime) -> list[NearView]:
    """Return the clues linked with this one that the person may see."""
    master = clue_queries.master_of(session, clue.id)
    members = list(clue_queries.members_of(session, clue.id))
    wanted = [*([master] if master else []), *members]
    if not wanted:
        return []
    seen = around.by_ids(session, actor, wanted)
    return [
        neighbour(seen[one], urls, now=now, note=_("主线索") if one == master else _("合并进来的线索"))
        for one in wanted
        if one in seen
    ]
