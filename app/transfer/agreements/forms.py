"""Reading an agreement's form, and showing it again with everything typed kept."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from app.platform.crypto import KeyRing
from app.platform.i18n import gettext as _
from app.platform.web.landing import LandedForm
from app.transfer.agreements.rekeying import CONTACTS
from app.transfer.agreements.terms import DAYS_MOST, NAME_MOST, NUMBER_MOST, WORDS_MOST, Content
from app.transfer.forms import FieldError, Reading
from app.transfer.models import Agreement

BOXES: Final = (
    "name", "number", "signed_on", "ends_on", "mechanisms", "contacts", "feedback_days", "review_on",
)  # fmt: skip
MANY: Final = ("categories", "parties")
Typed = dict[str, list[str]]


def read(
    form: LandedForm, *, categories: Collection[str], units: Collection[str]
) -> tuple[Content, list[FieldError]]:
    """Return what was written down, and everything that has to be put right."""
    reading = Reading(form)
    signed, ends, review = (reading.day(name) for name in ("signed_on", "ends_on", "review_on"))
    if signed and ends and ends < signed:
        reading.say("ends_on", _("到期日在签署日之前。"))
    content = Content(
        name=" ".join(reading.words("name", required=_("请写文件名。"), limit=NAME_MOST).split()),
        number=reading.words("number", limit=NUMBER_MOST),
        signed_on=signed,
        ends_on=ends,
        mechanisms=reading.words("mechanisms", limit=WORDS_MOST),
        contacts=reading.words("contacts", limit=WORDS_MOST),
        categories=_chosen(reading, "categories", categories),
        feedback_days=_days(reading),
        review_on=review,
        parties=_chosen(reading, "parties", units),
    )
    reading.say("parties", _("请至少选一个单位。"), unless=content.parties)
    return content, reading.errors


def _chosen(reading: Reading, name: str, known: Collection[str]) -> tuple[str, ...]:
    typed = tuple(dict.fromkeys(reading.form.all(name)))
    reading.say(name, _("请从名单里选。"), unless=set(typed) <= set(known))
    return tuple(each for each in typed if each in known)


def _days(reading: Reading) -> int | None:
    typed = reading.form.get("feedback_days").strip()
    if not typed:
        return None
    is_whole = typed.isascii() and typed.isdigit() and len(typed) < 4  # noqa: PLR2004
    if not is_whole or not 1 <= int(typed) <= DAYS_MOST:
        reading.say("feedback_days", _("请填 1 到 %(most)s 之间的整数。", most=DAYS_MOST))
        return None
    return int(typed)


def typed_of(form: LandedForm) -> Typed:
    """Return what was typed, to be shown again."""
    return {name: [form.get(name)] for name in BOXES} | {name: form.all(name) for name in MANY}


def kept_of(keys: KeyRing, agreement: Agreement, parties: list[str]) -> Typed:
    """Return a kept agreement as a person would have typed it."""
    kept = {name: getattr(agreement, name) for name in BOXES if name != "contacts"}
    kept["contacts"] = CONTACTS.opened(keys, agreement, "contacts")
    shown = {name: ["" if value is None else str(value)] for name, value in kept.items()}
    return shown | {"categories": list(agreement.categories), "parties": parties}
