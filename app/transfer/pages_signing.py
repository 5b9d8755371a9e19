"""The sign-off chain and the way out of the house: submission, review, signature, return, dispatch, withdrawal."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.clues import queries as clue_queries
from app.identity.actor import Actor
from app.identity.guards import Requires
from app.identity.permissions import Verb
from app.platform.i18n import gettext as _
from app.platform.web.given import Now, Shared, WriteSession
from app.platform.web.render import Flash, see_other
from app.transfer import disclosure, forms, letter_door, queries, service
from app.transfer.door import FreshRoute, Typed, practice_of
from app.transfer.models import Transfer

router = APIRouter(route_class=FreshRoute)
Drafter = Annotated[Actor, Depends(Requires(Verb.TRANSFER_DRAFT))]
Reviewer = Annotated[Actor, Depends(Requires(Verb.TRANSFER_REVIEW))]
Signer = Annotated[Actor, Depends(Requires(Verb.TRANSFER_SIGN))]
Sender = Annotated[Actor, Depends(Requires(Verb.TRANSFER_SEND))]


def _done(request: Request, transfer_id: str, text: str) -> Response:
    return see_other(request, "transfer:show", flash=Flash(text), transfer_id=transfer_id)


def _checks(session: WriteSession, form: Typed, transfer: Transfer) -> list[str]:
    is_military = service.needs_second_check(session, transfer)
    return forms.checks(form, service.needed_checks(session, transfer), one_by_one=is_military)


@router.post("/transfers/{transfer_id}/submission", name="transfer:submit")
def submit(
    request: Request, transfer_id: str, actor: Drafter, house: Shared, form: Typed, now: Now
) -> Response:
    """Submit a draft; where the office's chain ends here, the letter is made at once."""
    practice = practice_of(house.settings)
    with house.database.write_session() as session:
        transfer = queries.get(session, actor, transfer_id)
        checks = _checks(session, form, transfer)
        service.submit(
            session,
            actor,
            transfer,
            checks=checks,
            practice=practice,
            version=forms.version_of(form),
            now=now,
        )
    return _signed(request, house, actor, transfer_id, _("已提交。"), now)


@router.post("/transfers/{transfer_id}/redactions", name="transfer:take_redactions")
def take_redactions(
    request: Request, transfer_id: str, actor: Drafter, form: Typed, session: WriteSession, now: Now
) -> Response:
    """Let the newest redacted copies go along, in one tap."""
    transfer = queries.get(session, actor, transfer_id)
    taken = service.take_redactions(session, actor, transfer, version=forms.version_of(form), now=now)
    said = _("已换成最新遮盖的图，共 %(n)s 张。", n=taken) if taken else _("图片已经是最新遮盖的。")
    return _done(request, transfer_id, said)


@router.post("/transfers/{transfer_id}/review", name="transfer:review")
def review(
    request: Request, transfer_id: str, actor: Reviewer, house: Shared, form: Typed, now: Now
) -> Response:
    """Pass a draft on to signature."""
    words, version = forms.words(form, "review_words"), forms.version_of(form)
    practice = practice_of(house.settings)
    with house.database.write_session() as session:
        transfer = queries.get(session, actor, transfer_id)
        service.approve_review(
            session, actor, transfer, words=words, practice=practice, version=version, now=now
        )
    return _signed(request, house, actor, transfer_id, _("审核通过。"), now)


@router.post("/transfers/{transfer_id}/signature", name="transfer:sign")
def sign(request: Request, transfer_id: str, actor: Signer, house: Shared, form: Typed, now: Now) -> Response:
    """Sign: the number is taken and what is disclosed freezes; then the documents are made."""
    words, version = forms.words(form, "sign_words"), forms.version_of(form)
    practice = practice_of(house.settings)
    with house.database.write_session() as session:
        transfer = queries.get(session, actor, transfer_id)
        service.sign(session, actor, transfer, words=words, practice=practice, version=version, now=now)
    return _signed(request, house, actor, transfer_id, _("已签发。"), now)


def _signed(request: Request, house: Shared, actor: Actor, transfer_id: str, text: str, now: Now) -> Response:
    """Make the documents after the signature is committed: making a PDF takes a while and no writer should wait."""
    with house.database.read_session() as session:
        number = queries.get(session, actor, transfer_id).number
    if number is None:
        return _done(request, transfer_id, text)
    letter_door.make(request, house, actor, transfer_id, practice=practice_of(house.settings), now=now)
    return _done(request, transfer_id, _("已签发，文号 %(number)s，文书已生成。", number=number))


@router.post("/transfers/{transfer_id}/return", name="transfer:return")
def return_draft(
    request: Request, transfer_id: str, actor: Reviewer, form: Typed, session: WriteSession, now: Now
) -> Response:
    """Send a draft back to its writer."""
    words = forms.words(form, "return_words", required=_("请写明要改什么。"))
    transfer = queries.get(session, actor, transfer_id)
    service.return_draft(session, actor, transfer, words=words, version=forms.version_of(form), now=now)
    return _done(request, transfer_id, _("已退回修改。"))


@router.post("/transfers/{transfer_id}/dispatch", name="transfer:send")
def send(
    request: Request,
    transfer_id: str,
    actor: Sender,
    form: Typed,
    session: WriteSession,
    now: Now,
) -> Response:
    """Send a signed transfer to its receiver."""
    transfer = queries.get(session, actor, transfer_id)
    checks = _checks(session, form, transfer)
    service.send(session, actor, transfer, checks=checks, version=forms.version_of(form), now=now)
    if disclosure.is_facility(clue_queries.by_id(session, transfer.clue_id)):
        return _done(request, transfer_id, _("已发出。"))
    return _done(request, transfer_id, _("已发出。反映人凭查询码能看到已经转交。"))


@router.post("/transfers/{transfer_id}/withdrawal", name="transfer:withdraw")
def withdraw(
    request: Request, transfer_id: str, actor: Drafter, form: Typed, session: WriteSession, now: Now
) -> Response:
    """Take a transfer back."""
    reason = forms.chosen(form, "withdraw_reason", required=_("请选撤回的理由。"))
    words = forms.words(form, "withdraw_words")
    transfer = queries.get(session, actor, transfer_id)
    version = forms.version_of(form)
    service.withdraw(session, actor, transfer, reason_key=reason, words=words, version=version, now=now)
    return _done(request, transfer_id, _("已撤回。已经取的文号作废，不再使用。"))
