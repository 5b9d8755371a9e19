"""The words of triage as the desk reads them."""

from __future__ import annotations

from typing import Final

from app.clues.terms import ClueAction as A
from app.platform.i18n import N_
from app.triage.terms import Criterion, Grade, GradeReason, WhyNot

CRITERIA: Final[dict[Criterion, str]] = {
    Criterion.TRUTH: N_("真实性"),
    Criterion.CHECK_OBJECT: N_("可查对象"),
    Criterion.CHECK_FACT: N_("可查事实"),
    Criterion.CHECK_CONDITIONS: N_("可查条件"),
    Criterion.HARM: N_("危害程度"),
    Criterion.DUTY_FAILURE: N_("未履职可能"),
}
CRITERIA_HINTS: Final[dict[Criterion, str]] = {
    Criterion.TRUTH: N_("来源可靠、现场有据、时间地点对得上"),
    Criterion.CHECK_OBJECT: N_("有明确的单位、人或者设施"),
    Criterion.CHECK_FACT: N_("有具体的事实"),
    Criterion.CHECK_CONDITIONS: N_("现在还能查到"),
    Criterion.HARM: N_("范围、持续时间、能否恢复、是否涉及弱势群体"),
    Criterion.DUTY_FAILURE: N_("主管机关明确，反映过而没有处理"),
}
GRADES: Final[dict[Grade, str]] = {
    Grade.A: N_("A 优先办理"),
    Grade.B: N_("B 一般办理"),
    Grade.C: N_("C 存查"),
    Grade.D: N_("D 不予受理"),
}
GRADE_REASONS: Final[dict[GradeReason, str]] = {
    GradeReason.NOT_PUBLIC: N_("没有涉及不特定多数人的利益"),
    GradeReason.NOT_CREDIBLE: N_("真实性为 0"),
    GradeReason.NOT_CHECKABLE: N_("对象、事实、条件里有一项没法查"),
    GradeReason.PRESSING: N_("情况紧急，真实性和危害都在 2 以上"),
    GradeReason.STRONG: N_("各项都扎实"),
    GradeReason.ENOUGH: N_("够条件继续办理"),
    GradeReason.THIN: N_("各项合计不到 8"),
}
WHY_NOT: Final[dict[WhyNot, str]] = {
    WhyNot.NO_RIGHT: N_("您现在的身份不能做这一步。"),
    WhyNot.NOT_FROM_HERE: N_("现在的状态不能做这一步。"),
    WhyNot.NEEDS_EVALUATION: N_("要先写一份评估。"),
    WhyNot.TRANSFERS_OPEN: N_("还有移送没有办结。"),
    WhyNot.NO_REPORTER: N_("这条线索没有可以联系的反映人。"),
}
# Why a step is not open from the present state, said for the step: what would have to be the case.
NOT_FROM_HERE: Final[dict[A, str]] = {
    A.REGISTER: N_("已经登记过，编号不会再变。"),
    A.REQUEST_INFO: N_("只有未登记、已登记、评估或者初步调查中的线索可以请反映人补充。"),
    A.RESUME: N_("只有待补充的线索需要恢复办理。"),
    A.START_EVALUATION: N_("已登记的线索才能开始评估。"),
    A.START_INQUIRY: N_("评估中的线索才能开展初步调查。"),
    A.END_INQUIRY: N_("现在没有进行中的初步调查。"),
    A.MERGE: N_("登记之后、作出处理之前才能合并。"),
    A.UNMERGE: N_("这条线索没有合并到别的线索。"),
    A.SCREEN_OUT: N_("登记之后、作出处理之前才能不予受理。"),
    A.REDIRECT: N_("登记之后、作出处理之前才能引导到其他渠道。"),
    A.TRANSFER: N_("评估中或者已移送的线索才能起草移送。"),
    A.WATCH: N_("评估中的线索才能存查。"),
    A.PROPOSE_FILING: N_("评估中的线索才能提请立案。"),
    A.CLOSE: N_("已移送或者已立案的线索才能办结。"),
    A.REOPEN: N_("线索还在办理中，不用重新办理。"),
}


def why_not(action: A, reason: WhyNot) -> str:
    """Return the message id that says why an action is not possible."""
    return NOT_FROM_HERE.get(action, WHY_NOT[reason]) if reason is WhyNot.NOT_FROM_HERE else WHY_NOT[reason]
