"""What the forms of invitations bring: whom to ask what until when; a guest's words, photos and position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from app.evidence.terms import PhonePosition
from app.intake import places
from app.platform.i18n import gettext as _
from app.platform.web.landing import LandedForm
from app.transfer import forms, rules
from app.transfer.forms import NotYet, Reading
from app.transfer.invitations.terms import InvitationKind, Said
from app.transfer.terms import DraftContent, ShownAnswer


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom to ask, for what, until when."""

    kind: InvitationKind
    account_ids: tuple[str, ...]
    due_on: date


def asked(
    form: LandedForm, choosable: Sequence[ShownAnswer], reporter_words: Sequence[str], *, today: date
) -> tuple[Asked, DraftContent]:
    """Return what a person of the office wrote; everything that is wrong is said at once; raises NotYet."""
    reading = Reading(form)
    kind = {each.value: each for each in InvitationKind}.get(form.get("kind"))
    reading.say("kind", _("请选请他做什么。"), unless=kind)
    chosen = tuple(form.all("guests"))
    reading.say("guests", _("请从名单里选至少一个人。"), unless=chosen)
    due_on = reading.day("due_on", required=_("请填到哪一天。"))
    try:
        content = forms.draft(form, choosable, reporter_words)
    except NotYet as wrong:
        raise NotYet(errors=[*reading.errors, *wrong.details["errors"]]) from wrong
    reading.done()
    return Asked(kind or InvitationKind.CONSULT, chosen, due_on or today), content


def said(form: LandedForm, *, now: datetime) -> Said:
    """Return a guest's words and where the phone was; a position that cannot be one is left out; raises NotYet."""
    reading = Reading(form)
    words = reading.words("words", required=_("请写一两句您看到了什么、怎么看。"), limit=rules.REPLY_LIMIT)
    reading.done()
    return Said(words, _position(form, now))


def refusal(form: LandedForm) -> str:
    """Return why a guest cannot help this time, if they say so."""
    return forms.words(form, "why")


def _position(form: LandedForm, now: datetime) -> PhonePosition | None:
    names = ("lat", "lon", "accuracy_m", "fixed_at", "source", "pin_datum")
    typed = replace(places.TypedPlace(), **{name: form.get(f"place_{name}")[:40] for name in names})
    place = places.read(typed, {}, allows_position=True, now=now).place
    if place.lat is None or place.lon is None:
        return None
    return PhonePosition(place.lat, place.lon, place.accuracy_m, place.fixed_at)
