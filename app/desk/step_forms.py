"""The small forms of the steps, as data: one template draws them all, one place knows what each asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from app.clues.terms import ClueAction as A
from app.desk import words
from app.desk.step_terms import Option, StepField, Typed
from app.platform.i18n import gettext as _
from app.reference.jurisdiction.terms import LEVELS, Level
from app.triage import labels
from app.triage.forms import MEMBER, NOTE_LENGTH, PUBLIC_LENGTH, TITLE_LENGTH
from app.triage.terms import HIGHEST_SCORE, Criterion, Grade

EVALUATE: Final = "evaluate"
_ASK_DAYS: Final = 14


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """What the reference data lets people choose for a category, in the reader's language: equal to itself only."""

    reasons: Mapping[str, Sequence[Option]] = field(default_factory=dict)
    hotlines: Sequence[Option] = ()
    labels: Sequence[Option] = ()
    templates: Mapping[str, Sequence[Option]] = field(default_factory=dict)


_NOTHING_PREPARED: Final = Prepared()


@dataclass(frozen=True, slots=True)
class Choices:
    """What the forms let people choose from, in the reader's language; equal choices make equal forms."""

    prepared: Prepared = _NOTHING_PREPARED
    handlers: tuple[Option, ...] = ()
    circles: tuple[Option, ...] = ()
    inquirers: tuple[Option, ...] = ()
    superiors: tuple[Option, ...] = ()
    members: tuple[Option, ...] = ()
    recused: tuple[Option, ...] = ()
    undecided: tuple[Option, ...] = ()
    today: date = date.min
    reporter_reads_nothing: bool = False
    # What the rules of jurisdiction say of the clue as it stands.
    advice: str = ""
    level: str = Level.UNKNOWN.value


def _template(choices: Choices, step: str) -> list[StepField]:
    """Return the choice of words prepared for a step; nothing where there are none."""
    found = choices.prepared.templates.get(step, ())
    if not found or choices.reporter_reads_nothing:
        return []
    options = [Option("", _("不用模板")), *found]
    return [
        StepField(
            "select", "template", _("用准备好的话"), "", options=options,
            hint=_("下面的框空着才用。发出去以前可以先看、再改。"),
        )
    ]  # fmt: skip


def _reason(choices: Choices, key: str) -> StepField:
    options = [Option("", _("请选择")), *choices.prepared.reasons.get(key, ())]
    return StepField("select", "reason_key", _("理由"), "", required=True, options=options)


def _public(choices: Choices) -> list[StepField]:
    if choices.reporter_reads_nothing:
        return []
    hint = _("反映人会看到这段话。不写，就用所选理由的那句话。")
    return [StepField("area", "public", _("答复反映人"), "", hint=hint, maxlength=PUBLIC_LENGTH)]


def _note(label: str = "", *, required: bool = False, hint: str = "") -> StepField:
    return StepField(
        "area", "note", label or _("内部说明"), "", required=required, maxlength=NOTE_LENGTH, rows=2,
        hint=hint or ("" if required else _("只有工作人员看得到，可以不写。")),
    )  # fmt: skip


def _request(choices: Choices) -> list[StepField]:
    until = (choices.today + timedelta(days=_ASK_DAYS)).isoformat()
    prepared = _template(choices, A.REQUEST_INFO.value)
    return [
        *prepared,
        StepField(
            "area", "text", _("请反映人补充什么"), "", required=not prepared, maxlength=PUBLIC_LENGTH, rows=4,
            hint=_("反映人凭查询码看到这段话，可以直接回复、传照片。"),
        ),
        StepField(
            "date", "answer_by", _("希望什么时候之前"), "", value=until, required=True,
            hint=_("过了这天没有补充，线索也不会因此结束。"),
        ),
    ]  # fmt: skip


