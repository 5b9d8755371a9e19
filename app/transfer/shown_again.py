"""What did not succeed is shown on the fresh page, with everything typed: the one way this room's doors do that."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from app.platform.errors import Conflict, Invalid, Problem
from app.platform.i18n import gettext as _
from app.transfer.forms import FieldError, NotYet


class ShownAgainRoute(APIRoute):
    """A route whose refusals are shown again; whoever has such a page says how, and for which requests."""

    refused: ClassVar[tuple[type[Problem], ...]] = (Conflict, Invalid)

    def has_page(self, _request: Request) -> bool:
        """Say whether there is a page to show it on."""
        return True

    def again(self, request: Request, problem: Problem) -> Response:
        """Return the fresh page with what was typed and what is wrong."""
        raise NotImplementedError

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the handler; only requests that brought a form have something to show again."""
        original = super().get_route_handler()
        has_page, again, refused = self.has_page, self.again, self.refused

        async def handle(request: Request) -> Response:
            try:
                return await original(request)
            except refused as problem:
                if getattr(request.state, "typed", None) is None or not has_page(request):
                    raise
                return await run_in_threadpool(again, request, problem)

        return handle


def told(problem: Problem, field: str = "") -> tuple[list[FieldError], str]:
    """Return what is wrong beside the fields, or the sentence that stands above them; one of the two is empty."""
    errors = list(problem.details["errors"]) if isinstance(problem, NotYet) else []
    if errors:
        return errors, ""
    message = _(problem.message)
    return ([FieldError(field, message)], "") if isinstance(problem, Invalid) and message else ([], message)
