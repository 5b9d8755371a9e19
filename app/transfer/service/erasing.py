"""Letting go of what the transfers of a clue say: numbers, receivers, states and dates stay, words and letters go."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, update
from sqlmodel import col

from app.evidence import erasing as evidence_erasing
from app.platform.db import WriteSession
from app.transfer import queries
from app.transfer.invitations import service as invitation_service
from app.transfer.jointly import service as joint_service
from app.transfer.models import (
    Call,
    Letter,
    PartnerEntry,
    SignOff,
    Transfer,
    TransferAnswer,
    TransferAttachment,
    TransferLink,
    Visit,
)

_WORDS: Final[tuple[tuple[Any, dict[str, Any]], ...]] = (
    (TransferAnswer, {"body": "", "signer": "", "document_number": "", "service": None}),
    (SignOff, {"words": ""}),
    (TransferLink, {"contact_name": ""}),
    (Visit, {"words": "", "staff_one": "", "staff_two": ""}),
    (Call, {"words": "", "spoke_with": ""}),
    (PartnerEntry, {"body": ""}),
)
# What was disclosed keeps its shape, so that its page still stands; these of its parts were somebody's words.
_TOLD: Final[dict[str, Any]] = {
    "place": "", "position": None, "summary": "", "answers": [], "requests": "", "basis": "", "contact_name": "",
    "contact_phone": "", "pictures": 0,
}  # fmt: skip


def erase_words(session: WriteSession, clue_id: str, *, subject: str, now: datetime) -> None:
    """Erase the words, letters and attachments of every transfer of a clue, and what guests read and said."""
    invitation_service.erase_words(session, clue_id, subject=subject)
    joint_service.erase_words(session, clue_id)
    found = queries.of_clue(session, clue_id)
    ids = [transfer.id for transfer in found]
    letters = [letter for transfer_id in ids for letter in queries.letters(session, transfer_id)]
    for table, values in _WORDS:
        session.execute(update(table).where(table.transfer_id.in_(ids)).values(**values))
    session.execute(delete(TransferAttachment).where(col(TransferAttachment.transfer_id).in_(ids)))
    session.execute(delete(Letter).where(col(Letter.transfer_id).in_(ids)))
    for transfer in found:
        told = transfer.disclosed
        session.execute(
            update(Transfer)
            .where(col(Transfer.id) == transfer.id)
            .values(
                subject=subject, summary="", requests="", basis="", place_shown="", shows_position=False,
                shown_answers=[], kept_findings=[], contact_name="", contact_phone="",
                disclosed=None if told is None else {**told, **_TOLD, "subject": subject},
            )
            .execution_options(synchronize_session=False)
        )  # fmt: skip
    digests = [digest for made in letters for digest in (made.docx_digest, made.pdf_digest) if digest]
    evidence_erasing.let_go(session, digests, now=now)
