"""The transfer room at the desk: drafting, sign-off, sending, answers, closure. Posts go to nouns, then 303."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.clues import lifecycle as clue_lifecycle
from app.clues import queries as clue_queries
from app.clues.terms import ClueAction, ClueState
from app.identity.actor import Actor
from app.identity.guards import Requires
from app.identity.permissions import Verb
from app.platform import clock
from app.platform.i18n import gettext as _
from app.platform.web.given import Now, ReadSession, Shared, WriteSession
from app.platform.web.render import Flash, page, see_other
from app.transfer import disclosure, draft_view, forms, index_view, queries, service, view
from app.transfer.door import FreshRoute, Typed, practice_of
from app.transfer.pages_answers import router as answers_router
from app.transfer.pages_letters import router as letters_router
from app.transfer.pages_signing import router as signing_router
from app.transfer.pages_visits import router as visits_router

router = APIRouter(route_class=FreshRoute)
Reader = Annotated[Actor, Depends(Requires(Verb.TRANSFER_READ))]
Drafter = Annotated[Actor, Depends(Requires(Verb.TRANSFER_DRAFT))]


@router.get("/transfers", name="transfer:index")
def show_index(
    request: Request, actor: Reader, session: ReadSession, now: Now, which: str = "", before: str = ""
) -> Response:
    """Show the work lists of the room."""
    shown = index_view.page_of(
        session, actor, which=which, before=before, url=request.app.state.urls, today=clock.office_date(now)
    )
    return page(request, "transfer/index.html", {"page": shown})


@router.get("/desk/clues/{clue_id}/transfers", name="transfer:draft")
def show_new(
    request: Request, clue_id: str, actor: Drafter, house: Shared, session: ReadSession, now: Now
) -> Response:
    """Show the form of a new transfer, begun from the facts of the clue."""
    clue = clue_queries.get(session, actor, clue_id)
    if ClueAction.TRANSFER not in clue_lifecycle.open_actions(ClueState(clue.state)):
        raise service.ClueNotReady
    content = draft_view.start(session, actor, clue, contact_phone=house.settings.office_phone, now=now)
    shown = draft_view.page_of(session, draft_view.Around(clue), content, url=request.app.state.urls, now=now)
    return page(request, "transfer/draft.html", {"page": shown})


@router.post("/desk/clues/{clue_id}/transfers", name="transfer:draft")
def draft(
    request: Request, clue_id: str, actor: Drafter, form: Typed, session: WriteSession, now: Now
) -> Response:
    """Draft a transfer to each receiver chosen."""
    clue = clue_queries.get(session, actor, clue_id)
    choosable = [answer for answer, _is_default in draft_view.choosable_answers(session, clue.id)]
    content = forms.draft(form, choosable, disclosure.words_of(session, clue.id))
    made = service.draft(
        session, actor, clue_id, receiver_ids=form.all("receivers"), content=content, now=now
    )
    flash = Flash(_("已起草 %(n)s 份移送，请核对后提交。", n=len(made)))
    return see_other(request, "transfer:show", flash=flash, transfer_id=made[0])


@router.get("/transfers/{transfer_id}", name="transfer:show")
def show_transfer(
    request: Request, transfer_id: str, actor: Reader, house: Shared, session: ReadSession, now: Now
) -> Response:
    """Show one transfer: what the receiver sees, where it stands, what may be done."""
    transfer = queries.get(session, actor, transfer_id)
    shown = view.page_of(
        session, house.keys, actor, transfer,
        practice=practice_of(house.settings), url=request.app.state.urls, now=now,
    )  # fmt: skip
    return page(request, "transfer/show.html", {"page": shown})


@router.get("/transfers/{transfer_id}/draft", name="transfer:edit")
def show_draft(
    request: Request, transfer_id: str, actor: Drafter, session: ReadSession, now: Now
) -> Response:
    """Show the form of a draft."""
    transfer = queries.get(session, actor, transfer_id)
    service.must_be_draft(transfer)
    around = draft_view.Around(clue_queries.get(session, actor, transfer.clue_id), transfer)
    content = draft_view.kept_content(session, transfer)
    shown = draft_view.page_of(session, around, content, url=request.app.state.urls, now=now)
    return page(request, "transfer/draft.html", {"page": shown})


@router.post("/transfers/{transfer_id}/draft", name="transfer:save")
def save(
    request: Request, transfer_id: str, actor: Drafter, form: Typed, session: WriteSession, now: Now
) -> Response:
    """Keep a changed draft; what still has to be decided is shown on its page."""
    transfer = queries.get(session, actor, transfer_id)
    words = disclosure.words_of(session, transfer.clue_id)
    content = forms.draft(form, draft_view.choosable_of(session, transfer), words)
    service.edit(session, actor, transfer, content, version=forms.version_of(form), now=now)
    return see_other(request, "transfer:show", flash=Flash(_("草稿已保存。")), transfer_id=transfer_id)


router.include_router(signing_router)
router.include_router(answers_router)
router.include_router(letters_router)
router.include_router(visits_router)
