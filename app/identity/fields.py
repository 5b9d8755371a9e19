"""Who may see which part of a clue, as data: the second half of the permission matrix (domain.md 1.12).

A row of a clue is seen or it is not (`clues.queries.is_visible`); within a row that is seen, a part is shown to whoever
holds one of its verbs. An empty set means: on no page at all, only through a door of its own that is journalled. The
matrix test renders every page for every role and looks for each part; docs/permissions.md shows this table.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from app.identity.permissions import Verb


class ClueField(StrEnum):
    """A part of a clue that not everybody may see."""

    REPORTER_CONTACT = "reporter_contact"
    REPORTER_WORDS = "reporter_words"
    PRIVATE_ANSWER = "private_answer"
    ORIGINAL_NAME = "original_name"
    INTERNAL_NOTE = "internal_note"
    HANDLER_NAME = "handler_name"
    NUMBER = "number"
    DISCLOSED_SUMMARY = "disclosed_summary"


_STAFF: Final = frozenset({Verb.CLUE_READ, Verb.TRANSFER_READ})
SHOWN_TO: Final[dict[ClueField, frozenset[Verb]]] = {
    ClueField.REPORTER_CONTACT: frozenset(),
    ClueField.REPORTER_WORDS: _STAFF,
    ClueField.PRIVATE_ANSWER: _STAFF,
    ClueField.ORIGINAL_NAME: frozenset({Verb.EVIDENCE_READ_ORIGINAL}),
    ClueField.INTERNAL_NOTE: _STAFF,
    ClueField.HANDLER_NAME: _STAFF | {Verb.ACCOUNT_MANAGE, Verb.JOURNAL_READ},
    ClueField.NUMBER: _STAFF | {Verb.JOURNAL_READ},
    ClueField.DISCLOSED_SUMMARY: _STAFF | {Verb.INVITATION_ANSWER, Verb.TRANSFER_ANSWER},
}
SAYS: Final[dict[ClueField, str]] = {
    ClueField.REPORTER_CONTACT: "name, phone and words about reaching the reporter: only through a look (`contact:reveal`)",
    ClueField.REPORTER_WORDS: "what the reporter wrote, as they wrote it",
    ClueField.PRIVATE_ANSWER: "answers marked private (a number plate)",
    ClueField.ORIGINAL_NAME: "the name a file had on the reporter's device",
    ClueField.INTERNAL_NOTE: "notes and reasons of the office",
    ClueField.HANDLER_NAME: "who of the office handles it",
    ClueField.NUMBER: "the clue's own number",
    ClueField.DISCLOSED_SUMMARY: "the office's own summary, once a transfer or an invitation has left",
}
