"""The PDF of a letter, from the same HTML as its print page; made only where pango and a Chinese font are installed.

Nothing is fetched from anywhere: the style sheet and the pictures are handed over, every other address is refused.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from app.platform.i18n import N_

MEDIA_TYPE: Final = "application/pdf"
# `.invalid` is reserved never to resolve (RFC 2606), so a slip here cannot reach any network.
BASE: Final = "https://letter.invalid"
_NO_PACKAGE: Final = N_(
    "这台服务器没有装 PDF 组件。请管理员安装 weasyprint 和 libpango-1.0-0、libpangoft2-1.0-0、libharfbuzz-subset0。"
)
_NO_FONT: Final = N_("这台服务器没有中文字体，不能生成 PDF。请管理员安装 fonts-noto-cjk。")
_FONT_FOLDERS: Final = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts")
_FONT_NAMES: Final = ("cjk", "fangsong", "simfang", "simsun", "song", "notosanssc", "notoserifsc", "wqy")


class NotHanded(ValueError):
    """The page asks for something that was not handed over."""


@cache
def pdf_possible() -> str | None:
    """Return None where a PDF can be made, else the sentence that says what to install."""
    try:
        import weasyprint  # noqa: F401, PLC0415 - an extra; pango missing is OSError
    except (ImportError, OSError):
        return _NO_PACKAGE
    return None if _has_font() else _NO_FONT


def _has_font() -> bool:
    program = shutil.which("fc-list")
    if program is not None:
        asked = [program, ":lang=zh-cn", "family"]
        listed = subprocess.run(asked, capture_output=True, check=False, timeout=20)  # noqa: S603 - no words of anybody
        return bool(listed.stdout.strip())
    files = (path for folder in _FONT_FOLDERS if folder.is_dir() for path in folder.rglob("*.tt[cf]"))
    return any(name in path.name.lower() for path in files for name in _FONT_NAMES)


def pdf_bytes(html: str, handed: Mapping[str, tuple[bytes, str]]) -> bytes:
    """Return the PDF of a page; `handed` gives bytes and media type by the path the page asks for."""
    from weasyprint import HTML  # noqa: PLC0415
    from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415

    class Handed(URLFetcher):  # type: ignore[misc]
        """Gives what was handed over, and refuses the rest."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            found = handed.get(urlsplit(url).path) if url.startswith(BASE) else None
            if found is None:
                raise NotHanded(url)
            return URLFetcherResponse(url, found[0], headers={"Content-Type": found[1]})

    made: bytes = HTML(string=html, base_url=BASE, url_fetcher=Handed()).write_pdf()
    return made
