"""A small season goes through the real services without one refusal, and never in production."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from PIL import Image
from sqlalchemy import func, select

from app import demo
from app.demo import pictures, words
from app.demo.office import open_office
from app.demo.season import plans
from app.evidence.models import EvidenceItem
from app.identity.models import Account
from app.main import UnsafeSettings, open_house
from app.platform import clock, journal
from app.platform.crypto import make_key_file
from app.platform.records import Job, Journal
from app.reference import queries as reference
from tests.conftest import make_settings

pytestmark = pytest.mark.app


def test_twelve_clues_live_their_lives(settings, database):
    told = demo.fill(settings, clues=12)
    assert "clues      12" in told
    assert "refused:" not in told, told
    with database.read_session() as session:
        assert journal.verify(session).broken_at is None
        rows = session.execute(select(Journal.verb, Journal.recorded_at).order_by(Journal.rowno)).all()
        waiting = session.execute(
            select(func.count()).select_from(Job).where(Job.done_at.is_(None))
        ).scalar_one()
        conditions = set(session.execute(select(EvidenceItem.condition)).scalars())
    verbs = [verb for verb, _at in rows]
    assert verbs.count("clue.received") == 12
    assert verbs.count("clue.register") > 5
    assert {"agreement.added", "invitation.sent", "invitation.answered"} <= set(verbs), "partners too"
    steps = [at for verb, at in rows if verb.startswith(("clue.", "transfer."))]
    assert steps == sorted(steps), "every step is taken in its order, so numbers follow time"
    assert max(steps) <= clock.now()
    assert min(steps) < clock.now() - timedelta(days=20)
    assert waiting == 0
    assert conditions <= {"ready"}


def test_a_second_season_is_added_to_the_first(settings):
    demo.fill(settings, clues=2)
    assert "clues      5" in demo.fill(settings, clues=3)


def test_the_same_seed_plans_the_same_season(settings, database):
    house, now = open_house(settings), clock.now()
    with database.write_session() as session:
        office = open_office(session, house, now=now)
    first, second = (plans(office, Random(7), clues=60, until=now) for _ in range(2))
    assert first == second
    assert [at for at, _plan, _master in first] == sorted(at for at, _plan, _master in first)
    assert any(master is not None for _at, _plan, master in first)
    assert plans(office, Random(8), clues=60, until=now) != first
    house.database.close()


def test_production_is_refused(database_url: str, tmp_path: Path):
    make_key_file(tmp_path / "keys" / "master.keys", key_id="k1")
    production = make_settings(
        database_url, tmp_path / "data", env="production", public_url="https://example.cn", password_cost="normal",
        key_file=tmp_path / "keys" / "master.keys",
    )  # fmt: skip
    assert not production.unsafe(), "nothing else forbids this start"
    with pytest.raises(UnsafeSettings, match="never runs in production"):
        demo.fill(production, clues=1)


def test_every_category_and_town_has_words(database):
    with database.read_session() as session:
        categories = {row.key for row in reference.categories(session, clock.office_date(clock.now()))}
        towns = {row.key for row in reference.towns(session)}
        assert session.execute(select(func.count()).select_from(Account)).scalar_one() == 0
    assert categories <= set(words.every("words"))
    assert towns <= set(words.every("places"))


@pytest.mark.parametrize(
    "scene", ["water", "heap", "soil", "snow", "indoor", "shelf", "street", "nothing like it"]
)
def test_a_drawn_photo_is_one_a_phone_could_send(scene: str):
    taken_at = clock.now()
    made = pictures.picture(scene, Random(1), taken_at=taken_at, position=(45.8021, 126.5432), is_turned=True)
    again = pictures.picture(scene, Random(2), taken_at=taken_at, position=None)
    assert made != again
    with Image.open(io.BytesIO(made)) as image:
        exif = image.getexif()
        assert image.size == (900, 1200)
        assert exif[0x0112] == 6
        assert exif.get_ifd(0x8825)[2] == (45.0, 48.0, 7.56)
        assert exif.get_ifd(0x8769)[0x9003].startswith(f"{taken_at.astimezone(clock.OFFICE_ZONE):%Y:%m:%d}")
    with Image.open(io.BytesIO(again)) as image:
        assert 0x8825 not in image.getexif()
    assert len(made) < 300_000
