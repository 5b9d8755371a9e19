"""The worker's part: what is found by its label or its number elsewhere, though it was labelled before that."""

from __future__ import annotations

from typing import Final

from app.clues import service as clue_service
from app.platform.jobs import Handler, Tools, Work
from app.triage import queries

INDEX_MARKS: Final = "triage.index_marks"
_AT_ONCE: Final = 200


def index_marks(tools: Tools, _work: Work) -> None:
    """Make labelled and numbered clues findable that were so before search knew of it, some at a time."""
    after = 0
    while True:
        with tools.database.write_session() as session:
            found = queries.marked(session, after=after, limit=_AT_ONCE)
            for clue in found:
                on = queries.labels_of(session, [clue.id]).get(clue.id, ())
                clue_service.mark_words(session, clue, on=on)
            after = found[-1].rowno or 0 if found else after
        if len(found) < _AT_ONCE:
            return


HANDLERS: Final[dict[str, Handler]] = {INDEX_MARKS: index_marks}
