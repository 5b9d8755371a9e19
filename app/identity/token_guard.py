"""The guard of doors for machines: a token in the Authorization header, counted by the hour, scope by scope."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Request

from app.identity.tokens import queries
from app.identity.tokens.terms import Bearer, Scope
from app.platform import clock, rates
from app.platform.errors import NotSignedIn, Refused, TooMany
from app.platform.i18n import N_
from app.platform.web.given import House, house_of

_SCHEME: Final = "bearer "
_DOOR, _WRONG_DOOR = "api token", "api wrong token"


class WrongToken(NotSignedIn):
    """No token, or one that is not in force: which of both is nobody's business."""

    code = "wrong_token"
    text = N_("没有接口口令，或者口令已经停用。")


class OutOfScope(Refused):
    """The token was not issued for this."""

    code = "out_of_scope"
    text = N_("这个接口口令没有这项权限。")


class RequiresToken:
    """The guard of a scope: gives the Bearer, or refuses."""

    def __init__(self, scope: Scope) -> None:
        """Remember the scope."""
        self.scope: Final = scope

    def __call__(self, request: Request, house: Annotated[House, Depends(house_of)]) -> Bearer:
        """Let the machine in, or refuse; wrong tokens are counted by where they come from, right ones by token."""
        said, now, settings = request.headers.get("authorization", ""), clock.now(), house.settings
        token = said[len(_SCHEME) :].strip() if said[: len(_SCHEME)].lower() == _SCHEME else ""
        with house.database.read_session() as session:
            bearer = queries.bearer(session, token, now=now)
        if bearer is None:
            rates.check(request, house, _WRONG_DOOR, settings.tries_per_hour)
            raise WrongToken
        if rates.count(house.database, house.keys, _DOOR, bearer.token_id, now) > settings.api_per_hour:
            raise TooMany
        if self.scope not in bearer.scopes:
            raise OutOfScope(scope=self.scope.value)
        return bearer


Forwarding = Annotated[Bearer, Depends(RequiresToken(Scope.FORWARD))]
Reading = Annotated[Bearer, Depends(RequiresToken(Scope.READ))]
Following = Annotated[Bearer, Depends(RequiresToken(Scope.TRANSFERS))]
