"""Filled-in forms, and what a browser without a script does with them."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from tests.photos import small_photo

if TYPE_CHECKING:
    from tests.conftest import HouseClient

AED = {
    "q_venue_type": "mall",
    "q_venue_name": "万达广场",
    "q_asked_staff": "yes",
    "q_staff_answer": "none",
    "place_town": "taiyangdao",
    "place_words": "正门东侧",
    "words": "一到四层都找过，没有看到除颤器。",
}
WATER = {
    "q_water_body": "ditch",
    "q_color": "black",
    "q_outfall": "yes",
    "q_outfall_form": "pipe",
    "q_discharging_now": "yes",
    "q_length_m": "120",
    "place_pasted": "45.8021, 126.5432",
    "place_datum": "gcj02",
    "words": "桥下的管子一直往沟里排黑水，味道很大。",
}
FACILITY = {
    "place_town": "wanbao",
    "q_nature": "pollution",
    "q_prefer_contact": "visit",
    "words": "围墙外面有人长期倒垃圾，没人清理。",
}
LEAK = {
    "q_medium": "board",
    "q_publisher": "某某街道",
    "q_items": ["id_card", "phone"],
    "place_words": "办事大厅公示栏",
    "words": "公示栏里贴出了所有人的身份证号和电话。",
}
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
CODE = re.compile(r'<code class="code"[^>]*>(.*?)</code>', re.DOTALL)


@functools.cache
def photo(seed: int = 1, **changes: object) -> bytes:
    """A small photo as a phone writes it."""
    return small_photo(seed=seed, **changes)


def files(*contents: bytes, field: str = "photos") -> list[tuple[str, tuple[str, bytes, str]]]:
    """Photos as a browser posts them."""
    return [(field, (f"IMG_{at}.jpg", content, "image/jpeg")) for at, content in enumerate(contents)]


def hidden(client: HouseClient, category: str) -> dict[str, str]:
    """Open a form; what it carries unseen."""
    shown = client.get(client.to("intake:form", category_key=category))
    assert shown.status_code == 200
    return dict(HIDDEN.findall(shown.text)) | {"back": ""}


def send(client: HouseClient, category: str, fields: dict[str, Any], *, photos: Any = ()) -> Any:
    """Post a form as a browser does: always multipart."""
    empty = [("photos", ("", b"", "application/octet-stream"))]
    return client.post(
        client.to("intake:submit", category_key=category), data=fields, files=list(photos) or empty
    )


def report(client: HouseClient, category: str, fields: dict[str, Any], *, photos: Any = ()) -> str:
    """Fill in and submit a form, look at the receipt, return the query code."""
    answer = send(client, category, hidden(client, category) | fields, photos=photos)
    assert answer.status_code == 303, answer.text[:4000]
    assert answer.headers["location"] == client.to("intake:receipt")
    return code_on(client.get(client.to("intake:receipt")).text)


def code_on(page: str) -> str:
    """The query code on a receipt."""
    found = CODE.search(page)
    assert found, page[:2000]
    return re.sub(r"<[^>]+>|\s", "", found[1])


def give_code(client: HouseClient, code: str) -> Any:
    """Type a code into the box."""
    return client.post(client.to("intake:open_track"), data={"code": code})
