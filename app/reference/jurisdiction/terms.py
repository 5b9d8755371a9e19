"""The words of jurisdiction: who may be to take a matter, the level of whoever is supervised, one rule, one matter."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.platform.i18n import N_


class Verdict(StrEnum):
    """Who is to take a matter."""

    OWN = "own"
    SISTER = "sister"
    SUPERIOR = "superior"
    MILITARY = "military"
    AGENCY = "agency"
    HOTLINE = "hotline"


class Level(StrEnum):
    """Of what level whoever is supervised is (办案规则 13); at the beginning mostly nobody knows."""

    UNKNOWN = "unknown"
    DISTRICT = "district"
    GOVERNMENT = "government"
    CITY = "city"
    PROVINCE = "province"
    MILITARY = "military"
    PARTY = "party"


VERDICTS: Final[dict[Verdict, str]] = {
    Verdict.OWN: N_("本院办理"),
    Verdict.SISTER: N_("移送同级检察院"),
    Verdict.SUPERIOR: N_("报请上一级检察院"),
    Verdict.MILITARY: N_("移送军事检察院"),
    Verdict.AGENCY: N_("移送行政机关"),
    Verdict.HOTLINE: N_("引导到热线"),
}
LEVELS: Final[dict[Level, str]] = {
    Level.UNKNOWN: N_("还不清楚"),
    Level.DISTRICT: N_("区级机关"),
    Level.GOVERNMENT: N_("区人民政府"),
    Level.CITY: N_("市级机关"),
    Level.PROVINCE: N_("省级以上机关"),
    Level.MILITARY: N_("部队单位"),
    Level.PARTY: N_("企业或者个人"),
}


@dataclass(frozen=True, slots=True)
class Matter:
    """What is known of a matter where its jurisdiction is asked."""

    standing: str
    town_key: str
    category_key: str
    field_key: str
    level: Level = Level.UNKNOWN
    is_major: bool = False
    # An evaluation said that no interest of the unspecified many is touched.
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as it is asked; an empty condition asks nothing."""

    key: str
    sort: int
    name: str
    name_en: str
    verdict: Verdict
    target: str
    reason: str
    reason_en: str
    basis: str
    is_confirmed: bool
    standings: frozenset[str] = frozenset()
    towns: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    levels: frozenset[str] = frozenset()
    only_major: bool = False
    only_private: bool = False
