"""同一问题？: which clues may be the same matter as one, ranked, with the reasons in words; a person decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from app.clues import queries as clue_queries
from app.clues.grams import pairs
from app.clues.labels import STATES
from app.clues.lifecycle import LIFECYCLE
from app.clues.terms import ClueAction, ClueState
from app.desk import words
from app.desk.clue_page import Desk
from app.desk.queries import likely
from app.desk.queries.likely import Candidate
from app.geo import rules as geo_rules
from app.geo.distances import distance_m
from app.geo.terms import Wgs84Point
from app.identity.permissions import Verb
from app.platform import clock
from app.platform.errors import Missing
from app.platform.i18n import N_
from app.platform.i18n import gettext as _
from app.reference import queries as reference
from app.reference.memory import remembered
from app.triage.likeness import LIKELY, REACHES, THRESHOLD, Apart, Likeness, Respect, Told, compare

SHOWN: Final = 5
_LEAST_REACH_M: Final = 50
# The reason in the reference data that a merge by one key takes.
SAME_REASON: Final = "same_place_and_matter"
_RESPECTS: Final[dict[Respect, str]] = {
    Respect.SAME_PICTURE: N_("照片几乎一样"),
    Respect.NEAR: N_("位置很近"),
    Respect.SAME_WORDS: N_("说法相近"),
    Respect.SAME_SPOT_WORDS: N_("地点写法相近"),
    Respect.SAME_KIND: N_("同一类别"),
    Respect.CLOSE_IN_TIME: N_("前后不过七天"),
}


@dataclass(frozen=True, slots=True)
class LikelyView:
    """One candidate as the page shows it; `master` is what a merge names, empty where it cannot be one."""

    href: str
    title: str
    label: str
    why: str
    strength: str
    tone: str
    master: str


@dataclass(frozen=True, slots=True)
class LikelyPart:
    """The candidates of one clue, and how to merge with one of them."""

    found: Sequence[LikelyView]
    merge_href: str
    reason_key: str
    version: int
    back: str
    why_no_merge: str


def compose(desk: Desk, clue_id: str, *, back: str = "") -> LikelyPart:
    """Return the candidates of a clue for this person; raises Missing where there is nothing for them."""
    clue = likely.itself(desk.session, desk.actor, clue_id)
    if clue is None:
        raise Missing
    record = clue_queries.get(desk.session, desk.actor, clue_id)
    linked = {clue_id, *clue_queries.members_of(desk.session, clue_id)}
    linked |= {one for one in [clue_queries.master_of(desk.session, clue_id)] if one}
    ranked = [pair for pair in _ranked(desk, clue) if pair[1].id not in linked]
    may = desk.actor.may(Verb.CLUE_MERGE)
    is_open = ClueState(clue.state) in LIFECYCLE[ClueAction.MERGE].given
    has_members = len(linked) > 1
    return LikelyPart(
        found=[
            _view(desk, clue, other, found, metres, can_merge=may and is_open and not has_members)
            for found, other, metres in ranked[:SHOWN]
        ],
        merge_href=desk.urls("triage:merge", clue_id=clue_id),
        reason_key=SAME_REASON,
        version=record.version,
        back=back,
        why_no_merge="" if is_open or not may else _("登记之后才能合并。"),
    )


def _ranked(desk: Desk, clue: Candidate) -> list[tuple[Likeness, Candidate, float | None]]:
    """Return candidates from the threshold on, the most alike first."""
    reach, window = _reach(desk, clue)
    here = _point(clue)
    box = geo_rules.bounding_box(here, float(REACHES * max(reach, _LEAST_REACH_M))) if here else None
    others = likely.candidates(
        desk.session, desk.actor, clue,
        box=(box.south, box.west, box.north, box.east) if box else None,
        since=clue.received_at - timedelta(days=window), until=clue.received_at + timedelta(days=window),
    )  # fmt: skip
    if not others:
        return []
    pictures = likely.pictures(desk.session, [clue.id, *(one.id for one in others)])
    mine = _told(clue, pictures)
    found = []
    for other in others:
        there = _point(other)
        metres = distance_m(here, there) if here and there else None
        apart = Apart(metres, abs(clue.received_at - other.received_at), reach, window)
        likeness = compare(mine, _told(other, pictures), apart)
        if likeness.score >= THRESHOLD:
            found.append((likeness, other, metres))
    return sorted(found, key=lambda one: (-one[0].score, one[1].received_at))


def _reach(desk: Desk, clue: Candidate) -> tuple[int, int]:
    on = clock.office_date(clue.received_at)
    try:
        kind = remembered(
            desk.session, ("desk.category", clue.category_key, on),
            lambda: reference.category(desk.session, clue.category_key, on),
        )  # fmt: skip
    except Missing:
        return _LEAST_REACH_M, 60
    return kind.duplicate_radius_m, kind.duplicate_window_days


def _point(clue: Candidate) -> Wgs84Point | None:
    return Wgs84Point(clue.lat, clue.lon) if clue.lat is not None and clue.lon is not None else None


def _told(clue: Candidate, pictures: Mapping[str, Sequence[int]]) -> Told:
    return Told(
        clue.category_key, clue.field_key, pairs(clue.place_words), frozenset((clue.body or "").split()),
        pictures.get(clue.id, ()),
    )  # fmt: skip


def _view(
    desk: Desk, clue: Candidate, other: Candidate, found: Likeness, metres: float | None, *, can_merge: bool
) -> LikelyView:
    reasons = [_(_RESPECTS[one]) for one in found.respects]
    if metres is not None:
        reasons.insert(0, _("相距 %(n)s 米", n=round(metres)))
    days = abs(clue.received_at - other.received_at).days
    state = _(STATES[ClueState(other.state)])
    is_master = other.state != ClueState.MERGED_DUPLICATE and other.compartment_id == clue.compartment_id
    return LikelyView(
        href=desk.urls("desk:clue", clue_id=other.id),
        title=other.title,
        label=words.known_by(other.number, state, words.age_in_days(other.received_at, desk.now)),
        why=" · ".join([*reasons, _("相差 %(n)s 天", n=days)]),
        strength=_("很可能是同一问题") if found.score >= LIKELY else _("可能是同一问题"),
        tone="time" if found.score >= LIKELY else "plain",
        master=other.id if can_merge and is_master else "",
    )
