"""A line becomes a report by the very rules of the phone's door; what is wrong is said in its words."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, Final

from pydantic import ValidationError

from app.intake import catalogue, places, sending
from app.intake.catalogue import FormFacts
from app.intake.places import TypedPlace
from app.intake.schemas import PlaceIn, ReportIn
from app.intake.sending import ReportFaulty, Sent
from app.intake.terms import ReportCommand
from app.platform import clock
from app.platform.crypto import KeyRing
from app.platform.db import ReadSession, WriteSession
from app.platform.i18n import gettext as _
from app.platform.settings import Settings
from app.reference import memory
from app.reference import queries as reference
from app.transfer.forwarding import rules
from app.transfer.forwarding.terms import Line

AnySession = ReadSession | WriteSession
LEDGER_CHANNEL: Final = "old_ledger"
# As wide as the columns they fill.
_REF_MOST: Final = 120
_NUMBER_MOST: Final = 64


def _names(session: Any, today: date) -> tuple[dict[str, str], dict[str, str]]:
    """Return categories and towns by every name people use for them."""
    categories = {
        rules.plain(name): row.key
        for row in reference.categories(session, today)
        for name in (row.key, row.name, row.name_en, row.plain)
    }
    towns = {rules.plain(name): row.key for row in reference.towns(session) for name in (row.key, row.name)}
    return categories, towns


class Reader:
    """Reads lines of one batch; what a category asks is looked up once."""

    def __init__(
        self, session: Any, settings: Settings, keys: KeyRing, *, org_unit_id: str, stamp: str, now: datetime
    ) -> None:
        """Look up categories and towns by every name people use for them."""
        self.session, self.settings, self.keys, self.now = session, settings, keys, now
        self.org_unit_id, self.stamp = org_unit_id, stamp
        today = clock.office_date(now)
        self.categories, self.towns = memory.remembered(
            session, ("names", today), lambda: _names(session, today)
        )
        self.facts: dict[str, FormFacts] = {}

    def command(self, line: Line) -> tuple[ReportCommand | None, list[str]]:
        """Return the report of a line, or what has to be put right, each a sentence."""
        category, town = self._category(line), self._town(line)
        wrong = self._wrong_heads(line, category, town, _("没有本单位编号"), _REF_MOST)
        if wrong:
            return None, wrong
        facts = self._facts(category)
        try:
            body = self._body(line, facts, town)
        except (ValidationError, ValueError):
            return None, [_("有的格子格式不对，请看地点、经纬度和情况")]
        report_id = rules.report_id_of(self.org_unit_id, line.ref)
        try:
            made = sending.command_of(
                report_id, Sent(body, "", has_secret=False), facts, keys=self.keys,
                limit=self.settings.photo_limit, most_bytes=self.settings.photo_max_bytes, now=self.now,
            )  # fmt: skip
        except ReportFaulty as faulty:
            return None, [_(str(each["text"])) for each in faulty.details["errors"]]
        return made, []

    def ledger_command(self, line: Line) -> tuple[ReportCommand | None, list[str]]:
        """Return the report of a line of the office's own ledger; what nobody asked then is not asked now."""
        today = clock.office_date(self.now)
        category, town = self._category(line), self._town(line)
        on = rules.day(line.on, today=today) if line.on else None
        stated = places.read(
            TypedPlace(
                lat=line.lat,
                lon=line.lon,
                source="pin" if line.lat else "",
                town=town or "",
                words=line.place,
            ),
            self._facts(category).town_names if category else {},
            allows_position=bool(category) and self._facts(category).matter.allows_position,
            now=self.now,
        )
        wrong = [
            *self._wrong_heads(line, category, town, _("没有线索编号"), _NUMBER_MOST),
            *([_("没有写情况")] if not line.words.strip() else []),
            *([_("看不懂收到日期：%(day)s", day=line.on[:20])] if line.on and on is None else []),
            *([_("有的格子格式不对，请看地点、经纬度和情况")] if stated.faults else []),
        ]
        if wrong:
            return None, wrong
        facts = self._facts(category)
        made = ReportCommand(
            report_id=rules.report_id_of(self.org_unit_id, line.ref), matter=facts.matter, words=line.words,
            answers=[], place=stated.place, contact=None, channel=LEDGER_CHANNEL, forwarder=None,
            consent_version=facts.privacy.version, is_urgent=False, is_served_form=False,
            written_at=datetime.combine(on, time(12), tzinfo=clock.OFFICE_ZONE) if on else None,
            external_ref=line.ref, kept_number=line.ref,
        )  # fmt: skip
        return made, []

    def _category(self, line: Line) -> str:
        return self.categories.get(rules.plain(line.category), "")

    def _town(self, line: Line) -> str | None:
        return self.towns.get(rules.plain(line.town)) if line.town else None

    def _facts(self, category: str) -> FormFacts:
        if category not in self.facts:
            self.facts[category] = catalogue.form_facts(self.session, category, now=self.now)
        return self.facts[category]

    def _wrong_heads(
        self, line: Line, category: str, town: str | None, no_number: str, most: int
    ) -> list[str]:
        return [
            sentence
            for sentence, is_wrong in (
                (no_number, not line.ref),
                (_("编号太长，最多 %(most)s 个字", most=most), len(line.ref) > most),
                (_("没有这个类别：%(name)s", name=line.category or "—"), not category),
                (_("没有这个街道或乡镇：%(name)s", name=line.town), bool(line.town) and town is None),
            )
            if is_wrong
        ]

    def _body(self, line: Line, facts: FormFacts, town: str | None) -> ReportIn:
        place = PlaceIn(
            lat=float(line.lat) if line.lat else None, lon=float(line.lon) if line.lon else None,
            town=town, words=line.place, source="pin",
        )  # fmt: skip
        # A table has no column for a category's own questions: whoever sends it does not know.
        unknown = [question.key for question in facts.questions if question.is_required]
        return ReportIn(
            category=facts.matter.key, secret="A" * 22, words=line.words, place=place, unknown=unknown,
            source_stamp=self.stamp,
        )  # fmt: skip
