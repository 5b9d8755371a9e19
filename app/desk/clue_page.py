"""One clue on one screen: the rooms' parts put together for one person (design.md 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from app.clues import labels as clue_labels
from app.clues import queries as clue_queries
from app.clues import rules as clue_rules
from app.clues.models import Clue
from app.clues.terms import ClueState
from app.desk import (
    clue_around,
    hands,
    prepared,
    presence,
    respondents,
    rules,
    sides,
    steps_shown,
    why,
    words,
)
from app.desk import clue_parts as parts
from app.desk.clue_terms import ClueView, Labelled
from app.desk.drawn_forms import Forms
from app.desk.photo_flags import look_at
from app.desk.queries import around, history, holds, names
from app.desk.sides import Beside, StepHrefs
from app.desk.step_forms import Choices, Prepared
from app.desk.step_terms import NOTHING_TYPED, Option, Typed
from app.evidence import queries as evidence_queries
from app.identity import labels as identity_labels
from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.identity.terms import CompartmentKind
from app.intake import queries as intake_queries
from app.intake.queries import DeskReport
from app.platform import clock, i18n
from app.platform.db import ReadSession
from app.platform.errors import Fault, Missing
from app.platform.i18n import gettext as _
from app.platform.web.render import Urls, in_locale
from app.reference import queries as reference
from app.reference.memory import remembered
from app.reference.models import Category
from app.transfer import queries as transfer_queries
from app.transfer.invitations import desk_view as invitations
from app.transfer.jointly.queries import joint_href
from app.transfer.lifecycle import OPEN as OPEN_TRANSFERS
from app.transfer.terms import TransferState
from app.triage import jurisdiction
from app.triage import queries as triage_queries
from app.triage.policy import Situation

_REASON_LISTS: Final = ("screen_out", "redirect", "close", "reopen", "merge")


@dataclass(frozen=True, slots=True)
class Desk:
    """Who looks, with what, when: what every part of the page is given."""

    session: ReadSession
    actor: Actor
    urls: Urls
    now: datetime
    evaluation_days: int

    @property
    def today(self) -> date:
        """Return the office's day."""
        return clock.office_date(self.now)


