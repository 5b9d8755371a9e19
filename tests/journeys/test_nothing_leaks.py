"""What a photo tells of the person who took it leaves by no path (goals.md S4): the bytes are looked at, not the code.

A photo full of telling tags walks the whole way. Everything that any outsider can fetch on that way, and every
picture and paper the office makes, is collected and searched, also inside PDF, DOCX and zip.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from app.evidence import copies as evidence_copies
from app.evidence import jobs as evidence_jobs
from app.evidence import service as evidence_service
from app.evidence.imaging import Darkroom
from app.main import create_app
from app.transfer.letter_pdf import pdf_possible
from app.wiring import tools_of
from tests import cast, photos
from tests.conftest import HouseClient, make_settings
from tests.evidence.darkrooms import assert_bare
from tests.journeys.test_whole_way import code_on, open_clue, register_and_evaluate, transfer_and_send
from tests.journeys.walker import Walker
from tests.work import work_off

NAME = "张三家门口.jpg"
XMP = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>telling-xmp-packet</x:xmpmeta>"
IPTC = b"Photoshop 3.0\x008BIM\x04\x04\0\0telling-iptc-block"
LAT, LON = 45.7777, 126.4444


def telling_photo() -> bytes:
    """A phone's photo with every kind of tag that could give somebody away."""
    photo = photos.small_photo(
        orientation=6, gps=(LAT, LON), make="TELLING-MAKE", model="TELLING-MODEL", software="TELLING-SOFT"
    )
    extra = b"".join(
        b"\xff" + marker + (len(body) + 2).to_bytes(2) + body
        for marker, body in ((b"\xe1", XMP), (b"\xed", IPTC))
    )
    return photo[:2] + extra + photo[2:]


def secrets() -> dict[str, bytes]:
    """What must not be found, by a name for the report."""
    photo = telling_photo()
    thumbnail = photo[photo.index(b"\xff\xd8", 4) :][300:340]
    telling = {
        text: text.encode()
        for text in (
            "TELLING-MAKE",
            "TELLING-MODEL",
            "TELLING-SOFT",
            "left by the camera",
            "telling-xmp-packet",
            "telling-iptc-block",
        )
    }
    names = {f"name as {code}": NAME.encode(code) for code in ("utf-8", "gbk", "utf-16-le", "utf-16-be")}
    position = {
        "position as fractions": photos.rational_entry(2, *photos._sexagesimal(LAT))[3],
        "position as text": b"45.777",
        "longitude as text": b"126.444",
    }
    return telling | names | position | {
        "name in an address": quote(NAME).encode(), "embedded thumbnail": thumbnail, "an EXIF block": b"Exif\0\0",
        "time taken": b"2026:11:20 09:30:00",
    }  # fmt: skip


SECRETS = secrets()


def layers(content: bytes) -> Iterator[bytes]:
    """The bytes, and what is packed inside them."""
    yield content
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for name in packed.namelist():
                yield name.encode()
                yield from layers(packed.read(name))
    if content[:5] == b"%PDF-":
        for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
            try:
                yield zlib.decompress(found[1])
            except zlib.error:
                yield found[1]


def pictures_in(content: bytes) -> list[bytes]:
    """Every JPEG of an answer, also inside paper: to the end of the picture, without what this test hung behind it."""
    return [
        layer[: layer.rindex(b"\xff\xd9") + 2]
        for layer in layers(content)
        if layer.startswith(b"\xff\xd8\xff")
    ]


def told(content: bytes) -> list[str]:
    """Which secrets these bytes give away."""
    return sorted({name for layer in layers(content) for name, secret in SECRETS.items() if secret in layer})


def test_the_search_finds_what_is_planted() -> None:
    photo = telling_photo()
    for name in SECRETS:
        if not name.startswith("name") and "as text" not in name:
            assert name in told(photo), name
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("word/media/image1.jpg", photo)
        made.writestr(f"{NAME}", b"")
    assert {"TELLING-MAKE", "name as utf-8", "embedded thumbnail"} <= set(told(packed.getvalue()))
    drawn = b"%PDF-1.7 /DCTDecode stream\n" + photo + b"\nendstream"
    assert {"TELLING-MAKE", "an EXIF block", "embedded thumbnail"} <= set(told(drawn))
    assert pictures_in(drawn) == [photo]
    with pytest.raises(AssertionError):
        assert_bare(photo)
    pdf = b"%PDF-1.7 stream\n" + zlib.compress(b"at 45.77770, 126.44440") + b"\nendstream"
    assert told(pdf) == ["longitude as text", "position as text"]


@pytest.fixture(scope="module")
def darkroom() -> Iterator[Darkroom]:
    with Darkroom() as opened:
        yield opened


