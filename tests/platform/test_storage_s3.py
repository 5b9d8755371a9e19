"""A bucket that lies, is away, lacks a feature, or is used by two machines at once; on moto's server as a process."""

from __future__ import annotations

import hashlib
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import obstore
import pytest

from app.platform import storage_s3
from app.platform.storage import BlobMissing, Landed, StoreOutOfReach
from tests.platform.buckets import BucketServer, bucket_settings

if TYPE_CHECKING:
    from pathlib import Path

    from app.platform.storage_s3 import S3Store

PHOTO = b"\xff\xd8\xff" + bytes(range(256)) * 100
DIGEST = hashlib.sha256(PHOTO).hexdigest()
Open = Callable[..., "S3Store"]


def landed(store: S3Store, content: bytes = PHOTO) -> Landed:
    with store.incoming() as coming:
        coming.write(content)
        return coming.seal()


def lying(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """The bucket says it has the bytes, and has others, so many times."""
    truly, left = obstore.put, [times]

    def put(bucket: Any, key: str, content: Any, **wishes: Any) -> Any:
        if "blobs/" in key and left[0] > 0:
            left[0] -= 1
            content = b"not these"
        return truly(bucket, key, content, **wishes)

    monkeypatch.setattr(obstore, "put", put)


def test_wrong_bytes_are_noticed_by_reading_back_and_written_again(
    in_bucket: Open, monkeypatch: pytest.MonkeyPatch
):
    store = in_bucket()
    lying(monkeypatch, 1)
    assert store.keep(landed(store)) == DIGEST
    assert store.read_verified(DIGEST) == PHOTO


def test_a_bucket_that_goes_on_lying_is_told_and_the_bytes_stay_here(
    in_bucket: Open, monkeypatch: pytest.MonkeyPatch
):
    store = in_bucket()
    coming = landed(store)
    lying(monkeypatch, 9)
    with pytest.raises(StoreOutOfReach):
        store.keep(coming)
    assert coming.path.read_bytes() == PHOTO


def test_an_object_that_rotted_is_replaced_by_the_good_bytes(in_bucket: Open):
    store = in_bucket()
    store.keep(landed(store))
    obstore.put(store._bucket, store._key("blobs", DIGEST), b"rotted")
    store.keep(landed(store))
    assert store.read_verified(DIGEST) == PHOTO


def test_a_good_object_is_never_written_over(in_bucket: Open, monkeypatch: pytest.MonkeyPatch):
    store = in_bucket()
    store.keep(landed(store))
    before = store._head("blobs", DIGEST)
    lying(monkeypatch, 1)  # a put that got through now would do harm
    store.keep(landed(store))
    assert store._head("blobs", DIGEST)["e_tag"] == before["e_tag"]  # type: ignore[index]


@pytest.mark.parametrize("is_conditional", [True, False])
def test_two_machines_see_the_same_blobs(in_bucket: Open, is_conditional: bool):
    here, there = (in_bucket(name, s3_conditional=is_conditional) for name in ("here", "there"))
    assert here.keep(landed(here)) == there.keep(landed(there)) == DIGEST
    assert list(there.digests()) == [DIGEST]
    with there.open(DIGEST) as file:
        file.seek(-4, 2)
        assert file.read() == PHOTO[-4:]


def test_who_keeps_while_another_machine_erases_keeps(in_bucket: Open, monkeypatch: pytest.MonkeyPatch):
    """The blob is gone between the eraser's look and its end; who kept the same bytes then must still have them."""
    here, there = in_bucket("here"), in_bucket("there")
    here.keep(landed(here))
    keeping = threading.Thread(target=lambda: there.keep(landed(there)))
    deleting = here._delete

    def slowly(kind: str, digest: str) -> None:
        if kind == "blobs":
            keeping.start()
            time.sleep(1.0)
            assert keeping.is_alive(), "it waits for the eraser"
        deleting(kind, digest)

    monkeypatch.setattr(here, "_delete", slowly)
    assert here.erase(DIGEST)
    keeping.join(30)
    assert there.read_verified(DIGEST) == PHOTO


def test_an_eraser_gives_way_to_who_kept_first(in_bucket: Open):
    here, there = in_bucket("here"), in_bucket("there")
    here.keep(landed(here))
    there.keep(landed(there))
    assert not here.erase(DIGEST, untouched_for_s=3600)
    assert not here._is_leaving(DIGEST), "its sign went with it"
    assert there.read_verified(DIGEST) == PHOTO


def test_a_dead_erasers_sign_does_not_keep_others_waiting_for_ever(
    in_bucket: Open, monkeypatch: pytest.MonkeyPatch
):
    store = in_bucket()
    store.keep(landed(store))
    store._put_sign("leaving", DIGEST)
    monkeypatch.setattr(storage_s3, "_DARES_S", 0.3)
    began = time.monotonic()
    store.keep(landed(store))
    assert time.monotonic() - began < 20
    assert store.read_verified(DIGEST) == PHOTO


@pytest.mark.app
def test_a_bucket_that_is_away_is_a_503_and_nothing_is_promised(tmp_path: Path, database_url: str):
    """The report is not acknowledged; when the bucket is back, the same report comes again and is."""
    from app.main import create_app
    from tests.conftest import HouseClient
    from tests.intake.sheets import AED, HIDDEN
    from tests.photos import small_photo

    server = BucketServer()
    server.start()
    app = create_app(bucket_settings(server, tmp_path, database_url))
    with HouseClient(app) as client:
        door = client.to("intake:form", category_key="aed_missing")
        fields = dict(HIDDEN.findall(client.get(door).text)) | AED
        photo = {"photos": ("a.jpg", small_photo(), "image/jpeg")}
        server.stop()
        assert client.post(door, data=fields, files=photo).status_code == 503
        assert not app.state.house.has_failed, "the house goes on without it"
        server.start()
        assert client.post(door, data=fields, files=photo).status_code == 303
        assert len(list(app.state.house.store.digests())) == 1
        assert app.state.house.store.sweep_incoming(0) == 0
    server.stop()


def test_a_missing_blob_of_a_bucket_is_missing_while_it_is_read(in_bucket: Open):
    store = in_bucket()
    store.keep(landed(store))
    with store.open(DIGEST) as file:
        store.erase(DIGEST)
        with pytest.raises(BlobMissing):
            file.read()


def test_without_the_extra_the_house_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from app import platform
    from app.main import UnsafeSettings, open_house
    from tests.conftest import make_settings

    monkeypatch.delattr(
        platform, "bucket", raising=False
    )  # what was imported once is an attribute of its package
    for name in ("app.platform.bucket", "app.platform.storage_s3"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "obstore", None)
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    with pytest.raises(UnsafeSettings, match="extra `s3`"):
        open_house(make_settings(f"sqlite:///{tmp_path}/x.db", tmp_path, s3_bucket="evidence"))
