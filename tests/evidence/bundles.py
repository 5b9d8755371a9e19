"""A small real bundle: two photos of one clue among rows of other clues, made through the door."""

from __future__ import annotations

from app.evidence import jobs, service, verify_bundle
from app.evidence.imaging import Darkroom
from app.evidence.kinds import Door
from app.evidence.terms import Origin
from app.platform import journal
from app.platform.jobs import Tools
from tests import cast, make, photos
from tests.conftest import HouseClient
from tests.evidence.test_service import landed
from tests.work import work_off


def tools_of(client: HouseClient) -> Tools:
    house = client.app.state.house  # type: ignore[attr-defined]
    return Tools(house.settings, house.database, house.keys, house.store)


def clue_with_photos(
    client: HouseClient, darkroom: Darkroom | None = None, count: int = 2, size: tuple[int, int] = (320, 240)
) -> str:
    """A clue with photos, and other clues' rows before, between and behind."""
    tools = tools_of(client)
    contents = [photos.phone_photo(size=size) + bytes([number]) for number in range(count)]
    kept, _ = service.keep_files(
        tools.store, [landed(tools.store, content) for content in contents], door=Door.CITIZEN, limit=9
    )
    with tools.database.write_session() as session:
        make.clue(session, title="别的线索")
        clue_id = make.clue(session)
        for file in kept:
            service.take_in(
                session,
                journal.REPORTER,
                [file],
                clue_id=clue_id,
                office_id="o",
                origin_kind=Origin.REPORT,
                origin_id=clue_id,
                now=make.NOW,
            )
            make.clue(session, title="又一条线索")
    if darkroom is not None:
        work_off(tools, {service.DEVELOP: jobs.develop_with(darkroom)})
    return clue_id


def made(client: HouseClient, clue_id: str, purpose: str = "移送某某法院，附卷") -> str:
    """Make the bundle as prosecutor_chen; its id."""
    cast.sign_in(client, "prosecutor_chen")
    answer = client.post(client.to("evidence:make_bundle", clue_id=clue_id), data={"purpose": purpose})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rsplit("/", 1)[1]


def taken(client: HouseClient, bundle_id: str) -> bytes:
    """Take the bundle."""
    answer = client.get(client.to("evidence:take_bundle", bundle_id=bundle_id))
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) == len(answer.content)
    return answer.content


def faults(raw: bytes) -> list[str]:
    """What verify.py finds wrong with these bytes."""
    found: list[str] = []
    verify_bundle.check(verify_bundle.unzipped(raw, found), found, [])
    return found
