"""What is done to a clue at the desk; one function per verb of the trade, nothing here commits."""

from app.triage.service.bulk import assign_all, give_all, label_all, may_undo, screen_out_all, undo
from app.triage.service.duty import be_away, be_back, confirm_recusal, hand_over, lift_recusal, recuse
from app.triage.service.endings import close, propose_filing, redirect, reopen, screen_out, watch
from app.triage.service.keeping import (
    assign,
    file_major,
    hand_back,
    move,
    note,
    note_case_number,
    note_entry,
    read_news,
    set_flags,
    set_place,
    set_title,
)
from app.triage.service.labelling import set_labels
from app.triage.service.opening import NoSuchChoice
from app.triage.service.presence import be_present
from app.triage.service.respondents import end_respondent, name_respondent
from app.triage.service.sameness import CannotMerge, merge, split, unmerge
from app.triage.service.steps import (
    end_inquiry,
    evaluate,
    register,
    request_info,
    resume,
    start_evaluation,
    start_inquiry,
)
from app.triage.service.views import drop_view, save_view, share_view

__all__ = [
    "CannotMerge",
    "NoSuchChoice",
    "assign",
    "assign_all",
    "be_away",
    "be_back",
    "be_present",
    "close",
    "confirm_recusal",
    "drop_view",
    "end_inquiry",
    "end_respondent",
    "evaluate",
    "file_major",
    "give_all",
    "hand_back",
    "hand_over",
    "label_all",
    "lift_recusal",
    "may_undo",
    "merge",
    "move",
    "name_respondent",
    "note",
    "note_case_number",
    "note_entry",
    "propose_filing",
    "read_news",
    "recuse",
    "redirect",
    "register",
    "reopen",
    "request_info",
    "resume",
    "save_view",
    "screen_out",
    "screen_out_all",
    "set_flags",
    "set_labels",
    "set_place",
    "set_title",
    "share_view",
    "split",
    "start_evaluation",
    "start_inquiry",
    "undo",
    "unmerge",
    "watch",
]
