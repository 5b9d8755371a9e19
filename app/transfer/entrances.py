"""The liaison's own entrance: two ways apart, so that nobody begins a facility matter like any other (domain.md 1.6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.identity.terms import CompartmentKind
from app.platform.db import ReadSession
from app.platform.i18n import gettext as _
from app.platform.web.given import House
from app.platform.web.render import in_locale
from app.reference import queries as reference_queries

Url = Callable[..., str]
_RIGHTS: Final = "military_rights"
_FORBIDDEN: Final = "forbidden"


@dataclass(frozen=True, slots=True)
class Entrance:
    """One way in: where it leads, what it is for, what has to be known before the first box."""

    href: str
    title: str
    words: str
    icon: str


def military_entrances(session: ReadSession, house: House, url: Url, today: date) -> list[Entrance]:
    """Return the ways of a liaison: rights and service like anything else, facilities in words alone and offline."""
    kinds = reference_queries.categories(session, today)
    groups = list(dict.fromkeys(kind.group_key for kind in kinds if kind.field_key == _RIGHTS))
    found = [
        Entrance(
            url("intake:pick", group=group), _("军人权益和优待"),
            _("乘车、就医、景区优待，荣誉和名誉。可以拍照；不写部队番号。"), "plus",
        )
        for group in groups[:1]
    ]  # fmt: skip
    found += [
        Entrance(
            url("intake:form", category_key=kind.key),
            in_locale(kind, "name"),
            _(
                "只写几句话：不拍照、不定位，不写番号和营区位置。详细情况请打 %(phone)s 线下联系。",
                phone=house.settings.office_phone,
            ),
            "lock",
        )
        for kind in kinds
        if kind.compartment_kind == CompartmentKind.MILITARY.value and kind.position == _FORBIDDEN
    ]
    return found
