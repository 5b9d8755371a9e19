# ruff: noqa: S608 - statements put together from this file's own pieces
"""The desk's rows of the table, F8 to F13, on offices of any size: queue, clue, nearby, search, the list's own poll.

The floor of a row is the same SELECT run by the bare library on the same database; the price is the server's and,
on PostgreSQL, the database's.
"""

from __future__ import annotations

import re
import statistics
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import httpx2

from tests.bench.filled import Filled, filled
from tests.bench.office import Office
from tests.bench.stores import floor
from tests.bench.table import Row

QUEUE = "/desk?category=water_pollution"
SEARCH = "/desk?list=all&q=黑水"
RARE = "/desk?list=all&category=aed_missing&q=黑水"
_SAME: Final = {"Sec-Fetch-Site": "same-origin"}


def rows(
    clues: int, engine: str = "sqlite", *, kept: Path | None = None, photos: int = 0, times: int = 100
) -> list[Row]:
    """Measure every row of the desk on one size."""
    with filled(clues, engine, kept=kept, photos=photos) as place, place.served() as server:
        size = f"{clues:,}"
        with httpx2.Client(base_url=server.base, timeout=120) as client:
            sign_in(client)
            clue = f"/desk/clues/{_photographed(place)}"
            words = _SEARCH[engine]
            measured = [
                ("F8", "queue, first page, filtered", QUEUE, _QUEUE),
                ("F8", "queue, all states, one category", "/desk?list=all&category=wetland", _ALL),
                ("F8", "queue, what is overdue", "/desk?list=overdue", ""),
                ("F8", "queue, nobody's, of one category", "/desk?list=unassigned&category=wetland", ""),
                ("F11", "a clue with three photos", clue, _CLUE),
                ("", "same matter, candidates of a clue", f"{clue}/likely", ""),
                ("F13", "search, two characters", SEARCH, words),
                ("F13", "a common word with a rare filter", RARE, ""),
                ("", "a note, then the queue with counts anew", QUEUE, ""),
            ]
            found = []
            for key, what, address, statement in measured:
                act = partial(_get, client, address)
                if "counts anew" in what:
                    act = partial(_counted_anew, client, clue)
                bare = floor(place.store, statement) if statement else 0.0
                found.append(Row(key, what, engine, size, *_measured(server, times, act, bare)))
            found.append(
                Row("F8", "the list's poll, nothing new (304)", engine, size, *_poll(server, client, times))
            )
            found.append(Row("F10", "queue, two people at once", engine, size, *_two_clients(server, times)))
            found.append(Row("F12", "nearby, same category, 300 m", engine, size, *_near(place, server)))
        return found


def sign_in(client: httpx2.Client) -> None:
    """Sign in as a prosecutor of the cast."""
    page = client.get("/sign-in").text
    account = re.search(r'name="(\w+)" value="([^"]+)"[^>]*>(?:(?!</button>).)*陈明远', page, re.DOTALL)
    if account is None:
        raise RuntimeError("the sign-in page shows no cast")
    client.post("/sign-in/cast", data={account.group(1): account.group(2)})


_OPEN = "compartment_id = (SELECT id FROM compartment WHERE kind = 'open' ORDER BY rowno LIMIT 1)"
_OFFICE = "office_id = (SELECT id FROM org_unit WHERE kind = 'office' ORDER BY rowno LIMIT 1)"
_NEWEST = "ORDER BY received_at DESC, id DESC LIMIT 51"
_QUEUE = (
    # The empty word keeps a planner from walking a whole category for the few that are new, as the house does it.
    f"SELECT * FROM clue WHERE {_OFFICE} AND {_OPEN} AND state = 'submitted' AND category_key || '' = 'water_pollution' "
    + _NEWEST
)
_ALL = f"SELECT * FROM clue WHERE {_OFFICE} AND {_OPEN} AND category_key = 'wetland' {_NEWEST}"
_CLUE = "SELECT * FROM clue WHERE id = (SELECT clue_id FROM evidence_item ORDER BY rowno DESC LIMIT 1)"
_SEARCH = {
    "sqlite": (
        "SELECT c.* FROM (SELECT rowid FROM clue_words WHERE clue_words MATCH '\"黑水\"' ORDER BY rowid DESC LIMIT 60) f "
        "JOIN clue c ON c.rowno = f.rowid"
    ),
    "postgresql": (
        "SELECT c.* FROM (SELECT clue_rowno FROM clue_text WHERE words @@ to_tsquery('simple', '黑水') "
        "ORDER BY clue_rowno DESC LIMIT 60) f JOIN clue c ON c.rowno = f.clue_rowno"
    ),
}


def _photographed(place: Filled) -> str:
    row = place.store.ask(
        "SELECT e.clue_id FROM evidence_item e JOIN clue c ON c.id = e.clue_id "
        f"WHERE c.{_OPEN} ORDER BY e.rowno DESC LIMIT 1"
    )
    return str(row[0][0])


