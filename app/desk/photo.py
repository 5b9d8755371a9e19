"""One picture: what it says of itself, what that gives reason to ask, where its bytes lie as well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.clues import queries as clue_queries
from app.clues.models import Clue
from app.desk import clue_around, rules, words
from app.desk.clue_page import Desk
from app.desk.clue_terms import Labelled
from app.desk.clue_view import PhotoPage
from app.desk.queries import around
from app.desk.rules import PhotoSays
from app.evidence import queries as evidence_queries
from app.evidence.exif import PhotoFacts
from app.evidence.queries import Shown
from app.evidence.terms import Condition
from app.geo import rules as geo_rules
from app.geo.districts import district
from app.geo.geocoding import distance_m
from app.geo.terms import PointRefused, Standing, Wgs84Point
from app.identity.permissions import Verb
from app.platform.errors import Missing
from app.platform.i18n import N_
from app.platform.i18n import gettext as _

_FIDELITY: Mapping[str, str] = {
    "original": N_("原图，一个字节没有改"),
    "masked_on_phone": N_("反映人在手机上打过码"),
    "phone_preview": N_("手机生成的小图"),
}
_PATHS: Mapping[str, str] = {
    "camera": N_("现场拍摄"),
    "picker": N_("从相册选"),
    "scan": N_("工作人员扫描或拍照"),
    "partner": N_("协作单位提交"),
    "import": N_("批量导入"),
}


def compose(desk: Desk, clue_id: str, evidence_id: str) -> PhotoPage:
    """Return the view of one picture of a clue this person may see; raises Missing."""
    clue = clue_queries.get(desk.session, desk.actor, clue_id)
    pictures = [
        item for item in evidence_queries.of_clue(desk.session, clue_id) if item.condition != Condition.FILE
    ]
    at = next((n for n, item in enumerate(pictures) if item.id == evidence_id), None)
    if at is None:
        raise Missing
    item, urls = pictures[at], desk.urls
    facts = PhotoFacts.from_json(item.photo_facts or {})
    held = around.held_elsewhere(desk.session, desk.actor, {item.id: item.digest}, but=clue_id).get(
        item.id, []
    )
    elsewhere = around.by_ids(desk.session, desk.actor, held)
    says = _says(clue, facts, is_elsewhere=bool(elsewhere))

    def href(n: int) -> str | None:
        is_there = 0 <= n < len(pictures)
        return urls("desk:photo", clue_id=clue_id, evidence_id=pictures[n].id) if is_there else None

    return PhotoPage(
        clue_href=urls("desk:clue", clue_id=clue_id), clue_title=clue.title,
        title=_("第 %(n)s 张，共 %(all)s 张", n=at + 1, all=len(pictures)),
        src=urls("evidence:picture", evidence_id=item.id, kind="screen") if item.is_ready else None,
        original_href=(
            urls("evidence:original", evidence_id=item.id) if desk.actor.may(Verb.EVIDENCE_READ_ORIGINAL) else None
        ),
        rows=_rows(item, facts, says),
        flags=[_(words.PHOTO_FLAGS[flag]) for flag in rules.photo_flags(says, received_at=item.received_at)],
        elsewhere=[clue_around.neighbour(one, urls, now=desk.now, note="") for one in elsewhere.values()],
        previous_href=href(at - 1), next_href=href(at + 1),
    )  # fmt: skip


def _point(facts: PhotoFacts) -> Wgs84Point | None:
    if facts.lat is None or facts.lon is None:
        return None
    try:
        return Wgs84Point(facts.lat, facts.lon)
    except PointRefused:
        return None


def _says(clue: Clue, facts: PhotoFacts, *, is_elsewhere: bool) -> PhotoSays:
    point, pin = _point(facts), clue_around.point_of(clue)
    return PhotoSays(
        point=point,
        taken_at=facts.taken_at,
        accuracy_m=facts.error_m,
        distance_m=distance_m(point, pin) if point and pin else None,
        is_outside=point is not None and geo_rules.standing(district().polygon, point) is Standing.OUTSIDE,
        is_elsewhere=is_elsewhere,
    )


def _rows(item: Shown, facts: PhotoFacts, says: PhotoSays) -> list[Labelled]:
    def row(label: str, value: Any) -> list[Labelled]:
        return [Labelled(label, str(value))] if value else []

    taken = words.shown_moment(facts.taken_at) if facts.taken_at else ""
    if taken and not facts.taken_offset_known:
        taken = _("%(time)s（照片没写时区，按北京时间算）", time=taken)
    where = f"{says.point.lat:.5f}, {says.point.lon:.5f}" if says.point else ""
    return [
        *row(_("拍摄时间"), taken or _("照片没有写")),
        *row(_("照片位置"), where or _("照片没有写")),
        *row(_("位置误差"), _("±%(n)s 米", n=round(says.accuracy_m)) if says.accuracy_m is not None else ""),
        *row(_("离反映地点"), _("%(n)s 米", n=round(says.distance_m)) if says.distance_m is not None else ""),
        *row(_("收到"), words.shown_moment(item.received_at)),
        *row(_("怎样提交"), _(_PATHS[item.path]) if item.path in _PATHS else item.path),
        *row(_("保真"), _(_FIDELITY[item.fidelity]) if item.fidelity in _FIDELITY else item.fidelity),
        *row(_("尺寸"), f"{item.width} × {item.height}" if item.width and item.height else ""),
        *row(_("大小"), f"{max(1, item.size_bytes // 1024)} KB"),
        *row(_("完整性校验值"), item.digest),
    ]
