"""After something was erased: nothing of it stays in the search index or in the write-ahead log either."""

from __future__ import annotations

from app.clues import service
from app.platform.jobs import Tools


class LogBusy(Exception):
    """A reader kept the write-ahead log from being emptied; the job is tried again."""


def leave_nothing(tools: Tools) -> None:
    """Take what was erased out of the search index and the write-ahead log as well; raises LogBusy."""
    with tools.database.write_session() as session:
        service.pack_words(session)
    if not tools.database.truncate_log():
        raise LogBusy
