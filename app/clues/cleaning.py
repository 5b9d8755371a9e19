"""After something was erased: nothing of it stays in the search index or in the write-ahead log either."""

from __future__ import annotations

from app.clues import service
from app.platform.jobs import Tools


class LogBusy(Exception):
    """A reader kept the write-ahead log from being emptied; the job is tried again."""


def leave_nothing(tools: Tools, *, had_words: bool = True) -> None:
    """Take what was erased out of the write-ahead log and, where it had words, the search index; raises LogBusy."""
    if had_words:
        with tools.database.write_session() as session:
            service.pack_words(session)
    if not tools.database.truncate_log():
        raise LogBusy
