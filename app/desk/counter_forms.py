"""The counter's form: what a person brings, calls in, writes, or what the office found itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.intake import places, rules
from app.intake.catalogue import FormFacts
from app.intake.places import TypedPlace
from app.intake.terms import Fault, ReportCommand, StatedContact
from app.platform import clock, i18n, ids
from app.platform.crypto import KeyRing
from app.platform.i18n import N_
from app.platform.landed import LandedFile
from app.platform.web.landing import LandedForm
from app.triage.forms import NOTE_LENGTH

PAPERS: Final = "papers"
_OLDEST: Final = timedelta(days=3660)
_PLACE: Final = ("town", "words", "pasted", "datum")


@dataclass(frozen=True, slots=True)
class CounterForm:
    """The form as read: what was typed, what is wrong, the command when nothing is."""

    values: Mapping[str, str]
    errors: Sequence[Fault]
    command: ReportCommand | None
    files: Sequence[LandedFile]
    handed_over_by: str
    wants_number: bool


def typed_category(form: LandedForm) -> str:
    """Return the category chosen, before anything else can be read."""
    return form.get("category").strip()[:64]


def read(
    facts: FormFacts, form: LandedForm, channels: Mapping[str, str], *, keys: KeyRing, now: datetime
) -> CounterForm:
    """Read the form; every fault stands at its field. Structured questions may be asked later."""
    files, words = form.files_of(PAPERS), form.get("words")
    stated = places.read(
        TypedPlace(**{name: form.get(f"place_{name}") for name in _PLACE}), facts.town_names,
        allows_position=facts.matter.allows_position, now=now,
    )  # fmt: skip
    contact = (form.get("contact_name"), form.get("contact_phone"), "")
    faults = [*stated.faults]
    channel = form.get("channel")
    if channel not in channels:
        faults.append(Fault("channel", N_("请选择从哪里来的。")))
    if len(words) > rules.WORDS_MOST:
        faults.append(
            Fault("words", N_("写得太长了，最多 %(most)s 个字，请删短一些"), {"most": rules.WORDS_MOST})
        )
    elif not words.strip() and not files:
        faults.append(Fault("words", N_("请写几句内容，或者附上扫描件。")))
    written_at = _moment(form.get("received_at"), now=now)
    if written_at is None:
        faults.append(Fault("received_at", N_("请填收到的日期和时间，不能晚于现在。")))
    faults += rules.contact_faults(*contact, has_consent=form.get("contact_consent") == "yes")
    handed = form.get("handed_over_by").strip()
    if len(handed) > NOTE_LENGTH:
        faults.append(Fault("handed_over_by", N_("这里最多写 %(most)s 个字"), {"most": NOTE_LENGTH}))
    command = ReportCommand(
        report_id=_report_id(form, keys, now=now), matter=facts.matter, words=words, answers=[], place=stated.place,
        contact=StatedContact(*contact, facts.contact.version) if any(map(str.strip, contact)) else None,
        channel=channel, forwarder=None, consent_version=facts.privacy.version,
        is_urgent=form.get("is_urgent") == "yes",
        declined=[{"what": what, "reason": "forbidden_here"} for what in stated.declined],
        locale=i18n.current_locale.get(), written_at=written_at,
    )  # fmt: skip
    values = {name: found[0] for name, found in form.fields.items() if found}
    return CounterForm(
        values, faults, None if faults else command, files, handed, form.get("wants_number") == "yes"
    )


def _report_id(form: LandedForm, keys: KeyRing, *, now: datetime) -> str:
    facts = keys.read_stamp("form", form.get("form_id"), now=now) if form.get("form_id") else None
    found = str(facts.get("id")) if facts else ""
    return found if ids.is_uuid(found) else ids.new()


def _moment(typed: str, *, now: datetime) -> datetime | None:
    try:
        found = datetime.fromisoformat(typed.strip()[:25])
    except ValueError:
        return None
    instant = found if found.tzinfo else found.replace(tzinfo=clock.OFFICE_ZONE)
    return instant if now - _OLDEST < instant <= now + timedelta(minutes=5) else None
