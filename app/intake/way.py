"""The thread a reporter sees: which steps of a clue are public, and in what words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from app.clues.lifecycle import ENDED, LIFECYCLE
from app.clues.rules import is_told_over
from app.identity.labels import ORG_KINDS
from app.identity.terms import OrgKind
from app.intake.terms import OUTCOME_SHARED, MessageKind
from app.platform.i18n import N_, gettext

_TRANSFER: Final = "clue.transfer"
# Journal words the public may know of, each with a label and a sentence. Whatever is not named here stays inside:
# inquiries, merging, assignments, proposals.
_PUBLIC: Final = {
    "clue.received": (N_("已收到"), N_("我们收到了您反映的问题。")),
    "clue.register": (N_("已登记"), N_("编号：%(number)s")),
    "clue.start_evaluation": (N_("审查核实"), N_("检察官开始审查核实。")),
    "clue.request_info": (N_("请您补充"), N_("我们请您补充一点情况。")),
    "report.supplemented": (N_("您已补充"), N_("我们收到了您补充的内容。")),
    _TRANSFER: (N_("已转交"), N_("已转交给有权处理的机关（%(kind)s）。")),
    "transfer.acknowledged": (N_("对方已接收"), N_("有权处理的机关已经接收。")),
    "transfer.replied": (N_("对方已答复"), N_("有权处理的机关已经答复。")),
    "clue.redirect": (N_("建议其他渠道"), N_("这件事由其他渠道处理更合适。")),
    "clue.screen_out": (N_("审查完毕"), N_("暂时不在公益诉讼办理的范围内。")),
    "clue.file": (N_("正式立案"), N_("已经正式立案办理。")),
    "clue.not_file": (N_("审查完毕"), N_("暂时不符合正式立案的条件。")),
    "clue.watch": (N_("继续关注"), N_("材料已经留存，我们继续关注。")),
    "clue.close": (N_("已办结"), N_("您反映的问题已经办完。")),
    "clue.reopen": (N_("重新审查"), N_("我们重新审查您反映的问题。")),
    "report.withdrawn": (N_("您已撤回"), N_("您说明不再反映这件事。")),
}
_BEFORE_ANSWER: Final = frozenset({_TRANSFER, "transfer.acknowledged"})
_BEGINS_ANEW: Final = frozenset({"clue.reopen", "clue.start_evaluation"})
_CHECKED: Final = frozenset(_PUBLIC) - {"clue.received", "clue.register", "clue.request_info", "report.supplemented",
                                        "report.withdrawn"}  # fmt: skip
# Where a matter stands behind what last happened to it: given back by whoever got it, or not solved on the ground. Who
# said what between two bodies is not the reporter's; that it goes on is.
_GOES_ON: Final = {
    "evaluating": (
        frozenset({_TRANSFER, "transfer.acknowledged", "transfer.replied"}),
        (N_("继续审查核实"), N_("检察官还在审查核实您反映的问题。")),
    ),
    "transfer_acknowledged": (
        frozenset({"transfer.replied"}),
        (N_("继续处理"), N_("检察官核实以后，请有权处理的机关继续处理。")),
    ),
}
_PASSED_ON: Final = frozenset({_TRANSFER, "clue.file"})
_BEGUN, _MERGED, _UNMERGED = "clue.start_evaluation", "clue.merge", "clue.unmerge"
# How a matter ended, by the state it ended in: the step a reporter reads when another clue ended for theirs too.
_STEP_OF: Final = {
    step.to.value: action.value
    for action, step in LIFECYCLE.items()
    if step.to is not None and step.to in ENDED
}
_Entry = tuple[str, datetime, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Knot:
    """One knot of the thread."""

    label: str
    when: datetime | None
    sentence: str
    is_done: bool
    is_now: bool


class _Clue(Protocol):
    """What the thread needs to know of a clue."""

    @property
    def public_status(self) -> str:
        """Return where it stands for the public."""

    @property
    def received_at(self) -> datetime:
        """Return when it came."""

    @property
    def withdrawn_at(self) -> datetime | None:
        """Return when its reporter took it back."""


class _Message(Protocol):
    """What is asked of a message."""

    kind: str


def knots(journal: Sequence[_Entry], clue: _Clue, *, is_facility: bool) -> list[Knot]:
    """Return the thread: what happened, where it stands now, what may come."""
    if is_facility:
        return [Knot(gettext("已转专门渠道"), clue.received_at, "", is_done=True, is_now=False)]
    happened = _forward([(verb, at, facts) for verb, at, facts in _read_as(journal) if verb in _PUBLIC])
    happened = [row for at, row in enumerate(happened) if at == 0 or happened[at - 1][0] != row[0]]
    is_over = is_told_over(clue.public_status) or clue.withdrawn_at is not None
    on = [] if is_over else _goes_on(clue.public_status, happened)
    last = -1 if on else len(happened) - 1
    done = [
        Knot(
            gettext(_PUBLIC[verb][0]), at, _sentence(verb, facts),
            is_done=is_over or number != last, is_now=not is_over and number == last,
        )
        for number, (verb, at, facts) in enumerate(happened)
    ]  # fmt: skip
    return done + on + ([] if is_over else _ahead({verb for verb, _, _ in happened}))


def _goes_on(public_status: str, happened: Sequence[_Entry]) -> list[Knot]:
    """Return the knot of where it stands now, when that lies behind the last thing that happened."""
    behind, (label, sentence) = _GOES_ON.get(public_status, (frozenset(), ("", "")))
    if not happened or happened[-1][0] not in behind:
        return []
    return [Knot(gettext(label), None, gettext(sentence), is_done=False, is_now=True)]


def _read_as(journal: Iterable[_Entry]) -> Iterator[_Entry]:
    """Give what happened to a merged clue the words any other clue would have: merging itself is nobody's news."""
    has_begun = has_ended = False
    for verb, at, facts in journal:
        if verb == _MERGED:
            if not has_begun:
                yield _BEGUN, at, {}
        elif verb == OUTCOME_SHARED:
            yield f"clue.{_STEP_OF.get(str(facts['state']), 'reopen')}", at, {}
            has_ended = facts["state"] in _STEP_OF
        elif verb != _UNMERGED:
            yield verb, at, facts
        elif has_ended:
            yield "clue.reopen", at, {}
        has_begun = has_begun or verb in {_BEGUN, _MERGED}