Found = tuple[float, float, float, float, float]


def _measured(server: Office, times: int, act: Callable[[int], None], bare: float) -> Found:
    for number in range(10):
        act(number)
    waits = []
    before = server.cpu_ms()
    for number in range(times):
        started = time.perf_counter()
        act(number)
        waits.append(1000 * (time.perf_counter() - started))
    cpu = (server.cpu_ms() - before) / times
    cuts = statistics.quantiles(waits, n=100)
    return cpu, bare, cuts[49], cuts[98], server.memory_mib()


def _counted_anew(client: httpx2.Client, clue: str, number: int) -> None:
    """Let something happen (a note), then ask for the queue."""
    answer = client.post(f"{clue}/notes", data={"note": f"记一笔 {number}"}, headers=_SAME)
    if answer.status_code != 303:
        raise RuntimeError(f"a note was answered with {answer.status_code}")
    _ok(client.get(QUEUE))


def _get(client: httpx2.Client, address: str, _number: int) -> None:
    _ok(client.get(address))


def _ok(answer: httpx2.Response) -> None:
    if answer.status_code not in {200, 304}:
        raise RuntimeError(f"{answer.request.url}: {answer.status_code}")


def _poll(server: Office, client: httpx2.Client, times: int) -> Found:
    """What an open desk costs every fifteen seconds while nothing happens."""
    page = client.get(QUEUE).text
    poll = re.search(r'hx-get="([^"]+)"', page[page.index('id="lists"') :])
    etag = re.search(r'"If-None-Match": "(\\"[0-9a-f]+\\")"', page)
    if poll is None or etag is None:
        raise RuntimeError("the queue does not poll")
    address = poll.group(1).replace("&amp;", "&")
    headers = {"HX-Request": "true", "X-Poll": "1", "If-None-Match": etag.group(1).replace("\\", "")}
    return _measured(server, times, lambda _: _ok(client.get(address, headers=headers)), 0.0)


def _two_clients(server: Office, times: int) -> Found:
    """F10: the queue with two people asking at once."""
    waits: list[float] = []

    def ask() -> None:
        with httpx2.Client(base_url=server.base, timeout=60) as client:
            sign_in(client)
            for _ in range(times):
                started = time.perf_counter()
                _ok(client.get(QUEUE))
                waits.append(1000 * (time.perf_counter() - started))

    people = [threading.Thread(target=ask) for _ in range(2)]
    before = server.cpu_ms()
    for one in people:
        one.start()
    for one in people:
        one.join()
    cuts = statistics.quantiles(waits, n=100)
    return (server.cpu_ms() - before) / len(waits), 0.0, cuts[49], cuts[98], server.memory_mib()


def _near(place: Filled, server: Office, times: int = 300) -> Found:
    """F12: clues of one category around a place, as the clue page asks for them; CPU-ms of this process and the database."""
    from app.desk.queries import around
    from app.identity.actor import Actor
    from app.identity.terms import Role
    from app.platform import clock
    from app.platform.db import Database

    store = place.store
    office_id = store.ask(f"SELECT id FROM org_unit WHERE {_OFFICE.replace('office_id', 'id')}")[0][0]
    circle = store.ask("SELECT id FROM compartment WHERE kind = 'open' ORDER BY rowno LIMIT 1")[0][0]
    chen = Actor("a", "", frozenset({Role.HANDLER}), office_id, office_id, "", "", frozenset({circle}), "s")
    places = store.ask("SELECT lat, lon FROM clue ORDER BY rowno DESC LIMIT 100")
    since = clock.now().replace(year=2020)
    database = Database(place.url)
    with database.read_session() as session:

        def act(number: int) -> None:
            lat, lon = places[number % len(places)]
            box = (lat - 0.0027, lon - 0.0038, lat + 0.0027, lon + 0.0038)
            around.in_box(session, chen, box=box, category_key="water_pollution", since=since, but="")

        act(0)
        waits = []
        before = 1000 * time.process_time() + store.cpu_ms()
        for number in range(times):
            started = time.perf_counter()
            act(number)
            waits.append(1000 * (time.perf_counter() - started))
        cpu = (1000 * time.process_time() + store.cpu_ms() - before) / times
    database.close()
    lat, lon = places[0]
    box = f"{lat - 0.0027} AND {lat + 0.0027}", f"{lon - 0.0038} AND {lon + 0.0038}"
    bare = floor(
        store,
        f"SELECT c.* FROM clue_place p JOIN clue c ON c.rowno = p.rowno WHERE p.north BETWEEN {box[0]} "
        f"AND p.east BETWEEN {box[1]} AND c.category_key = 'water_pollution'"
        if place.engine == "sqlite"
        else f"SELECT * FROM clue WHERE lat BETWEEN {box[0]} AND lon BETWEEN {box[1]} "
        "AND category_key = 'water_pollution'",
    )
    cuts = statistics.quantiles(waits, n=100)
    return cpu, bare, cuts[49], cuts[98], server.memory_mib()
