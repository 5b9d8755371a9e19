"""How the photo view says things: flags with their figures, statements with their source and datum."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from app.clues.models import Clue
from app.desk import clue_around, words
from app.desk.clue_terms import Labelled
from app.desk.photo_terms import SaidView
from app.evidence.exif import PhotoFacts
from app.evidence.labels import FIDELITIES, PATHS, masking_said
from app.evidence.queries import Shown
from app.evidence.rules import Flag, Raised
from app.geo.terms import Wgs84Point
from app.platform.i18n import N_
from app.platform.i18n import gettext as _

# Each is one plain sentence: what was noticed, and what may explain it.
FLAGS: Final[Mapping[Flag, str]] = {
    Flag.SAME_BYTES: N_("同一个文件也在另外 %(n)s 条线索里，一个字节不差。"),
    Flag.SAME_PICTURE: N_("看起来是同一张照片的图也在另外 %(n)s 条线索里，可能重新保存过。"),
    Flag.FAR_FROM_PLACE: N_("照片位置离反映的地点较远，约 %(n)s 米，可能不是在现场拍的。"),
    Flag.FAR_FROM_PHONE: N_("照片位置和提交时手机的位置相差约 %(n)s 米，可能是后来才提交的。"),
    Flag.OUTSIDE: N_("照片位置在本区外，请核实是不是本院管辖。"),
    Flag.COARSE: N_("位置误差约 %(n)s 米，超过 200 米，只能当作大概位置。"),
    Flag.OLD: N_("拍摄时间比收到早 %(n)s 天，在三十天以上，现场可能已经变了。"),
    Flag.AHEAD_OF_US: N_("照片写的时间比我们收到还晚 %(n)s 分钟，拍摄设备的钟可能不准。"),
    Flag.CLOCK_SKEW: N_("照片的钟和卫星时间相差 %(n)s 分钟，拍摄时间可能不准。"),
    Flag.SCREENSHOT: N_("看起来是屏幕截图，不是直接拍的，请问原图在哪里。"),
    Flag.EDITED: N_("图里写着用 %(name)s 处理过，请问有没有没处理的原图。"),
}
_DIRECTIONS: Final = (N_("北"), N_("东北"), N_("东"), N_("东南"), N_("南"), N_("西南"), N_("西"), N_("西北"))


def flag(raised: Raised) -> str:
    """Return a flag as one sentence."""
    return _(FLAGS[raised.flag], **raised.figures)


def rows_of(*pairs: tuple[str, str]) -> list[Labelled]:
    """Return the rows that have something to say."""
    return [Labelled(label, value) for label, value in pairs if value]


def metres(value: float | None) -> str:
    """Return an error radius, or that none was given."""
    return _("±%(n)s 米", n=round(value)) if value is not None else _("没有给出误差")


def place(point: Wgs84Point, error_m: float | None, datum: str) -> str:
    """Return a position as it must always be shown: numbers, error, datum."""
    return _(
        "%(lat)s, %(lon)s（%(error)s，%(datum)s）",
        lat=f"{point.lat:.5f}", lon=f"{point.lon:.5f}", error=metres(error_m), datum=datum,
    )  # fmt: skip


def photo_said(facts: PhotoFacts, point: Wgs84Point | None, to_place_m: float | None) -> SaidView:
    """Return what the photo says of itself."""
    taken = words.shown_moment(facts.taken_at) if facts.taken_at else ""
    if taken and not facts.taken_offset_known:
        taken = _("%(time)s（照片没写时区，按北京时间算）", time=taken)
    datum = facts.datum_text or _("照片没写坐标系，按 WGS-84 看")
    device = " ".join(part for part in (facts.make, facts.model) if part)
    return SaidView(
        _("照片自己写的"),
        rows_of(
            (_("拍摄时间"), taken or _("照片没有写")),
            (_("卫星时间"), words.shown_moment(facts.gps_at) if facts.gps_at else ""),
            (_("照片位置"), place(point, facts.error_m, datum) if point else _("照片没有写")),
            (_("镜头朝向"), _direction(facts)),
            (_("离反映地点"), _("%(n)s 米", n=round(to_place_m)) if to_place_m is not None else ""),
            (_("设备"), device),
            (_("软件"), facts.software or ""),
        ),
    )


def _direction(facts: PhotoFacts) -> str:
    if facts.direction_deg is None:
        return ""
    name = _(_DIRECTIONS[round(facts.direction_deg / 45) % 8])
    north = _("磁北") if facts.direction_is_magnetic else _("真北")
    return _("%(name)s，%(n)s°（%(north)s）", name=name, n=round(facts.direction_deg), north=north)


def phone_said(item: Shown, point: Wgs84Point | None) -> SaidView | None:
    """Return where the phone said it was when the photo was added; None where it said nothing."""
    if point is None:
        return None
    return SaidView(
        _("手机定位说的"), rows_of((_("提交时位置"), place(point, item.phone_accuracy_m, "WGS-84")))
    )


def person_said(clue: Clue, *, now: datetime) -> SaidView:
    """Return what the person said of the place, with its honesty label."""
    point = clue_around.point_of(clue)
    fixed = words.age_in_days(clue.place_fixed_at, now) if clue.place_fixed_at else ""
    return SaidView(
        _("反映人说的"),
        rows_of(
            (_("地点"), clue.place_words or _("没有写")),
            (_("位置"), place(point, clue.accuracy_m, "WGS-84") if point else _("没有给出坐标")),
            (_("位置来源"), clue_around.source_words(clue.place_source)),
            (_("定位时间"), fixed),
        ),
    )


def masking_note(item: Shown) -> tuple[str, str] | None:
    """Return what the reporter said of personal data in a picture, as a notice: its tone and its words."""
    said = masking_said(item.masking, item.masked_parts)
    return ("time" if item.masking == "as_is" else "info", said) if said else None


def file_rows(item: Shown, *, shows_name: bool) -> list[Labelled]:
    """Return what is known of the file itself; the name its maker gave it only to who may read the original."""
    promised = ""
    if item.promised_digest:
        promised = _("一致") if item.promised_digest == item.digest else _("不一致")
    return rows_of(
        (_("收到"), words.shown_moment(item.received_at)),
        (_("怎样提交"), _(PATHS[item.path]) if item.path in PATHS else item.path),
        (_("保真"), _(FIDELITIES[item.fidelity]) if item.fidelity in FIDELITIES else item.fidelity),
        (_("原文件名"), item.original_name if shows_name else ""),
        (_("格式"), item.media_type),
        (_("尺寸"), f"{item.width} × {item.height}" if item.width and item.height else ""),
        (_("大小"), f"{max(1, item.size_bytes // 1024)} KB"),
        (_("手机先算的校验值"), promised),
        (_("完整性校验值"), item.digest),
    )
