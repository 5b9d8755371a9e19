"""The desk's side of one-time links: issue, show once, end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.identity.guards import Requires
from app.identity.permissions import Verb
from app.platform import drawing
from app.platform.i18n import gettext as _
from app.platform.web.given import House, Now, ReadSession, Shared, WriteSession
from app.platform.web.landing import LandedForm
from app.platform.web.render import Flash, page, see_other
from app.platform.web.shown_once import ShownOnce
from app.transfer import forms, links, queries
from app.transfer.door import FreshRoute, Typed
from app.transfer.links import queries as link_queries
from app.transfer.models import Transfer, TransferLink

router = APIRouter(route_class=FreshRoute)
Sender = Annotated[Actor, Depends(Requires(Verb.TRANSFER_SEND))]
_SLIP: Final = ShownOnce("yixian_link_slip", "link_slip", timedelta(minutes=5))


@dataclass(frozen=True, slots=True)
class SlipPage:
    """What is printed for the contact, and beside it the code that is told by phone and never printed."""

    transfer_id: str
    receiver: str
    contact_name: str
    address: str
    drawing: drawing.Drawing | None
    code: str
    expires_on: date | None


@router.post("/transfers/{transfer_id}/links", name="link:issue")
def issue(
    request: Request,
    transfer_id: str,
    actor: Sender,
    house: Shared,
    form: Typed,
    session: WriteSession,
    now: Now,
) -> Response:
    """Issue a link to a named contact; it is shown once, on the next page."""
    contact = _contact(form)
    transfer = queries.get(session, actor, transfer_id)
    fresh = links.issue(
        session, actor, transfer, contact_name=contact, keys=house.keys,
        grace_days=house.settings.link_grace_days, now=now,
    )  # fmt: skip
    response = see_other(request, "link:slip", transfer_id=transfer_id)
    text = f"{fresh.link_id} {fresh.token} {fresh.code}"
    return _SLIP.carry(response, request, house, row=transfer.id, field=actor.session_id, text=text, now=now)


@router.get("/transfers/{transfer_id}/links/slip", name="link:slip")
def show_slip(
    request: Request, transfer_id: str, actor: Sender, house: Shared, session: ReadSession, now: Now
) -> Response:
    """Show a fresh link once: with the answer, the browser forgets it."""
    transfer = queries.get(session, actor, transfer_id)
    carried = _SLIP.carried(request, house, row=transfer.id, field=actor.session_id, now=now)
    link_id, token, code = carried.split() if carried else ("", "", "")
    found = [link for link in link_queries.of_transfer(session, transfer_id) if link.id == link_id]
    shown = _slip(request, house, session, transfer, found[0] if found else None, token, code)
    response = page(request, "transfer/link_slip.html", shown)
    _SLIP.forget(response, request)
    return response


@router.post("/transfers/{transfer_id}/links/ending", name="link:end")
def end(
    request: Request, transfer_id: str, actor: Sender, _form: Typed, session: WriteSession, now: Now
) -> Response:
    """End the links of a transfer at once."""
    transfer = queries.get(session, actor, transfer_id)
    count = links.end(session, actor, transfer, now=now)
    text = _("链接已经作废，对方不能再用。") if count else _("没有可以作废的链接。")
    return see_other(request, "transfer:show", flash=Flash(text), transfer_id=transfer_id)


def _contact(form: LandedForm) -> str:
    reading = forms.Reading(form)
    contact = reading.words("link_contact", required=_("请写明链接发给谁。"), limit=60)
    reading.done()
    return contact


def _slip(
    request: Request,
    house: House,
    session: ReadSession,
    transfer: Transfer,
    link: TransferLink | None,
    token: str,
    code: str,
) -> SlipPage:
    names = identity_queries.org_names_of(session, [transfer.receiver_id])
    address = f"{house.settings.base_url}{request.app.state.urls('link:door', token=token)}" if link else ""
    return SlipPage(
        transfer_id=transfer.id,
        receiver=names.get(transfer.receiver_id, ""),
        contact_name=link.contact_name if link else "",
        address=address,
        drawing=drawing.qr(address) if link else None,
        code=code if link else "",
        expires_on=link.expires_on if link else None,
    )
