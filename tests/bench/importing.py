"""F19: 5,000 lines of an agency's table and of the office's earlier ledger, from the file to the last clue; and 10,000
clues taken out again as each kind of file."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

import httpx2

from app.platform import sheets
from tests.bench.desk import sign_in
from tests.bench.filled import filled
from tests.bench.office import Office, office

LINES: Final = 5_000
# With those of closed circles, which are not a prosecutor's: just below what one file takes.
CLUES: Final = 10_700
_WORDS: Final = "排口每天早上往沟里排黑水，有臭味，已经一个月，第%d处。"
_TABLES: Final = {
    "an agency's table": ("何川", ["工单编号", "问题类别", "诉求内容", "地址"], "W-%d", ["松浦大桥东侧"]),
    "the office's earlier ledger": (
        "钱程", ["线索编号", "问题类别", "内容", "地址", "收到日期", "办理结果"], "旧〔2019〕%d号",
        ["松浦大桥东侧", "2019-03-05", "整改到位，办结"],
    ),
}  # fmt: skip
_DONE: Final = re.compile(r'<progress[^>]* max="(\d+)" value="(\d+)"')


class Import(NamedTuple):
    """What one table cost."""

    what: str
    checked_s: float
    taken_s: float
    cpu_ms: float
    peak_mib: float


def rows(lines: int = LINES) -> Iterator[Import]:
    """Import each kind of table into an office of its own."""
    for what, (who, head, ref, rest) in _TABLES.items():
        table = [head, *([ref % at, "水体污染", _WORDS % at, *rest] for at in range(lines))]
        with (
            office(YIXIAN_LOAD_CAST="true") as server,
            httpx2.Client(
                base_url=server.base, timeout=600, headers={"Sec-Fetch-Site": "same-origin"}
            ) as client,
        ):
            yield _one(server, client, what, who, sheets.xlsx_bytes(table))


def _one(server: Office, client: httpx2.Client, what: str, who: str, table: bytes) -> Import:
    button = re.search(rf'value="([0-9a-f-]{{36}})"><strong>{who}', client.get("/sign-in").text)
    if button is None:
        raise RuntimeError(f"{who} is not in the cast")
    client.post("/sign-in/cast", data={"account_id": button[1]})
    with _highest(server) as peak:
        started, before = time.perf_counter(), server.cpu_ms()
        answer = client.post("/partner/imports", files={"table": ("5000.xlsx", table)})
        page = str(answer.headers["location"])
        if "其中 0 行有误" not in client.get(page).text:
            raise RuntimeError("a line is wrong")
        checked = time.perf_counter()
        client.post(f"{page}/start")
        while (found := _DONE.search(client.get(page).text)) is None or found[1] != found[2]:
            time.sleep(5)
        ended = time.perf_counter()
    lines = int(found[1])
    return Import(what, checked - started, ended - checked, (server.cpu_ms() - before) / lines, peak[0])


class Export(NamedTuple):
    """What one file cost."""

    what: str
    took_s: float
    cpu_s: float
    size_mib: float
    peak_mib: float


def exports(clues: int = CLUES) -> Iterator[Export]:
    """Take all clues of an office out as each kind of file."""
    with filled(clues) as place, place.served() as server:
        told = {"Sec-Fetch-Site": "same-origin"}
        with httpx2.Client(base_url=server.base, timeout=600, headers=told) as client:
            sign_in(client)
            for kind in ("csv", "xlsx", "geojson"):
                asked = {"filter_list": "all", "format": kind, "purpose": "上报市院季度统计"}
                with _highest(server) as peak:
                    started, before = time.perf_counter(), server.cpu_ms()
                    answer = client.post("/desk/export", data=asked)
                    took, cpu = time.perf_counter() - started, server.cpu_ms() - before
                # Those of closed circles are not this person's.
                count = _count(kind, answer.content) if answer.status_code == httpx2.codes.OK else 0
                if count < clues * 0.8:
                    raise RuntimeError(f"the file is not whole: {answer.status_code}, {count}")
                yield Export(
                    f"{count:,} clues as {kind}", took, cpu / 1000, len(answer.content) / 2**20, peak[0]
                )


def _count(kind: str, content: bytes) -> int:
    if kind == "geojson":
        return content.count(b'"type":"Feature",')
    return len(sheets.read(content, most=CLUES * 10)) - 1


@contextmanager
def _highest(server: Office) -> Iterator[list[float]]:
    peak, is_over = [0.0], threading.Event()

    def look() -> None:
        while not is_over.wait(0.2):
            peak[0] = max(peak[0], server.memory_mib())

    watch = threading.Thread(target=look, daemon=True)
    watch.start()
    try:
        yield peak
    finally:
        is_over.set()
        watch.join()