def _evaluation(choices: Choices) -> list[StepField]:
    marks = [Option(str(score), str(score)) for score in range(HIGHEST_SCORE + 1)]
    scores = [
        StepField(
            "score", criterion.value, _(labels.CRITERIA[criterion]), "",
            hint=_(labels.CRITERIA_HINTS[criterion]), required=True, options=marks,
        )
        for criterion in Criterion
    ]  # fmt: skip
    grades = [Option("", _("按打分建议")), *(Option(grade.value, _(labels.GRADES[grade])) for grade in Grade)]
    return [
        *scores,
        StepField("tick", "is_public", _("涉及不特定多数人的利益"), "", value="yes"),
        StepField(
            "select",
            "level",
            _("监督对象是哪一级"),
            "",
            value=choices.level,
            options=[Option(level.value, _(text)) for level, text in LEVELS.items()],
        ),
        StepField(
            "tick",
            "is_ours",
            _("属于本院管辖"),
            "",
            value="yes",
            hint=_("按规则：%(said)s", said=choices.advice) if choices.advice else "",
        ),
        StepField("tick", "is_pressing", _("情况紧急"), "", hint=_("会标为紧急，列在紧急的前面。")),
        StepField(
            "tick",
            "is_harmed",
            _("公共利益受到侵害"),
            "",
            hint=_("行政公益诉讼的两项条件之一（办案规则第67条）。"),
        ),
        StepField(
            "tick",
            "is_duty_unmet",
            _("负有监管职责的机关可能违法行使职权或者不作为"),
            "",
            hint=_("两项条件之二。"),
        ),
        StepField("select", "grade", _("等级"), "", options=grades),
        StepField(
            "area",
            "reason",
            _("理由"),
            "",
            maxlength=NOTE_LENGTH,
            rows=2,
            hint=_("等级与打分建议不同时必须写。"),
        ),
    ]


def _inquiry(choices: Choices) -> list[StepField]:
    options = [Option("", _("请选择")), *choices.inquirers]
    hint = _("调查要有两名以上工作人员（办案规则第36条）。")
    return [
        StepField("select", "staff_1", _("调查人员"), "", required=True, options=options, hint=hint),
        StepField("select", "staff_2", _("另一名调查人员"), "", required=True, options=options),
        _note(_("调查什么、怎么查")),
    ]


def _filing(choices: Choices) -> list[StepField]:
    options = [Option("", _("请选择")), *choices.superiors]
    return [
        StepField(
            "select", "superior_id", _("报送的检察院"), "", required=True, options=options,
            hint=_("重大线索报上一级检察院备案（办案规则第25条）。"),
        ),
        StepField("date", "filed_on", _("报送日期"), "", value=choices.today.isoformat(), required=True),
        _note(),
    ]  # fmt: skip


def _merging(choices: Choices) -> list[StepField]:
    return [
        StepField(
            "line", "master", _("主线索的编号"), "", required=True, maxlength=80,
            hint=_("本线索的编号不变；办理结果两位反映人都会收到。"),
        ),
        _reason(choices, "merge"),
        _note(),
    ]  # fmt: skip


def _redirection(choices: Choices) -> list[StepField]:
    hotlines = [Option("", _("请选择")), *choices.prepared.hotlines]
    return [
        StepField("select", "hotline_key", _("哪个渠道"), "", required=True, options=hotlines),
        _reason(choices, "redirect"),
        *_template(choices, A.REDIRECT.value),
        *_public(choices),
        _note(),
    ]


def _splitting(choices: Choices) -> list[StepField]:
    return [
        *(StepField("tick", f"{MEMBER}{one.value}", one.label, "") for one in choices.members),
        StepField(
            "tick", "stay_together", _("拆出来的几条是同一件事"), "",
            hint=_("勾上以后，最早的一条继续办理，其余并到它下面；不勾，各自重新评估。"),
        ),
        _note(_("为什么拆出来"), required=True, hint=_("编号都不变。已经看到主线索结果的反映人会被告知重新办理。")),
    ]  # fmt: skip


def _assignment(choices: Choices) -> list[StepField]:
    options = [Option("", _("请选择")), *choices.handlers]
    return [StepField("select", "account_id", _("承办人"), "", required=True, options=options)]


