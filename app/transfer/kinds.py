"""The kinds of transfer as one table: which document, which steps it has not, what it may tell, what it asks for.

The words of each document are reference data (`transfer_text`); what stands here is law and protection, and a
test holds each row to its article.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.clues.terms import MILITARY_SECRECY_CHECKS, SECRECY_CHECKS
from app.identity.terms import CompartmentKind, OrgKind
from app.transfer.terms import LetterKind, TransferKind
from app.transfer.terms import TransferAction as A

# Lists of reference data; every entry is ticked by a person before anything leaves.
CHECKS: Final = SECRECY_CHECKS
MILITARY_CHECKS: Final = MILITARY_SECRECY_CHECKS
_SUPERIOR: Final = "superior_"
# The department that handles clues of this kind does not hand them to itself.
OWN_DEPARTMENT: Final = "pil_department"


class Barred(StrEnum):
    """What may not go along with a clue of a military facility (军事设施保护法 17)."""

    PICTURES = "pictures"
    POSITION = "position"


@dataclass(frozen=True, slots=True)
class KindRule:
    """One row of the table."""

    received_by: OrgKind
    document: LetterKind
    lacks: frozenset[A] = frozenset({A.REPORT_DISPUTE})
    tells_source: bool = False
    is_form: bool = False
    is_military: bool = False
    # Whether the result is looked at again after it was closed: where something on the ground had to change.
    is_revisited: bool = False


# A same-level procuratorate must accept; if it disagrees it reports to its superior (办案规则 26).
_BINDING: Final = frozenset({A.REFUSE})

KINDS: Final[dict[TransferKind, KindRule]] = {
    TransferKind.AGENCY: KindRule(OrgKind.AGENCY, LetterKind.TRANSFER_LETTER, is_revisited=True),
    # Procuratorates are told the clue's number and its source; nobody else needs them (domain.md 5).
    TransferKind.PROCURATORATE: KindRule(
        OrgKind.PROCURATORATE, LetterKind.TRANSFER_NOTICE, lacks=_BINDING, tells_source=True
    ),
    TransferKind.UPWARD: KindRule(OrgKind.PROCURATORATE, LetterKind.SUBMISSION_UP, tells_source=True),
    TransferKind.MILITARY: KindRule(
        OrgKind.MILITARY_PROCURATORATE, LetterKind.TRANSFER_LETTER, is_military=True
    ),
    # Inside the house the clue's number is how it is found again (内部移送, domain.md 1.4).
    TransferKind.DEPARTMENT: KindRule(
        OrgKind.DEPARTMENT, LetterKind.HANDOVER_FORM, tells_source=True, is_form=True
    ),
    TransferKind.POLICE: KindRule(OrgKind.POLICE, LetterKind.TRANSFER_LETTER),
    TransferKind.SUPERVISION: KindRule(OrgKind.SUPERVISION, LetterKind.TRANSFER_LETTER),
}


def kind_of(org_kind: OrgKind, org_key: str | None) -> TransferKind | None:
    """Return the kind of transfer an organisation receives; None where nothing is transferred to such a body."""
    if org_key == OWN_DEPARTMENT:
        return None
    if org_kind is OrgKind.PROCURATORATE and (org_key or "").startswith(_SUPERIOR):
        return TransferKind.UPWARD
    found = (kind for kind, rule in KINDS.items() if rule.received_by is org_kind)
    return next(found, None)


def lacks(kind: TransferKind, action: A) -> bool:
    """Say whether a kind of transfer has no such step."""
    return action in KINDS[kind].lacks


def kinds_without(action: A) -> frozenset[TransferKind]:
    """Return the kinds that have no such step."""
    return frozenset(kind for kind in KINDS if lacks(kind, action))


def check_lists(kind: TransferKind, compartment: CompartmentKind) -> tuple[str, ...]:
    """Return the lists a person has to tick before this leaves; military matters have one more."""
    return lists_of(is_military=KINDS[kind].is_military or compartment is CompartmentKind.MILITARY)


def lists_of(*, is_military: bool) -> tuple[str, ...]:
    """Return the lists of what a person ticks before something leaves."""
    return (CHECKS, MILITARY_CHECKS) if is_military else (CHECKS,)


def barred(*, is_facility: bool, has_pictures: bool, shows_position: bool) -> Iterable[Barred]:
    """Return what a clue of a military facility would take along and may not."""
    if is_facility and has_pictures:
        yield Barred.PICTURES
    if is_facility and shows_position:
        yield Barred.POSITION
