"""How a form arrives: exactly as typed, files durable, and whatever cannot be kept refused with the text handed back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi import Request
from hypothesis import given, settings
from hypothesis import strategies as st

from app.platform.errors import Invalid, Problem, TooLarge, Unavailable
from app.platform.storage import BlobStore
from app.platform.storage_local import LocalStore
from app.platform.web import landing
from app.platform.web.landing import LandedForm, Limits

BOUNDARY = b"----yixian"
LIMITS = Limits(file_bytes=1000, file_count=3, text_bytes=2000, free_floor_bytes=0)


def part(name: str, content: bytes, file_name: str | None = None) -> bytes:
    head = f'Content-Disposition: form-data; name="{name}"'
    if file_name is not None:
        head += f'; filename="{file_name}"\r\nContent-Type: image/jpeg'
    return b"--" + BOUNDARY + b"\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n"


def multipart(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--" + BOUNDARY + b"--\r\n"


def land(
    store: BlobStore, body: bytes, kind: str = "", *, limits: Limits = LIMITS, chunks: Sequence[int] = ()
) -> LandedForm:
    """Send a body in chunks of the given sizes, as a network would."""
    pieces, rest = [], body
    for size in chunks:
        pieces.append(rest[:size])
        rest = rest[size:]
    pieces.append(rest)

    def messages() -> AsyncIterator[dict[str, Any]]:
        async def run() -> AsyncIterator[dict[str, Any]]:
            for number, piece in enumerate(pieces):
                yield {"type": "http.request", "body": piece, "more_body": number < len(pieces) - 1}

        return run()

    source = messages()
    kind = kind or f"multipart/form-data; boundary={BOUNDARY.decode()}"
    scope = {
        "type": "http",
        "method": "POST",
        "headers": [(b"content-type", kind.encode())],
        "path": "/",
        "query_string": b"",
    }
    request = Request(scope, receive=source.__anext__)
    # In a thread of its own: a browser test before this one may have left its loop in this thread.
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(lambda: asyncio.run(landing.land(request, store, limits))).result()


@pytest.mark.parametrize(
    "text",
    [
        "''\"><svg onload=alert(1)>",
        "'; DROP TABLE clue; --",
        "\u202eright to left",
        "👩‍🚒 松花江",
        "a\n\n b\t",
    ],
)
def test_text_is_kept_exactly_as_typed(store: BlobStore, text: str) -> None:
    form = land(store, multipart(part("words", text.replace("\n", "\r\n").encode())))
    assert form.get("words") == text


@settings(max_examples=60)
@given(
    text=st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00\r"), max_size=300),
    cuts=st.lists(st.integers(0, 80), max_size=6),
)
def test_any_text_survives_any_cutting_of_the_network(
    tmp_path_factory: pytest.TempPathFactory, text: str, cuts: list[int]
) -> None:
    store = LocalStore(tmp_path_factory.getbasetemp() / "any")
    form = land(
        store, multipart(part("words", text.encode()), part("photos", b"x" * 500, "a.jpg")), chunks=cuts
    )
    assert form.get("words") == text
    assert [file.landed.size_bytes for file in form.files if file.landed] == [500]
    landing.discard(form, store)


def test_files_are_durable_beside_the_blobs_and_go_when_nobody_keeps_them(store: BlobStore) -> None:
    form = land(
        store, multipart(part("photos", b"\xff\xd8\xff one", "1.jpg"), part("photos", b"two", "2.jpg"))
    )
    assert [file.landed.path.read_bytes() for file in form.files] == [b"\xff\xd8\xff one", b"two"]
    landing.discard(form, store)
    assert store.sweep_incoming(0) == 0


def test_a_file_too_large_or_one_too_many_never_fails_the_form(store: BlobStore) -> None:
    parts = [part("photos", b"x" * 1001, "big.jpg"), *(part("photos", b"x", f"{n}.jpg") for n in range(4))]
    form = land(store, multipart(*parts, part("words", "都在".encode())), chunks=[700, 700])
    assert [file.refused for file in form.files] == ["too_large", None, None, None, "too_many"]
    assert form.get("words") == "都在"
    landing.discard(form, store)
    assert store.sweep_incoming(0) == 0


def test_an_empty_file_box_is_no_file_and_an_empty_file_is_named(store: BlobStore) -> None:
    form = land(store, multipart(part("photos", b"", ""), part("photos", b"", "a.jpg")))
    assert [file.refused for file in form.files_of("photos")] == ["empty"]


@pytest.mark.parametrize(
    ("body", "kind", "expected"),
    [
        (multipart(part("words", "有字符\x00在里面，打了很多字".encode())), "", Invalid),
        (multipart(part("words", b"\xff\xfe\xfa")), "", Invalid),
        (multipart(part("words", b"x" * 3000)), "", TooLarge),
        (multipart(*(part(f"f{n}", b"") for n in range(500))), "", TooLarge),
        (b"no boundary at all", "", Invalid),
        (b"--" + BOUNDARY + b"\r\n" + b"X: " + b"y" * 9000, "", Invalid),
        (b"x", "multipart/form-data", Invalid),
        (b"x", "multipart/form-data; boundary=" + "b" * 400, Invalid),
        (b"{}", "application/json", Invalid),
        (b"words=%FF", "application/x-www-form-urlencoded", Invalid),
        (b"words=%00", "application/x-www-form-urlencoded", Invalid),
        (b"words=" + b"x" * 3000, "application/x-www-form-urlencoded", TooLarge),
        (b"&".join(b"a=1" for _ in range(1000)), "application/x-www-form-urlencoded", Invalid),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_and_leaves_nothing(
    store: BlobStore, body: bytes, kind: str, expected: type[Problem]
) -> None:
    with pytest.raises(expected):
        land(store, body, kind)
    assert store.sweep_incoming(0) == 0


def test_typed_text_comes_back_with_a_refusal(store: BlobStore) -> None:
    typed = "河边有一根黑色的管子在排水，味道很大"
    stamp = b"eyJpZCI6IjAxOTNmYjM2In0.dev1.c2lnbmF0dXJlc2lnbmF0dXJl"
    parts = [part("form_id", stamp), part("q", "前面的\x00字".encode()), part("words", typed.encode())]
    with pytest.raises(Problem) as refusal:
        land(store, multipart(*parts))
    assert typed in refusal.value.details["kept"]
    assert "eyJ" not in refusal.value.details["kept"]


def test_below_the_disk_floor_new_files_are_turned_away_politely(store: BlobStore) -> None:
    with pytest.raises(Unavailable):
        land(store, multipart(part("words", b"x")), limits=Limits(1000, 3, 2000, 1 << 62))


@settings(max_examples=120)
@given(body=st.binary(max_size=600), cuts=st.lists(st.integers(0, 80), max_size=4))
def test_junk_is_refused_or_read_and_never_anything_else(
    tmp_path_factory: pytest.TempPathFactory, body: bytes, cuts: list[int]
) -> None:
    store = LocalStore(tmp_path_factory.getbasetemp() / "junk")
    for prefix in (b"", b"--" + BOUNDARY + b"\r\n", part("words", b"x")):
        with contextlib.suppress(Problem):
            landing.discard(land(store, prefix + body, chunks=cuts), store)
    assert store.sweep_incoming(0) == 0
