"""What the office does with a clue, as the fixture `office` takes it; and what the reporter does with a code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from app.clues import service as clue_service
from app.clues.service import Numbering
from app.clues.terms import ClueAction, Fact
from app.intake import service
from app.platform import clock

if TYPE_CHECKING:
    from tests.conftest import HouseClient

Step = Callable[[Any, Any, Any], Any]


def register(session: Any, clue: Any, actor: Any) -> None:
    """Register the clue."""
    numbering = Numbering("松检公线〔{year}〕{seq:04d}号", "", 1)
    clue_service.register(
        session, actor.doer, clue, compartment_kind="open", now=clock.now(), numbering=numbering
    )


def go(action: ClueAction, *facts: Fact, **more: Any) -> Step:
    """Take one step of the lifecycle."""

    def step(session: Any, clue: Any, actor: Any) -> Any:
        known = frozenset(facts)
        return clue_service.advance(session, actor.doer, clue, action, now=clock.now(), facts=known, **more)

    return step


def ask(text: str) -> Step:
    """Ask the reporter for more."""

    def step(session: Any, clue: Any, actor: Any) -> Any:
        return service.ask_reporter(session, actor, clue, text, date(2030, 1, 31), clock.now())

    return step


def track(client: HouseClient) -> str:
    """The tracking page, or the box for the code."""
    shown = client.get(client.to("intake:track"))
    assert shown.status_code == 200
    return shown.text


def say(client: HouseClient, photos: Any = (), **fields: Any) -> Any:
    """Add something with the code that is open."""
    empty = [("photos", ("", b"", "application/octet-stream"))]
    return client.post(client.to("intake:add"), data=fields, files=list(photos) or empty)
