"""Bodies through a proxy: pieces that must reach the store at once, a phone that falls silent, the largest report there may be."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx2

from app.intake import forms
from app.platform import clock, sealing
from app.platform.crypto import KeyRing
from app.platform.settings import Settings
from app.platform.web.render import Urls
from tests.faults import upload_way
from tests.faults.doors import letters
from tests.faults.upload_way import PHOTOS
from tests.intake.sheets import AED

if TYPE_CHECKING:
    from tests.deploy.front import Front

WINDOW_S: Final = 15
_SILENCE_S: Final = 8
_HALF: Final = 200_000


def bodies(front: Front, keys: KeyRing, to: Urls, data: Path, settings: Settings) -> list[str]:
    """Say what is wrong with the way of large and of slow bodies."""
    try:
        return _all(front, keys, to, data, settings)
    except (httpx2.HTTPError, OSError) as problem:
        return [f"on the way of bodies: {problem}".partition("\n")[0]]


def _all(front: Front, keys: KeyRing, to: Urls, data: Path, settings: Settings) -> list[str]:
    return (
        _in_pieces(front, keys, to, data)
        + _largest(front, keys, to, settings)
        + _second_version(front, keys, to)
    )


def _in_pieces(front: Front, keys: KeyRing, to: Urls, data: Path) -> list[str]:
    """Half of a piece must lie in the store before the other half is sent; after a silence the rest is taken."""
    photo = PHOTOS[1] + bytes(2 * _HALF)
    errand = letters(keys, (PHOTOS[0], photo))["upload"].errand
    if errand is None:
        raise RuntimeError
    with front.client() as client:
        path = to("intake:api_report", report_id=errand.report_id)
        client.put(
            path, content=errand.report, headers={"Content-Type": sealing.MEDIA_TYPE}
        ).raise_for_status()
        owner = upload_way.owner(errand)
        parcel = errand.parcels[1]
        begun = client.post(
            to("intake:upload_begin"), headers=owner | upload_way.wish(parcel)
        ).raise_for_status()
        told = owner | {
            "Host": client.base_url.host, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream",
            "Content-Length": str(len(parcel.content)), "Connection": "close",
        }  # fmt: skip
        where = begun.headers["location"].removeprefix(str(client.base_url).rstrip("/"))
        head = f"PATCH {where} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in told.items())
        with front.raw() as line:
            line.sendall(head.encode() + b"\r\n" + parcel.content[:_HALF])
            time.sleep(_SILENCE_S)
            came = sum(
                path.stat().st_size for path in (data / "blobs" / "uploads").rglob("*") if path.is_file()
            )
            line.sendall(parcel.content[_HALF:])
            answer = line.recv(4096).partition(b"\r\n")[0]
    found = (
        []
        if came > _HALF // 2
        else [f"of {_HALF} bytes sent {came} lie in the store: the proxy keeps them back"]
    )
    return found + (
        [] if b" 204" in answer else [f"who was silent for {_SILENCE_S} s and went on hears {answer!r}"]
    )


def _largest(front: Front, keys: KeyRing, to: Urls, settings: Settings) -> list[str]:
    """The largest report the house takes must pass; of one that is too large the house itself must speak."""
    most = settings.photo_max_bytes
    photos = [
        PHOTOS[at % 2] + bytes([at]) * (most - len(PHOTOS[at % 2])) for at in range(settings.photo_limit)
    ]
    found = []
    with front.client() as client:
        answer = client.send(_form(client, keys, to, photos))
        if answer.status_code != 303:
            found.append(f"{len(photos)} photos of {most} bytes are answered with {answer.status_code}")
        answer = client.send(_form(client, keys, to, [photos[0] + b"x"]))
        if answer.status_code >= 500 or "content-security-policy" not in answer.headers:
            found.append(
                f"of a photo that is too large the proxy speaks, not the house: {answer.status_code}"
            )
    return found


def _form(client: httpx2.Client, keys: KeyRing, to: Urls, photos: list[bytes]) -> httpx2.Request:
    stamped = {"form_id": forms.form_stamp(keys, now=clock.now()), "via": "", "back": ""}
    parts = [("photos", (f"IMG_{at}.jpg", content, "image/jpeg")) for at, content in enumerate(photos)]
    return client.build_request(
        "POST", to("intake:submit", category_key="aed_missing"), data=stamped | AED, files=parts
    )


def _second_version(front: Front, keys: KeyRing, to: Urls) -> list[str]:
    """Browsers speak HTTP/2 to a proxy: a form with photos, by curl, which speaks it too."""
    if not (curl := shutil.which("curl")):
        return ["HTTP/2 was not tried: there is no curl here"]
    with front.client() as client, tempfile.NamedTemporaryFile(suffix=".form") as form:
        letter = _form(client, keys, to, list(PHOTOS))
        form.write(letter.read())
        form.flush()
        host = client.base_url.host
        told = {"Content-Type": letter.headers["content-type"], "Sec-Fetch-Site": "same-origin"}
        words = [part for name, value in told.items() for part in ("-H", f"{name}: {value}")]
        done = subprocess.run(
            [
                curl, "--silent", "--insecure", "--http2", "--resolve", f"{host}:{front.secure}:127.0.0.1",
                "--output", "/dev/null", "--write-out", "%{http_version} %{http_code}", *words,
                "--data-binary", f"@{form.name}", f"https://{host}:{front.secure}{letter.url.path}",
            ], check=False, capture_output=True, text=True,
        )  # fmt: skip
    return [] if done.stdout == "2 303" else [f"a form by HTTP/2 is answered with {done.stdout!r}"]
