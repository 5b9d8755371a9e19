"""Bytes without a row go after their time; never those that somebody needs, or brings again in that very moment."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from app.evidence import checking, service, strays
from app.evidence.kinds import Door
from app.evidence.queries import custody
from app.evidence.terms import DerivativeKind
from app.platform import storage_local
from app.platform.crypto import KeyRing
from app.platform.db import Database
from app.platform.digest import sha256_hex
from app.platform.jobs import Tools, Work
from app.platform.records import Job, Journal
from app.platform.settings import Settings
from app.platform.storage import BlobStore
from tests import make, photos
from tests.evidence.test_custody import file_of
from tests.evidence.test_service import landed, take

WORK = Work("sweep", strays.SWEEP, None, {}, 1)
PHOTO = photos.small_photo(seed=5)


@pytest.fixture
def tools(settings: Settings, database: Database, store: BlobStore) -> Tools:
    return Tools(settings, database, KeyRing([("k1", bytes(32))]), store)


def keep(tools: Tools, content: bytes = PHOTO) -> list[service.KeptFile]:
    kept, _ = service.keep_files(tools.store, [landed(tools.store, content)], door=Door.CITIZEN, limit=9)
    return kept


def stray(tools: Tools, content: bytes = PHOTO, *, days: float = 40) -> str:
    """What a crash between keeping and committing left so long ago; its digest."""
    keep(tools, content)
    digest, then = sha256_hex(content), time.time() - days * 86_400
    os.utime(file_of(tools, digest), (then, then))
    return digest


def swept(tools: Tools) -> list[tuple[str, int]]:
    with tools.database.read_session() as session:
        facts = session.execute(select(Journal.facts).where(Journal.verb == strays.SWEPT)).scalars()  # type: ignore[call-overload]
        return [(one["digest"], one["size_bytes"]) for one in facts]


def test_what_no_retry_asked_for_goes_after_its_time_and_is_journalled(tools: Tools) -> None:
    old, young = stray(tools), stray(tools, PHOTO + b"young", days=29)
    strays.sweep(tools, WORK)
    assert list(tools.store.digests()) == [young]
    assert swept(tools) == [(old, len(PHOTO))]
    strays.sweep(tools, WORK)
    assert len(swept(tools)) == 1
    said = [finding.text for finding in checking.check_store(tools) if "without a row" in finding.text]
    assert said == ["1 without a row (bytes of a report that was never finished)"]


def test_whatever_has_a_row_stays_however_old(tools: Tools) -> None:
    take(tools.database, keep(tools))
    with tools.database.write_session() as session:
        copy = PHOTO + b"copy"
        service.keep_derivative(
            session, sha256_hex(PHOTO), DerivativeKind.THUMB, digest=stray(tools, copy), size=(1, 1),
            size_bytes=len(copy), params={}, now=make.NOW,
        )  # fmt: skip
    paper = PHOTO + b"paper"
    with tools.database.write_session() as session:
        service.note_blob(
            session, stray(tools, paper), size_bytes=len(paper), media_type="application/pdf", now=make.NOW
        )
    then = time.time() - 400 * 86_400
    os.utime(file_of(tools, sha256_hex(PHOTO)), (then, then))
    strays.sweep(tools, WORK)
    assert len(list(tools.store.digests())) == 3
    assert swept(tools) == []


def test_more_than_crashes_leave_is_left_alone(tools: Tools) -> None:
    few = replace(tools, settings=tools.settings.model_copy(update={"stray_cap": 2}))
    found = {stray(tools, PHOTO + bytes([number])) for number in range(3)}
    strays.sweep(few, WORK)
    assert set(tools.store.digests()) == found
    assert swept(tools) == []
    (file_of(tools, min(found))).unlink()
    strays.sweep(few, WORK)
    assert list(tools.store.digests()) == []


def test_no_days_means_never(tools: Tools) -> None:
    off = replace(tools, settings=tools.settings.model_copy(update={"stray_days": 0}))
    digest = stray(tools)
    strays.ask_daily(off, make.NOW)
    strays.sweep(off, WORK)
    assert list(tools.store.digests()) == [digest]
    assert asked(tools) == 0


def asked(tools: Tools) -> int:
    with tools.database.read_session() as session:
        jobs = session.execute(select(Job.id).where(Job.handler == strays.SWEEP))  # type: ignore[call-overload]
        return len(jobs.all())


def test_it_is_asked_for_once_a_day(tools: Tools) -> None:
    strays.ask_daily(tools, make.NOW)
    strays.ask_daily(tools, make.NOW)
    assert asked(tools) == 1


def test_what_belongs_to_another_user_stays(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can mark it as wanted again, so nobody could stop its leaving."""
    digest = stray(tools)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    strays.sweep(tools, WORK)
    assert list(tools.store.digests()) == [digest]


@contextmanager
def meanwhile(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, act: Callable[[], object], *, is_after: bool) -> Iterator[None]:  # fmt: skip
    """Let somebody act once, just before or just after a step of the sweep."""
    real, done = getattr(owner, name), list[bool]()

    def step(*given: Any, **named: Any) -> Any:
        first = not done
        done.append(True)
        if first and not is_after:
            act()
        answer = real(*given, **named)
        if first and is_after:
            act()
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, step)
        yield
    assert done


@pytest.mark.parametrize(
    ("owner", "name", "is_after"),
    [
        pytest.param(custody, "known_among", True, id="seen without a row"),
        pytest.param(storage_local, "rename", False, id="about to leave"),
        pytest.param(storage_local, "rename", True, id="just gone"),
        pytest.param(storage_local, "unlink", False, id="about to be erased"),
        pytest.param(storage_local, "unlink", True, id="erased"),
    ],
)
def test_a_retry_that_keeps_the_same_bytes_meanwhile_wins(
    tools: Tools, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, *, is_after: bool
) -> None:
    digest, brought = stray(tools), list[service.KeptFile]()
    with meanwhile(monkeypatch, owner, name, lambda: brought.extend(keep(tools)), is_after=is_after):
        strays.sweep(tools, WORK)
    # The retry commits its row whatever the sweep made of the older copy: the bytes must be there.
    take(tools.database, brought)
    assert tools.store.read_verified(digest) == PHOTO
    strays.sweep(tools, WORK)
    assert tools.store.read_verified(digest) == PHOTO


def test_a_row_that_came_between_the_look_and_the_removal_is_seen(
    tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where the bytes look as old as ever."""
    digest = stray(tools)
    kept = keep(tools)

    def commit() -> None:
        take(tools.database, kept)

    stray(tools)
    with meanwhile(monkeypatch, strays, "_remove", commit, is_after=False):
        strays.sweep(tools, WORK)
    assert tools.store.read_verified(digest) == PHOTO
    assert swept(tools) == []
