"""The few routers asked for an address answer it as all of them would."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute, Match

from app.platform.web import doors

# What may stand where an address is variable: an id, and words that begin other addresses of the same room.
_STANDING_IN = ("0190abcd-0000-7000-8000-000000000001", "new")


def _answering(router: APIRouter, path: str, method: str) -> BaseRoute | None:
    scope = {"type": "http", "path": path, "method": method, "headers": []}
    return next((route for route in router.routes if route.matches(dict(scope))[0] is Match.FULL), None)


def _asked(app: FastAPI) -> Iterator[tuple[str, str]]:
    for context in iter_route_contexts(app.routes):
        for method in sorted(getattr(context, "methods", None) or ())[:1]:
            for word in _STANDING_IN[: 1 + ("{" in str(context.path))]:
                yield re.sub(r"\{[^}]*\}", word, str(context.path)), method
    for path in ("/nowhere", "/desk/nowhere", "//desk", "/desk/", "/static/dist/x"):
        yield path, "GET"


def test_every_address_is_answered_by_the_router_that_all_of_them_would_choose(app: FastAPI) -> None:
    narrowed, asked = doors.Doors(app.router), list(_asked(app))
    assert len(asked) > 300
    for path, method in asked:
        assert _answering(narrowed.for_path(path), path, method) is _answering(app.router, path, method), path


def test_few_are_asked(app: FastAPI) -> None:
    narrowed = doors.Doors(app.router)
    for path, most in (("/report/water_pollution", 3), ("/desk", 3), ("/healthz", 2), ("/api/v1/reports", 8)):
        assert 0 < len(narrowed.for_path(path).routes) <= most < len(app.router.routes)
