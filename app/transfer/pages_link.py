"""The door of a receiver without an account: a link, a code told by phone, half an hour, one transfer (decisions.md 24)."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.identity.guards import Anyone
from app.platform import clock, rates
from app.platform.i18n import gettext as _
from app.platform.web.cookies import cookie_name, forget_cookie, set_cookie
from app.platform.web.given import Form, Now, ReadSession, Shared, WriteSession
from app.platform.web.render import Flash, page, see_other
from app.transfer import answer_door, links
from app.transfer.answer_door import AnswerRoute
from app.transfer.door import Typed
from app.transfer.links import queries as link_queries
from app.transfer.links import rules
from app.transfer.links.terms import SESSION_FOR
from app.transfer.pages_issuing import router as issuing_router
from app.transfer.receivers import ByLink, LinkOver

router = APIRouter(route_class=AnswerRoute)
LINK_COOKIE: Final = "yixian_link"


def _holder(request: Request, house: Shared) -> ByLink:
    """Return who holds the half hour of this browser; raises LinkOver."""
    token = request.cookies.get(cookie_name(request, LINK_COOKIE), "")
    with house.database.read_session() as session:
        holder = link_queries.holder(session, token, now=clock.now()) if token else None
    if holder is None:
        raise LinkOver
    receiver = ByLink(token, holder)
    request.state.receiver = receiver
    return receiver


Held = Annotated[ByLink, Depends(_holder)]


def _door(request: Request, token: str, *, error: str = "", status: int = 200) -> Response:
    # The page is made of the address asked for and of nothing else: it cannot tell one link from another.
    return page(request, "transfer/link_door.html", {"token": token, "error": error}, status=status)


@router.get("/t/{token}", name="link:door")
def show_door(request: Request, _guard: Anyone, token: str) -> Response:
    """Ask for the code; nothing is looked up."""
    return _door(request, token)


@router.post("/t/{token}", name="link:code")
def give_code(request: Request, _guard: Anyone, token: str, form: Form, house: Shared, now: Now) -> Response:
    """Open half an hour by the code; whatever is wrong, the answer is the same."""
    rates.check(request, house, "link", house.settings.tries_per_hour)
    code = rules.code_typed(form.get("code"))
    if code is None:
        return _door(request, token, error=_("口令是 8 位数字，请再核对一遍。"), status=422)
    session_token = links.knock(house.database, house.keys, token, code, now=now)
    if session_token is None:
        error = _("口令不对，或者这个链接已经失效。连续输错 5 次，链接会作废；请打电话向检察院核对。")
        return _door(request, token, error=error, status=422)
    response = see_other(request, "link:show")
    most = int(SESSION_FOR.total_seconds())
    set_cookie(response, request, cookie_name(request, LINK_COOKIE), session_token, max_age=most)
    return response


@router.get("/answer", name="link:show")
def show(
    request: Request, _guard: Anyone, receiver: Held, house: Shared, session: ReadSession, now: Now
) -> Response:
    """Show the transfer to whoever gave the code."""
    return answer_door.show(request, house, session, receiver, now=now)


@router.get("/answer/done", name="link:done")
def show_done(request: Request, _guard: Anyone) -> Response:
    """Say calmly that nothing is left to do here: after a refusal the link opens nothing any more."""
    return page(request, "transfer/link_done.html")


@router.get("/answer/letter", name="link:letter")
def show_letter(request: Request, _guard: Anyone, receiver: Held, session: ReadSession, now: Now) -> Response:
    """Show the letter for printing."""
    return answer_door.letter(request, session, receiver, now=now)


@router.get("/answer/letter.docx", name="link:letter_docx")
def download_docx(_guard: Anyone, receiver: Held, house: Shared, session: ReadSession, now: Now) -> Response:
    """Give the letter as DOCX."""
    return answer_door.letter_file(house, session, receiver, "docx", now=now)


@router.get("/answer/letter.pdf", name="link:letter_pdf")
def download_pdf(_guard: Anyone, receiver: Held, house: Shared, session: ReadSession, now: Now) -> Response:
    """Give the letter as PDF, where one was made."""
    return answer_door.letter_file(house, session, receiver, "pdf", now=now)


@router.get("/answer/pictures/{attachment_id}", name="link:picture")
def show_picture(
    _guard: Anyone, attachment_id: str, receiver: Held, house: Shared, session: ReadSession, now: Now
) -> Response:
    """Give one picture that goes along."""
    return answer_door.picture(house, session, receiver, attachment_id, now=now)


@router.post("/answer/closing", name="link:leave")
def leave(request: Request, _guard: Anyone, receiver: Held, session: WriteSession, now: Now) -> Response:
    """Close the half hour on this device before it is over."""
    links.leave(session, receiver.holder.session_id, now=now)
    response = see_other(request, "link:done", flash=Flash(_("已经关上。再看的时候请打开链接，输入口令。")))
    forget_cookie(response, request, LINK_COOKIE)
    return response


@router.post("/answer/{act}", name="link:say")
def say(
    request: Request,
    _guard: Anyone,
    act: str,
    form: Typed,
    receiver: Held,
    house: Shared,
    session: WriteSession,
    now: Now,
) -> Response:
    """Take one act of the receiver in."""
    return answer_door.say(request, house, session, receiver, act, form, now=now)


router.include_router(issuing_router)
