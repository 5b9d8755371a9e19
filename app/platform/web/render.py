"""How a page is made: one Jinja environment, components as globals, blocks for fragments."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import iter_route_contexts
from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined, Template
from jinja2.bccache import Bucket
from markupsafe import Markup

from app.platform import clock, i18n, sealing, when
from app.platform.db import ReadSession
from app.platform.settings import Settings
from app.platform.web.cookies import cookie_name, forget_cookie, set_cookie
from app.platform.web.given import House
from app.platform.web.headers import OfficeHeader
from app.platform.web.kept_macros import Kept

TEMPLATES: Final = Path("templates")
DIST: Final = Path("static/dist")
FLASH_COOKIE: Final = "yixian_flash"
SIZE_COOKIE: Final = "yixian_size"
LANGUAGE_COOKIE: Final = "yixian_lang"


@dataclass(frozen=True, slots=True)
class Site:
    """What every page says about the installation."""

    office_name: str
    icp_number: str
    police_number: str
    phone: str
    is_development: bool
    base_url: str


@dataclass(frozen=True, slots=True)
class Flash:
    """One sentence that survives one redirect."""

    text: str
    tone: str = "done"


@dataclass(frozen=True, slots=True)
class NavView:
    """A room in one person's menu, in their language; `count` is what waits for them there."""

    name: str
    label: str
    href: str
    is_current: bool
    count: int | None


@dataclass(frozen=True, slots=True)
class NavItem:
    """A room in the menu: route name, label (message id), the verb that opens it, what waits there and for whose verb."""

    name: str
    label: str
    verb: str
    section: str
    counted: Callable[[ReadSession, Any], int] | None = None
    counted_for: str | None = None


class _Compiled(BytecodeCache):
    """Templates compiled in this process, by their content: a second application compiles none of them again."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket when the same source was compiled before."""
        kept = self._kept.get((bucket.key, bucket.checksum))
        if kept is not None:
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


_COMPILED: Final = _Compiled()
_LOOK_AGAIN_S: Final = 0.5


# Components that say the same whenever they are given the same words; what tells a time or holds a person's text is not here.
_SAYS_THE_SAME: Final = frozenset({"button", "copy_button", "empty", "icon", "page_help", "state_badge"})


class _Ui:
    """Macros by name: `ui.button(...)`; each lives in templates/components/<name>.html."""

    def __init__(self, environment: Environment, assets: Assets) -> None:
        for path in sorted((TEMPLATES / "components").glob("*.html")):
            if path.stem.startswith("_"):
                continue
            module = environment.get_template(f"components/{path.name}").module
            macro = getattr(module, path.stem)
            setattr(self, path.stem, Kept(macro, assets) if path.stem in _SAYS_THE_SAME else macro)


class _Fixed:
    """Parts of pages that say the same to everybody who reads one language: drawn once, `{{ fixed("room/_part.html") }}`."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._drawn: dict[tuple[str, str], tuple[Template, Markup]] = {}

    def __call__(self, name: str) -> Markup:
        template, key = self._environment.get_template(name), (name, i18n.current_locale.get())
        drawn = self._drawn.get(key)
        # In development a changed template is another object.
        if drawn is None or drawn[0] is not template:
            # Our own template, and it escapes.
            drawn = self._drawn[key] = (template, Markup(template.render()))  # noqa: S704  # nosec B704
        return drawn[1]


_VARIABLE: Final = re.compile(r"\{(\w+)\}")


class Urls:
    """Addresses by route name, from the application's own table; filled at first use."""

    def __init__(self, app: FastAPI) -> None:
        """Remember the application; its routes are read when all of them are there."""
        self._app = app
        # A page asks forty times: what does not depend on the values is settled once.
        self._formats: dict[str, tuple[str, frozenset[str]]] = {}

    def __call__(self, name: str, /, **values: Any) -> str:
        """Return the path of a route; values that are not in the path become the query."""
        # Filled aside and put in place whole: the first pages of a process ask at the same moment, from several threads.
        if not self._formats:
            self._formats = _formats(self._app)
        path, variables = self._formats[name]
        if not values:
            return path
        query = {}
        for key, value in values.items():
            if key in variables:
                path = path.replace("{" + key + "}", quote(str(value), safe=""))
            elif value is not None and value != "":
                query[key] = value
        return path + ("?" + urlencode(query, doseq=True) if query else "")


