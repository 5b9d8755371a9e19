"""What people bring to the counter, read by the counter's own form."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Final

from app.demo import words
from app.demo.office import Office
from app.demo.reports import NotAccepted, Plan, Sent
from app.desk import counter_forms
from app.intake import catalogue, service
from app.platform import clock
from app.platform.web.landing import LandedForm
from app.reference import queries as reference

CHANNELS: Final = frozenset({"walk_in", "phone", "letter", "hotline_12309", "patrol"})
_DOOR: Final = "counter"


def enter(office: Office, plan: Plan, rng: Random, *, now: datetime) -> Sent:
    """Enter what somebody said or wrote, as the complaints department does."""
    house, actor = office.house, office.people["complaints_sun"]
    with house.database.read_session() as reading:
        facts = catalogue.form_facts(reading, plan.category_key, now=now)
        channels = {row.key: row.name for row in reference.channels(reading, _DOOR)}
    came_at = (now - timedelta(minutes=rng.randint(3, 200))).astimezone(clock.OFFICE_ZONE)
    typed = {
        "category": plan.category_key, "channel": plan.channel, "received_at": f"{came_at:%Y-%m-%dT%H:%M}",
        "words": words.said(rng, "words", plan.category_key)[: facts.words_most],
        "place_town": plan.town_key, "place_words": plan.place if facts.matter.allows_position else "",
    }  # fmt: skip
    form = LandedForm(fields={name: [value] for name, value in typed.items()})
    read = counter_forms.read(facts, form, channels, keys=house.keys, now=now)
    if read.command is None:
        raise NotAccepted(f"{plan.category_key}: {[fault.text for fault in read.errors]}")
    with house.database.write_session() as session:
        received = service.receive(session, house, read.command, kept=[], declined=[], actor=actor, now=now)
    return Sent(received.report_id, received.clue_id)
