"""The desk of the tests: a transfer in any state, a step posted with the version its page would carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.transfer import queries
from app.transfer.terms import TransferState as S
from tests.transfer import scenes

if TYPE_CHECKING:
    from app.platform.db import Database
    from tests.conftest import HouseClient


def transfer_in(database: Database, clue_id: str, state: S, *, to: str = "health") -> str:
    with database.write_session() as session:
        chief = scenes.chief(session)
        return scenes.brought_to(session, chief, scenes.drafted(session, chief, clue_id, to=to), state).id


def post(client: HouseClient, name: str, transfer_id: str, database: Database, **form: Any) -> Any:
    with database.read_session() as session:
        version = queries.by_id(session, transfer_id).version
    return client.post(client.to(name, transfer_id=transfer_id), data={"version": str(version), **form})


def show(client: HouseClient, transfer_id: str) -> str:
    answer = client.get(client.to("transfer:show", transfer_id=transfer_id))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    return str(answer.text)


def version(database: Database, transfer_id: str) -> str:
    with database.read_session() as session:
        return str(queries.by_id(session, transfer_id).version)
