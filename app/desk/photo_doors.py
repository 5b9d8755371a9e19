"""The doors of the photo view: redact, take a redaction back, ask for the print copy, fix as evidence."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.desk import photo
from app.desk.pages import desk_of
from app.evidence import copies, fixing
from app.evidence import queries as evidence_queries
from app.identity.actor import Actor
from app.identity.guards import Requires
from app.identity.permissions import Verb
from app.platform.errors import Missing
from app.platform.i18n import gettext as _
from app.platform.web.given import Form, Now, Shared, WriteSession
from app.platform.web.render import Flash, page, see_other

router = APIRouter()
Redactor = Annotated[Actor, Depends(Requires(Verb.EVIDENCE_REDACT))]
Fixer = Annotated[Actor, Depends(Requires(Verb.EVIDENCE_FIX))]
Reader = Annotated[Actor, Depends(Requires(Verb.CLUE_READ))]
_SHORTEST: Final = 4
_LONGEST: Final = 1000


def _item(session: WriteSession, actor: Actor, clue_id: str, evidence_id: str) -> evidence_queries.Shown:
    item = evidence_queries.visible_item(session, actor, evidence_id)
    if item.clue_id != clue_id:
        raise Missing
    return item


@router.post("/desk/clues/{clue_id}/photos/{evidence_id}/redactions", name="evidence:redact")
def redact(
    request: Request,
    clue_id: str,
    evidence_id: str,
    actor: Redactor,
    form: Form,
    session: WriteSession,
    house: Shared,
    now: Now,
) -> Response:
    """Ask for a redacted copy; the original is never touched."""
    item = _item(session, actor, clue_id, evidence_id)
    typed = form.get("parts")
    parts = copies.parts_of(typed)
    if not parts or not item.is_ready:
        wrong = [("parts", _("还没有画要遮盖的地方，或者有一块读不懂。请在照片上画出至少一块，再保存。"))]
        with house.database.read_session() as reading:
            view = photo.compose(
                desk_of(request, reading, actor, house, now), clue_id, evidence_id, errors=wrong, typed=typed
            )
        return page(request, "desk/photo.html", view, status=422)
    copies.ask_redaction(session, actor, item, parts, now=now)
    return _back(request, clue_id, evidence_id, _("正在制作遮盖后的图，几秒钟就好"))


@router.post(
    "/desk/clues/{clue_id}/photos/{evidence_id}/redactions/{redaction_id}/withdrawal",
    name="evidence:withdraw",
)
def withdraw(
    request: Request,
    clue_id: str,
    evidence_id: str,
    redaction_id: str,
    actor: Redactor,
    session: WriteSession,
    now: Now,
) -> Response:
    """Take a redacted copy back."""
    item = _item(session, actor, clue_id, evidence_id)
    copies.withdraw_redaction(session, actor, item, redaction_id, now=now)
    return _back(request, clue_id, evidence_id, _("遮盖后的图已撤下"))


@router.post("/desk/clues/{clue_id}/photos/{evidence_id}/print", name="evidence:ask_print")
def ask_print(
    request: Request, clue_id: str, evidence_id: str, actor: Reader, session: WriteSession, now: Now
) -> Response:
    """Ask for the copy for paper."""
    item = _item(session, actor, clue_id, evidence_id)
    if item.is_ready:
        copies.ask_print(session, item, now=now)
    return _back(request, clue_id, evidence_id, _("正在制作打印图，几秒钟就好"))


@router.post("/desk/clues/{clue_id}/photos/{evidence_id}/fixing", name="evidence:fix")
def fix(
    request: Request,
    clue_id: str,
    evidence_id: str,
    actor: Fixer,
    form: Form,
    session: WriteSession,
    house: Shared,
    now: Now,
) -> Response:
    """Propose a file as evidence, or confirm what a colleague proposed."""
    item = _item(session, actor, clue_id, evidence_id)
    note = form.get("note").strip()
    if not _SHORTEST <= len(note) <= _LONGEST:
        wrong = [("note", _("请写明核对的时间、地点和方法。"))]
        with house.database.read_session() as reading:
            view = photo.compose(
                desk_of(request, reading, actor, house, now), clue_id, evidence_id, errors=wrong, typed=note
            )
        return page(request, "desk/photo.html", view, status=422)
    is_evidence = fixing.fix(session, actor, item, note=note, now=now)
    said = _("已固定为证据") if is_evidence else _("已提出固定，请另一位工作人员确认")
    return _back(request, clue_id, evidence_id, said)


def _back(request: Request, clue_id: str, evidence_id: str, said: str) -> Response:
    return see_other(request, "desk:photo", clue_id=clue_id, evidence_id=evidence_id, flash=Flash(said))
