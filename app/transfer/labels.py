"""The words of the transfer room as people at the desk and receivers read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from app.clocks.rules import Calendar, deadline
from app.clocks.terms import Why, WhyStep
from app.platform import when
from app.platform.i18n import N_, current_locale, gettext
from app.transfer.findings import FindingKind
from app.transfer.queries import WorkList
from app.transfer.service.sending import FEEDBACK_CLOCK
from app.transfer.terms import (
    AnswerKind,
    AnswerWay,
    LetterKind,
    ServiceMode,
    SignDecision,
    SignStep,
    TransferKind,
    TransferState,
    VisitOutcome,
)

Toned = tuple[str, str]

_STATES: Final[dict[TransferState, Toned]] = {
    TransferState.DRAFT: (N_("起草中"), "plain"),
    TransferState.IN_REVIEW: (N_("待审核"), "act"),
    TransferState.TO_SIGN: (N_("待签发"), "act"),
    TransferState.SIGNED: (N_("已签发，待发出"), "act"),
    TransferState.SENT: (N_("已发出，待接收"), "time"),
    TransferState.ACKNOWLEDGED: (N_("已接收，待回复"), "time"),
    TransferState.REPLIED: (N_("已回复，待核对"), "act"),
    TransferState.REFUSED: (N_("已退回"), "stop"),
    TransferState.WITHDRAWN: (N_("已撤回"), "plain"),
    TransferState.CLOSED: (N_("已办结"), "done"),
}
# The receiver reads the same life from the other side.
_STATES_RECEIVED: Final[dict[TransferState, Toned]] = {
    TransferState.SENT: (N_("新到，请接收"), "act"),
    TransferState.ACKNOWLEDGED: (N_("办理中，请回复"), "time"),
    TransferState.REPLIED: (N_("已回复"), "done"),
    TransferState.REFUSED: (N_("已退回"), "plain"),
    TransferState.WITHDRAWN: (N_("检察院已撤回"), "plain"),
    TransferState.CLOSED: (N_("已办结"), "done"),
}
KINDS: Final[dict[TransferKind, str]] = {
    TransferKind.AGENCY: N_("移送行政机关"),
    TransferKind.PROCURATORATE: N_("移送同级检察院"),
    TransferKind.UPWARD: N_("报请上级检察院"),
    TransferKind.MILITARY: N_("移送军事检察院"),
    TransferKind.DEPARTMENT: N_("移送本院其他部门"),
    TransferKind.POLICE: N_("移送公安机关"),
    TransferKind.SUPERVISION: N_("移送监察机关"),
}
# What the receiver is asked for, as the pages call it; the document's own heading is reference data.
REQUESTS: Final[dict[LetterKind, str]] = {
    LetterKind.TRANSFER_LETTER: N_("请办理和反馈的事项"),
    LetterKind.TRANSFER_NOTICE: N_("移送理由"),
    LetterKind.SUBMISSION_UP: N_("报请理由和意见"),
    LetterKind.HANDOVER_FORM: N_("移送理由和办理建议"),
}
WORK_LISTS: Final[dict[WorkList, Toned]] = {
    WorkList.DRAFTS: (N_("起草中"), "plain"),
    WorkList.TO_REVIEW: (N_("待审核"), "act"),
    WorkList.TO_SIGN: (N_("待签发"), "act"),
    WorkList.TO_SEND: (N_("待发出"), "act"),
    WorkList.UNACKNOWLEDGED: (N_("还没接收"), "time"),
    WorkList.SOON: (N_("快到期的"), "time"),
    WorkList.DUE: (N_("到期没回复"), "stop"),
    WorkList.TO_CALL: (N_("该打电话催的"), "stop"),
    WorkList.REVISITS: (N_("到期回访"), "time"),
    WorkList.TO_CHECK: (N_("回复待核对"), "act"),
    WorkList.ALL: (N_("全部"), "plain"),
}
ANSWERS: Final[dict[AnswerKind, str]] = {
    AnswerKind.ACKNOWLEDGED: N_("接收"),
    AnswerKind.REFUSED: N_("退回"),
    AnswerKind.PROMISED: N_("承诺答复日期"),
    AnswerKind.ASKED: N_("提问"),
    AnswerKind.REPLIED: N_("回复"),
    AnswerKind.DISPUTED: N_("有异议，已报上级院"),
    AnswerKind.TOLD: N_("我们的说明"),
    AnswerKind.ASKED_AGAIN: N_("我们继续询问"),
}
WAYS: Final[dict[AnswerWay, str]] = {
    AnswerWay.ACCOUNT: N_("登录答复"),
    AnswerWay.LINK: N_("一次性链接答复"),
    AnswerWay.PAPER: N_("纸质，由工作人员录入"),
    AnswerWay.OFFICE: N_("本院"),
}
MODES: Final[dict[ServiceMode, str]] = {
    ServiceMode.DIRECT: N_("直接送达"),
    ServiceMode.LIEN: N_("留置送达"),
    ServiceMode.MAIL: N_("邮寄送达"),
    ServiceMode.ELECTRONIC: N_("电子送达"),
    ServiceMode.DECLARED: N_("宣告送达"),
    ServiceMode.ENTRUSTED: N_("委托送达"),
}
STEPS: Final[dict[SignStep, str]] = {
    SignStep.SUBMIT: N_("提交"),
    SignStep.REVIEW: N_("审核"),
    SignStep.SIGN: N_("签发"),
    SignStep.SEND: N_("发出"),
}
DECISIONS: Final[dict[tuple[SignStep, SignDecision], str]] = {
    (SignStep.SUBMIT, SignDecision.SUBMITTED): N_("%(name)s 提交"),
    (SignStep.REVIEW, SignDecision.APPROVED): N_("%(name)s 审核通过"),
    (SignStep.REVIEW, SignDecision.RETURNED): N_("%(name)s 退回修改"),
    (SignStep.SIGN, SignDecision.APPROVED): N_("%(name)s 签发"),
    (SignStep.SIGN, SignDecision.RETURNED): N_("%(name)s 退回修改"),
    (SignStep.SEND, SignDecision.SENT): N_("%(name)s 发出"),
}
FINDINGS: Final[dict[FindingKind, str]] = {
    FindingKind.PHONE: N_("像电话号码"),
    FindingKind.ID_NUMBER: N_("像身份证号码"),
    FindingKind.BANK_CARD: N_("像银行卡号"),
    FindingKind.PLATE: N_("像车牌号"),
    FindingKind.SELF: N_("像反映人说自己的话"),
    FindingKind.EMAIL: N_("像邮箱"),
    FindingKind.ACCOUNT: N_("像微信、QQ 账号"),
    FindingKind.NAME: N_("像人名"),
    FindingKind.UNIT: N_("像部队番号"),
    FindingKind.QUOTE: N_("照抄了反映人的原话"),
}
OUTCOMES: Final[dict[VisitOutcome, Toned]] = {
    VisitOutcome.VERIFIED: (N_("问题已解决"), "done"),
    VisitOutcome.FAILED: (N_("没有解决"), "stop"),
    VisitOutcome.RELAPSED: (N_("又反弹了"), "stop"),
}
_WHY: Final[dict[Why, str]] = {
    Why.SAME_DAY: N_("当天到期"),
    Why.START_NOT_COUNTED: N_("%(starts_on)s 当天不算，从 %(counted_from)s 起算"),
    Why.DAYS_COUNTED: N_("数满 %(amount)s 天是 %(last_on)s"),
    Why.WORKDAYS_COUNTED: N_("数满 %(amount)s 个工作日是 %(last_on)s"),
    Why.MONTHS_COUNTED: N_("数满 %(amount)s 个月是 %(last_on)s"),
    Why.SHORTER_MONTH: N_("那个月没有这一天，按月末 %(last_on)s 算"),
    Why.MONTH_END: N_("到月末 %(last_on)s"),
    Why.ROLLED: N_("%(from_on)s 是休息日，顺延到 %(due_on)s"),
    Why.MAKEUP_DAY_STANDS: N_("%(due_on)s 是调休上班日，不顺延"),
    Why.UNPUBLISHED: N_("%(year)s 年的放假安排还没有公布，日期可能变动"),
    Why.AMOUNT_OVERRIDDEN: N_("本院约定 %(amount)s 天（通常 %(usual_amount)s 天）"),
}


def state(found: str, *, sees: str = "office") -> Toned:
    """Return a state in words and its tone, as the office or the receiver reads it."""
    table = _STATES if sees == "office" else _STATES_RECEIVED
    text, tone = table[TransferState(found)]
    return gettext(text), tone


def document(disclosed: Mapping[str, Any]) -> str:
    """Return what the document is called; its title is reference data with its own English."""
    wording = disclosed["wording"]
    return str(
        wording["title_en"] if current_locale.get() == "en" and wording["title_en"] else wording["title"]
    )


def answer_kind(found: str) -> str:
    """Return what kind of answer it was."""
    return gettext(ANSWERS[AnswerKind(found)])


def why_step(step: WhyStep) -> str:
    """Return one step of the explanation of a date."""
    values = {
        name: value if isinstance(value, int | str) else when.shown_date(value)
        for name, value in step.values.items()
    }
    return gettext(_WHY[step.key], **values)


def why_due(starts_on: date, due_on: date, calendar: Calendar, days: int) -> list[str]:
    """Return why an answer is due by that day; nothing where the day was counted otherwise."""
    found = deadline(FEEDBACK_CLOCK, starts_on, calendar, days)
    return [why_step(step) for step in found.why] if found.due_on == due_on else []