def compose(desk: Desk, clue_id: str, *, typed: Typed = NOTHING_TYPED) -> ClueView:
    """Return everything the clue page shows this person; raises Missing where there is nothing for them."""
    session, actor, urls, now = desk.session, desk.actor, desk.urls, desk.now
    clue = clue_queries.shown(session, actor, clue_id)
    has = holds.of_clue(session, actor, clue_id, now=now)
    kind = _category(desk, clue)
    towns, channels = (named := names.known(session)).towns, named.channels
    told = intake_queries.for_desk(session, clue_id)
    said = intake_queries.messages(session, clue_id) if has.messages else []
    entries = history.of_clue(session, clue_id)
    files = evidence_queries.of_clue(session, clue_id) if has.files else []
    judged = triage_queries.evaluations(session, clue_id) if has.evaluations else []
    sees_transfers = has.transfers and actor.may(Verb.TRANSFER_READ)
    sent = transfer_queries.for_clue(session, actor, clue_id) if sees_transfers else []
    chosen_from = _prepared(desk, clue.category_key)
    people = identity_queries.names_of(session, _people(clue, entries, said, judged))
    filed = [str(entry.facts["superior"]) for entry in entries if entry.verb == "clue.major_filed"]
    receivers = identity_queries.org_names_of(session, [*(one.receiver_id for one in sent), *filed])
    looked = look_at(session, actor, clue, [one for one in files if one.is_ready])
    pictures, others = parts.photos(
        clue, files, urls, asks={key: len(one.raised) for key, one in looked.items()}
    )
    standing, days = rules.due(clue.due_on, clue.state, desk.today)
    due, due_tone = words.due_words(standing, days)
    situation = Situation(
        ClueState(clue.state), has_evaluation=bool(judged),
        has_open_transfers=any(TransferState(one.state) in OPEN_TRANSFERS for one in sent),
        has_reporter=bool(told),
    )  # fmt: skip
    matter = jurisdiction.matter_of(clue, judged[0].scores if judged else None)
    choices = Choices(
        prepared=chosen_from,
        today=desk.today,
        inquirers=_inquirers(desk, clue) if clue.state == ClueState.EVALUATING else (),
        superiors=_superiors(desk, clue) if clue.is_major and not filed else (),
        reporter_reads_nothing=clue.public_status == clue_rules.MILITARY_B,
        advice=jurisdiction.deciding(session, matter, desk.today),
        level=matter.level.value,
    )
    hrefs = StepHrefs(urls)
    bar = steps_shown.bar(actor.verbs, situation, choices, typed, hrefs)
    out = _recused(desk, clue) if has.recusals else {}
    marked = triage_queries.labels_of(session, [clue.id]).get(clue.id, ()) if has.labels else ()
    members = _members(desk, clue) if has.links else ()
    beside = _beside(desk, clue, told, replace(choices, members=members), out=out, marked=marked)
    side = sides.of_clue(beside, clue.title, hrefs, typed)
    is_shown = any(step.is_open for step in (*bar.shown, *bar.more, *side.values()))
    known = words.Known(
        people,
        {one.value: one.label for found in chosen_from.reasons.values() for one in found},
        {key: other.number or other.title for key, other in _named_clues(desk, entries).items()},
        receivers,
        hands.team_names(session, entries),
    )
    return ClueView(
        id=clue.id, version=clue.version, title=clue.title, number=clue.number or "",
        state_label=_(clue_labels.STATES[ClueState(clue.state)]),
        state_tone=clue_labels.TONES.get(ClueState(clue.state), "plain"),
        flags=[*flags(clue), *_labels(desk, marked)], assignee=hands.in_hands(session, clue, people),
        due=due, due_tone=due_tone, due_why=why.of_clue(
            clue.due_on, clue.registered_at, clue.received_at,
            days=(kind.sla_days if kind else 0) or desk.evaluation_days, calendar=why.calendar(session),
        ),
        heads=_heads(clue, kind, channels),
        reports=parts.reports(told, channels), photos=pictures, files=others,
        place=clue_around.place(clue, towns, now=now),
        near=clue_around.near(session, actor, clue, kind, urls, now=now) if kind else [],
        near_note=_near_note(kind),
        linked=clue_around.linked(session, actor, clue, urls, now=now) if has.links else [],
        transfers=parts.transfers(sent, receivers, urls),
        invitations=(
            invitations.lines(session, actor, clue.id, url=urls, today=desk.today) if has.invitations else []
        ),
        joint_href=joint_href(session, actor, clue, urls),
        **invitations.ask_link(session, actor, clue, urls), evaluation=parts.evaluation(judged, people),
        public_status=_public_status(desk, clue), public_text=clue.public_text or "",
        knots=parts.knots(entries, known, clue.state, due), messages=parts.messages(said, people),
        bar=bar, side=side, forms=Forms(clue.id, clue.version, clue.title), notice=typed.notice,
        # A form that is shown again keeps the words in its boxes; a step that is gone hands them back to copy.
        kept="" if is_shown else typed.kept,
        errors=[Fault(f"{typed.step}-{name}" if is_shown else "", text) for name, text in typed.errors.items()],
        recused=list(out.values()),
        others=presence.others(session, actor, clue.id, now=now) if has.company else [],
        has_news=clue.has_news and actor.may(Verb.CLUE_MESSAGE),
        rights_href=(
            urls("desk:new_right", clue_id=clue.id) if told and actor.may(Verb.RIGHTS_REGISTER) else None
        ),
        respondents=respondents.lines(session, clue.id) if has.respondents else [],
        respondents_href=(
            urls("desk:respondents", clue_id=clue.id) if actor.may(Verb.CLUE_EVALUATE) else None
        ),
        keeping_href=urls("keeping:clue", clue_id=clue.id) if actor.may(Verb.RETENTION_HOLD) else None,
    )  # fmt: skip


def _category(desk: Desk, clue: Clue) -> Category | None:
    on = clock.office_date(clue.received_at)
    try:
        return remembered(
            desk.session,
            ("desk.category", clue.category_key, on),
            lambda: reference.category(desk.session, clue.category_key, on),
        )
    except Missing:
        return None


def _people(clue: Clue, *groups: object) -> list[str]:
    found = [clue.assignee_id]
    for group in groups:
        for one in group:  # type: ignore[attr-defined]
            found += [getattr(one, name, None) for name in ("actor_id", "account_id", "evaluated_by")]
            facts = getattr(one, "facts", None) or {}
            found += [facts.get("account"), *facts.get("staff", ())]
    return [str(one) for one in found if one]


def _named_clues(desk: Desk, entries: list[history.Entry]) -> Mapping[str, around.Neighbour]:
    wanted = {
        str(entry.facts[name]) for entry in entries for name in ("master", "member") if name in entry.facts
    }
    return around.by_ids(desk.session, desk.actor, wanted) if wanted else {}


def flags(clue: Clue) -> list[tuple[str, str]]:
    """Return a clue's marks with their tones."""
    found = (
        (clue.is_urgent, _("紧急"), "stop"),
        (clue.is_major, _("重大"), "time"),
        (clue.has_news, _("有新回复"), "act"),
        (not clue.is_complete, _("照片没传完"), "time"),
        (clue.needs_correction, _("需要更正"), "time"),
        (clue.quarantine is not None and clue.state == ClueState.SUBMITTED, _("待甄别"), "time"),
        (clue.held_at is not None, _("保全"), "time"),
        (clue.erased_at is not None, _("内容已到期清除"), "plain"),
        (clue.withdrawn_at is not None, _("反映人已撤回"), "plain"),
    )
    return [(text, tone) for holds, text, tone in found if holds]


def _labels(desk: Desk, marked: Sequence[str]) -> list[tuple[str, str]]:
    known = names.known(desk.session).labels
    return [(in_locale(known[key], "name"), "label") for key in marked if key in known]


