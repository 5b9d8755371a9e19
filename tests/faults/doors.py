"""One report with two photos, ready to be sent the same way again and again, and the sending of it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx2
from sqlalchemy import text

from app import wiring
from app.intake import forms
from app.platform import clock, ids
from app.platform.crypto import KeyRing
from app.platform.digest import sha256_hex
from app.platform.jobs import run_one
from app.platform.settings import Settings
from app.platform.web.render import Urls
from tests.faults import upload_way
from tests.faults.upload_way import PHOTOS, SECRET, Errand
from tests.intake.sheets import AED, code_on

CHUNK: Final = 8192
DOORS: Final = ("form", "api", "upload", "develop")
# Those that are one request.
PLAIN: Final = ("form", "api")
# Where the worker's part of a way begins; what lies before it is another door's way, and dies there.
AT_WORK: Final = "the worker begins"


@dataclass(frozen=True, slots=True)
class Letter:
    """A request as bytes: a retry is the very same."""

    door: str
    method: str
    route: str
    parameters: dict[str, str]
    content: bytes
    media_type: str
    errand: Errand | None = None


def letters(keys: KeyRing, photos: Sequence[bytes] = PHOTOS) -> dict[str, Letter]:
    """Write the report once for each door: the form with its signed id, the JSON with the id of the phone."""
    stamped = {"form_id": forms.form_stamp(keys, now=clock.now()), "via": "", "back": ""}
    parts = [("photos", (f"IMG_{at}.jpg", content, "image/jpeg")) for at, content in enumerate(photos)]
    form = httpx2.Request("POST", "http://x/", data=stamped | AED, files=parts)
    body = {
        "category": "aed_missing", "secret": SECRET, "words": AED["words"], "answers": {"venue_type": "mall"},
        "unknown": ["venue_name"], "place": {"words": "正门东侧", "town": "taiyangdao"},
        "photos": [{"sha256": d, "size_bytes": len(c)} for d, c in ((sha256_hex(c), c) for c in photos)],
    }  # fmt: skip
    to, kind = {"category_key": "aed_missing"}, form.headers["content-type"]
    errand = upload_way.errand(keys, body, photos)
    return {
        "form": Letter("form", "POST", "intake:submit", to, form.read(), kind),
        "develop": Letter("develop", "POST", "intake:submit", to, form.content, kind),
        "upload": Letter("upload", "PUT", "intake:api_report", {}, b"", "", errand),
        "api": Letter("api", "PUT", "intake:api_report", {"report_id": ids.new()}, json.dumps(body).encode(), "application/json"),
    }  # fmt: skip


class Client:
    """A phone before the application, in one process with it."""

    def __init__(self, app: Any, inner: httpx2.AsyncClient) -> None:
        self._app, self._to, self._inner = app, Urls(app), inner

    async def send(self, letter: Letter) -> httpx2.Response:
        """Send the letter in small pieces, as a slow line does."""
        if letter.errand is not None:
            return await upload_way.run(self._inner, self._to, letter.errand)

        async def pieces() -> AsyncIterator[bytes]:
            for at in range(0, len(letter.content), CHUNK):
                yield letter.content[at : at + CHUNK]

        path = self._to(letter.route, **letter.parameters)
        headers = {"Content-Type": letter.media_type, "Content-Length": str(len(letter.content))}
        return await self._inner.request(letter.method, path, content=pieces(), headers=headers)

    async def where(self, upload: str, errand: Errand) -> httpx2.Response:
        """Ask how far an upload came."""
        path = self._to("intake:upload_state", upload_id=upload)
        return await self._inner.head(path, headers=upload_way.owner(errand))

    def work(self) -> None:
        """Run every reaction that is due, as the worker does, whatever a dead one has leased."""
        house = self._app.state.house
        with house.database.write_session() as session:
            session.execute(text("update job set lease_until = null where done_at is null"))
        tools = wiring.tools_of(house)
        with wiring.handlers(house) as handlers:
            while run_one(tools, handlers):
                pass

    async def receipt(self, letter: Letter, answer: httpx2.Response) -> str:
        """What the client is told it holds: the code on the receipt's page, or the receipt itself."""
        if letter.door in {"api", "upload"}:
            return answer.text
        shown = await self._inner.get(self._to("intake:receipt"))
        times = re.findall(r'<time datetime="[^"]+"', shown.text)
        return " ".join([code_on(shown.text), *times])


@asynccontextmanager
async def opened(settings: Settings, arm: Callable[[Any], Any]) -> AsyncIterator[Client]:
    """Start the whole application as a server would, with `arm` between it and the client."""
    from app.main import create_app

    app = create_app(settings)
    transport = httpx2.ASGITransport(app=arm(app), raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(
            transport=transport, base_url="http://testserver", headers={"Sec-Fetch-Site": "same-origin"}
        ) as inner,
    ):
        yield Client(app, inner)
