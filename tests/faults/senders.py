"""People who report to a real server without pause, and what each of them knows: what he sent, what he was told.

Three ways: the form, the JSON door (the report alone), and a sealed report whose photos follow in pieces (tus). Who
sends pieces asks now and then how far they came, and now and then his line breaks in the middle of one.
"""

from __future__ import annotations

import contextlib
import random
import re
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import httpx2

from app.platform import clock, sealing
from app.platform.crypto import KeyRing
from app.platform.digest import sha256_hex
from app.platform.web.render import Urls
from tests.faults import upload_way
from tests.faults.doors import PLAIN, Letter, letters
from tests.faults.upload_way import PHOTOS, Errand

WAYS: Final = (*PLAIN, "upload")
_STAMP: Final = re.compile(rb'name="form_id"\r\n\r\n([^\r]+)')
_PIECE_MOST: Final = 40_000
_STREAMED: Final = 8192
_PAUSE_S: Final = 0.004
_TAKEN: Final = frozenset({201, 303})
_LATER: Final = frozenset({408, 503})


@dataclass(slots=True)
class Photo:
    """A photo that goes in pieces, and what its sender was told of it."""

    sent: upload_way.Parcel
    upload: str = ""  # its name, once 201 was heard
    told: int = 0  # the furthest offset that was heard
    is_held: bool = False  # the last piece was answered


@dataclass(slots=True)
class Parcel:
    """A report on its way, and what its sender knows of it."""

    letter: Letter
    report_id: str
    digests: list[str]
    photos: list[Photo] = field(default_factory=list)
    is_acknowledged: bool = False
    receipt: str = ""

    @property
    def is_done(self) -> bool:
        """Whether its sender has nothing more to send."""
        return self.is_acknowledged and all(photo.is_held for photo in self.photos)

    @property
    def is_amid(self) -> bool:
        """Whether a photo has begun and is not whole."""
        return any(photo.upload and not photo.is_held for photo in self.photos)

    def seen_now(self) -> Parcel:
        """A copy that stays as it is while the sender goes on."""
        return replace(self, photos=[replace(photo) for photo in self.photos])


class LineBroke(Exception):
    """The sender's own line, in the middle of a piece."""


