"""The telephone list: who is late with what, which number to call, when somebody last did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.identity.duty_contacts import CONTACTS
from app.platform.crypto import KeyRing
from app.platform.db import ReadSession, WriteSession
from app.platform.i18n import gettext as _
from app.platform.when import shown_date, shown_time
from app.transfer import queries
from app.transfer.models import Transfer

AnySession = ReadSession | WriteSession
Url = Callable[..., str]


@dataclass(frozen=True, slots=True)
class CallRow:
    """One receiver to call."""

    href: str
    receiver: str
    contact: str
    phone: str
    dial: str
    subject: str
    number: str
    late: str
    promised: str
    last: str


def rows(session: AnySession, keys: KeyRing, actor: Actor, *, url: Url, today: date) -> list[CallRow]:
    """Return the list, most late first."""
    return [_row(session, keys, row, url, today) for row in queries.to_call(session, actor, today=today)]


def _row(session: AnySession, keys: KeyRing, row: Transfer, url: Url, today: date) -> CallRow:
    unit = identity_queries.org_unit(session, row.receiver_id)
    due = row.promised_on or row.due_on or today
    last = next(iter(queries.calls(session, row.id)), None)
    phone = CONTACTS.opened(keys, unit, "phone")
    return CallRow(
        href=url("transfer:show", transfer_id=row.id) + "#calls",
        receiver=unit.name,
        contact=CONTACTS.opened(keys, unit, "contact_name"),
        phone=phone,
        dial="".join(sign for sign in phone if sign.isdigit() or sign == "+"),
        subject=row.subject,
        number=row.number or "",
        late=_("已过 %(n)s 天", n=(today - due).days) if due < today else _("还没接收，快到期了"),
        promised=_("对方承诺 %(day)s", day=shown_date(row.promised_on)) if row.promised_on else "",
        last=_("上次通话 %(when)s", when=shown_time(last.called_at)) if last else _("还没有打过电话"),
    )
