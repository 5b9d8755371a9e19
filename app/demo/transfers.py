"""The life of a transfer in the demonstration: drafted, signed, sent, answered by account or on paper, closed."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from app.clues import queries as clue_queries
from app.demo import pictures, reports, words
from app.demo.office import Office, chance
from app.evidence import service as evidence_service
from app.evidence.jobs import keep_bytes
from app.evidence.kinds import Door
from app.evidence.service import KeptFile
from app.identity.actor import Actor
from app.platform import clock
from app.reference import queries as reference
from app.transfer import disclosure, draft_view, findings, letter_docx, letter_door, queries, rules, service
from app.transfer.terms import (
    AnswerKind,
    AnswerWay,
    Given,
    LetterKind,
    PaperAnswer,
    ServedPaper,
    ServiceMode,
    TransferKind,
)

Steps = Generator[datetime, datetime, datetime]
_PICTURES = 3


def transfer_life(
    office: Office, rng: Random, clue_id: str, handler: Actor, now: datetime, *, is_second: bool = False
) -> Generator[datetime, datetime, None]:
    """Hand a clue over to whoever answers for it, and see what comes back."""
    life = _TransferLife(office, rng, clue_id, handler)
    life.draft(now=now, is_second=is_second)
    now = yield from life.sign(now)
    now = yield from life.send(now)
    if chance(rng, 0.02):  # sent to the wrong body
        now = yield life.later(now, 3, 30)
        life.step(handler, service.withdraw, now=now, reason_key="wrong_receiver", words="")
        return
    yield from life.answered(now)


@dataclass
class _TransferLife:
    office: Office
    rng: Random
    clue_id: str
    handler: Actor
    transfer_id: str = ""
    contact: Actor | None = None
    kind: TransferKind = TransferKind.AGENCY

    def draft(self, *, now: datetime, is_second: bool) -> None:
        """Write the draft from the facts of the clue; what looks like a number is kept on purpose."""
        house = self.office.house
        with house.database.write_session() as session:
            clue = clue_queries.get(session, self.handler, self.clue_id)
            content = draft_view.start(
                session, self.handler, clue, contact_phone=house.settings.office_phone, now=now
            )
            kept = tuple(
                finding.key
                for finding in findings.found_in_all(
                    rules.texts_of(content), disclosure.words_of(session, clue.id)
                )
            )
            content = replace(content, kept_findings=kept, evidence_ids=content.evidence_ids[:_PICTURES])
            suggested = reference.suggested_agencies(
                session, clue.office_id, clue.category_key, clue.town_key, clock.office_date(now)
            )
            receiver = suggested[-1 if is_second else 0][0]
            self.transfer_id = service.draft(
                session, self.handler, clue.id, receiver_ids=[receiver.id], content=content, now=now
            )[0]
            self.kind = TransferKind(queries.by_id(session, self.transfer_id).kind)
        self.contact = self.office.contact_of(receiver.id)

    def sign(self, now: datetime) -> Steps:
        """Go through the chain; now and then a draft comes back once."""
        head, practice = self.office.people["head_lin"], self.office.practice
        now = yield self.later(now, 0.2, 20)
        self.step(self.handler, service.submit, now=now, practice=practice, checks=self.checks())
        now = yield self.later(now, 1, 40)
        if chance(self.rng, 0.06):  # the head is careful
            self.step(head, service.return_draft, now=now, words=words.said(self.rng, "office", "returns"))
            now = yield self.later(now, 1, 20)
            self.step(self.handler, service.submit, now=now, practice=practice, checks=self.checks())
            now = yield self.later(now, 1, 20)
        self.step(
            head,
            service.approve_review,
            now=now,
            practice=practice,
            words=words.said(self.rng, "office", "reviews"),
        )
        now = yield self.later(now, 1, 44)
        signer = self.office.people[self.rng.choice(("deputy_gao", "deputy_gao", "chief_zhou"))]
        self.step(
            signer, service.sign, now=now, practice=practice, words=words.said(self.rng, "office", "signs")
        )
        return now

    def send(self, now: datetime) -> Steps:
        """Make the letter and send it."""
        now = yield self.later(now, 0.2, 12)
        self.make_letter(now=now)
        now = yield self.later(now, 0.1, 6)
        self.step(self.handler, service.send, now=now, checks=self.checks())
        return now

    def make_letter(self, *, now: datetime) -> None:
        """Make the document and keep it, bytes first; the printed form is made by the page when it is wanted."""
        house = self.office.house
        with house.database.read_session() as reading:
            fields = letter_door.fields_of(
                reading, queries.by_id(reading, self.transfer_id), self.office.practice, now=now
            )
            attached = queries.attachments(reading, self.transfer_id)
        made = letter_docx.docx_bytes(fields, [house.store.read_verified(item.digest) for item in attached])
        digest = keep_bytes(house.store, made)
        with house.database.write_session() as session:
            evidence_service.note_blob(
                session, digest, size_bytes=len(made), media_type=letter_docx.MEDIA_TYPE, now=now
            )
            service.keep_letter(
                session, self.handler, queries.by_id(session, self.transfer_id), kind=LetterKind(fields["kind"]),
                fields=fields, docx_digest=digest, pdf_digest=None, now=now,
            )  # fmt: skip

    def answered(self, now: datetime) -> Generator[datetime, datetime, None]:
        """Let the receiver acknowledge, perhaps refuse or ask, reply after weeks, and the handler close."""
        now = yield self.later(now, 4, 110)
        may_refuse = self.kind is not TransferKind.PROCURATORATE
        if may_refuse and chance(self.rng, 0.07):  # it belongs to another body
            self.say(AnswerKind.REFUSED, "refused", now=now, reason_key="not_ours")
            return
        self.say(AnswerKind.ACKNOWLEDGED, "acknowledged", now=now)
        if chance(self.rng, 0.15):
            now = yield self.later(now, 8, 60)
            self.say(AnswerKind.PROMISED, "promised", now=now)
        if chance(self.rng, 0.1):
            now = yield self.later(now, 8, 60)
            self.say(AnswerKind.ASKED, "asks", now=now)
            now = yield self.later(now, 2, 30)
            self.step(self.handler, service.tell, now=now, words=words.said(self.rng, "agency", "tells"))
        if chance(self.rng, 0.08):  # these wait until somebody calls
            return
        now = yield self.later(now, 90, 800)
        self.say(AnswerKind.REPLIED, "replied", now=now, photos=self.rng.randint(0, 2))
        if chance(self.rng, 0.1):
            now = yield self.later(now, 4, 40)
            self.step(
                self.handler, service.ask_again, now=now, words=words.said(self.rng, "agency", "asked_again")
            )
            now = yield self.later(now, 60, 240)
            self.say(AnswerKind.REPLIED, "replied", now=now, photos=1)
        now = yield self.later(now, 3, 100)
        self.step(
            self.handler, service.close, now=now, public_answer=words.said(self.rng, "public", "closed")
        )

    def say(
        self, kind: AnswerKind, part: str, *, now: datetime, reason_key: str = "", photos: int = 0
    ) -> None:
        """Answer for the receiver: through its account where it has one, else on paper entered by us."""
        text, today = words.said(self.rng, "agency", part), clock.office_date(now)
        promised_on = (
            today + timedelta(days=self.rng.randint(10, 25)) if kind is AnswerKind.PROMISED else None
        )
        files = self.photos(photos, now=now)
        if self.contact is not None:
            self.by_account(self.contact, kind, text, reason_key, promised_on, files, now=now)
            return
        clerk = self.office.people[
            "head_lin" if self.handler.name == self.office.people["head_lin"].name else "clerk_liu"
        ]
        served = ServedPaper(ServiceMode.DIRECT, today, clerk.name, self.handler.name)
        given = Given(
            AnswerWay.PAPER, signer=words.said(self.rng, "agency", "signers"), received_on=today,
            document_number=words.said(self.rng, "agency", "numbers") % self.rng.randint(3, 180), service=served,
        )  # fmt: skip
        entered = PaperAnswer(kind, text, reason_key, promised_on, given)
        self.step(clerk, _paper, now=now, entered=entered, files=files)

    def by_account(
        self,
        contact: Actor,
        kind: AnswerKind,
        text: str,
        reason_key: str,
        promised_on: Any,
        files: Any,
        *,
        now: datetime,
    ) -> None:
        """Answer as the receiver's own contact."""
        given = Given(AnswerWay.ACCOUNT, account_id=contact.account_id, signer=contact.name)
        verbs: dict[AnswerKind, Callable[..., str]] = {
            AnswerKind.ACKNOWLEDGED: service.acknowledge, AnswerKind.REFUSED: service.refuse, AnswerKind.ASKED: service.ask,
            AnswerKind.PROMISED: service.promise, AnswerKind.REPLIED: service.reply,
        }  # fmt: skip
        told: dict[str, Any] = {"words": text, "files": files}
        told |= {"reason_key": reason_key} if reason_key else {}
        told |= {"promised_on": promised_on} if promised_on else {}
        with self.office.house.database.write_session() as session:
            transfer = queries.by_id(session, self.transfer_id)
            verbs[kind](session, contact.doer, transfer, given, version=transfer.version, now=now, **told)

    def photos(self, count: int, *, now: datetime) -> list[KeptFile]:
        """Draw and keep the pictures of a reply."""
        store = self.office.house.store
        drawn = [
            reports.land(
                store,
                pictures.picture("street", self.rng, taken_at=now, position=None),
                f"after-{number}.jpg",
            )
            for number in range(count)
        ]
        kept, _declined = evidence_service.keep_files(store, drawn, door=Door.STAFF, limit=max(1, count))
        return kept

    def step(self, actor: Actor, verb: Callable[..., Any], *, now: datetime, **told: Any) -> None:
        """Take one step of the transfer as this person, on the page as it is now."""
        with self.office.house.database.write_session() as session:
            transfer = queries.get(session, actor, self.transfer_id)
            verb(session, actor, transfer, version=transfer.version, now=now, **told)

    def checks(self) -> list[str]:
        """Return every entry a person ticks before this transfer goes on."""
        with self.office.house.database.read_session() as session:
            return service.needed_checks(session, queries.by_id(session, self.transfer_id))

    def later(self, now: datetime, fewest: float, most: float) -> datetime:
        """Return an instant some hours on, in office hours."""
        return self.office.working(now + timedelta(hours=self.rng.uniform(fewest, most)), self.rng)


def _paper(
    session: Any,
    actor: Actor,
    transfer: Any,
    *,
    entered: PaperAnswer,
    files: Sequence[KeptFile],
    version: int,
    now: datetime,
) -> None:
    service.record_paper(session, actor, transfer, entered, files=files, version=version, now=now)
