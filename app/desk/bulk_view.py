"""What a step for several clues would do to each, before it is done, and what it did, afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.clues import labels as clue_labels
from app.clues.service import StaleClue
from app.clues.terms import ClueAction, ClueState
from app.desk.bulk_rules import write_pick
from app.desk.clue_page import Desk
from app.desk.hands import Hands, team_name, team_of
from app.desk.hands import of_office as hands_of
from app.desk.queries import names
from app.desk.queries.picked import Picked, picked
from app.desk.step_terms import Option, StepField
from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.platform import clock, ids
from app.platform.errors import Fault, Missing
from app.platform.i18n import N_
from app.platform.i18n import gettext as _
from app.platform.web.render import in_locale
from app.reference import queries as reference
from app.triage import labels as triage_labels
from app.triage import policy
from app.triage import queries as triage_queries
from app.triage.forms import NOTE_LENGTH, PUBLIC_LENGTH
from app.triage.models import BulkRun
from app.triage.policy import Situation
from app.triage.service.bulk import UNDO_FOR, Item, Pick, may_undo
from app.triage.teams import queries as team_queries
from app.triage.teams.queries import Able
from app.triage.terms import BulkAct

VERBS: Final = {
    BulkAct.ASSIGN: Verb.CLUE_ASSIGN,
    BulkAct.SCREEN_OUT: Verb.CLUE_SCREEN_OUT,
    BulkAct.LABEL: Verb.CLUE_MESSAGE,
    BulkAct.HAND_OVER: Verb.CLUE_ASSIGN,
}
ACTS: Final = {
    BulkAct.ASSIGN: N_("分派"),
    BulkAct.SCREEN_OUT: N_("不予受理"),
    BulkAct.LABEL: N_("贴标签"),
    BulkAct.HAND_OVER: N_("移交"),
}
DOORS: Final = {
    BulkAct.ASSIGN: "desk:bulk_assign",
    BulkAct.SCREEN_OUT: "desk:bulk_screen_out",
    BulkAct.LABEL: "desk:bulk_label",
}
_HAS_IT: Final = N_("已经是这样，不用再做。")
_NOT_IN_CIRCLE: Final = N_("这个人不能办理这条线索（不在它的范围里）。")


def acts(actor: Actor) -> list[Option]:
    """Return what this person may do to several clues at once."""
    return [
        Option(act.value, _(text)) for act, text in ACTS.items() if act in DOORS and actor.may(VERBS[act])
    ]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be done, as chosen so far; which of it is needed depends on the act."""

    act: BulkAct
    account_id: str = ""
    reason_key: str = ""
    public: str = ""
    note: str = ""
    label: str = ""

    @property
    def is_settled(self) -> bool:
        """Say whether everything needed was chosen."""
        needed = {
            BulkAct.ASSIGN: self.account_id,
            BulkAct.SCREEN_OUT: self.reason_key,
            BulkAct.LABEL: self.label,
        }
        return bool(needed[self.act])


@dataclass(frozen=True, slots=True)
class LineView:
    """One clue: what would be done or was done to it, or why nothing."""

    href: str
    title: str
    label: str
    effect: str
    is_done: bool
    pick: str = ""


@dataclass(frozen=True, slots=True)
class BulkPage:
    """The preview."""

    heading: str
    act: str
    lines: Sequence[LineView]
    fields: Sequence[StepField]
    errors: Sequence[Fault]
    chosen: Sequence[tuple[str, str]]
    hidden: Mapping[str, str]
    able: int
    undo_note: str
    do_href: str
    submit: str
    back: str


@dataclass(frozen=True, slots=True)
class RunPage:
    """What was done to several clues, and until when it can be taken back."""

    id: str
    heading: str
    lines: Sequence[LineView]
    undone: Sequence[LineView]
    undo_until: str
    undo_note: str
    undone_at: datetime | None
    back: str


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run in the list of one's own."""

    href: str
    label: str
    made_at: datetime
    is_open: bool
    is_undone: bool


