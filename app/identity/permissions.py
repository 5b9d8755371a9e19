"""Every verb of the house and the one table of who is granted it: the page an auditor is shown.

docs/permissions.md is generated from here; a test compares.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from app.identity.terms import Role


class Verb(StrEnum):
    """One right, written `subject:action`, in alphabetical order."""

    ACCOUNT_MANAGE = "account:manage"
    AGENCY_EDIT = "agency:edit"
    AGREEMENT_READ = "agreement:read"
    CLUE_ASSIGN = "clue:assign"
    CLUE_CLOSE = "clue:close"
    CLUE_ENTER = "clue:enter"
    CLUE_EVALUATE = "clue:evaluate"
    CLUE_EXPORT = "clue:export"
    CLUE_MERGE = "clue:merge"
    CLUE_MESSAGE = "clue:message"
    CLUE_READ = "clue:read"
    CLUE_REDIRECT = "clue:redirect"
    CLUE_REGISTER = "clue:register"
    CLUE_REOPEN = "clue:reopen"
    CLUE_SCREEN_OUT = "clue:screen-out"
    CONTACT_APPROVE = "contact:approve"
    CONTACT_REVEAL = "contact:reveal"
    CUSTODY_READ = "custody:read"
    EVIDENCE_EXPORT = "evidence:export"
    EVIDENCE_FIX = "evidence:fix"
    EVIDENCE_READ_ORIGINAL = "evidence:read-original"
    EVIDENCE_REDACT = "evidence:redact"
    INVITATION_ANSWER = "invitation:answer"
    INVITATION_SEND = "invitation:send"
    JOURNAL_READ = "journal:read"
    REFERENCE_EDIT = "reference:edit"
    REPORT_FORWARD = "report:forward"
    REPORT_IMPORT = "report:import"
    RETENTION_HOLD = "retention:hold"
    RETENTION_RELEASE = "retention:release"
    RIGHTS_DECIDE = "rights:decide"
    RIGHTS_REGISTER = "rights:register"
    SESSION_OWN = "session:own"
    TRANSFER_ANSWER = "transfer:answer"
    TRANSFER_DRAFT = "transfer:draft"
    TRANSFER_READ = "transfer:read"
    TRANSFER_RECORD_PAPER = "transfer:record-paper"
    TRANSFER_REVIEW = "transfer:review"
    TRANSFER_SEND = "transfer:send"
    TRANSFER_SIGN = "transfer:sign"
    UPKEEP_READ = "upkeep:read"


_READS: Final = frozenset({Verb.CLUE_READ, Verb.TRANSFER_READ, Verb.SESSION_OWN})
_DESK: Final = _READS | {
    Verb.AGREEMENT_READ,
    Verb.CLUE_ENTER,
    Verb.CLUE_REGISTER,
    Verb.CLUE_MESSAGE,
    Verb.EVIDENCE_FIX,
    Verb.EVIDENCE_READ_ORIGINAL,
    Verb.EVIDENCE_REDACT,
    Verb.RIGHTS_REGISTER,
    Verb.TRANSFER_DRAFT,
    Verb.TRANSFER_RECORD_PAPER,
}
_DECIDES: Final = _DESK | {
    Verb.CLUE_ASSIGN,
    Verb.CLUE_CLOSE,
    Verb.CLUE_EVALUATE,
    Verb.CLUE_EXPORT,
    Verb.CLUE_MERGE,
    Verb.CLUE_REDIRECT,
    Verb.CLUE_REOPEN,
    Verb.CLUE_SCREEN_OUT,
    Verb.CONTACT_REVEAL,
    Verb.EVIDENCE_EXPORT,
    Verb.INVITATION_SEND,
    Verb.RETENTION_HOLD,
    Verb.TRANSFER_SEND,
}
_HEADS: Final = _DECIDES | {
    Verb.CONTACT_APPROVE,
    Verb.RETENTION_RELEASE,
    Verb.RIGHTS_DECIDE,
    Verb.TRANSFER_REVIEW,
}

GRANTS: Final[dict[Role, frozenset[Verb]]] = {
    Role.HANDLER: _DECIDES,
    Role.ASSISTANT: _DESK,
    Role.CLERK: _DESK,
    Role.DEPT_HEAD: _HEADS | {Verb.AGENCY_EDIT, Verb.REPORT_IMPORT},
    Role.DEPUTY_CHIEF: _HEADS | {Verb.TRANSFER_SIGN},
    Role.CHIEF: _HEADS | {Verb.TRANSFER_SIGN},
    Role.COMPLAINTS: _READS | {Verb.CLUE_ENTER, Verb.CLUE_MESSAGE, Verb.RIGHTS_REGISTER},
    Role.CASE_MGMT: _READS | {Verb.CLUE_ENTER, Verb.CLUE_REGISTER, Verb.CLUE_ASSIGN, Verb.REPORT_IMPORT},
    Role.LEADER: _READS,
    Role.LIAISON: frozenset(
        {Verb.INVITATION_ANSWER, Verb.REPORT_FORWARD, Verb.TRANSFER_ANSWER, Verb.SESSION_OWN}
    ),
    Role.AGENCY_CONTACT: frozenset(
        {Verb.REPORT_FORWARD, Verb.REPORT_IMPORT, Verb.TRANSFER_ANSWER, Verb.SESSION_OWN}
    ),
    Role.VOLUNTEER: frozenset({Verb.INVITATION_ANSWER, Verb.REPORT_FORWARD, Verb.SESSION_OWN}),
    Role.SYSADMIN: frozenset(
        {
            Verb.AGENCY_EDIT,
            Verb.AGREEMENT_READ,
            Verb.CUSTODY_READ,
            Verb.REFERENCE_EDIT,
            Verb.SESSION_OWN,
            Verb.UPKEEP_READ,
        }
    ),
    Role.SECADMIN: frozenset({Verb.ACCOUNT_MANAGE, Verb.SESSION_OWN}),
    Role.AUDITOR: frozenset({Verb.CUSTODY_READ, Verb.JOURNAL_READ, Verb.SESSION_OWN}),
}

# Roles whose holders work inside an office and may therefore be members of its compartments.
OFFICE_ROLES: Final = frozenset(role for role, verbs in GRANTS.items() if Verb.CLUE_READ in verbs)
# Three administrators apart (domain.md 1.4): none of them may hold another role of these, or an office role.
ADMIN_ROLES: Final = frozenset({Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR})


def granted(roles: frozenset[Role]) -> frozenset[Verb]:
    """Return every verb the roles together are granted."""
    return frozenset(verb for role in roles for verb in GRANTS[role])
