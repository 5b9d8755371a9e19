"""One message between the office and the reporter, and the question a report that is not whole gives rise to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.intake.models import Message
from app.intake.terms import REPORTER_ASKED, Direction, Fault, MessageKind
from app.platform import i18n, ids, journal
from app.platform.db import WriteSession
from app.platform.i18n import gettext
from app.platform.putting import put


def say(
    session: WriteSession,
    clue_id: str,
    *,
    message_id: str,
    direction: Direction,
    kind: MessageKind,
    body: str,
    now: datetime,
    account_id: str | None = None,
    report_id: str | None = None,
    answer_by: datetime | None = None,
) -> None:
    """Write one message between the office and the reporter."""
    put(
        session, Message, id=message_id, clue_id=clue_id, report_id=report_id, direction=direction.value, kind=kind.value,
        body=body, account_id=account_id, answer_by=answer_by, sent_at=now,
    )  # fmt: skip


def ask_to_correct(
    session: WriteSession,
    clue_id: str,
    office_id: str,
    faults: Sequence[Fault],
    *,
    locale: str,
    now: datetime,
) -> None:
    """Ask through the code what a sealed report leaves open; the clue keeps its state, nothing waits for this."""
    with i18n.speaking(locale):
        points = "\n".join(
            f"{at}. {text}" for at, text in enumerate(dict.fromkeys(f.text for f in faults), 1)
        )
        body = gettext(
            "您反映的问题已经收下，不用重新提交。还有几处请您在这里补充：\n%(points)s", points=points
        )
    message_id = ids.new()
    say(
        session, clue_id, message_id=message_id, direction=Direction.TO_REPORTER, kind=MessageKind.REQUEST,
        body=body, now=now,
    )  # fmt: skip
    journal.record(
        session, journal.SYSTEM, REPORTER_ASKED, "message", message_id,
        now=now, clue_id=clue_id, office_id=office_id,
        facts={"fields": sorted({fault.field for fault in faults})},
    )  # fmt: skip
