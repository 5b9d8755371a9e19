"""What identity's tests need: a client with other settings, people with a password, a look into the tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from app.identity import passwords
from app.identity.models import Account
from app.main import create_app
from app.platform import clock
from app.platform.records import Journal
from tests import cast
from tests.conftest import HouseClient, make_settings

PASSWORD = "nine grey herons wait"


@pytest.fixture
def client_with(database_url: str, tmp_path: Path) -> Iterator[Callable[..., HouseClient]]:
    """Makes clients of the application under other settings."""
    with ExitStack() as opened:
        yield lambda **wishes: opened.enter_context(
            HouseClient(create_app(make_settings(database_url, tmp_path, **wishes)))
        )


def house(client: HouseClient) -> Any:
    """The shared things of a client's application."""
    return client.app.state.house  # type: ignore[attr-defined]


def give_password(client: HouseClient, who: str, password: str = PASSWORD, **values: Any) -> str:
    """Give a person of the cast a password; return the account id."""
    with house(client).database.write_session() as session:
        account_id = cast.people(session, house(client).settings)[who]
        stored = passwords.hashed(password, cost="low")
        new = {"password_hash": stored, "password_set_at": clock.now()} | values
        session.execute(update(Account).where(Account.id == account_id).values(**new))
    return account_id


def account_of(client: HouseClient, account_id: str) -> Account:
    """An account as it stands now."""
    with house(client).database.read_session() as session:
        return session.execute(select(Account).where(Account.id == account_id)).scalar_one()


def journalled(client: HouseClient) -> list[Journal]:
    """The journal in the order of its writing."""
    with house(client).database.read_session() as session:
        return list(session.execute(select(Journal).order_by(Journal.rowno)).scalars())


def verbs(client: HouseClient) -> list[str]:
    """The words of the journal in the order of their writing."""
    return [row.verb for row in journalled(client)]


def enter(client: HouseClient, login: str, password: str = PASSWORD, **more: Any) -> Any:
    """Fill in the sign-in form."""
    return client.post(client.to("identity:enter"), data={"login": login, "password": password} | more)
