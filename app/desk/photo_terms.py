"""What the photo view is made of, as frozen values: its template cannot ask for what is not here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.desk.clue_terms import Knot, Labelled, NearView


@dataclass(frozen=True, slots=True)
class PaneView:
    """One picture on the stage, or the file a browser plays."""

    evidence_id: str
    title: str
    src: str | None
    play_href: str | None
    kind: str
    why_none: str


@dataclass(frozen=True, slots=True)
class StripView:
    """One small picture below the stage."""

    href: str
    compare_href: str
    src: str | None
    alt: str
    is_current: bool
    is_beside: bool


@dataclass(frozen=True, slots=True)
class SaidView:
    """What one of three said of time and place."""

    title: str
    rows: Sequence[Labelled]


@dataclass(frozen=True, slots=True)
class RedactedView:
    """A redacted copy that stands."""

    src: str
    title: str
    legend: Sequence[str]
    withdraw_href: str
    is_leaving: bool


@dataclass(frozen=True, slots=True)
class CopiesView:
    """The copies made on demand, and what is being made."""

    redacted: Sequence[RedactedView]
    print_href: str
    is_print_ready: bool
    is_waiting: bool
    has_failed: bool
    poll_href: str


@dataclass(frozen=True, slots=True)
class FixView:
    """How a file stands on its way from 线索材料 to 证据."""

    label: str
    tone: str
    text: str
    action: str
    submit: str


@dataclass(frozen=True, slots=True)
class PhotoPage:
    """One picture with all that is known of it."""

    clue_href: str
    clue_title: str
    title: str
    panes: Sequence[PaneView]
    strip: Sequence[StripView]
    masking_note: tuple[str, str] | None
    flags: Sequence[str]
    elsewhere: Sequence[NearView]
    said: Sequence[SaidView]
    rows: Sequence[Labelled]
    fix: FixView
    copies: CopiesView
    knots: Sequence[Knot]
    original_href: str | None
    bundle_href: str | None
    redact_href: str | None
    end_compare_href: str | None
    previous_href: str | None
    next_href: str | None
    errors: Sequence[tuple[str, str]]
    typed: str
