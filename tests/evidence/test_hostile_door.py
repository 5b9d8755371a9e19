"""The folder of hostile pictures through the real door: no 5xx anywhere, every original exactly as it was sent."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from app.evidence import jobs, service
from app.evidence.imaging import Darkroom
from app.evidence.models import EvidenceItem
from app.platform.digest import sha256_hex
from tests import cast, photos
from tests.conftest import HouseClient
from tests.evidence.bundles import faults, made, taken, tools_of
from tests.work import work_off

SCRIPT = '"><script>alert(1)</script>'


@pytest.fixture(scope="module")
def darkroom() -> Iterator[Darkroom]:
    with Darkroom() as opened:
        yield opened


def folder() -> list[tuple[str, bytes]]:
    """Every hostile picture, and one whose tags and name hold script."""
    script = photos.small_photo(make=SCRIPT, model=SCRIPT, software=f"Photoshop {SCRIPT}")
    return [
        *photos.hostile(),
        (f"{SCRIPT}.jpg", script),
        ("zero.jpg", b""),
        ("wrong.jpg", photos.small_photo(seed=9)[::-1]),
    ]


def test_every_hostile_picture_through_the_citizens_form(client: HouseClient, darkroom: Darkroom) -> None:
    files, began = folder(), time.monotonic()
    assert len(files) > 15
    tools = tools_of(client)
    for start in range(0, len(files), 9):
        some = [("photos", (name, content, "image/jpeg")) for name, content in files[start : start + 9]]
        served = client.get(client.to("intake:form", category_key="water_pollution"))
        assert served.status_code == 200
        fields = {
            "words": "河里有一根管子在排黑水，气味很大。",
            "place_words": "大耿家桥下",
            "q_water_body": "ditch",
        }
        answer = client.post(
            client.to("intake:submit", category_key="water_pollution"), data=fields, files=some
        )
        assert answer.status_code == 303, (answer.status_code, [name for name, _ in files[start : start + 9]])
    work_off(tools, {service.DEVELOP: jobs.develop_with(darkroom)})
    with tools.database.read_session() as session:
        items = session.execute(select(EvidenceItem)).scalars().all()
    sent = {sha256_hex(content): content for _, content in files}
    assert len(items) > 10
    assert {"ready", "undisplayable"} <= {item.condition for item in items}
    for item in items:
        assert tools.store.read_verified(item.digest) == sent[item.digest], item.original_name
    cast.sign_in(client, "prosecutor_chen")
    for item in items:
        page = client.get(client.to("desk:clue", clue_id=item.clue_id))
        assert page.status_code == 200
        if item.condition != "file":
            page = client.get(client.to("desk:photo", clue_id=item.clue_id, evidence_id=item.id))
            assert page.status_code == 200, item.original_name
            assert "<script>alert" not in page.text
            assert client.get(
                client.to("evidence:picture", evidence_id=item.id, kind="screen")
            ).status_code == (200 if item.condition == "ready" else 404)
    assert faults(taken(client, made(client, items[0].clue_id))) == []
    assert time.monotonic() - began < 600