def _formats(app: FastAPI) -> dict[str, tuple[str, frozenset[str]]]:
    found = {}
    for context in iter_route_contexts(app.routes):
        if context.name:
            path = str(getattr(context, "path_format", context.path))
            found[context.name] = path, frozenset(_VARIABLE.findall(path))
    return found


class Assets:
    """Names of built files; the manifest is read once, and again in development when it changes."""

    def __init__(self, *, is_development: bool) -> None:
        """Read lazily, so that a process without pages (the worker) needs no build."""
        self._is_development = is_development
        self._names: dict[str, str] = {}
        self._read_at = self._look_again_at = 0.0

    def __call__(self, name: str) -> str:
        """Return the address of a built file; a missing build is said in words."""
        return self.names[name]

    @property
    def names(self) -> Mapping[str, str]:
        """Return every address as it is now; one object while nothing was built anew."""
        # A page asks twenty times; whoever builds anew waits half a second for it.
        if not self._names or (self._is_development and time.monotonic() >= self._look_again_at):
            self._look_again_at = time.monotonic() + _LOOK_AGAIN_S
            self._read_anew()
        return self._names

    def _read_anew(self) -> None:
        manifest = DIST / "manifest.json"
        if not manifest.is_file():
            msg = "static/dist/manifest.json is missing: run `make build`"
            raise RuntimeError(msg)
        changed_at = manifest.stat().st_mtime
        if changed_at != self._read_at:
            self._names, self._read_at = json.loads(manifest.read_text("utf-8")), changed_at


def install(app: FastAPI, settings: Settings) -> Environment:
    """Make the environment and hang it on the application."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=not settings.is_production,
        bytecode_cache=_COMPILED,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    environment.install_gettext_callables(i18n.raw_gettext, i18n.raw_ngettext, newstyle=True)  # type: ignore[attr-defined]
    urls, assets = Urls(app), Assets(is_development=not settings.is_production)
    environment.globals |= {
        "url": urls,
        "asset": assets,
        "icon_href": lambda name: f"{assets('icons.svg')}#{name}",
        "fixed": _Fixed(environment),
        "shown_time": when.shown_time,
        "exact_time": when.exact_time,
        "shown_date": when.shown_date,
        "in_locale": in_locale,
        "now": clock.now,
        "sealing_key": sealing.shown_key(app.state.house.keys),
        "site": Site(
            office_name=settings.office_name,
            icp_number=settings.icp_number,
            police_number=settings.police_number,
            phone=settings.office_phone,
            is_development=not settings.is_production,
            base_url=settings.base_url,
        ),
    }
    environment.globals["_"] = said
    environment.globals["office_header"] = OfficeHeader(environment, assets)
    environment.globals["ui"] = _Ui(environment, assets)
    app.state.urls, app.state.environment = urls, environment
    return environment


def said(text: str, /, **values: Any) -> Markup:
    """Return a template's text in the reader's language: what Jinja's own `_` gives, at a fifth of its price."""
    # Our own text; what is filled in is escaped.
    return Markup(i18n.raw_gettext(text)) % values if values else _said(i18n.tongue(), text)  # noqa: S704  # nosec B704


@lru_cache(maxsize=8192)
def _said(_tongue: Hashable, text: str) -> Markup:
    # A text without values is a pattern, too (as Jinja has it), so that `%%` reads the same everywhere.
    return Markup(i18n.raw_gettext(text)) % {}  # noqa: S704  # nosec B704


