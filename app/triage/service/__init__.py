"""What is done to a clue at the desk; one function per verb of the trade, nothing here commits."""

from app.triage.service.endings import close, propose_filing, redirect, reopen, screen_out, watch
from app.triage.service.keeping import (
    assign,
    file_major,
    move,
    note,
    note_entry,
    read_news,
    set_flags,
    set_place,
    set_title,
)
from app.triage.service.opening import NoSuchChoice
from app.triage.service.sameness import CannotMerge, merge, unmerge
from app.triage.service.steps import (
    end_inquiry,
    evaluate,
    register,
    request_info,
    resume,
    start_evaluation,
    start_inquiry,
)

__all__ = [
    "CannotMerge",
    "NoSuchChoice",
    "assign",
    "close",
    "end_inquiry",
    "evaluate",
    "file_major",
    "merge",
    "move",
    "note",
    "note_entry",
    "propose_filing",
    "read_news",
    "redirect",
    "register",
    "reopen",
    "request_info",
    "resume",
    "screen_out",
    "set_flags",
    "set_place",
    "set_title",
    "start_evaluation",
    "start_inquiry",
    "unmerge",
    "watch",
]
