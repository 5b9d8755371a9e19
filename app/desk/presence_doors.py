"""The door by which a page says that a clue is in sight; it answers with who else has it before them."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.desk import presence
from app.desk.pages import Reader
from app.desk.steps import done
from app.platform.i18n import gettext as _
from app.platform.web.given import Form, Now, WriteSession
from app.platform.web.render import page
from app.triage import service

router = APIRouter()


@router.post("/desk/clues/{clue_id}/presence", name="desk:presence")
def be_present(
    request: Request,
    clue_id: str,
    actor: Reader,
    form: Form,
    session: WriteSession,
    now: Now,
) -> Response:
    """Note who looks or decides, and say who else does."""
    is_page = request.headers.get("HX-Request") == "true"
    is_deciding = form.get("doing") == "deciding"
    service.be_present(session, actor, clue_id, is_deciding=is_deciding, now=now, is_said_again=is_page)
    if not is_page:
        return done(request, form, clue_id, _("同事会看到您正在办这条线索"))
    return page(
        request,
        "desk/presence.html",
        {"others": presence.others(session, actor, clue_id, now=now)},
        block="others",
    )