def undo_note(act: BulkAct) -> str:
    """Return what taking it back means, before it is done: honest where a step cannot simply be reversed."""
    minutes = int(UNDO_FOR.total_seconds() // 60)
    said = {
        BulkAct.ASSIGN: _("%(n)s 分钟内可以撤销：各自回到原来的承办人。", n=minutes),
        BulkAct.HAND_OVER: _("%(n)s 分钟内可以撤销：各自回到原来的承办人。", n=minutes),
        BulkAct.SCREEN_OUT: _(
            "%(n)s 分钟内可以撤销，但不是没有发生过：线索以“本院纠正”重新办理，回到评估中，不回原来的状态；"
            "反映人可能已经看到答复。",
            n=minutes,
        ),
        BulkAct.LABEL: _("%(n)s 分钟内可以撤销：把这次贴上的标签取下来。", n=minutes),
    }
    return said[act]


def preview(desk: Desk, asked: Asked, picks: Sequence[Pick], *, is_second: bool, back: str) -> BulkPage:
    """Return what would happen to each; `is_second` says that the choices were made and may be missing."""
    found = picked(desk.session, desk.actor, [pick.clue_id for pick in picks])
    hands = hands_of(desk.session, desk.actor, now=desk.now)
    able_people = _able(desk, asked, hands, list(found))
    labels = triage_queries.labels_of(desk.session, list(found)) if asked.act is BulkAct.LABEL else {}
    lines = [
        _line(desk, asked, pick, found.get(pick.clue_id), hands, able_people, labels.get(pick.clue_id, ()))
        for pick in picks
    ]
    able = sum(line.is_done for line in lines)
    is_ready = is_second and asked.is_settled
    errors = [] if not is_second or asked.is_settled else [Fault(_needed(asked.act), _("请先选好再看。"))]
    return BulkPage(
        heading=_("%(act)s：%(n)s 条线索", act=_(ACTS[asked.act]), n=len(picks)),
        act=asked.act.value,
        lines=lines,
        fields=[] if is_ready else _fields(desk, asked, hands, has_error=bool(errors)),
        errors=errors,
        chosen=_chosen(desk, asked, hands) if is_ready else [],
        hidden=_hidden(asked) if is_ready else {},
        able=able,
        undo_note=undo_note(asked.act),
        do_href=desk.urls(DOORS[asked.act]) if is_ready else "",
        submit=_("%(act)s %(n)s 条", act=_(ACTS[asked.act]), n=able),
        back=back,
    )


def _able(desk: Desk, asked: Asked, hands: Hands, clue_ids: Sequence[str]) -> Able:
    """Return who of those chosen could handle which clue: read once, however many clues are picked."""
    chosen = hands.accounts(asked.account_id) if asked.account_id else ()
    people = [one for one in chosen if one in hands.people]
    return team_queries.able(desk.session, people, clue_ids)


def _needed(act: BulkAct) -> str:
    return {
        BulkAct.ASSIGN: "account_id", BulkAct.SCREEN_OUT: "reason_key", BulkAct.LABEL: "label",
    }[act]  # fmt: skip


def _fields(desk: Desk, asked: Asked, hands: Hands, *, has_error: bool) -> list[StepField]:
    error = _("请先选好再看。") if has_error else ""
    first = Option("", _("请选择"))
    if asked.act is BulkAct.ASSIGN:
        return [_select("account_id", _("分派给谁"), [first, *hands.options()], asked.account_id, error)]
    if asked.act is BulkAct.LABEL:
        known = names.known(desk.session).labels.values()
        labels = [Option(one.key, in_locale(one, "name")) for one in known]
        return [_select("label", _("哪个标签"), [first, *labels], asked.label, error)]
    reasons = [
        Option(one.key, in_locale(one, "name")) for one in reference.reasons(desk.session, "screen_out")
    ]
    return [
        _select("reason_key", _("理由"), [first, *reasons], asked.reason_key, error),
        StepField(
            "area", "public", _("答复反映人"), "public", value=asked.public, maxlength=PUBLIC_LENGTH,
            hint=_("每位反映人都会看到这段话。不写，就用所选理由的那句话。"),
        ),
        StepField(
            "area", "note", _("内部说明"), "note", value=asked.note, maxlength=NOTE_LENGTH, rows=2,
            hint=_("只有工作人员看得到，可以不写。"),
        ),
    ]  # fmt: skip


def _select(name: str, label: str, options: Sequence[Option], value: str, error: str) -> StepField:
    return StepField("select", name, label, name, value=value, required=True, options=options, error=error)


def _hidden(asked: Asked) -> dict[str, str]:
    given = {
        "account_id": asked.account_id, "reason_key": asked.reason_key, "public": asked.public, "note": asked.note,
        "label": asked.label,
    }  # fmt: skip
    return {key: value for key, value in given.items() if value}


def _chosen(desk: Desk, asked: Asked, hands: Hands) -> list[tuple[str, str]]:
    """Return the choices in words."""
    if asked.act is BulkAct.ASSIGN:
        return [(_("分派给"), hands.named(asked.account_id))]
    if asked.act is BulkAct.LABEL:
        label = names.known(desk.session).labels.get(asked.label)
        return [(_("标签"), in_locale(label, "name") if label else "—")]
    found = {one.key: one for one in reference.reasons(desk.session, "screen_out")}.get(asked.reason_key)
    rows = [
        (_("理由"), in_locale(found, "name") if found else "—"),
        (_("反映人会看到"), asked.public or (found.public if found else "") or _("只有状态，没有另外的话")),
    ]
    return rows + ([(_("内部说明"), asked.note)] if asked.note else [])


def _line(
    desk: Desk,
    asked: Asked,
    pick: Pick,
    clue: Picked | None,
    hands: Hands,
    able: Able,
    labels: Sequence[str],
) -> LineView:
    if clue is None:
        return LineView("", _("一条看不到的线索"), "", _(Missing.text), is_done=False)
    refused = _refused(desk, asked, pick, clue, able, labels)
    return LineView(
        href=desk.urls("desk:clue", clue_id=clue.id),
        title=clue.title,
        label=_standing(clue),
        effect=_(refused) if refused else _effect(asked, clue, hands),
        is_done=not refused,
        pick=write_pick(pick.clue_id, pick.version),
    )


def _standing(clue: Picked) -> str:
    state = _(clue_labels.STATES[ClueState(clue.state)])
    return f"{clue.number} · {state}" if clue.number else state


def _refused(desk: Desk, asked: Asked, pick: Pick, clue: Picked, able: Able, labels: Sequence[str]) -> str:
    """Return why nothing would be done to a clue, as a message id; the service asks all of it again."""
    if clue.version != pick.version:
        return StaleClue.text
    if asked.act is BulkAct.SCREEN_OUT:
        action = ClueAction.SCREEN_OUT
        why = policy.refusal(action, desk.actor.verbs, Situation(ClueState(clue.state)))
        return triage_labels.why_not(action, why) if why else ""
    if asked.act is BulkAct.LABEL:
        return _HAS_IT if asked.label in labels else ""
    team_id = team_of(asked.account_id)
    has_it = clue.assignee_id == asked.account_id
    if has_it or (team_id and clue.team_id == team_id and clue.assignee_id is None):
        return _HAS_IT
    return _NOT_IN_CIRCLE if asked.account_id and not able.any_for(clue.id, clue.compartment_id) else ""


def _effect(asked: Asked, clue: Picked, hands: Hands) -> str:
    if asked.act is BulkAct.ASSIGN:
        team = hands.teams.get(clue.team_id or "")
        waits = team_name(team.name) if team else _("没有人")
        now_with = hands.people.get(clue.assignee_id, "—") if clue.assignee_id else waits
        if not asked.account_id:
            return _("现在承办：%(name)s", name=now_with)
        return _("%(before)s → %(after)s", before=now_with, after=hands.named(asked.account_id))
    if asked.act is BulkAct.LABEL:
        return _("贴上标签")
    state = _(clue_labels.STATES[ClueState(clue.state)])
    return _("%(before)s → %(after)s", before=state, after=_(clue_labels.STATES[ClueState.NOT_ACCEPTED]))


def run_page(desk: Desk, run: BulkRun, *, back: str) -> RunPage:
    """Return what became of each clue of a run."""
    items = [Item.of(item) for item in run.items]
    undone = [Item.of(item) for item in run.undone or ()]
    found = picked(desk.session, desk.actor, [item.clue for item in items])
    act = BulkAct(run.action)
    people = _named(desk, run, items)
    is_open = may_undo(run, now=desk.now)
    return RunPage(
        id=run.id,
        heading=_run_words(run),
        lines=[_done_line(desk, item, found.get(item.clue), _did(desk, run, item, people)) for item in items],
        undone=[_done_line(desk, item, found.get(item.clue), _taken_back(act)) for item in undone],
        undo_until=f"{(run.made_at + UNDO_FOR).astimezone(clock.OFFICE_ZONE):%H:%M}" if is_open else "",
        undo_note=undo_note(act),
        undone_at=run.undone_at,
        back=back,
    )


def _named(desk: Desk, run: BulkRun, items: Sequence[Item]) -> dict[str, str]:
    """Return the names of the people and teams a run speaks of, by id."""
    teams = [str(run.facts.get("team", "")), *(item.team or "" for item in items)]
    accounts = [str(run.facts.get("account", "")), *(item.before or "" for item in items)]
    found = {key: team_name(name) for key, name in team_queries.names_of(desk.session, teams).items()}
    return found | identity_queries.names_of(desk.session, [one for one in accounts if ids.is_uuid(one)])


def run_line(desk: Desk, run: BulkRun) -> RunLine:
    """Return a run as a line of the list."""
    return RunLine(
        desk.urls("desk:bulk_run", run_id=run.id), _run_words(run), run.made_at,
        is_open=may_undo(run, now=desk.now), is_undone=run.undone_at is not None,
    )  # fmt: skip


def _run_words(run: BulkRun) -> str:
    done = sum(not item["refused"] for item in run.items)
    act, left = _(ACTS[BulkAct(run.action)]), len(run.items) - done
    if left:
        return _("%(act)s：做了 %(n)s 条，%(left)s 条没有做", act=act, n=done, left=left)
    return _("%(act)s：做了 %(n)s 条", act=act, n=done)


def _did(desk: Desk, run: BulkRun, item: Item, people: Mapping[str, str]) -> str:
    if run.action in {BulkAct.ASSIGN, BulkAct.HAND_OVER}:
        before = people.get(item.before or item.team or "", _("没有人"))
        after = people.get(str(run.facts.get("account") or run.facts.get("team")), "—")
        return _("%(before)s → %(after)s", before=before, after=after)
    if run.action == BulkAct.LABEL:
        label = names.known(desk.session).labels.get(str(run.facts["label"]))
        return _("贴上“%(label)s”", label=in_locale(label, "name") if label else "—")
    return _(clue_labels.STATES[ClueState.NOT_ACCEPTED])


def _taken_back(act: BulkAct) -> str:
    said = {
        BulkAct.ASSIGN: _("已回到原来的承办人"),
        BulkAct.HAND_OVER: _("已回到原来的承办人"),
        BulkAct.SCREEN_OUT: _("已重新办理，回到评估中"),
        BulkAct.LABEL: _("已取下标签"),
    }
    return said[act]


def _done_line(desk: Desk, item: Item, clue: Picked | None, effect: str) -> LineView:
    if clue is None:
        return LineView("", _("一条看不到的线索"), "", _(Missing.text), is_done=False)
    return LineView(
        desk.urls("desk:clue", clue_id=clue.id), clue.title, _standing(clue),
        _(item.refused) if item.refused else effect, is_done=not item.refused,
    )  # fmt: skip
