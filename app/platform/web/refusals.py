"""A refusal's kind becomes an answer once, here: problem+json for the JSON doors, a page for people."""

from __future__ import annotations

import base64
from typing import Any, Final
from xml.etree import ElementTree as ET

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app.platform import logging
from app.platform.db import is_out_of_reach
from app.platform.errors import (
    ChecksumDiffers,
    Conflict,
    ForgedOrigin,
    Gone,
    Invalid,
    Missing,
    NotSignedIn,
    OtherVersion,
    Problem,
    ProofNeeded,
    Refused,
    TooLarge,
    TooMany,
    Unavailable,
    WrongMediaType,
)
from app.platform.i18n import N_, gettext
from app.platform.storage import DiskFailed, StoreFull, StoreOutOfReach
from app.platform.web import render

_STATUS: Final[dict[type[Problem], int]] = {
    NotSignedIn: 401,
    ForgedOrigin: 403,
    Missing: 404,
    Refused: 403,
    Conflict: 409,
    Gone: 410,
    OtherVersion: 412,
    TooLarge: 413,
    WrongMediaType: 415,
    Invalid: 422,
    TooMany: 429,
    ChecksumDiffers: 460,  # of the tus protocol, not of HTTP
    Unavailable: 503,
}
_TITLES: Final = {
    400: N_("这个请求没有看懂"),
    401: N_("请先登录"),
    403: N_("您现在不能做这一步"),
    404: N_("没有找到"),
    405: N_("没有找到"),
    409: N_("已经有人处理过"),
    410: N_("没有找到"),
    412: N_("这个请求没有看懂"),
    413: N_("内容太大"),
    415: N_("这个请求没有看懂"),
    422: N_("有些内容需要改一改"),
    429: N_("请稍等一会儿"),
    460: N_("这个请求没有看懂"),
    500: N_("系统出了问题"),
    503: N_("系统正忙"),
}
# One pixel that hides nothing: a browser draws it where a page of words would be a torn picture.
_NO_PICTURE: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNgYAAAAAMAASsJTYQAAAAASUVORK5CYII="
)
# Details that fill a page; no machine asks for them.
_FOR_PEOPLE: Final = frozenset({"kept", "kept_fields", "wrong"})
_log = logging.get("refusals")


def status_of(problem: Problem) -> int:
    """Return the HTTP status of a refusal: that of its nearest ancestor in the table."""
    for kind in type(problem).__mro__:
        if kind in _STATUS:
            return _STATUS[kind]
    return 400


def _is_json_door(request: Request) -> bool:
    return request.url.path.startswith(("/api/", "/open311/"))


def answer(request: Request, status: int, code: str, text: str, details: dict[str, Any]) -> Response:
    """Say a refusal at the door it was met."""
    title = gettext(_TITLES.get(status, _TITLES[400]))
    headers = {"Retry-After": "60"} if status in {429, 503} else {}
    if request.url.path.startswith("/open311/"):
        return _open311(request, status, text, headers)
    if request.url.path.startswith("/tiles/"):
        return Response(_NO_PICTURE, status, headers, "image/png")
    if _is_json_door(request):
        body = {"type": f"about:blank#{code}", "title": title, "status": status, "detail": text, "code": code}
        shown = {key: value for key, value in details.items() if key not in _FOR_PEOPLE}
        return JSONResponse(body | shown, status, headers, "application/problem+json")
    template = (
        f"errors/{status}.html" if status in {403, 404, 409, 413, 422, 429, 500, 503} else "errors/422.html"
    )
    context = {"title": title, "text": text, "kept": details.get("kept", ""), "back": details.get("back", "")}
    return render.page(request, template, context, status=status, headers=headers)


def _open311(request: Request, status: int, text: str, headers: dict[str, str]) -> Response:
    """Say a refusal in the words of GeoReport v2: its clients know no other."""
    if not request.url.path.endswith(".xml"):
        return JSONResponse([{"code": status, "description": text}], status, headers)
    top = ET.Element("errors")
    error = ET.SubElement(top, "error")
    ET.SubElement(error, "code").text = str(status)
    ET.SubElement(error, "description").text = text
    body = ET.tostring(top, encoding="utf-8", xml_declaration=True)
    return Response(body, status, headers, "text/xml")


async def _problem(request: Request, error: Exception) -> Response:
    problem = error if isinstance(error, Problem) else Problem()
    status = status_of(problem)
    if isinstance(problem, NotSignedIn) and not _is_json_door(request):
        next_path = request.url.path if request.method == "GET" else ""
        if request.headers.get("HX-Request") == "true":
            # A fragment of a page whose session has ended: the whole page goes to the sign-in, not into the fragment.
            to_sign_in = request.app.state.urls("identity:sign_in", next="/desk")
            return Response(status_code=401, headers={"HX-Redirect": to_sign_in, "Cache-Control": "no-store"})
        return render.see_other(request, "identity:sign_in", next=next_path)
    if isinstance(problem, ProofNeeded) and not _is_json_door(request):
        return _ask_for_proof(request, problem, status)
    response = answer(request, status, problem.code, gettext(problem.message), problem.details)
    if problem.ends_line:
        response.headers["Connection"] = "close"
    return response


def _ask_for_proof(request: Request, problem: ProofNeeded, status: int) -> Response:
    """Ask who sits there: a form is held on the page and sent again with the proof, so that no word of it is lost."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method in {"GET", "HEAD"}:
        return render.see_other(request, "identity:proof", next=here)
    context = {
        "text": gettext(problem.message),
        "action": here,
        "kept_fields": problem.details.get("kept_fields", ()),
        "wrong": gettext(problem.details.get("wrong", "")),
    }
    return render.page(request, "errors/proof.html", context, status=status)


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 400
    missing = status in {404, 405}
    text = Missing.text if missing else Invalid.text
    response = answer(request, status, "missing" if missing else "invalid", gettext(text), {})
    if isinstance(error, HTTPException) and error.headers:
        response.headers.update(error.headers)
    return response


async def _validation(request: Request, _error: Exception) -> Response:
    return answer(request, 422, "invalid", gettext(Invalid.text), {})


async def _gone(_request: Request, _error: Exception) -> Response:
    """Answer somebody who has left: nothing of ours is at fault, and a log line each would be theirs to write."""
    return Response(status_code=400)


async def _out_of_reach(request: Request, error: Exception) -> Response:
    """Answer for a database or a disk that cannot be used now: nothing was kept, come again; loud in the log."""
    if isinstance(error, SQLAlchemyError) and not is_out_of_reach(error):
        return await unexpected(request, error)
    _log.error("out of reach", path=request.url.path, kind=type(error).__name__, exc_info=error)
    return answer(request, 503, Unavailable.code, gettext(Unavailable.text), {})


async def unexpected(request: Request, error: Exception) -> Response:
    """Answer a fault of ours: calm for the person, loud in the log, without the person's words."""
    # The route and not the address: an address may carry a one-time link or an id.
    route = getattr(request.scope.get("route"), "path", "")
    _log.error("unexpected", route=route, method=request.method, kind=type(error).__name__, exc_info=error)
    text = gettext(N_("这是系统的问题，不是您的操作有误。请过几分钟再试；急事请拨打电话。"))
    return answer(request, 500, "unexpected", text, {})


def install(app: FastAPI) -> None:
    """Register the handlers."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(ClientDisconnect, _gone)
    for kind in (DBAPIError, PoolTimeout, DiskFailed, StoreFull, StoreOutOfReach):
        app.add_exception_handler(kind, _out_of_reach)
    app.add_exception_handler(Exception, unexpected)
