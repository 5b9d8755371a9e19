"""Which rooms can answer an address, by its first two words: the fifty of them are not tried one after the other.

Trying every router took longer than many a page (docs/performance.md). What is answered, and by whom, is the same: the
routers of two words stand in the order of the whole, one with a variable in their place is among those of every word
there, and an address nobody begins like goes through all of them as before.
"""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

_Begin = tuple[str, str]
_ANY: Final = "*"


class Doors:
    """Stands before the application's own router and hands over to those who can answer."""

    def __init__(self, router: APIRouter) -> None:
        """Remember the router; what it holds is read at the first request, when everything is included."""
        self._whole: Final = router
        self._of: dict[_Begin, APIRouter] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer through the few routers that can."""
        router = self._whole
        # A house under a prefix of somebody else's would begin with that: then all are tried.
        if scope["type"] == "http" and not scope.get("root_path"):
            scope.setdefault("router", self._whole)
            router = self.for_path(scope["path"])
        await router.app(scope, receive, send)

    def for_path(self, path: str) -> APIRouter:
        """Return whom to ask for an address."""
        if not self._of:
            self._of = _sorted(self._whole)
        begin = _begin(path)
        return self._of.get(begin) or self._of.get((begin[0], _ANY), self._whole)


def _begin(path: str) -> _Begin:
    words = path.split("/", 3)
    return words[1] if len(words) > 1 else "", words[2] if len(words) > 2 else ""  # noqa: PLR2004 - the second word


def _sorted(whole: APIRouter) -> dict[_Begin, APIRouter]:
    begun = [(route, _begins(route)) for route in whole.routes]
    said = {begin for _route, begins in begun for begin in begins if begin[0] != _ANY}
    said |= {(first, _ANY) for first, _second in said}
    return {
        (first, second): APIRouter(
            routes=[
                route
                for route, begins in begun
                if any(one in {first, _ANY} and two in {second, _ANY} for one, two in begins)
            ],
            redirect_slashes=whole.redirect_slashes,
            default=whole.default,
        )
        for first, second in said
    }


def _begins(route: BaseRoute) -> set[_Begin]:
    """Return how the addresses of a router begin; a variable, or what cannot be read, counts as any word."""
    found: set[_Begin] = set()
    for context in iter_route_contexts([route]):
        path = getattr(context, "path", None)
        if path is None:
            return {(_ANY, _ANY)}
        one, two = (_ANY if "{" in word else word for word in _begin(path))
        # What is mounted answers to everything below its own address, and so does a variable that takes slashes.
        found.add((one, two if hasattr(context.route, "methods") and ":path}" not in path else _ANY))
    return found or {(_ANY, _ANY)}
