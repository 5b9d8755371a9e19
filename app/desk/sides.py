"""The small forms beside a clue's page: what they depend on, and which of them a person is offered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from app.clues.terms import ClueAction
from app.desk import steps_shown
from app.desk.step_forms import Choices, fields_of
from app.desk.step_terms import ANY_CLUE, ANY_TITLE, NOTHING_TYPED, Option, StepField, StepView, Typed
from app.identity.permissions import Verb
from app.platform import i18n
from app.platform.i18n import gettext as _
from app.platform.web.render import Urls

Sides = Mapping[str, StepView]
_NOBODY: Final[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True)
class StepHrefs:
    """Where each step's form goes, for ANY_CLUE."""

    urls: Urls

    def __call__(self, key: str) -> str:
        """Return the address of a step."""
        if key == ClueAction.TRANSFER.value:
            return self.urls("transfer:draft", clue_id=ANY_CLUE)
        if key == "message_preview":
            return self.urls("desk:message_preview", clue_id=ANY_CLUE)
        return self.urls(f"triage:{key}", clue_id=ANY_CLUE)


@dataclass(frozen=True, slots=True)
class Beside:
    """Everything the small forms depend on but a clue's title: who looks, what they may, how the clue stands."""

    me: str
    verbs: frozenset[Verb]
    choices: Choices
    assignee_id: str | None
    # The value of the choice that stands: a person, a team, nobody.
    in_hands: str
    is_urgent: bool
    is_major: bool
    # The circle it may be moved from; empty where it may not be moved any more.
    movable_from: str
    has_contact: bool
    keeps_out: bool
    marked: tuple[str, ...] = _NOBODY


def of_clue(beside: Beside, title: str, hrefs: StepHrefs, typed: Typed) -> Sides:
    """Return the forms by key; those nothing was typed into are the same for all clues that stand alike."""
    if typed is NOTHING_TYPED:
        return _common(i18n.current_locale.get(), beside, hrefs)
    return _offered(beside, title, hrefs, typed)


@lru_cache(maxsize=512)
def _common(_locale: str, beside: Beside, hrefs: StepHrefs) -> Sides:
    return _offered(beside, ANY_TITLE, hrefs, NOTHING_TYPED)


class _Offer:
    def __init__(self, choices: Choices, hrefs: StepHrefs, typed: Typed) -> None:
        self.found: dict[str, StepView] = {}
        self._choices, self._hrefs, self._typed = choices, hrefs, typed

    def __call__(self, key: str, label: str, submit: str, values: Mapping[str, str] | None = None) -> None:
        fields = fields_of(key, self._choices, self._typed, values=values)
        self.found[key] = StepView(
            key, label, submit, self._hrefs(key), fields=tuple(fields), is_open=self._typed.step == key,
            shortcut=steps_shown.SHORTCUTS.get(key, ""), is_common=self._typed is NOTHING_TYPED,
        )  # fmt: skip


def _offered(beside: Beside, title: str, hrefs: StepHrefs, typed: Typed) -> Sides:
    """Return the forms this person may use."""
    offer = _Offer(beside.choices, hrefs, typed)
    is_able = any(one.value == beside.me for one in beside.choices.handlers)
    if Verb.CLUE_ASSIGN in beside.verbs and beside.assignee_id != beside.me and is_able:
        offer.found["assign_me"] = _assign_me(beside.me, hrefs, typed)
    for is_meant, key, label, submit, values in _meant(beside, title):
        if is_meant:
            offer(key, label, submit, values)
    return offer.found


def _meant(beside: Beside, title: str) -> list[tuple[bool, str, str, str, Mapping[str, str] | None]]:
    """Return each form with whether it is meant: its key, what folds it out, what sends it, what stands in it."""
    verbs, choices = beside.verbs, beside.choices
    assigns, reviews = Verb.CLUE_ASSIGN in verbs, Verb.TRANSFER_REVIEW in verbs
    evaluates, writes = Verb.CLUE_EVALUATE in verbs, Verb.CLUE_MESSAGE in verbs
    moves = Verb.CLUE_REGISTER in verbs and bool(beside.movable_from)
    reveals = Verb.CONTACT_REVEAL in verbs and beside.has_contact
    again = _("改派") if beside.assignee_id else _("分派")
    marks = {"is_urgent": "yes" if beside.is_urgent else "", "is_major": "yes" if beside.is_major else ""}
    labels = {f"label_{key}": "yes" for key in beside.marked}
    return [
        (assigns, "assign", again, _("分派"), {"account_id": beside.in_hands}),
        (bool(choices.members), "split", _("拆出来"), _("拆出来"), None),
        (reviews and bool(choices.undecided), "confirm_recusal", _("同意回避"), _("同意回避"), None),
        (reviews and bool(choices.recused), "lift_recusal", _("不用回避"), _("不用回避"), None),
        (writes and not beside.keeps_out, "recuse", _("声明回避"), _("声明回避"), None),
        (Verb.CLUE_REGISTER in verbs, "set_title", _("改标题"), _("保存标题"), {"title": title}),
        (evaluates, "set_flags", _("改标记"), _("保存标记"), marks),
        (evaluates and bool(choices.superiors), "file_major", _("登记重大线索报备"), _("保存报备"), None),
        (writes, "note", _("写备注"), _("保存备注"), None),
        (writes, "set_labels", _("改标签"), _("保存标签"), labels),
        (writes, "read_news", _("已经看过"), _("已经看过"), None),
        (moves, "move", _("换范围"), _("换到这个范围"), {"compartment_id": beside.movable_from}),
        (reveals, "reveal", _("查看联系方式"), _("查看，并记录理由"), None),
        (reveals, "call", _("记通话"), _("保存通话记录"), None),
    ]


def _assign_me(me: str, hrefs: StepHrefs, typed: Typed) -> StepView:
    return StepView(
        "assign_me", _("我来办"), _("我来办"), hrefs("assign"),
        fields=(StepField("hidden", "account_id", "", "", value=me),),
        shortcut=steps_shown.SHORTCUTS["assign_me"], is_common=typed is NOTHING_TYPED,
    )  # fmt: skip


def others(out: Mapping[str, str], me: str) -> tuple[Option, ...]:
    """Return the colleagues who keep out of a clue, as choices."""
    return tuple(Option(key, name) for key, name in out.items() if key != me)
