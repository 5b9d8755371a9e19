"""The doors of a city's own sign-on: out to the provider, and back with its word."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.identity import entrance, forms, sso
from app.identity.guards import Anyone
from app.platform.errors import Missing
from app.platform.i18n import gettext
from app.platform.web.cookies import cookie_name, forget_cookie, set_cookie
from app.platform.web.given import House, Now, Shared
from app.platform.web.render import Flash, see_other

router = APIRouter()
_COOKIE: Final = "yixian_sign_on"


def _back(request: Request, house: House) -> str:
    return house.settings.base_url + str(request.app.state.urls("identity:sign_on_back"))


@router.get("/sign-in/sign-on", name="identity:sign_on")
def leave(request: Request, _guard: Anyone, house: Shared, now: Now) -> Response:
    """Send somebody to the provider; the browser keeps a stamp of the try."""
    if not house.settings.oidc_issuer:
        raise Missing
    entrance.count_sign_on(request, house, now)
    next_path = forms.own_path(request.query_params.get("next", ""))
    begun = sso.begin(house.settings, house.keys, back=_back(request, house), next_path=next_path, now=now)
    response = RedirectResponse(begun.address)
    name = cookie_name(request, _COOKIE)
    set_cookie(response, request, name, begun.stamp, max_age=int(sso.HOLDS.total_seconds()))
    return response


@router.get("/sign-in/sign-on/back", name="identity:sign_on_back")
def come_back(request: Request, _guard: Anyone, house: Shared, now: Now) -> Response:
    """Let somebody in whom the provider vouches for and who has an account here.

    A GET that writes, because the protocol comes back by one: only with the stamp of this browser's own try.
    """
    if not house.settings.oidc_issuer:
        raise Missing
    entrance.count_sign_on(request, house, now)
    stamp = request.cookies.get(cookie_name(request, _COOKIE), "")
    said = request.query_params
    facts, code = sso.read_stamp(house.keys, stamp, said.get("state", ""), now=now), said.get("code", "")
    claims = (
        sso.vouched(house.settings, code, facts, back=_back(request, house), now=now)
        if facts is not None and code
        else None
    )
    response: Response | None = None
    if facts is not None and claims is not None:
        with house.database.write_session() as session:
            next_path = str(facts["next"])
            known = sso.recognise(session, house.settings, claims, now=now)
            if known is not None:
                by = sso.BY if known.has_second_step else ""
                response = entrance.opened(
                    request, house, session, known.account, next_path, now, second_step_by=by
                )
    if response is None:
        told = gettext("统一登录没有成功，或者您在这里还没有账号。请再试一次，或者找本院安全管理员。")
        response = see_other(request, "identity:sign_in", flash=Flash(told, "stop"))
    forget_cookie(response, request, _COOKIE)
    return response