def _call(_choices: Choices) -> list[StepField]:
    options = [Option("", _("请选择")), *(Option(value, label) for value, label in words.call_ends())]
    hint = _("只有工作人员看得到。不要写电话号码和姓名。")
    return [
        StepField("select", "end", _("打通了吗"), "", required=True, options=options),
        StepField("area", "words", _("说了什么"), "", maxlength=1000, rows=2, hint=hint),
    ]


def _circle(choices: Choices) -> list[StepField]:
    hint = _("登记编号以前才能换。换走以后，不在那个范围的人就看不到这条线索。")
    return [
        StepField(
            "select", "compartment_id", _("范围"), "", hint=hint, required=True, options=choices.circles
        )
    ]


_FORMS: Final[dict[str, Callable[[Choices], Sequence[StepField]]]] = {
    A.REQUEST_INFO.value: _request,
    EVALUATE: _evaluation,
    A.START_INQUIRY.value: _inquiry,
    A.END_INQUIRY.value: lambda _c: [_note(_("调查结果"), required=True)],
    A.SCREEN_OUT.value: lambda c: [
        _reason(c, "screen_out"), *_template(c, A.SCREEN_OUT.value), *_public(c), _note(),
    ],
    A.REDIRECT.value: _redirection,
    A.MERGE.value: _merging,
    A.UNMERGE.value: lambda _c: [_note(_("为什么解除合并"), required=True)],
    A.WATCH.value: lambda _c: [_note(_("为什么存查"), required=True)],
    A.PROPOSE_FILING.value: lambda _c: [_note()],
    A.CLOSE.value: lambda c: [_reason(c, "close"), *_template(c, A.CLOSE.value), *_public(c), _note()],
    A.REOPEN.value: lambda c: [_reason(c, "reopen"), _note()],
    "assign": _assignment,
    "split": _splitting,
    "recuse": lambda _c: [
        _note(
            _("为什么回避"), required=True,
            hint=_("声明以后您不能再办理这条线索，也不会再分派给您；现在由您承办的，会变成无人承办。"),
        )
    ],
    "confirm_recusal": lambda c: [
        StepField(
            "select", "account_id", _("同意谁回避"), "", required=True,
            options=[Option("", _("请选择")), *c.undecided],
            hint=_("要在声明后三日内决定（办案规则第23条）。决定以前，声明的人也不能办理。"),
        )
    ],
    "lift_recusal": lambda c: [
        StepField(
            "select", "account_id", _("谁不用回避"), "", required=True,
            options=[Option("", _("请选择")), *c.recused],
        ),
        _note(_("为什么不用回避"), required=True),
    ],
    "set_title": lambda _c: [
        StepField("line", "title", _("标题"), "", required=True, maxlength=TITLE_LENGTH)
    ],
    "set_flags": lambda _c: [
        StepField("tick", "is_urgent", _("紧急"), ""),
        StepField("tick", "is_major", _("重大线索"), "", hint=_("重大线索要报上一级检察院备案。")),
    ],
    "file_major": _filing,
    "set_labels": lambda c: [StepField("tick", f"label_{one.value}", one.label, "") for one in c.prepared.labels],
    "note": lambda _c: [StepField("area", "note", _("备注"), "", required=True, maxlength=NOTE_LENGTH, rows=3)],
    "move": _circle,
    "call": _call,
    "reveal": lambda _c: [
        StepField(
            "area", "reason", _("为什么要看"), "", required=True, maxlength=500, rows=2,
            hint=_("理由、时间和您的名字都会记录下来。"),
        )
    ],
}  # fmt: skip


def fields_of(
    step: str, choices: Choices, typed: Typed, *, values: Mapping[str, str] | None = None
) -> list[StepField]:
    """Return a step's fields, filled with what was typed before, else with `values`, else with what is usual."""
    asked = _FORMS.get(step)
    if asked is None:
        return []
    is_again = typed.step == step
    found = []
    for one in asked(choices):
        value = one.value if values is None else values.get(one.name, one.value)
        if is_again:
            value = typed.values.get(one.name, "")
        error = typed.errors.get(one.name, "") if is_again else ""
        found.append(replace(one, id=f"{step}-{one.name}", value=value, error=error))
    return found