class Collector:
    """Fetches everything a page leads to, and keeps it under its address."""

    def __init__(self, client: HouseClient) -> None:
        self.client, self.found = client, dict[str, bytes]()

    def crawl(self, *starts: str, but: str = r"/(?:sign-out|preferences|original|static)") -> None:
        """Fetch these pages and all they link to and show, as whoever the client is now."""
        todo, seen = list(starts), set[str]()
        while todo and len(seen) < 200:
            path = todo.pop()
            if path in seen or re.search(but, path):
                continue
            seen.add(path)
            answer = self.client.get(path)
            self.found[f"{path} {answer.headers.get('content-type', '')}"] = (
                answer.content + repr(answer.headers).encode()
            )
            if answer.headers.get("content-type", "").startswith("text/html"):
                todo += [
                    one.replace("&amp;", "&") for one in re.findall(r'(?:href|src)="(/[^"#]*)', answer.text)
                ]


def expect_bare(everything: dict[str, bytes], path: str) -> None:
    """Not only nothing we thought of: no picture has a segment but those that draw it, on paper neither."""
    inside = {place: pictures_in(content) for place, content in everything.items()}
    for found in inside.values():
        for picture in found:
            assert_bare(picture)
    papers = [place for place in everything if "wordprocessingml" in place]
    wanted = {f"{path}/letter.docx", "/answer/letter.docx"}
    if pdf_possible() is None:
        pdfs = [place for place in everything if "application/pdf" in place]
        assert all(everything[place].startswith(b"%PDF-") for place in pdfs)
        papers, wanted = papers + pdfs, wanted | {f"{path}/letter.pdf", "/answer/letter.pdf"}
    assert wanted <= {place.partition(" ")[0] for place in papers}
    assert all(inside[place] for place in papers), "a paper without the picture proves nothing"


def test_a_telling_photo_walks_the_whole_way_and_nothing_of_it_leaves(
    database_url: str, tmp_path: Path, darkroom: Darkroom
) -> None:
    app = create_app(make_settings(database_url, tmp_path))
    with HouseClient(app) as client:
        tools = tools_of(app.state.house)
        handlers = {
            evidence_service.DEVELOP: evidence_jobs.develop_with(darkroom),
            evidence_copies.REDACT: evidence_jobs.redact_with(darkroom),
            evidence_copies.PRINT: evidence_jobs.print_with(darkroom),
        }
        walker, outside, office = Walker(client), Collector(client), Collector(client)
        photo = telling_photo()
        walker.go("/report/aed_missing").send(
            "/report/aed_missing", files=[("photos", (NAME, photo, "image/jpeg"))],
            q_venue_type="mall", q_venue_name="万象汇", place_words="正门左侧",
        )  # fmt: skip
        code = code_on(walker)
        work_off(tools, handlers)
        outside.crawl(
            client.to("intake:receipt"), client.to("intake:receipt_picture"), client.to("intake:qr"),
            client.to("open311:requests", ending="json"), client.to("open311:requests", ending="xml"),
        )  # fmt: skip

        clue_id = open_clue(walker)
        register_and_evaluate(walker)
        with tools.database.read_session() as session:
            from app.evidence import queries

            item = queries.of_clue(session, clue_id)[0]
        here = {"clue_id": clue_id, "evidence_id": item.id}
        client.post(client.to("evidence:redact", **here), data={"parts": "40,40,60,60,solid,车牌"})
        client.post(client.to("evidence:ask_print", **here))
        work_off(tools, handlers)
        for kind in ("thumb", "screen", "print"):
            office.crawl(client.to("evidence:picture", evidence_id=item.id, kind=kind))
        with tools.database.read_session() as session:
            redaction = queries.standing_redactions(session, item.id)[0][0].id
        office.crawl(client.to("evidence:redaction", evidence_id=item.id, redaction_id=redaction))

        path = transfer_and_send(walker, clue_id)
        office.crawl(*(f"{path}/letter{ending}" for ending in ("", ".docx", ".pdf")))
        walker.go(path).send("/links", link_contact="郑敏")
        link, pin = (
            re.search(r"/t/[A-Za-z0-9_-]{20,}", walker.text),
            re.search(r"(\d{4})\s+(\d{4})", walker.text),
        )
        assert link and pin  # noqa: PT018 - two halves of one slip
        cast.sign_out(client)
        client.cookies.clear()
        walker.go(link.group(0)).send(link.group(0), code=pin.group(1) + pin.group(2))
        outside.crawl("/answer", "/answer/letter", "/answer/letter.docx", "/answer/letter.pdf")
        cast.sign_in(client, "agency_health")
        outside.crawl(client.to("partner:inbox"))
        cast.sign_out(client)
        client.cookies.clear()
        walker.go("/track").send("/track", code=code)
        outside.crawl("/track", "/")

        leaks = {
            place: what
            for one in (outside, office)
            for place, content in one.found.items()
            if (what := told(content))
        }
        assert leaks == {}
        kinds = [place.rpartition(" ")[2] for place in (*outside.found, *office.found)]
        pictures = [place for place in (*outside.found, *office.found) if "image/jpeg" in place]
        assert len(pictures) >= 6, sorted(outside.found)
        assert any("/answer/pictures/" in place for place in pictures), sorted(outside.found)
        assert any("wordprocessingml" in kind for kind in kinds)
        expect_bare({**outside.found, **office.found}, path)
        # The staff's own door to the original gives every byte, tags and all; that is what it is for.
        cast.sign_in(client, "prosecutor_chen")
        assert client.get(client.to("evidence:original", evidence_id=item.id)).content == photo
