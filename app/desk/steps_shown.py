"""Which steps the foot bar offers, which of them is the main one, and why the others are not possible."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from app.clues.labels import ACTIONS
from app.clues.lifecycle import ENDED
from app.clues.terms import ClueAction as A
from app.clues.terms import ClueState as S
from app.desk.step_forms import EVALUATE, Choices, fields_of
from app.desk.step_terms import NOTHING_TYPED, StepView, Typed, WhyNotView
from app.identity.permissions import Verb
from app.platform import i18n
from app.platform.i18n import N_
from app.platform.i18n import gettext as _
from app.triage import labels, policy
from app.triage.policy import Situation
from app.triage.terms import WhyNot

# The step most likely next stands first; the bar shows three, the rest folds away (design.md 5).
BAR: Final = 3
_LIKELY: Final[dict[S, tuple[str, ...]]] = {
    S.SUBMITTED: (A.REGISTER.value, A.REQUEST_INFO.value),
    S.REGISTERED: (EVALUATE, A.TRANSFER.value, A.SCREEN_OUT.value, A.REDIRECT.value),
    S.NEED_MORE_INFO: (A.RESUME.value, A.MERGE.value, A.SCREEN_OUT.value),
    S.EVALUATING: (A.TRANSFER.value, A.PROPOSE_FILING.value, A.WATCH.value, EVALUATE, A.START_INQUIRY.value),
    S.PRELIMINARY_INQUIRY: (A.END_INQUIRY.value, A.REQUEST_INFO.value, EVALUATE),
    S.TRANSFER_OUT: (A.CLOSE.value, A.TRANSFER.value),
    S.FILED: (A.CLOSE.value,),
    **dict.fromkeys(ENDED, (A.REOPEN.value,)),
    S.MERGED_DUPLICATE: (A.UNMERGE.value,),
}
_DANGER: Final = frozenset({A.SCREEN_OUT.value})
SUBMIT: Final[dict[str, str]] = {
    A.REGISTER.value: N_("登记，取得编号"),
    A.REQUEST_INFO.value: N_("发给反映人"),
    A.RESUME.value: N_("恢复办理"),
    EVALUATE: N_("保存评估"),
    A.START_INQUIRY.value: N_("开展初步调查"),
    A.END_INQUIRY.value: N_("结束初步调查"),
    A.MERGE.value: N_("合并"),
    A.UNMERGE.value: N_("解除合并"),
    A.SCREEN_OUT.value: N_("不予受理"),
    A.REDIRECT.value: N_("引导到这个渠道"),
    A.WATCH.value: N_("存查"),
    A.PROPOSE_FILING.value: N_("提请立案"),
    A.CLOSE.value: N_("办结"),
    A.REOPEN.value: N_("重新办理"),
}
# One key each, pressed on the clue page or beside the list; `?` shows them (static/js/behaviours/shortcuts.js).
SHORTCUTS: Final[dict[str, str]] = {
    A.REGISTER.value: "r",
    A.REQUEST_INFO.value: "q",
    EVALUATE: "e",
    A.SCREEN_OUT.value: "s",
    A.REDIRECT.value: "g",
    A.MERGE.value: "m",
    A.TRANSFER.value: "t",
    A.WATCH.value: "w",
    "assign_me": "a",
    "assign": "h",
    "note": "c",
}
# The steps at which the reporter is told something in words: these can be looked at before they are sent.
SAYS: Final = frozenset({A.REQUEST_INFO.value, A.SCREEN_OUT.value, A.REDIRECT.value, A.CLOSE.value})
BEGIN_TRANSFER: Final = "begin_transfer"
_EVALUATE_LABEL: Final = N_("评估")
Href = Callable[[str], str]
Verbs = frozenset[Verb]


@dataclass(frozen=True, slots=True, eq=False)
class Bar:
    """The foot bar: what stands in it, what is folded behind it, and why the rest is not possible.

    Each is itself and equal to no other, as its steps are.
    """

    shown: tuple[StepView, ...]
    more: tuple[StepView, ...]
    why_not: tuple[WhyNotView, ...]
    is_common: bool = True


def bar(verbs: Verbs, situation: Situation, choices: Choices, typed: Typed, href: Href) -> Bar:
    """Compose the bar of a clue for a person; one that nothing was typed into is the same for all who may do the same."""
    if typed is NOTHING_TYPED:
        return _common(i18n.current_locale.get(), verbs, situation, choices, href)
    return _bar(verbs, situation, choices, typed, href)


@lru_cache(maxsize=256)
def _common(_locale: str, verbs: Verbs, situation: Situation, choices: Choices, href: Href) -> Bar:
    return _bar(verbs, situation, choices, NOTHING_TYPED, href)


def _bar(verbs: Verbs, situation: Situation, choices: Choices, typed: Typed, href: Href) -> Bar:
    possible: list[str] = []
    refused: list[WhyNotView] = []
    for key, why in _asked(verbs, situation).items():
        if why is None:
            possible.append(key)
        elif why is not WhyNot.NO_RIGHT or key == A.REGISTER.value:
            refused.append(WhyNotView(_label(key), _why(key, why)))
    likely = _LIKELY.get(situation.state, ())
    if situation.state is S.EVALUATING and not situation.has_evaluation:
        likely = (EVALUATE, *likely)
    possible.sort(key=lambda key: likely.index(key) if key in likely else len(likely))
    if situation.state is S.REGISTERED:
        possible = [BEGIN_TRANSFER if key == A.TRANSFER.value else key for key in possible]
    steps = [
        replace(step(key, choices, typed, href), kind="main" if at == 0 else _kind(key))
        for at, key in enumerate(possible)
    ]
    return Bar(
        tuple(steps[:BAR]), tuple(steps[BAR:]), tuple(refused), is_common=all(one.is_common for one in steps)
    )


def _asked(verbs: Verbs, situation: Situation) -> Mapping[str, WhyNot | None]:
    """Return every step of the desk with the reason against it; START_EVALUATION is part of evaluating."""
    asked: dict[str, WhyNot | None] = {}
    for action in policy.VERB_OF:
        if action is A.START_EVALUATION:
            asked[EVALUATE] = policy.may_evaluate(verbs, situation.state)
        else:
            asked[action.value] = policy.refusal(action, verbs, situation)
    # From REGISTERED a transfer begins by beginning to evaluate: one press, two steps of the lifecycle.
    if situation.state is S.REGISTERED and Verb.TRANSFER_DRAFT in verbs:
        asked[A.TRANSFER.value] = policy.refusal(A.START_EVALUATION, verbs, situation)
    return asked


def _kind(key: str) -> str:
    return "danger" if key in _DANGER else "plain"


def _label(key: str) -> str:
    return _(_EVALUATE_LABEL) if key == EVALUATE else _(ACTIONS[A(key)])


def _why(key: str, why: WhyNot) -> str:
    return _(labels.WHY_NOT[why]) if key == EVALUATE else _(labels.why_not(A(key), why))


def step(key: str, choices: Choices, typed: Typed, href: Href) -> StepView:
    """Return one step of the lifecycle as the page shows it."""
    if key == BEGIN_TRANSFER:
        label = _label(A.TRANSFER.value)
        return StepView(key, label, label, href(key), shortcut=SHORTCUTS[A.TRANSFER.value])
    if key == A.TRANSFER.value:
        return StepView(key, _label(key), _label(key), href(key), is_link=True, shortcut=SHORTCUTS[key])
    fields = fields_of(key, choices, typed)
    label = _label(key)
    return StepView(
        key,
        label,
        _(SUBMIT[key]),
        href(key),
        fields=tuple(fields),
        is_open=bool(fields) and typed.step == key,
        shortcut=SHORTCUTS.get(key, ""),
        look_href=href("message_preview") if key in SAYS and not choices.reporter_reads_nothing else "",
        is_common=typed is NOTHING_TYPED,
    )