def _forward(
    happened: Sequence[_Entry],
) -> list[_Entry]:
    """Of several receivers keep the furthest step: a later one who only now has it in hand is no step back."""
    found: list[_Entry] = []
    is_answered = False
    for verb, at, facts in happened:
        if verb in _BEGINS_ANEW:
            is_answered = False
        if is_answered and verb in _BEFORE_ANSWER:
            continue
        is_answered = is_answered or verb == "transfer.replied"
        found.append((verb, at, facts))
    return found


def _sentence(verb: str, facts: Mapping[str, Any]) -> str:
    if verb == _TRANSFER:
        kind = facts.get("recipient_kind")
        if kind not in set(OrgKind):
            return gettext("已转交给有权处理的机关。")
        return gettext(_PUBLIC[verb][1], kind=gettext(ORG_KINDS[OrgKind(kind)]))
    if verb == "clue.register":
        return gettext(_PUBLIC[verb][1], number=facts.get("number", ""))
    return gettext(_PUBLIC[verb][1])


def _ahead(seen: set[str]) -> list[Knot]:
    steps = []
    if not seen & _CHECKED:
        steps.append(gettext("审查核实"))
    if not seen & _PASSED_ON:
        steps.append(gettext("转交或者办理"))
    steps.append(gettext("告诉您结果"))
    return [Knot(label, None, "", is_done=False, is_now=False) for label in steps]


def is_answered(clue: _Clue, messages: Iterable[_Message]) -> bool:
    """Say whether there is an answer the reporter may call enough or not enough."""
    return is_told_over(clue.public_status) or any(message.kind == MessageKind.RESULT for message in messages)
