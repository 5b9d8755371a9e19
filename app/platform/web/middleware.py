"""What stands before every handler: trusted host, origin of signed-in forms, language, security headers.

CSRF follows the algorithm of Sec-Fetch-Site, else Origin (as in datasette and Go's net/http): no token in pages,
so cached forms and replayed reports keep working. It is asked only where one of our cookies is present, so that
an anonymous report is never refused for a missing header (decisions.md 21).
"""

from __future__ import annotations

import time
from typing import Final
from urllib.parse import SplitResult, urlsplit

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.platform import i18n
from app.platform.errors import ForgedOrigin, Missing
from app.platform.i18n import gettext
from app.platform.proxies import Proxies
from app.platform.settings import Settings
from app.platform.web import refusals
from app.platform.web.counted import Counted

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
# Asked by machines that reach this process by its number, with a secret of their own and no cookie.
_BY_NUMBER: Final = "/metrics"
# Every answer of the upload door names its protocol, a refusal too (tus 1.0.0).
_UPLOADS: Final = "/api/v1/uploads"
_UPLOAD_HEADERS: Final = (("tus-resumable", "1.0.0"), ("tus-version", "1.0.0"))
_FORWARDED: Final = b"x-forwarded-for"
_TOLD_BY_PROXIES: Final = frozenset(
    {_FORWARDED, b"forwarded", b"x-forwarded-host", b"x-forwarded-proto", b"x-forwarded-port", b"x-real-ip"}
)
_HEADERS: Final = (
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("permissions-policy", "geolocation=(self), camera=(self), microphone=(self), interest-cohort=()"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
    ("cross-origin-resource-policy", "same-origin"),
)


class Threshold:
    """The one middleware of the house; everything it does is here, in order."""

    def __init__(self, app: ASGIApp, *, settings: Settings, counted: Counted) -> None:
        """Stand before `app`."""
        self._app = app
        self._counted = counted
        self._hosts = settings.trusted_hosts
        self._is_https = settings.is_https
        self._own_origin = settings.base_url
        self._is_production = settings.is_production
        self._proxies = Proxies(settings.trusted_proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer for the house."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self._make_out(scope)
        headers = Headers(scope=scope)
        if scope["method"] == "POST" and scope["path"].startswith(_UPLOADS):
            scope["method"] = headers.get("x-http-method-override", "POST").upper()
        cookies = headers.get("cookie", "")
        token = i18n.current_locale.set("en" if "yixian_lang=en" in cookies else i18n.SOURCE_LOCALE)
        dressed = _Dressed(send, scope, is_https=self._is_https)
        began = time.perf_counter()
        try:
            await self._pass(scope, receive, dressed, headers, has_cookie="yixian" in cookies)
        except Exception as error:
            # Answered here and not outside: a fault of ours must not be the one page without its headers.
            if not dressed.has_started:
                response = await refusals.unexpected(Request(scope, receive), error)
                await response(scope, receive, dressed)
            if not self._is_production:
                raise  # tests and developers see it; the server's own log would print its message, and people's words
        finally:
            i18n.current_locale.reset(token)
            # What no route answered has no name: made-up addresses must not become names here.
            name = getattr(scope.get("route"), "name", None) or "none"
            self._counted.note(name, dressed.status, time.perf_counter() - began)

    def _make_out(self, scope: Scope) -> None:
        """Settle once who knocks; what proxies say is then gone, so that nothing behind this can believe a stranger."""
        told = [value.decode("latin-1") for name, value in scope["headers"] if name == _FORWARDED]
        peer, port = scope.get("client") or ("", 0)
        scope["client"] = (self._proxies.client_behind(peer, told), port)
        scope["headers"] = [pair for pair in scope["headers"] if pair[0] not in _TOLD_BY_PROXIES]

    async def _pass(
        self, scope: Scope, receive: Receive, send: Send, headers: Headers, *, has_cookie: bool
    ) -> None:
        host = _split("//" + headers.get("host", "")).hostname or ""
        refusal: Missing | ForgedOrigin | None = None
        # No text of ours holds a NUL and PostgreSQL takes none: an address with one names nothing, a query loses it.
        scope["query_string"] = scope["query_string"].replace(b"%00", b"")
        if (host not in self._hosts and scope["path"] != _BY_NUMBER) or "\x00" in scope["path"]:
            refusal = Missing()
        elif scope["method"] not in _SAFE and has_cookie and not self._is_own(headers):
            refusal = ForgedOrigin()
        if refusal is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        response = refusals.answer(
            request, refusals.status_of(refusal), refusal.code, gettext(refusal.message), {}
        )
        await response(scope, receive, send)

    def _is_own(self, headers: Headers) -> bool:
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in {"same-origin", "none"}
        origin = headers.get("origin")
        if origin is None:
            return True
        return origin == self._own_origin or _split(origin).netloc == headers.get("host")


def _split(address: str) -> SplitResult:
    """Split what a header calls an address; what cannot be one (a bracket left open) is nobody's."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


class _Dressed:
    """Sends an answer with the headers of the house, and knows whether one has begun."""

    def __init__(self, send: Send, scope: Scope, *, is_https: bool) -> None:
        self._send = send
        self._is_https = is_https
        self._is_stored = scope["path"].startswith("/static/")
        self._is_upload = scope["path"].startswith(_UPLOADS)
        self.has_started = False
        self.status = 500

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_started, self.status = True, int(message["status"])
            sent = MutableHeaders(scope=message)
            for name, value in _HEADERS:
                sent.setdefault(name, value)
            if self._is_https:
                sent.setdefault("strict-transport-security", "max-age=31536000; includeSubDomains")
            if self._is_upload:
                for name, value in _UPLOAD_HEADERS:
                    sent.setdefault(name, value)
            if not self._is_stored:
                sent.setdefault("cache-control", "no-store")
        await self._send(message)
