"""The office's own earlier ledger comes in: each line a clue under the number it has always had, standing where it stood.

Nobody is told and nothing is promised: these reporters have had their answers. What the ledger says of the day and of the
outcome stands in the note of the registration; steps that the ledger's word implies are taken one by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from app.clues import queries as clue_queries
from app.clues import service as clue_service
from app.clues.models import Clue
from app.clues.service import Numbering
from app.identity.actor import Actor
from app.intake import queries as intake_queries
from app.platform import journal
from app.platform.db import ReadSession, WriteSession
from app.platform.i18n import N_
from app.platform.i18n import gettext as _
from app.platform.settings import Settings
from app.transfer.forwarding import rules
from app.transfer.forwarding.terms import Line
from app.transfer.models import ForwardBatch

NUMBER_TAKEN: Final = N_("这个编号已经用在别的线索上")


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


class Piece:
    """What a piece of a ledger knows and does beside taking its reports in."""

    def __init__(
        self,
        session: WriteSession,
        settings: Settings,
        batch: ForwardBatch,
        lines: Iterable[Line],
        now: datetime,
    ) -> None:
        """Begin a piece."""
        self._session, self._batch, self._now = session, batch, now
        self._placed: list[tuple[Line, str]] = []
        self._numbering = Numbering(
            settings.clue_number_pattern, settings.office_short, settings.number_start
        )
        self.taken = taken(session, batch, lines)
        self.importer = Actor(
            account_id=batch.account_id, name="", roles=frozenset(), office_id=batch.office_id,
            org_unit_id=batch.office_id, office_name="", org_name="", compartments=frozenset(), session_id="",
        )  # fmt: skip

    def place(self, line: Line, clue_id: str) -> None:
        """Note that a new clue is to get its number and the steps to where it stands, at the end of the piece."""
        self._placed.append((line, clue_id))

    def end(self) -> None:
        """Give the new clues their numbers, take their steps, and let the office's own series go on behind them.

        The clues of a piece are read together: one by one that cost as much as writing them.
        """
        clues = clue_queries.by_ids(self._session, [clue_id for _line, clue_id in self._placed])
        kept = [self._step(line, clues[clue_id]) for line, clue_id in self._placed]
        clue_service.go_on_behind(self._session, self._batch.office_id, filter(None, kept))

    def _step(self, line: Line, clue: Clue) -> tuple[int, int] | None:
        said = [
            _("收到日期：%(day)s", day=line.on) if line.on else "",
            _("办理结果：%(outcome)s", outcome=line.outcome) if line.outcome else "",
        ]
        note = "；".join(part for part in (_("原有台账导入"), *said) if part)
        return clue_service.keep_number(
            self._session, journal.account(self._batch.account_id), clue,
            number=line.ref, numbering=self._numbering, note=note, then=rules.way_of(line.outcome), now=self._now,
        )  # fmt: skip
