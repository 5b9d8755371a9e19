"""What the office chooses from when it writes a place down: the towns, and whose coordinates were pasted."""

from __future__ import annotations

from app.desk.step_terms import Option
from app.platform.db import ReadSession, WriteSession
from app.platform.i18n import gettext as _
from app.platform.web.render import in_locale
from app.reference import queries as reference


def towns(session: ReadSession | WriteSession) -> list[Option]:
    """Return the towns and streets, nothing chosen first."""
    known = (Option(row.key, in_locale(row, "name")) for row in reference.towns(session))
    return [Option("", _("请选择")), *known]


def datums() -> list[Option]:
    """Return the datums a pasted position may have, the most likely first."""
    return [
        Option("gcj02", _("高德或腾讯地图，不清楚也选这个")),
        Option("bd09", _("百度地图")),
        Option("wgs84", _("手机定位、GPS 设备")),
    ]
