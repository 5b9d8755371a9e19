"""A believable season for development: made-up clues that walk through the real services. Never in production."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from random import Random
from typing import Final

from app import wiring
from app.clues import queries as clue_queries
from app.clues.models import Clue
from app.demo import partners
from app.demo.office import Office, open_office
from app.demo.season import Season, lives
from app.evidence import queries as evidence_queries
from app.main import UnsafeSettings, open_house
from app.platform import clock
from app.platform.settings import Settings
from app.transfer import queries as transfer_queries
from app.transfer.models import Transfer

_SEED: Final = 20261123


def fill(settings: Settings, *, clues: int = 500) -> str:
    """Fill a development office with a season of clues up to now; return a summary in words."""
    if settings.is_production:
        raise UnsafeSettings(
            "The demonstration fills an office with made-up clues: it never runs in production."
        )
    house, until = open_house(settings), clock.now()
    try:
        with house.database.write_session() as session:
            office = open_office(session, house, now=until)
        before = sum(_states(office, Clue).values())
        with wiring.handlers(house) as handlers:
            season = Season(office, wiring.tools_of(house), handlers, until)
            # A second filling tells other stories than the first one.
            rng = Random(_SEED + before)  # noqa: S311 - stories, not secrets
            lives(office, season, rng, clues=clues)
            season.run()
            if before == 0:  # once: a second filling adds clues only
                partners.add(office, rng, now=until)
                season.develop()
        return _summary(office, season)
    finally:
        house.database.close()


def _states(office: Office, table: type[Clue | Transfer]) -> Counter[str]:
    """Count by state what the department head may see, which is everything."""
    head = office.people["head_lin"]
    visible = clue_queries.visible_to if table is Clue else transfer_queries.visible_to
    with office.house.database.read_session() as session:
        return Counter(session.execute(visible(head, table.state)).scalars())


def _summary(office: Office, season: Season) -> str:
    with office.house.database.read_session() as session:
        known = session.execute(clue_queries.visible_to(office.people["head_lin"], Clue.id)).scalars().all()
        pictures = evidence_queries.first_pictures(session, known)
    states, transfers = _states(office, Clue), _states(office, Transfer)
    lines = [
        f"clues      {sum(states.values())}: {_listed(states.items())}",
        f"transfers  {sum(transfers.values())}: {_listed(transfers.items())}",
        f"with a picture ready: {len(pictures)}",
    ]
    if season.stopped:
        lines.append(f"steps the office refused: {_listed(season.stopped.items())}")
    return "\n".join(lines)


def _listed(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts, key=lambda pair: -pair[1]))
