"""A transfer that was sent, seen from outside: by link, signed in, and what was said of it in the journal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from app.clues import queries as clue_queries
from app.identity.terms import CompartmentKind
from app.platform import clock
from app.platform.records import Journal
from app.transfer import letters, links, queries, service
from app.transfer.links.terms import Issued
from app.transfer.models import LinkSession, Transfer, TransferAnswer, TransferLink
from app.transfer.terms import LetterKind
from app.transfer.terms import TransferState as S
from tests import cast
from tests.transfer import scenes

if TYPE_CHECKING:
    from tests.conftest import HouseClient


@dataclass
class Sent:
    """One transfer with its receiver, and the house it lives in."""

    client: HouseClient
    id: str
    clue_id: str
    attachment_id: str

    @property
    def house(self) -> Any:
        """The shared things of the application."""
        return self.client.app.state.house  # type: ignore[attr-defined]

    @property
    def row(self) -> Transfer:
        """The transfer as it stands now."""
        with self.house.database.read_session() as session:
            return queries.by_id(session, self.id)

    def set(self, **values: Any) -> None:
        """Change columns of the transfer behind everybody's back."""
        with self.house.database.write_session() as session:
            session.execute(update(Transfer).where(Transfer.id == self.id).values(**values))

    def issue(self, name: str = "郑敏") -> Issued:
        """A fresh link, as the desk issues it."""
        with self.house.database.write_session() as session:
            chief = scenes.chief(session)
            return links.issue(
                session, chief, queries.by_id(session, self.id), contact_name=name, keys=self.house.keys,
                grace_days=30, now=clock.now(),
            )  # fmt: skip

    def enter(self) -> Issued:
        """Issue a link and give its code: the client then holds the half hour."""
        fresh = self.issue()
        answer = self.client.post(self.client.to("link:code", token=fresh.token), data={"code": fresh.code})
        assert answer.status_code == 303
        return fresh

    def verbs(self, prefix: str = "transfer.") -> list[str]:
        """The journal words of the clue that begin like this, in order."""
        with self.house.database.read_session() as session:
            rows = session.execute(
                select(Journal.verb).where(Journal.clue_id == self.clue_id).order_by(Journal.rowno)
            )
            return [verb for verb in rows.scalars() if verb.startswith(prefix)]

    def answers(self) -> list[TransferAnswer]:
        """What was said."""
        with self.house.database.read_session() as session:
            return list(queries.answers(session, self.id))

    def link(self, link_id: str) -> TransferLink:
        """A link as it stands now."""
        with self.house.database.read_session() as session:
            return session.execute(select(TransferLink).where(TransferLink.id == link_id)).scalar_one()

    def set_link(self, link_id: str, **values: Any) -> None:
        """Change a link behind everybody's back."""
        with self.house.database.write_session() as session:
            session.execute(update(TransferLink).where(TransferLink.id == link_id).values(**values))

    def half_hours(self) -> int:
        """How many half hours were opened."""
        with self.house.database.read_session() as session:
            return session.execute(select(func.count()).select_from(LinkSession)).scalar_one()

    def age_half_hours(self) -> None:
        """Let every half hour be over."""
        with self.house.database.write_session() as session:
            session.execute(update(LinkSession).values(expires_at=clock.now() - timedelta(seconds=1)))


def sent(
    client: HouseClient,
    *,
    to: str = "health",
    state: S = S.SENT,
    compartment: CompartmentKind = CompartmentKind.OPEN,
    content: Any = scenes.CONTENT,
) -> Sent:
    """A transfer with one picture and a real letter, brought to a state; due in thirty days of the real clock."""
    house = client.app.state.house  # type: ignore[attr-defined]
    with house.database.write_session() as session:
        chief = cast.actor(session, "chief_zhou")
        clue_id = scenes.clue(session, compartment=compartment)
        from dataclasses import replace

        photo = scenes.photo(session, house.store, clue_id)
        transfer = scenes.drafted(
            session, chief, clue_id, to=to, content=replace(content, evidence_ids=(photo,))
        )
        scenes.brought_to(session, chief, transfer, S.SIGNED)
        service.keep_letter(
            session, chief, transfer, kind=LetterKind.TRANSFER_LETTER,
            fields=letters.fields_of(transfer.disclosed or {}, dated_on=None, signer=""),
            docx_digest=scenes.keep(house.store, b"a letter"), pdf_digest=None, now=scenes.NOW,
        )  # fmt: skip
        service.send(session, chief, transfer, checks=scenes.CHECKS, version=transfer.version, now=scenes.NOW)
        if state is not S.SENT:
            scenes.brought_to(session, chief, transfer, state)
        (attached,) = queries.attachments(session, transfer.id)
        made = Sent(client, transfer.id, clue_queries.by_id(session, clue_id).id, attached.id)
    made.set(due_on=clock.office_date(clock.now()) + timedelta(days=30))
    return made
