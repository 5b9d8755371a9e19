"""docs/permissions.md, made from the code: `python -c "from app.identity import papers; papers.write()"`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from app.identity.fields import SAYS, SHOWN_TO
from app.identity.labels import COMPARTMENTS, ROLES
from app.identity.permissions import ADMIN_ROLES, GRANTS, OFFICE_ROLES, Verb
from app.identity.policy import CLOSED_CIRCLES, OUTSIDE_ROLES
from app.identity.terms import Role

PATH: Final = Path("docs/permissions.md")
_DOES: Final[dict[Verb, str]] = {
    Verb.ACCOUNT_MANAGE: "open, change and shut accounts; give roles and circles; print one-time passwords",
    Verb.AGENCY_EDIT: "edit the list of agencies",
    Verb.AGREEMENT_READ: "read what was agreed with the organisations one hands matters to",
    Verb.CLUE_ASSIGN: "give a clue to a handler",
    Verb.CLUE_CLOSE: "close a clue",
    Verb.CLUE_ENTER: "enter a clue for somebody at the counter, on the phone, by letter",
    Verb.CLUE_EVALUATE: "evaluate a clue",
    Verb.CLUE_EXPORT: "take a list of clues out of the house as a table or a map layer, for a written purpose",
    Verb.CLUE_MERGE: "mark clues as one matter, and part them again",
    Verb.CLUE_MESSAGE: "ask the reporter, and tell the reporter",
    Verb.CLUE_READ: "read the clues of one's circles",
    Verb.CLUE_REDIRECT: "send a matter that is none of ours to the right body",
    Verb.CLUE_REGISTER: "give a clue its number",
    Verb.CLUE_REOPEN: "open a closed clue again",
    Verb.CLUE_SCREEN_OUT: "refuse a clue, with a reason",
    Verb.CONTACT_APPROVE: "agree to somebody else's look at who reported, and be told of every look",
    Verb.CONTACT_REVEAL: "see who reported, with a written reason",
    Verb.CUSTODY_READ: "see whether files and journal are whole and signed; nothing of any clue",
    Verb.EVIDENCE_EXPORT: "take an evidence bundle of a clue out of the house, for a written purpose",
    Verb.EVIDENCE_FIX: "fix a citizen's file as evidence, as one of two",
    Verb.EVIDENCE_READ_ORIGINAL: "see an original file with its metadata",
    Verb.EVIDENCE_REDACT: "make a redacted copy of a picture",
    Verb.INVITATION_ANSWER: "read what one is asked to help with while it stands, and answer; lay own reports to the account",
    Verb.INVITATION_SEND: "ask volunteers and liaisons to consult or to look again, and take it back",
    Verb.JOURNAL_READ: "read the journal and check its chain",
    Verb.REFERENCE_EDIT: "edit categories, questions, wordings, hotlines",
    Verb.REPORT_FORWARD: "forward a report under one's own source, and see one's own reports",
    Verb.REPORT_IMPORT: "send many clues as one table, look at it line by line, have it taken in",
    Verb.RETENTION_HOLD: "see what will be erased and when, and hold a matter back (保全), with a written reason",
    Verb.RETENTION_RELEASE: "end a hold; let a run of erasures go on that stopped at its cap",
    Verb.RIGHTS_DECIDE: "decide what a person asks of their own data, if somebody else registered it",
    Verb.RIGHTS_REGISTER: "register what a person asks of their own data at the counter, print the copy or the code",
    Verb.SESSION_OWN: "see and end one's own sessions, change one's own password",
    Verb.TRANSFER_ANSWER: "acknowledge, refuse or answer a transfer sent to one's own organisation",
    Verb.TRANSFER_DRAFT: "draft a transfer",
    Verb.TRANSFER_READ: "read the transfers of one's circles",
    Verb.TRANSFER_RECORD_PAPER: "enter an answer that came on paper",
    Verb.TRANSFER_REVIEW: "review a transfer letter",
    Verb.TRANSFER_SEND: "send a signed transfer",
    Verb.TRANSFER_SIGN: "sign a transfer letter",
    Verb.UPKEEP_READ: "see how the installation fares: jobs, workers, backups, disk; nothing of any clue",
}
_HEAD: Final = """# Permissions

Made from `app/identity/permissions.py` by `app/identity/papers.py`; a test compares, so edit the code.

A verb says what somebody may do; which rows exist for them is decided before, in every query: office and circles
(`clues.queries.visible_to`), own reports, transfers sent to one's own organisation. What is out of scope is
answered as if it did not exist.
"""


def permissions_markdown() -> str:
    """Return the whole paper."""
    return "\n".join([_HEAD, *_roles(), "", *_verbs(), "", *_fields(), "", *_rules(), ""])


def write() -> None:
    """Write the paper where it stands."""
    PATH.write_text(permissions_markdown(), "utf-8")


def _side(role: Role) -> str:
    if role in ADMIN_ROLES:
        return "administrator"
    return "outside" if role in OUTSIDE_ROLES else "office"


def _roles() -> list[str]:
    lines = ["## Roles", "", "| role | 身份 | side | verbs |", "|---|---|---|---|"]
    for role, label in ROLES.items():
        verbs = ", ".join(f"`{verb.value}`" for verb in sorted(GRANTS[role]))
        lines.append(f"| `{role.value}` | {label} | {_side(role)} | {verbs} |")
    return lines


def _verbs() -> list[str]:
    lines = ["## Verbs", "", "| verb | who holds it may | roles |", "|---|---|---|"]
    for verb in sorted(Verb):
        roles = ", ".join(f"`{role.value}`" for role in ROLES if verb in GRANTS[role])
        lines.append(f"| `{verb.value}` | {_DOES[verb]} | {roles} |")
    return lines


def _fields() -> list[str]:
    lines = ["## Parts of a clue", "", "| part | what it is | shown to holders of |", "|---|---|---|"]
    for field, verbs in SHOWN_TO.items():
        shown = ", ".join(f"`{verb.value}`" for verb in sorted(verbs)) or "nobody, on no page"
        lines.append(f"| `{field.value}` | {SAYS[field]} | {shown} |")
    return lines


def _rules() -> list[str]:
    closed = " and ".join(f"{kind.value} ({COMPARTMENTS[kind]})" for kind in sorted(CLOSED_CIRCLES))
    staff = ", ".join(f"`{role.value}`" for role in ROLES if role in OFFICE_ROLES)
    return [
        "## Rules about people",
        "",
        "- The three administrators are apart: whoever is one of them holds no other role, and none reads a clue.",
        "- Office roles and outside roles exclude each other; a role fits the kind of organisation.",
        f"- Circles are entered only by those who may read clues: {staff}.",
        f"- New office staff enter the open circle; {closed} are ticked person by person.",
        "- Nobody changes their own account; another security administrator does.",
        "- Shutting an account or resetting its password ends all its sessions.",
    ]
