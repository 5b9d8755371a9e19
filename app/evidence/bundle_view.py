"""How the list 清单 of a bundle is said in words: one view for the printed page and for the file in the bundle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.clues import labels as clue_labels
from app.evidence.bundle_list import Listed, ListedItem
from app.evidence.exif import PhotoFacts
from app.evidence.labels import CATEGORIES, COPIES, FIDELITIES, PATHS, masking_said
from app.platform.i18n import N_, listed
from app.platform.i18n import gettext as _
from app.platform.when import exact_time

_BRINGERS: Final[dict[str, str]] = {
    "reporter": N_("反映人（身份另行保密保存）"),
    "link": N_("受送单位（一次性链接）"),
    "system": N_("系统"),
}


@dataclass(frozen=True, slots=True)
class LineView:
    """One item on the list."""

    no: int
    category: str
    size: str
    times: Sequence[str]
    place: Sequence[str]
    collector: Sequence[str]
    standing: str
    file: str
    digest: str
    copies: Sequence[str]


@dataclass(frozen=True, slots=True)
class ListView:
    """The list with its head."""

    number: str
    title: str
    office: str
    made_by: str
    made_at: str
    purpose: str
    lines: Sequence[LineView]


def view_of(listed: Listed) -> ListView:
    """Return the list in the reader's language."""
    return ListView(
        number=listed.number or _("未登记"), title=listed.title, office=listed.office, made_by=listed.made_by,
        made_at=moment(listed.made_at), purpose=listed.purpose, lines=[_line(item) for item in listed.items],
    )  # fmt: skip


def moment(text: str) -> str:
    """Return an instant with date and clock, as a paper needs it."""
    return exact_time(datetime.fromisoformat(text))


def _line(item: ListedItem) -> LineView:
    says = PhotoFacts.from_json(item.photo_says)
    times = [_("收到 %(time)s", time=moment(item.received_at))]
    if says.taken_at is not None:
        times.append(_("照片自写 %(time)s", time=exact_time(says.taken_at)))
    collector = item.collector or _(_BRINGERS.get(item.collector_kind, _BRINGERS["system"]))
    return LineView(
        no=item.no,
        category=_("%(kind)s · %(format)s", kind=_(CATEGORIES.get(item.category, CATEGORIES["application"])), format=item.format),
        size=_("%(n)s 字节", n=item.size_bytes),
        times=times, place=_places(item.stated_place, says),
        collector=[collector, _(PATHS[item.path]) if item.path in PATHS else item.path],
        standing=(
            _("证据，%(time)s 由 %(names)s 固定", time=moment(item.fixed_at), names=listed(item.fixed_by))
            if item.fixed_at
            else _("线索材料（未核实）")
        ),
        file=item.name, digest=item.sha256,
        copies=[f"{copy.name} · {_(COPIES[copy.kind])} · {copy.sha256}" for copy in item.copies if copy.kind in COPIES]
        + [
            said
            for said in (
                _(FIDELITIES[item.fidelity]) if item.fidelity in FIDELITIES else "",
                masking_said(item.masking, item.masked_parts),
            )
            if said
        ],
    )  # fmt: skip


def _places(stated: Mapping[str, Any], says: PhotoFacts) -> list[str]:
    """Return each statement of the place with its source."""
    found = []
    if stated.get("words"):
        found.append(str(stated["words"]))
    if stated.get("lat") is not None:
        source = clue_labels.PLACE_SOURCES.get(str(stated["source"]))
        found.append(
            _label(
                _(source) if source else str(stated["source"]),
                stated["lat"],
                stated["lon"],
                stated["accuracy_m"],
            )
        )
    if says.lat is not None and says.lon is not None:
        found.append(_label(_("照片自带位置"), says.lat, says.lon, says.error_m))
    return found or [_("没有给出地点")]


def _label(source: str, lat: float, lon: float, error_m: float | None) -> str:
    error = _("±%(n)s 米", n=round(error_m)) if error_m is not None else _("没有给出误差")
    return _(
        "%(source)s %(lat)s, %(lon)s（%(error)s，WGS-84）",
        source=source,
        lat=f"{lat:.5f}",
        lon=f"{lon:.5f}",
        error=error,
    )
