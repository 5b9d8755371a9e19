"""What a step looks like on the clue page: its button, its small form, what was typed into it before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

# Forms are made and drawn once for every clue they are the same for: these stand in place of a clue's id, version and
# title, and of the way back (drawn_forms.py).
ANY_CLUE: Final = "00000000-0000-7000-8000-00000000fffd"
ANY_VERSION: Final = "00000000-0000-7000-8000-00000000fffe"
ANY_TITLE: Final = "00000000-0000-7000-8000-00000000fffc"
ANY_BACK: Final = "00000000-0000-7000-8000-00000000ffff"


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that may be chosen."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class StepField:
    """One field of a step's form. kinds: area, line, date, select, score, tick, hidden."""

    kind: str
    name: str
    label: str
    id: str
    hint: str = ""
    value: str = ""
    error: str = ""
    required: bool = False
    maxlength: int | None = None
    rows: int = 3
    options: Sequence[Option] = ()


@dataclass(frozen=True, slots=True, eq=False)
class StepView:
    """One step a person can take now; its addresses name ANY_CLUE. Each is itself and equal to no other.

    `is_common` says that nothing in it was written for one clue: then it is drawn once.
    """

    key: str
    label: str
    submit: str
    action: str
    kind: str = "plain"
    lead: str = ""
    fields: Sequence[StepField] = ()
    is_open: bool = False
    is_link: bool = False
    shortcut: str = ""
    look_href: str = ""
    is_common: bool = True


@dataclass(frozen=True, slots=True)
class WhyNotView:
    """One step that is not possible, and why."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What a refused step leaves on the fresh page: which step, what was typed, what to say about it."""

    step: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""
    kept: str = ""


NOTHING_TYPED = Typed()
