"""The office's own earlier ledger comes in: each line a clue under the number it has always had, standing where it stood.

Nobody is told and nothing is promised: these reporters have had their answers. What the ledger says of the day and of the
outcome stands in the note of the registration; steps that the ledger's word implies are taken one by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.clues import queries as clue_queries
from app.clues import service as clue_service
from app.clues.lifecycle import LIFECYCLE
from app.clues.service import Numbering
from app.identity.actor import Actor
from app.intake import queries as intake_queries
from app.intake import service as intake_service
from app.intake.reception import ReportDiffers
from app.platform import journal
from app.platform.db import ReadSession, WriteSession
from app.platform.i18n import N_
from app.platform.i18n import gettext as _
from app.platform.jobs import Tools
from app.transfer.forwarding import rules
from app.transfer.forwarding.reading import Reader
from app.transfer.forwarding.terms import Line, LineState
from app.transfer.models import ForwardBatch

NUMBER_TAKEN: Final = N_("这个编号已经用在别的线索上")


@dataclass(frozen=True, slots=True)
class Taking:
    """One piece of a ledger while it is taken in."""

    session: WriteSession
    tools: Tools
    reader: Reader
    batch: ForwardBatch
    taken: set[str]
    now: datetime


def taken(session: ReadSession | WriteSession, batch: ForwardBatch, lines: Iterable[Line]) -> set[str]:
    """Return the numbers that clues of the office have which did not come from this ledger."""
    asked = sorted({line.ref for line in lines if line.ref})
    found: dict[str, str] = {}
    for start in range(0, len(asked), 500):
        found |= clue_queries.numbers_taken(session, batch.office_id, asked[start : start + 500])
    return {
        number
        for number, clue_id in found.items()
        if (own := intake_queries.find(session, rules.report_id_of(batch.org_unit_id, number))) is None
        or own.clue_id != clue_id
    }


def take(taking: Taking, line: Line) -> dict[str, Any]:
    """Take one line in: the report, its number, the steps to where it stands. The same line again is nothing."""
    told: dict[str, Any] = {"line": line.number, "ref": line.ref, "note": "", "became": LineState.WRONG.value}
    command, wrong = taking.reader.ledger_command(line)
    if command is None or line.ref in taking.taken:
        return told | {"note": "；".join([*wrong, *([_(NUMBER_TAKEN)] if line.ref in taking.taken else [])])}
    session, now, batch = taking.session, taking.now, taking.batch
    importer = Actor(
        account_id=batch.account_id, name="", roles=frozenset(), office_id=batch.office_id,
        org_unit_id=batch.office_id, office_name="", org_name="", compartments=frozenset(), session_id="",
    )  # fmt: skip
    try:
        received = intake_service.receive(
            session, taking.tools, command, kept=[], declined=[], actor=importer, now=now
        )
    except ReportDiffers:
        return told | {"note": _("这个编号以前来过，内容不一样，没有改动原来的")}
    if not received.is_new:
        return told | {"became": LineState.SAME.value}
    _place(taking, line, received.clue_id)
    return told | {"became": LineState.NEW.value}


def _place(taking: Taking, line: Line, clue_id: str) -> None:
    settings, session, now = taking.tools.settings, taking.session, taking.now
    doer = journal.account(taking.batch.account_id)
    clue = clue_queries.by_id(session, clue_id)
    said = [
        _("收到日期：%(day)s", day=line.on) if line.on else "",
        _("办理结果：%(outcome)s", outcome=line.outcome) if line.outcome else "",
    ]
    note = "；".join(part for part in (_("原有台账导入"), *said) if part)
    numbering = Numbering(settings.clue_number_pattern, settings.office_short, settings.number_start)
    clue_service.keep_number(session, doer, clue, number=line.ref, numbering=numbering, note=note, now=now)
    for action in rules.way_of(line.outcome):
        # The ledger is the word that every condition of the step was met at its time.
        clue_service.advance(
            session, doer, clue, action, now=now, facts=LIFECYCLE[action].needs,
            journal_facts={"from_ledger": True},
        )  # fmt: skip