@dataclass(slots=True)
class Load:
    """All who report, each waiting for an answer before he goes on."""

    base: str
    keys: KeyRing
    to: Urls
    ways: tuple[str, ...] = WAYS
    parcels: list[Parcel] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    def work(self, seed: float) -> None:
        """Report until told to stop."""
        chance = random.Random(seed)
        with self.client(chance) as client:
            while not self.is_over.is_set():
                photos = [content + chance.randbytes(2000) for content in PHOTOS]
                parcel = self._packed(chance.choice(self.ways), photos)
                self.parcels.append(parcel)
                # A line that breaks is the cut itself; an answer that says no is a finding, unless it says later.
                with contextlib.suppress(httpx2.TransportError):
                    try:
                        if parcel.letter.errand is None:
                            self._send(client, parcel)
                        else:
                            self._bring(client, parcel, parcel.letter.errand, chance)
                    except httpx2.HTTPStatusError as no:
                        if no.response.status_code not in _LATER:
                            self.refused.append(f"{no.request.method} {no.request.url.path} was answered with {no.response.status_code}")  # fmt: skip

    def client(self, _chance: random.Random) -> httpx2.Client:
        """The phone of one of them."""
        return httpx2.Client(base_url=self.base, timeout=60)

    @contextlib.contextmanager
    def at_work(self, seeds: Iterable[float]) -> Iterator[None]:
        """Let one person for each seed report until the block ends."""
        people = [threading.Thread(target=self.work, args=(seed,)) for seed in seeds]
        for each in people:
            each.start()
        try:
            yield
        finally:
            self.is_over.set()
            for each in people:
                each.join()

    def _packed(self, way: str, photos: list[bytes]) -> Parcel:
        letter = letters(self.keys, photos)[way]
        digests = [sha256_hex(content) for content in photos] if way == "form" else []
        following = [Photo(each) for each in letter.errand.parcels] if letter.errand else []
        return Parcel(letter, report_id_of(letter, self.keys), digests, following)

    def _send(self, client: httpx2.Client, parcel: Parcel) -> None:
        letter = parcel.letter
        answer = client.request(
            letter.method,
            self.to(letter.route, **letter.parameters),
            content=letter.content,
            headers={"Content-Type": letter.media_type, "Sec-Fetch-Site": "same-origin"},
        )
        if answer.status_code not in _TAKEN:
            raise httpx2.HTTPStatusError("not taken", request=answer.request, response=answer)
        parcel.receipt = answer.text if letter.door == "api" else ""
        parcel.is_acknowledged = True

    def _bring(self, client: httpx2.Client, parcel: Parcel, errand: Errand, chance: random.Random) -> None:
        """The report first, then each photo; what the last answer says is the receipt of the whole."""
        path = self.to("intake:api_report", report_id=parcel.report_id)
        answer = client.put(path, content=errand.report, headers={"Content-Type": sealing.MEDIA_TYPE})
        parcel.is_acknowledged = answer.raise_for_status().status_code == 201
        owner = upload_way.owner(errand)
        for photo in parcel.photos:
            begun = client.post(
                self.to("intake:upload_begin"), headers=owner | upload_way.wish(photo.sent)
            ).raise_for_status()
            photo.upload = begun.headers["location"].rpartition("/")[2]
            while not photo.is_held and not self.is_over.is_set():
                self._piece(client, begun.headers["location"], owner, photo, chance)
        if parcel.is_done:
            shown = client.get(self.to("intake:api_receipt", report_id=parcel.report_id), headers=owner)
            parcel.receipt = shown.raise_for_status().text

    def _piece(
        self, client: httpx2.Client, where: str, owner: dict[str, str], photo: Photo, chance: random.Random
    ) -> None:
        """Ask how far it came, then send one or two pieces; the line may break amid the second."""
        asked = client.head(where, headers=owner).raise_for_status()
        at, content = int(asked.headers["upload-offset"]), photo.sent.content
        photo.told = max(photo.told, at)
        for _ in range(2):
            end = min(len(content), at + chance.randrange(1, _PIECE_MOST))
            breaks_at = chance.randrange(at, end) if chance.random() < 0.25 else None
            headers = {
                "Upload-Offset": str(at),
                "Content-Length": str(end - at),
                "Content-Type": "application/offset+octet-stream",
            }
            try:
                sent = client.patch(
                    where, content=_dribbled(content, at, end, breaks_at, chance), headers=owner | headers
                )
            except LineBroke:
                return
            if sent.status_code == 409:
                return  # the old line's bytes were still arriving: ask again
            at = int(sent.raise_for_status().headers["upload-offset"])
            photo.told = max(photo.told, at)
            if at == len(content):
                photo.is_held = True
                return


def _dribbled(
    content: bytes, at: int, end: int, breaks_at: int | None, chance: random.Random
) -> Iterator[bytes]:
    for start in range(at, end, _STREAMED):
        if breaks_at is not None and start + _STREAMED > breaks_at:
            yield content[start:breaks_at]
            raise LineBroke
        yield content[start : min(start + _STREAMED, end)]
        time.sleep(chance.uniform(0, _PAUSE_S))


def report_id_of(letter: Letter, keys: KeyRing) -> str:
    """The id a letter will be known by."""
    if letter.errand is not None:
        return letter.errand.report_id
    if letter.door == "api":
        return letter.parameters["report_id"]
    stamp = _STAMP.search(letter.content)
    facts = keys.read_stamp("form", stamp[1].decode(), now=clock.now()) if stamp else None
    return str((facts or {})["id"])
