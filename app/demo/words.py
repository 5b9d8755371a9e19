"""What people say in the demonstration; the words themselves stand in words.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final

_FILE: Final = Path(__file__).with_name("words.toml")


@cache
def _all() -> Mapping[str, Any]:
    return tomllib.loads(_FILE.read_text("utf-8"))


def said(rng: Random, part: str, key: str) -> str:
    """Return one of the sentences of a part under a key."""
    found: Sequence[str] = _all()[part][key]
    return rng.choice(found)


def only(part: str, key: str) -> str:
    """Return the one text of a part under a key."""
    found: str = _all()[part][key]
    return found


def answer(rng: Random, key: str) -> str | None:
    """Return what somebody would write as the answer to a question in words, where there is something to say."""
    found: Sequence[str] = _all()["answers"].get(key, ())
    return rng.choice(found) if found else None


def every(part: str) -> Mapping[str, Sequence[str]]:
    """Return all keys of a part with their sentences."""
    found: Mapping[str, Sequence[str]] = _all()[part]
    return found