def in_locale(record: Any, name: str) -> str:
    """Return `name` or `name_en` of a reference record or mapping, by the reader's language."""
    is_english = i18n.current_locale.get() == "en"
    found = (
        record
        if isinstance(record, Mapping)
        else {key: getattr(record, key, None) for key in (name, f"{name}_en")}
    )
    return str((found.get(f"{name}_en") if is_english else "") or found.get(name) or "")


def _context(context: Any) -> dict[str, Any]:
    if context is None:
        return {}
    if is_dataclass(context):
        return {item.name: getattr(context, item.name) for item in fields(context)}
    return dict(context)


def page(
    request: Request,
    template: str,
    context: Any = None,
    *,
    block: str | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """Render a page, or only its named block for an htmx request; always `Vary: HX-Request`.

    `context` is the page's frozen dataclass. Pages are never stored by default (persons and clues are on them).
    """
    environment: Environment = request.app.state.environment
    house: House = request.app.state.house
    flash = _flash(request, house)
    values = _context(context) | {
        "locale": i18n.current_locale.get(),
        "size_mode": "senior"
        if request.cookies.get(cookie_name(request, SIZE_COOKIE)) == "senior"
        else "normal",
        "actor": getattr(request.state, "person", None),
        "nav": _nav(request),
        "page_help": i18n.gettext(request.app.state.page_help.get(template, "")),
        "path": request.url.path,
        "flash": flash,
    }
    found = environment.get_template(template)
    if block and request.headers.get("HX-Request") == "true":
        body = "".join(found.blocks[block](found.new_context(values)))
    else:
        body = found.render(values)
    sent = {"Vary": "HX-Request, Cookie", "Cache-Control": "no-store", **(headers or {})}
    response = HTMLResponse(body, status, sent)
    if flash is not None:
        forget_cookie(response, request, FLASH_COOKIE)
    return response


def _nav(request: Request) -> tuple[NavView, ...]:
    actor = getattr(request.state, "actor", None)
    if actor is None:
        return ()
    urls: Urls = request.app.state.urls
    path = request.url.path
    return tuple(
        NavView(
            name=item.name,
            label=i18n.gettext(item.label),
            href=urls(item.name),
            is_current=path == item.section or path.startswith(item.section + "/"),
            count=_waiting(request, item, actor),
        )
        for item in request.app.state.nav
        if item.verb in actor.verbs
    )


def _waiting(request: Request, item: NavItem, actor: Any) -> int | None:
    """Return how many things wait for this person in a room of the menu; most rooms do not count."""
    if item.counted is None or (item.counted_for is not None and item.counted_for not in actor.verbs):
        return None
    house: House = request.app.state.house
    with house.database.read_session() as session:
        return item.counted(session, actor)


def _flash(request: Request, house: House) -> Flash | None:
    cookie = request.cookies.get(cookie_name(request, FLASH_COOKIE))
    facts = house.keys.read_stamp("flash", cookie, now=clock.now()) if cookie else None
    return Flash(str(facts["text"]), str(facts["tone"])) if facts else None


def see_other(
    request: Request, name: str, /, *, flash: Flash | None = None, **values: Any
) -> RedirectResponse:
    """Answer a finished step: 303 to a page by route name, with one sentence to show there."""
    urls: Urls = request.app.state.urls
    return redirect(request, urls(name, **values), flash=flash)


def redirect(request: Request, path: str, *, flash: Flash | None = None) -> RedirectResponse:
    """Answer 303 to a path of our own."""
    response = RedirectResponse(path, 303, {"Cache-Control": "no-store"})
    if flash is not None:
        house: House = request.app.state.house
        stamp = house.keys.stamp(
            "flash", {"text": flash.text, "tone": flash.tone}, expires_at=clock.now() + timedelta(minutes=2)
        )
        set_cookie(response, request, cookie_name(request, FLASH_COOKIE), stamp, max_age=120)
    return response