def _prepared(desk: Desk, category_key: str) -> Prepared:
    """Return what the reference data lets one choose for a category; one object while it stands."""
    session = desk.session

    def read() -> Prepared:
        reasons = {key: reference.reasons(session, key) for key in _REASON_LISTS}
        return Prepared(
            reasons={
                key: [Option(one.key, in_locale(one, "name")) for one in found]
                for key, found in reasons.items()
            },
            hotlines=[
                Option(one.key, f"{one.number} {in_locale(one, 'name')}")
                for one in reference.hotlines(session)
            ],
            labels=[Option(key, in_locale(one, "name")) for key, one in names.known(session).labels.items()],
            templates=prepared.options(desk, category_key),
        )

    return remembered(session, ("desk.prepared", i18n.current_locale.get(), category_key), read)


def _heads(clue: Clue, kind: Category | None, channels: Mapping[str, names.Name]) -> list[Labelled]:
    channel = channels.get(clue.channel)
    return [
        Labelled(_("类别"), in_locale(kind, "name") if kind else clue.category_key),
        Labelled(_("来源"), in_locale(channel, "name") if channel else clue.channel),
        Labelled(_("收到"), words.shown_moment(clue.received_at)),
        *([Labelled(_("登记"), words.shown_moment(clue.registered_at))] if clue.registered_at else []),
        *([Labelled(_("业务系统编号"), clue.case_number)] if clue.case_number else []),
    ]


def _near_note(kind: Category | None) -> str:
    if kind is None:
        return ""
    return _(
        "同一类别，%(metres)s 米以内，%(days)s 天以内",
        metres=kind.duplicate_radius_m,
        days=kind.duplicate_window_days,
    )


def _public_status(desk: Desk, clue: Clue) -> str:
    try:
        wording = remembered(
            desk.session, ("desk.wording", clue.public_status),
            lambda: reference.wording(desk.session, clue.public_status),
        )  # fmt: skip
        return in_locale(wording, "status")
    except Missing:
        return ""


def _beside(
    desk: Desk, clue: Clue, told: list[DeskReport], choices: Choices,
    *, out: Mapping[str, str], marked: Sequence[str],
) -> Beside:  # fmt: skip
    """Return what the small forms beside the page depend on."""
    session, actor = desk.session, desk.actor
    may_move = actor.may(Verb.CLUE_REGISTER) and clue.number is None and clue.state == ClueState.SUBMITTED
    others_out = sides.others(out, actor.account_id)
    waiting = triage_queries.undecided_recusals(session, clue.id) if others_out else set()
    return Beside(
        me=actor.account_id,
        verbs=actor.verbs,
        choices=replace(
            choices,
            handlers=(
                tuple(hands.offered(session, actor, clue, now=desk.now, out=out))
                if actor.may(Verb.CLUE_ASSIGN)
                else ()
            ),
            recused=others_out,
            undecided=tuple(one for one in others_out if one.value in waiting),
            circles=_circles(desk) if may_move else (),
        ),
        assignee_id=clue.assignee_id,
        in_hands=clue.assignee_id or (hands.team_value(clue.team_id) if clue.team_id else ""),
        is_urgent=clue.is_urgent,
        is_major=clue.is_major,
        movable_from=clue.compartment_id if may_move else "",
        has_contact=any(report.has_contact for report in told),
        keeps_out=actor.account_id in out,
        marked=tuple(marked),
    )


def _recused(desk: Desk, clue: Clue) -> dict[str, str]:
    """Return who keeps out of the clue, by account."""
    return identity_queries.names_of(desk.session, list(triage_queries.recused(desk.session, clue.id)))


def _members(desk: Desk, clue: Clue) -> tuple[Option, ...]:
    """Return the clues merged under this one, for whoever may take them out again."""
    under = clue_queries.members_of(desk.session, clue.id) if desk.actor.may(Verb.CLUE_MERGE) else []
    seen = around.by_ids(desk.session, desk.actor, under) if under else {}
    return tuple(
        Option(one, f"{seen[one].number or ''} {seen[one].title}".strip()) for one in under if one in seen
    )


def _inquirers(desk: Desk, clue: Clue) -> tuple[Option, ...]:
    able = triage_queries.inquirers(
        desk.session,
        office_id=clue.office_id,
        compartment_id=clue.compartment_id,
        now=desk.now,
        clue_id=clue.id,
    )
    return tuple(Option(one.account_id, one.name) for one in able)


def _superiors(desk: Desk, clue: Clue) -> tuple[Option, ...]:
    return tuple(Option(one.id, one.name) for one in triage_queries.superiors(desk.session, clue.office_id))


def _circles(desk: Desk) -> tuple[Option, ...]:
    return tuple(
        Option(
            one.id,
            one.name
            if one.kind == CompartmentKind.NAMED
            else _(identity_labels.COMPARTMENTS[CompartmentKind(one.kind)]),
        )
        for one in triage_queries.circles(desk.session, desk.actor)
    )
