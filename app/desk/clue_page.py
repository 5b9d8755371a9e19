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
from app.clues.terms import ClueAction, ClueState
from app.desk import clue_around, hands, prepared, presence, respondents, rules, steps_shown, why, words
from app.desk import clue_parts as parts
from app.desk.clue_terms import ClueView, Labelled
from app.desk.photo_flags import look_at
from app.desk.queries import around, history, names
from app.desk.step_forms import Choices, fields_of
from app.desk.step_terms import NOTHING_TYPED, Option, StepField, StepView, Typed
from app.evidence import queries as evidence_queries
from app.identity import labels as identity_labels
from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.identity.terms import CompartmentKind
from app.intake import queries as intake_queries
from app.intake.queries import DeskReport
from app.platform import clock
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
    clue = clue_queries.get(session, actor, clue_id)
    kind = _category(desk, clue)
    towns, channels = (named := names.known(session)).towns, named.channels
    told = intake_queries.for_desk(session, clue_id)
    said = intake_queries.messages(session, clue_id)
    entries = history.of_clue(session, clue_id)
    files = evidence_queries.of_clue(session, clue_id)
    judged = triage_queries.evaluations(session, clue_id)
    sent = transfer_queries.for_clue(session, actor, clue_id) if actor.may(Verb.TRANSFER_READ) else []
    reasons = remembered(
        session, "desk.reasons", lambda: {key: reference.reasons(session, key) for key in _REASON_LISTS}
    )
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
        reasons={
            key: [Option(one.key, in_locale(one, "name")) for one in found] for key, found in reasons.items()
        },
        hotlines=[
            Option(one.key, f"{one.number} {in_locale(one, 'name')}")
            for one in remembered(session, "desk.hotlines", lambda: reference.hotlines(session))
        ],
        today=desk.today,
        inquirers=_inquirers(desk, clue) if clue.state == ClueState.EVALUATING else (),
        superiors=_superiors(desk, clue) if clue.is_major and not filed else (),
        templates=prepared.options(desk, clue.category_key),
        reporter_reads_nothing=clue.public_status == clue_rules.MILITARY_B,
        advice=jurisdiction.deciding(session, matter, desk.today),
        level=matter.level.value,
    )
    bar = steps_shown.bar(actor, situation, choices, typed, lambda key: _href(urls, key, clue.id))
    out, marked = _recused(desk, clue), triage_queries.labels_of(session, [clue.id]).get(clue.id, ())
    side = _side(desk, clue, told, choices, typed, out=out, marked=marked)
    is_shown = any(step.is_open for step in (*bar.shown, *bar.more, *side.values()))
    known = words.Known(
        people,
        {one.key: in_locale(one, "name") for found in reasons.values() for one in found},
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
        linked=clue_around.linked(session, actor, clue, urls, now=now),
        transfers=parts.transfers(sent, receivers, urls),
        invitations=invitations.lines(session, actor, clue.id, url=urls, today=desk.today),
        joint_href=joint_href(session, actor, clue, urls),
        **invitations.ask_link(session, actor, clue, urls), evaluation=parts.evaluation(judged, people),
        public_status=_public_status(desk, clue), public_text=clue.public_text or "",
        knots=parts.knots(entries, known, clue.state, due), messages=parts.messages(said, people),
        bar=bar, side=side, notice=typed.notice,
        # A form that is shown again keeps the words in its boxes; a step that is gone hands them back to copy.
        kept="" if is_shown else typed.kept,
        errors=[Fault(f"{typed.step}-{name}" if is_shown else "", text) for name, text in typed.errors.items()],
        recused=list(out.values()),
        others=presence.others(session, actor, clue.id, now=now),
        has_news=clue.has_news and actor.may(Verb.CLUE_MESSAGE),
        rights_href=(
            urls("desk:new_right", clue_id=clue.id) if told and actor.may(Verb.RIGHTS_REGISTER) else None
        ),
        respondents=respondents.lines(session, clue.id),
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


def _label_options(desk: Desk) -> list[Option]:
    return [Option(key, in_locale(one, "name")) for key, one in names.known(desk.session).labels.items()]


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


def _href(urls: Urls, key: str, clue_id: str) -> str:
    if key == ClueAction.TRANSFER.value:
        return urls("transfer:draft", clue_id=clue_id)
    if key == "message_preview":
        return urls("desk:message_preview", clue_id=clue_id)
    return urls(f"triage:{key}", clue_id=clue_id)


def _side(
    desk: Desk, clue: Clue, told: list[DeskReport], choices: Choices, typed: Typed,
    *, out: Mapping[str, str], marked: Sequence[str],
) -> dict[str, StepView]:  # fmt: skip
    """Return the small forms beside the page that this person may use."""
    actor, urls = desk.actor, desk.urls
    found: dict[str, StepView] = {}

    def offer(
        key: str, label: str, submit: str, values: Mapping[str, str] | None = None, *, is_meant: bool = True
    ) -> None:
        if not is_meant:
            return
        fields = fields_of(key, choices, typed, values=values)
        found[key] = StepView(
            key,
            label,
            submit,
            _href(urls, key, clue.id),
            fields=tuple(fields),
            is_open=typed.step == key,
            shortcut=steps_shown.SHORTCUTS.get(key, ""),
        )

    if actor.may(Verb.CLUE_ASSIGN):
        choices = replace(choices, handlers=hands.offered(desk.session, actor, clue, now=desk.now))
        mine = actor.account_id
        if clue.assignee_id != mine and any(one.value == mine for one in choices.handlers):
            found["assign_me"] = StepView(
                "assign_me", _("我来办"), _("我来办"), urls("triage:assign", clue_id=clue.id),
                fields=(StepField("hidden", "account_id", "", "", value=mine),),
                shortcut=steps_shown.SHORTCUTS["assign_me"],
            )  # fmt: skip
        offer(
            "assign",
            _("改派") if clue.assignee_id else _("分派"),
            _("分派"),
            {"account_id": clue.assignee_id or (hands.team_value(clue.team_id) if clue.team_id else "")},
        )
    choices = replace(choices, members=_members(desk, clue))
    offer("split", _("拆出来"), _("拆出来"), is_meant=bool(choices.members))
    others_out = [Option(key, name) for key, name in out.items() if key != actor.account_id]
    waiting = triage_queries.undecided_recusals(desk.session, clue.id) if others_out else set()
    undecided = [one for one in others_out if one.value in waiting]
    choices = replace(choices, recused=others_out, undecided=undecided)
    offer(
        "confirm_recusal",
        _("同意回避"),
        _("同意回避"),
        is_meant=bool(undecided) and actor.may(Verb.TRANSFER_REVIEW),
    )
    offer(
        "lift_recusal",
        _("不用回避"),
        _("不用回避"),
        is_meant=bool(others_out) and actor.may(Verb.TRANSFER_REVIEW),
    )
    offer(
        "recuse",
        _("声明回避"),
        _("声明回避"),
        is_meant=actor.account_id not in out and actor.may(Verb.CLUE_MESSAGE),
    )
    if actor.may(Verb.CLUE_REGISTER):
        offer("set_title", _("改标题"), _("保存标题"), {"title": clue.title})
    if actor.may(Verb.CLUE_EVALUATE):
        marks = {"is_urgent": "yes" if clue.is_urgent else "", "is_major": "yes" if clue.is_major else ""}
        offer("set_flags", _("改标记"), _("保存标记"), marks)
        offer("file_major", _("登记重大线索报备"), _("保存报备"), is_meant=bool(choices.superiors))
    if actor.may(Verb.CLUE_MESSAGE):
        offer("note", _("写备注"), _("保存备注"))
        choices = replace(choices, labels=_label_options(desk))
        offer("set_labels", _("改标签"), _("保存标签"), {f"label_{key}": "yes" for key in marked})
        offer("read_news", _("已经看过"), _("已经看过"))
    if actor.may(Verb.CLUE_REGISTER) and clue.number is None and clue.state == ClueState.SUBMITTED:
        choices = replace(choices, circles=_circles(desk))
        offer("move", _("换范围"), _("换到这个范围"), {"compartment_id": clue.compartment_id})
    has_contact = actor.may(Verb.CONTACT_REVEAL) and any(report.has_contact for report in told)
    offer("reveal", _("查看联系方式"), _("查看，并记录理由"), is_meant=has_contact)
    offer("call", _("记通话"), _("保存通话记录"), is_meant=has_contact)
    return found


def _recused(desk: Desk, clue: Clue) -> dict[str, str]:
    """Return who keeps out of the clue, by account."""
    return identity_queries.names_of(desk.session, list(triage_queries.recused(desk.session, clue.id)))


def _members(desk: Desk, clue: Clue) -> list[Option]:
    """Return the clues merged under this one, for whoever may take them out again."""
    under = clue_queries.members_of(desk.session, clue.id) if desk.actor.may(Verb.CLUE_MERGE) else []
    seen = around.by_ids(desk.session, desk.actor, under) if under else {}
    return [
        Option(one, f"{seen[one].number or ''} {seen[one].title}".strip()) for one in under if one in seen
    ]


def _inquirers(desk: Desk, clue: Clue) -> list[Option]:
    able = triage_queries.inquirers(
        desk.session,
        office_id=clue.office_id,
        compartment_id=clue.compartment_id,
        now=desk.now,
        clue_id=clue.id,
    )
    return [Option(one.account_id, one.name) for one in able]


def _superiors(desk: Desk, clue: Clue) -> list[Option]:
    return [Option(one.id, one.name) for one in triage_queries.superiors(desk.session, clue.office_id)]


def _circles(desk: Desk) -> list[Option]:
    return [
        Option(
            one.id,
            one.name
            if one.kind == CompartmentKind.NAMED
            else _(identity_labels.COMPARTMENTS[CompartmentKind(one.kind)]),
        )
        for one in triage_queries.circles(desk.session, desk.actor)
    ]
