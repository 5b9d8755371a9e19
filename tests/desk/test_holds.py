"""A page that asks only for what there is says the same as one that asks for everything."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.clues.terms import ClueState as S
from app.desk.queries import beside, holds
from app.desk.queries.holds import Holds
from app.desk.terms import ROW_COLUMNS, Row
from app.identity.models import OrgUnit
from app.identity.terms import OrgKind
from app.intake import service as intake_service
from app.platform import clock
from app.platform.db import WriteSession
from app.reference import queries as reference
from app.triage import queries, service
from tests import cast
from tests.conftest import HouseClient
from tests.desk import makers
from tests.desk.test_clue_page import photo
from tests.triage import walks

EVERYTHING = Holds(*[True] * len(Holds.__slots__))
PARTS = frozenset(Holds.__slots__)


def full(session: WriteSession) -> tuple[str, str]:
    """A clue with something of every part that this room can give it, and the one it was merged into."""
    head, chen = cast.actor(session, "head_lin"), cast.actor(session, "prosecutor_chen")
    now = clock.now()
    clue = walks.evaluate(session, head, walks.register(session, head, makers.clue(session)))
    intake_service.ask_reporter(session, head, clue, "请补一张照片", now.date(), now)
    photo(session, clue)
    service.set_labels(session, head, clue.id, now=now, keys={reference.labels(session)[0].key})
    service.recuse(session, chen, clue.id, reason="认识他", now=now)
    service.be_present(session, chen, clue.id, is_deciding=True, now=now, is_said_again=True)
    unit = session.execute(select(OrgUnit).where(OrgUnit.kind == OrgKind.AGENCY.value)).scalars().first()  # type: ignore[arg-type]
    assert unit is not None
    service.name_respondent(session, head, clue.id, org_unit_id=unit.id, now=now)
    member = walks.to(session, head, S.MERGED_DUPLICATE)
    return clue.id, member.id


def test_it_knows_of_each_part(session: WriteSession):
    now = clock.now()
    head, chen = cast.actor(session, "head_lin"), cast.actor(session, "prosecutor_chen")
    bare = makers.clue(session)
    assert holds.of_clue(session, head, bare.id, now=now) == Holds(*[False] * len(PARTS))
    whole, member = full(session)
    found = holds.of_clue(session, head, whole, now=now)
    assert {part for part in PARTS if getattr(found, part)} == PARTS - {"transfers", "invitations", "links"}
    assert holds.of_clue(session, head, member, now=now).links
    assert not holds.of_clue(session, chen, whole, now=now).company, "nobody is company to themselves"


@pytest.mark.app
def test_the_page_is_the_same_as_if_everything_had_been_asked(
    app: FastAPI, client: HouseClient, monkeypatch: pytest.MonkeyPatch
):
    with app.state.house.database.write_session() as session:
        head = cast.actor(session, "head_lin")
        clues = [*full(session), *(walks.to(session, head, state).id for state in S)]
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    cast.sign_in(client, "head_lin")

    def pages() -> list[str]:
        return [client.get(client.to("desk:clue", clue_id=key)).text for key in clues]

    sparing = pages()
    monkeypatch.setattr(holds, "of_clue", lambda *_given, **_named: EVERYTHING)
    assert pages() == sparing
    assert "陈明远正在办理这条线索" in sparing[0]
    assert "陈明远已声明回避" in sparing[0]


def test_what_stands_beside_rows_is_what_each_question_alone_says(session: WriteSession):
    head = cast.actor(session, "head_lin")
    whole, member = full(session)
    bare = makers.clue(session)
    now = clock.now()
    blank = dict.fromkeys(ROW_COLUMNS)
    rows = [Row(**blank | {"id": key, "has_photo": True}) for key in (whole, member, bare.id)]  # type: ignore[arg-type]
    found = beside.of_rows(session, head, rows, now=now)
    ids = [row.id for row in rows]
    assert found.labels == queries.labels_of(session, ids) != {}
    present = queries.present(session, head, ids, now=now)
    assert {key: set(people) for key, people in found.deciding.items()} == {
        key: {one for one, is_deciding in people.items() if is_deciding} for key, people in present.items()
    }
    assert set(found.pictures) == {whole}
    assert beside.of_rows(session, head, [], now=now) == beside.Beside()
