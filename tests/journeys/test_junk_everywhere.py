"""Every door of the house, whatever comes in: never a 5xx (issue 2, "What must be shown", 3).

The list of doors is the application's own, so a new one is walked without anybody remembering it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.routing import iter_route_contexts

from app.clues.terms import ClueState
from tests import cast
from tests.triage import walks

if TYPE_CHECKING:
    from app.platform.db import Database
    from tests.conftest import HouseClient

pytestmark = pytest.mark.app
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
PARTS = "multipart/form-data; boundary=b"


def part(name: str, value: bytes, more: str = "") -> bytes:
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode(
        "utf-8", "surrogatepass"
    )
    return head + value + b"\r\n"


# What a body may be: its declared type and its bytes.
BODIES: dict[str, tuple[str | None, bytes]] = {
    "nothing": (None, b""),
    "blank form": (FORM, b""),
    "numbers that are none": (
        FORM,
        b"version=9999999999999999999&version=-1&reason_key=%F0%9F%9A%92&id[]=1&==&&&=x",
    ),
    "twice everything": (
        FORM,
        b"&".join([b"version=1", b"words=%E5%AD%97", b"account_id=x", b"sure=yes"] * 40),
    ),
    "broken text": (FORM, b"version=1&words=%FF%FE%00%ED%A0%80&text=%"),
    "raw bytes": (FORM, bytes(range(256)) * 8),
    "too many fields": (FORM, b"a=1&" * 5000),
    "hostile words": (
        FORM,
        (
            b"version=1&title=%27%22%3E%3Csvg%20onload%3E&note=%E2%80%AE%7B%7B7*7%7D%7D&text=%25s%25n&public=x"
            b"&words=x&subject=x&summary=x&requests=x&login=x&password=x&q=x&code=x&master=x&name=x&key=x"
        ),
    ),
    "far too long": (FORM, b"version=1&note=" + b"x" * 700_000),
    "no boundary": ("multipart/form-data", b"--b\r\n"),
    "half a part": (PARTS, part("version", b"1") + b'--b\r\nContent-Disposition: form-data; name="wo'),
    "a file nobody asked for": (
        PARTS,
        part("version", b"1")
        + part("photos", b"\xff\xd8\xff", '; filename="\udcff/../../etc\r"')
        + b"--b--\r\n",
    ),
    "a nameless part": (PARTS, b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b\r\n\r\n\r\n--b--\r\n"),
    "thousands of parts": (PARTS, part("x", b"1") * 3000 + b"--b--\r\n"),
    "deep json": (JSON, b"[" * 50_000),
    "no object": (JSON, b"17"),
    "lone surrogates": (
        JSON,
        b'{"words":"\\ud800","id":"\\udfff\\u0000","place":{"lat":1e999},"photos":[{}],"answers":[]}',
    ),
    "wrong types": (
        JSON,
        json.dumps({name: [{}] for name in ("id", "words", "place", "secret", "answers")}).encode(),
    ),
    "a huge number": (JSON, b'{"id":' + b"9" * 5000 + b"}"),
    "broken json": (JSON, b'{"id": "\xff\xfe'),
    "plain words": ("text/plain; charset=klingon", "字".encode("gb18030")),
    "no such type": ("\x7f/;;=", b"x"),
}
NOBODY = "0197a3b4-0000-7000-8000-000000000000"
IDS = (NOBODY, "x", "%00", "%FF%FE", "..%2f..%2fetc", "x" * 3000, "%F0%9F%9A%92", "-1", "9" * 40)
QUERIES = (
    "",
    "?q=%FF%00&before=x&page=-1&state=%5B%5D",
    "?clue=" + "9" * 5000,
    "?via=%ED%A0%80&group='",
    "?&&=&%",
)


def doors(client: HouseClient, method_is_safe: bool) -> Iterator[tuple[str, str]]:
    for route in iter_route_contexts(client.app.routes):  # type: ignore[attr-defined]
        for method in sorted(getattr(route, "methods", None) or ()):
            if (method in {"GET", "HEAD", "OPTIONS"}) is method_is_safe:
                yield method, str(route.path)


def filled(path: str, value: str) -> str:
    while "{" in path:
        start, end = path.index("{"), path.index("}")
        path = path[:start] + value + path[end + 1 :]
    return path


def send(client: HouseClient, method: str, url: str, body: tuple[str | None, bytes]) -> Any:
    kind, content = body
    headers = {"content-type": kind} if kind else {}
    return client.request(method, url, content=content, headers=headers)


@pytest.fixture
def clue_id(database: Database) -> str:
    """A clue that the person at the door may handle, so that junk meets the steps and not only their guards."""
    with database.write_session() as session:
        return walks.to(session, cast.actor(session, "chief_zhou"), ClueState.EVALUATING).id


@pytest.mark.parametrize("who", [None, "chief_zhou", "sysadmin"])
def test_no_body_brings_a_door_down(client: HouseClient, clue_id: str, who: str | None):
    if who:
        cast.sign_in(client, who)
    seen = 0
    for at, (method, path) in enumerate(doors(client, method_is_safe=False)):
        if "sign-out" in path:
            continue
        # Every body meets every kind of door; all bodies at every door take minutes.
        chosen = list(BODIES)[at % 4 :: 4] if who == "chief_zhou" else list(BODIES)[at % 7 :: 7]
        for name in chosen:
            given = clue_id if "{clue_id}" in path else IDS[at % len(IDS)]
            answer = send(client, method, filled(path, given), BODIES[name])
            assert answer.status_code < 500, f"{method} {path} with {name}: {answer.status_code}"
            seen += 1
    assert seen > 200, "hardly a door was walked"


@pytest.mark.parametrize("who", [None, "chief_zhou", "auditor", "agency_water"])
def test_no_address_brings_a_door_down(client: HouseClient, clue_id: str, who: str | None):
    if who:
        cast.sign_in(client, who)
    seen = 0
    for at, (method, path) in enumerate(doors(client, method_is_safe=True)):
        for number, query in enumerate(QUERIES):
            values = IDS if "{" in path and number == 0 else (IDS[(at + number) % len(IDS)],)
            for value in values:
                answer = client.request(method, filled(path, value) + query)
                assert answer.status_code < 500, (
                    f"{method} {path} {value[:20]} {query[:20]}: {answer.status_code}"
                )
                seen += 1
    assert seen > 300


HEADERS: list[dict[bytes, bytes]] = [
    {b"cookie": b"yixian_session=\xff\xfe; yixian_lang=\x00; yixian_track=;;=; yixian_flash={}"},
    {b"cookie": b"yixian_flash=" + b"e30" * 900 + b"; yixian_size=%ff"},
    {b"accept": b"\xff/*;q=x"},
    {b"accept-language": b"x" * 5000},
    {b"hx-request": b"true"},
    {b"range": b"bytes=9-1,-,x"},
    {b"if-none-match": b'W/"\xff"'},
    {b"x-forwarded-for": b"\xff, ::::, 300.1.1.1"},
    {b"authorization": b"Bearer \xff\x00"},
    {b"authorization": b"Report x.y.z"},
    {b"upload-length": b"-1", b"upload-metadata": b"filename \xff,,", b"tus-resumable": b"9"},
    {b"content-length": b"-5"},
    {b"host": b"\xff"},
    {b"host": b"[::1"},
    {b"origin": b"http://[", b"cookie": b"yixian_session=x"},
]


@pytest.mark.parametrize("headers", HEADERS, ids=str)
def test_no_header_brings_a_door_down(client: HouseClient, headers: dict[bytes, bytes]):
    for path in (
        "/",
        "/report/aed_missing",
        "/desk",
        "/track",
        "/healthz",
        "/api/v1/openapi.json",
        "/sign-in",
    ):
        answer = client.get(path, headers=headers)
        assert answer.status_code < 500, f"GET {path}: {answer.status_code}"
    for path in ("/track", "/sign-in", "/report/aed_missing", "/api/v1/reports", "/api/v1/uploads"):
        answer = client.post(path, content=b"a=1", headers=headers)
        assert answer.status_code < 500, f"POST {path}: {answer.status_code}"


def test_a_forged_origin_is_told_so_on_every_form_of_somebody_signed_in(client: HouseClient, clue_id: str):
    cast.sign_in(client, "chief_zhou")
    client.headers["Sec-Fetch-Site"] = "cross-site"
    for method, path in doors(client, method_is_safe=False):
        answer = client.request(
            method, filled(path, clue_id), content=b"", headers={"Origin": "https://evil.example"}
        )
        assert answer.status_code == 403, f"{method} {path}: {answer.status_code}"
