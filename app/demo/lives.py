"""The lives of clues, each a generator that asks to be woken at an instant and then takes one real step.

What has not come to pass by now simply has not happened yet: recent clues are new, older ones are answered.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from app.clues import queries as clue_queries
from app.clues.terms import ClueState
from app.demo import counter, reports, words
from app.demo.office import Office, chance
from app.demo.reports import Plan, Sent
from app.demo.transfers import transfer_life
from app.identity.actor import Actor
from app.intake import queries as intake_queries
from app.intake import service as intake_service
from app.intake.terms import Addition, MessageKind
from app.platform import clock, ids
from app.triage import queries as triage_queries
from app.triage import service as triage
from app.triage.rules import suggested_grade
from app.triage.terms import Criterion, Scores

Life = Generator[datetime, datetime, None]
_FATES = (
    ("transfer", 58), ("redirect", 12), ("screen_out", 7), ("watch", 5), ("inquiry", 9), ("filing", 5), ("slow", 4),
)  # fmt: skip
_HOTLINES = {"government_hotline": "12345", "consumer": "12315", "labour": "12333", "legal_aid": "12348"}


@dataclass
class Book:
    """Which clue a plan became, so that a neighbour's report can be found to be the same matter."""

    clues: dict[int, str]


@dataclass
class ClueLife:
    """One clue from its report on: who acts for it, and its dice."""

    office: Office
    plan: Plan
    rng: Random
    number: int
    book: Book
    master: int | None
    sent: Sent | None = None

    def run(self, begins_at: datetime) -> Life:
        """Tell the whole life."""
        now = yield begins_at
        enters = counter.enter if self.plan.channel in counter.CHANNELS else reports.send
        self.sent = enters(self.office, self.plan, self.rng, now=now)
        self.book.clues[self.number] = self.sent.clue_id
        now = yield self.later(now, 1, 50)
        registrar, handler = self.people()
        self.step(registrar, triage.register, now=now, numbering=self.office.numbering,
                  evaluation_days=self.office.house.settings.evaluation_days)  # fmt: skip
        if registrar is not handler:
            now = yield self.later(now, 0.2, 6)
            self.step(self.office.people["head_lin"], triage.assign, now=now, account_id=handler.account_id)
        if chance(self.rng, 0.015):  # now and then a reporter thinks better of it
            with self.writing() as session:
                intake_service.withdraw(session, intake_queries.get(session, self.sent.report_id), now=now)
        if self.master is not None and (yield from self.merge(handler, now)):
            return
        now = yield self.later(now, 4, 120)
        if chance(self.rng, 0.17):  # the place or the picture is not clear
            now = yield from self.ask(handler, now)
        yield from self.decide(handler, now)

    def decide(self, handler: Actor, now: datetime) -> Life:
        """Evaluate, and go one of the ways."""
        fate = self.rng.choices([name for name, _ in _FATES], [weight for _, weight in _FATES])[0]
        if fate in {"redirect", "screen_out"}:
            self.end(handler, fate, now=now)
            return
        self.evaluate(handler, fate, now=now)
        if fate == "slow":
            return
        if fate == "inquiry":
            now = yield from self.inquire(handler, now)
            fate = self.rng.choice(("transfer", "transfer", "filing", "watch"))
        now = yield self.later(now, 3, 60)
        if fate == "watch":
            self.step(handler, triage.watch, now=now, note=words.said(self.rng, "office", "watch"))
        elif fate == "filing":
            self.step(handler, triage.propose_filing, now=now, note=words.said(self.rng, "office", "filing"))
        else:
            yield from transfer_life(self.office, self.rng, self.told().clue_id, handler, now)
            yield from self.returned(handler)
            yield from self.afterwards(handler)

    def returned(self, handler: Actor) -> Life:
        """Read why a receiver returned the clue, and mostly hand it to the next one that answers for it."""
        with self.reading() as session:
            clue = clue_queries.by_id(session, self.told().clue_id)
        if clue.state != ClueState.EVALUATING:
            return
        now = yield self.later(clue.state_since, 3, 40)
        self.step(handler, triage.read_news, now=now)
        if chance(self.rng, 0.6):
            yield from transfer_life(self.office, self.rng, clue.id, handler, now, is_second=True)

    def ask(self, handler: Actor, now: datetime) -> Generator[datetime, datetime, datetime]:
        """Ask the reporter for more; most answer, and one more is asked about on the phone."""
        answer_by = clock.office_date(now) + timedelta(days=7)
        text = words.said(self.rng, "office", "asks")
        self.step(handler, triage.request_info, now=now, text=text, answer_by=answer_by)
        now = yield now + timedelta(hours=self.rng.uniform(10, 200))
        if chance(self.rng, 0.6):  # three of five
            self.say(MessageKind.ADDITION, words.said(self.rng, "office", "answers"), now=now)
            return (yield self.later(now, 2, 30))
        now = yield self.later(now + timedelta(days=20), 2, 40)
        self.step(handler, triage.resume, now=now)
        return now

    def inquire(self, handler: Actor, now: datetime) -> Generator[datetime, datetime, datetime]:
        """Look at the place, two people, and come back with what was found."""
        now = yield self.later(now, 2, 30)
        with self.reading() as session:
            clue = clue_queries.by_id(session, self.told().clue_id)
            able = triage_queries.inquirers(
                session, office_id=clue.office_id, compartment_id=clue.compartment_id, now=now
            )
        other = next(one.account_id for one in able if one.account_id != handler.account_id)
        staff = (handler.account_id, other)
        note = words.said(self.rng, "office", "notes")
        self.step(handler, triage.start_inquiry, now=now, staff=staff, note=note)
        now = yield self.later(now, 120, 600)
        self.step(handler, triage.end_inquiry, now=now, note=words.said(self.rng, "office", "inquiry"))
        return now

    def merge(self, handler: Actor, now: datetime) -> Generator[datetime, datetime, bool]:
        """Find the same matter and link to it, where its first report is registered and stands for itself."""
        now = yield self.later(now, 2, 40)
        other = self.book.clues.get(self.master if self.master is not None else -1)
        with self.reading() as session:
            into = clue_queries.by_id(session, other) if other else None
            own = clue_queries.by_id(session, self.told().clue_id)
        if into is None or into.number is None or into.state == ClueState.MERGED_DUPLICATE:
            return False
        if into.compartment_id != own.compartment_id:
            return False
        self.step(handler, triage.merge, now=now, master=into.number, reason_key="same_place_and_matter")
        return True

    def evaluate(self, handler: Actor, fate: str, *, now: datetime) -> None:
        """Judge the clue, sometimes with a note beside it."""
        good = fate in {"transfer", "filing", "inquiry"}
        marks = {mark.value: self.rng.randint(1 if good else 0, 3) for mark in Criterion}
        answers = {"is_ours": True, "is_public": fate != "watch", "is_pressing": chance(self.rng, 0.08)}
        scores = Scores.from_json({**marks, **answers})
        self.step(handler, triage.evaluate, now=now, scores=scores, grade=suggested_grade(scores).grade,
                  reason=words.said(self.rng, "office", "grades"))  # fmt: skip
        if chance(self.rng, 0.3):  # a note for the next who opens it
            with self.writing() as session:
                triage.note(
                    session,
                    handler,
                    self.told().clue_id,
                    now=now,
                    text=words.said(self.rng, "office", "notes"),
                )
        if chance(self.rng, 0.04):  # few are major (办案规则 25)
            with self.reading() as session:
                is_urgent = clue_queries.by_id(session, self.told().clue_id).is_urgent
            self.step(handler, triage.set_flags, now=now, is_urgent=is_urgent, is_major=True)

    def end(self, handler: Actor, fate: str, *, now: datetime) -> None:
        """Do not accept it, or lead the reporter to where it is settled faster."""
        if fate == "screen_out":
            reason = self.rng.choice(("no_content", "personal_only", "test_or_ad"))
            self.step(handler, triage.screen_out, now=now, reason_key=reason)
            return
        reason = self.rng.choice(list(_HOTLINES))
        self.step(handler, triage.redirect, now=now, reason_key=reason, hotline_key=_HOTLINES[reason])

    def afterwards(self, handler: Actor) -> Life:
        """Let the reporter say what came of it; what is not solved may be taken up again."""
        with self.reading() as session:
            clue = clue_queries.by_id(session, self.told().clue_id)
        if clue.state != ClueState.CLOSED or clue.closed_at is None or not chance(self.rng, 0.35):
            return
        now = yield clue.closed_at + timedelta(hours=self.rng.uniform(20, 240))
        is_solved = chance(self.rng, 0.7)  # most are
        kind = MessageKind.SOLVED if is_solved else MessageKind.UNSOLVED
        self.say(kind, words.said(self.rng, "public", kind.value), now=now)
        now = yield self.later(now, 2, 60)
        self.step(handler, triage.read_news, now=now)
        if not is_solved and chance(self.rng, 0.6):  # and some of the rest wait to be looked at
            now = yield self.later(now, 4, 60)
            self.step(handler, triage.reopen, now=now, reason_key="relapse")

    def say(self, kind: MessageKind, text: str, *, now: datetime) -> None:
        """Let the reporter add something by the code."""
        with self.writing() as session:
            first = intake_queries.get(session, self.told().report_id)
            addition = Addition(ids.new(), kind, text)
            intake_service.add(session, self.office.house, first, addition, kept=[], declined=[], now=now)

    def step(self, actor: Actor, verb: Callable[..., Any], *, now: datetime, **told: Any) -> None:
        """Take one step of triage as this person, on the page as it is now."""
        clue_id = self.told().clue_id
        with self.writing() as session:
            version = clue_queries.get(session, actor, clue_id).version
            verb(session, actor, clue_id, version=version, now=now, **told)

    def people(self) -> tuple[Actor, Actor]:
        """Return who registers and who handles this clue."""
        with self.reading() as session:
            return self.office.may_see(clue_queries.by_id(session, self.told().clue_id).compartment_id)

    def told(self) -> Sent:
        """Return what became of the report; only asked after it was sent."""
        if self.sent is None:
            raise RuntimeError("the report comes first")
        return self.sent

    def later(self, now: datetime, fewest: float, most: float) -> datetime:
        """Return an instant some hours on, in office hours."""
        return self.office.working(now + timedelta(hours=self.rng.uniform(fewest, most)), self.rng)

    def reading(self) -> Any:
        """Open a session that cannot write."""
        return self.office.house.database.read_session()

    def writing(self) -> Any:
        """Open a session for one step."""
        return self.office.house.database.write_session()
