"""Every door of the application: guarded, named, true to its method, and none vanished."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, get_args

import pytest
from fastapi import Depends, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from app.identity import guards
from app.platform.web import given

pytestmark = pytest.mark.app

# Addresses that other systems and printed papers rely on (issue 2). They never move.
PROMISED = {
    "/", "/report", "/report/{category}", "/track", "/healthz", "/readyz", "/sw.js", "/manifest.webmanifest",
    "/api/v1/openapi.json",
}  # fmt: skip
GIVEN: Any = get_args(given.WriteSession)[1]
SAFE = {"GET", "HEAD", "OPTIONS"}


def routes(app: FastAPI) -> Iterator[Any]:
    """Every route; in current FastAPI `app.routes` is not flat, and a plain walk would see none."""
    return (route for route in iter_route_contexts(app.routes) if getattr(route, "methods", None))


def dependencies(dependant: Dependant) -> Iterator[Any]:
    """Everything a route depends on, at any depth."""
    for inner in dependant.dependencies:
        yield inner.call
        yield from dependencies(inner)


def is_guard(call: Any) -> bool:
    """Whether this is a guard: of a verb, or the two that say a door is open."""
    return call in {guards.anyone, guards.anyone_or_forwarder} or isinstance(call, guards.Requires)


def unguarded(app: FastAPI) -> list[str]:
    """Routes that say neither who may come in nor that anyone may."""
    return [
        f"{route.path} ({route.name})" for route in routes(app) if not any(map(is_guard, called_by(route)))
    ]


def called_by(route: Any) -> list[Any]:
    """What a route depends on; a route without dependencies has none."""
    dependant = getattr(route, "dependant", None)
    return [] if dependant is None else list(dependencies(dependant))


def writing_reads(app: FastAPI) -> list[str]:
    """Routes of safe methods that were given a session that writes."""
    return [
        f"{route.path} ({route.name})"
        for route in routes(app)
        if set(route.methods) & SAFE and GIVEN.dependency in called_by(route)
    ]


def test_every_route_has_a_guard(app: FastAPI):
    assert len(list(routes(app))) > 20, "the walk saw hardly any route: does it still know FastAPI's shape?"
    assert not unguarded(app), (
        f"declare Annotated[Actor, Depends(Requires(Verb.…))] or Anyone: {unguarded(app)}"
    )


def test_reading_never_writes(app: FastAPI):
    writers = [route for route in routes(app) if GIVEN.dependency in called_by(route)]
    assert writers, "no route takes a write session: was it renamed?"
    assert not writing_reads(app), f"a GET takes ReadSession (decisions.md 8): {writing_reads(app)}"


def test_the_commit_comes_before_the_answer():
    assert GIVEN.scope == "function", "else a failing commit is answered with 200 (house.md 8)"


def test_every_route_is_named_by_room_and_verb(app: FastAPI):
    odd = [f"{route.path} ({route.name})" for route in routes(app) if ":" not in route.name]
    assert not odd, f'name it "room:verb": {odd}'


def test_promised_addresses_stand(app: FastAPI):
    found = {route.path for route in routes(app)}
    shapes = {path.replace("{category_key}", "{category}").replace("{key}", "{category}") for path in found}
    assert shapes >= PROMISED, f"an address others rely on is gone: {PROMISED - shapes}"


def test_planted_faults_are_found():
    bad = FastAPI(openapi_url=None)

    @bad.get("/open", name="x:open")
    def open_door() -> None: ...

    @bad.get("/writes", name="x:writes")
    def writes(
        session: Annotated[Any, Depends(GIVEN.dependency)], _who: Annotated[Any, Depends(guards.anyone)]
    ):
        return session

    assert unguarded(bad) == ["/open (x:open)"]
    assert writing_reads(bad) == ["/writes (x:writes)"]
