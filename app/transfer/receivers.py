"""Who answers, through which door: by a one-time link or signed in. Both doors lead to the same page and the same acts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from app.identity.actor import Actor
from app.platform import ids, journal
from app.platform.db import ReadSession, WriteSession
from app.platform.errors import Missing, Refused
from app.platform.i18n import N_
from app.platform.journal import Doer
from app.transfer import queries
from app.transfer.links import queries as link_queries
from app.transfer.links.terms import Holder
from app.transfer.models import Transfer
from app.transfer.terms import AnswerWay, Given

AnySession = ReadSession | WriteSession


class LinkOver(Refused):
    """The half hour is over, or the link itself: the code has to be given again, or a new link asked for."""

    code = "link_over"
    text = N_("为了保密，输入口令半小时后这里会自动关上；事项办完或者撤回后，链接也会失效。")


class Receiver(Protocol):
    """What both doors know of whoever answers."""

    @property
    def room(self) -> str:
        """Return the first half of the door's route names."""

    @property
    def home(self) -> str:
        """Return the route of the page."""

    @property
    def template(self) -> str:
        """Return the page's template."""

    @property
    def params(self) -> dict[str, str]:
        """Return what the door's addresses need."""

    @property
    def doer(self) -> Doer:
        """Return the name under which the journal records an act."""

    def given(self, signer: str) -> Given:
        """Return how the words came."""

    def transfer(self, session: AnySession, *, now: datetime) -> Transfer:
        """Return the transfer, the right to it asked anew in this very session."""


@dataclass(frozen=True, slots=True)
class ByLink:
    """The holder of a one-time link, for half an hour after its code."""

    token: str
    holder: Holder
    room: str = field(default="link", init=False)
    home: str = field(default="link:show", init=False)
    template: str = field(default="transfer/link_answer.html", init=False)

    @property
    def params(self) -> dict[str, str]:
        """No address carries the link: the cookie does."""
        return {}

    @property
    def doer(self) -> Doer:
        """The link is the doer; it names a contact."""
        return journal.by_link(self.holder.link_id)

    def given(self, signer: str) -> Given:
        """Signed by whom the form names, else by the contact the link was issued to."""
        return Given(AnswerWay.LINK, link_id=self.holder.link_id, signer=signer or self.holder.contact_name)

    def transfer(self, session: AnySession, *, now: datetime) -> Transfer:
        """Return the one transfer of the link, while both hold."""
        holder = link_queries.holder(session, self.token, now=now)
        if holder is None:
            raise LinkOver
        return queries.by_id(session, holder.transfer_id)


@dataclass(frozen=True, slots=True)
class ByAccount:
    """A signed-in contact of the organisation a transfer was sent to."""

    actor: Actor
    transfer_id: str
    room: str = field(default="partner", init=False)
    home: str = field(default="partner:transfer", init=False)
    template: str = field(default="partner/transfer.html", init=False)

    @property
    def params(self) -> dict[str, str]:
        """The transfer stands in the address; whether it is theirs is asked every time."""
        return {"transfer_id": self.transfer_id}

    @property
    def doer(self) -> Doer:
        """The account is the doer."""
        return self.actor.doer

    def given(self, signer: str) -> Given:
        """Signed by whom the form names, else by the contact."""
        return Given(AnswerWay.ACCOUNT, account_id=self.actor.account_id, signer=signer or self.actor.name)

    def transfer(self, session: AnySession, *, now: datetime) -> Transfer:
        """Return a transfer sent to their own organisation, or nothing at all."""
        if not ids.is_uuid(self.transfer_id):
            raise Missing
        return queries.get(session, self.actor, self.transfer_id)
