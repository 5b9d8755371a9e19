"""How the desk says things: a clue's way, ages, due dates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from app.clues.labels import ACTIONS
from app.clues.terms import ClueAction
from app.desk.rules import Due
from app.intake.terms import CallEnd
from app.platform import clock
from app.platform.i18n import N_, listed
from app.platform.i18n import gettext as _
from app.platform.when import ago, shown_date

# What happened, by journal verb. A verb that is missing here fails a test, not the page.
VERBS: Final[dict[str, str]] = {
    **{f"clue.{action.value}": text for action, text in ACTIONS.items()},
    "agency.added": N_("添加了单位"),
    "agency.changed": N_("改了单位的资料"),
    "reference.changed": N_("改了基础资料"),
    "agreement.added": N_("记下了协作机制"),
    "agreement.changed": N_("改了协作机制"),
    "agreement.reviewed": N_("复核了协作机制"),
    "clue.received": N_("收到"),
    "clue.evaluated": N_("评估"),
    "clue.assigned": N_("分派"),
    "clue.case_numbered": N_("存下业务应用系统编号"),
    "clue.recused": N_("声明回避"),
    "clue.recusal_confirmed": N_("同意回避"),
    "clue.recusal_lifted": N_("不用回避"),
    "clue.relieved": N_("取消了分派"),
    "clue.given_to_team": N_("交给办案组"),
    "clue.exported": N_("导出了线索"),
    "clue.labelled": N_("改了标签"),
    "clue.linked": N_("有线索合并进来"),
    "clue.unlinked": N_("有线索解除合并"),
    "clue.noted": N_("备注"),
    "clue.paper_released": N_("逐项核对后取出了文书"),
    "clue.placed": N_("改了地点"),
    "clue.retitled": N_("改了标题"),
    "clue.flagged": N_("改了标记"),
    "clue.major_filed": N_("重大线索已报备"),
    "clue.moved": N_("换了范围"),
    "clue.news_read": N_("看过新回复"),
    "clue.outcome_shared": N_("随主线索告知反映人"),
    "clue.review_asked": N_("反映人说还没有解决"),
    "report.received": N_("收到反映"),
    "report.supplemented": N_("反映人补充"),
    "report.solved": N_("反映人说已经解决"),
    "report.withdrawn": N_("反映人撤回"),
    "reporter.asked": N_("请反映人补充"),
    "report.linked": N_("凭查询码把一份反映放进自己的账号"),
    "reporter.called": N_("给反映人打了电话"),
    "report.completed": N_("照片传齐了"),
    "reporter.told": N_("告知反映人"),
    "evidence.added": N_("收到材料"),
    "original.viewed": N_("查看了原件"),
    "bundle.asked": N_("要求制作证据包"),
    "bundle.made": N_("制作了证据包"),
    "bundle.taken": N_("下载了证据包"),
    "evidence.fixed": N_("固定为证据"),
    "evidence.fixing_asked": N_("提出固定为证据，等第二人确认"),
    "evidence.redaction_asked": N_("要求遮盖照片"),
    "evidence.redacted": N_("做了遮盖后的图"),
    "evidence.redaction_withdrawn": N_("撤下遮盖后的图"),
    "blob.damaged": N_("发现文件损坏"),
    "blob.restored": N_("损坏的文件已恢复"),
    "blob.swept": N_("清除了没有归属的文件"),
    "contact.asked": N_("申请查看联系方式"),
    "contact.denied": N_("没有同意查看联系方式"),
    "contact.granted": N_("同意查看联系方式"),
    "contact.noticed": N_("负责人已知道查看联系方式一事"),
    "contact.revealed": N_("查看了联系方式"),
    "evidence.erased": N_("材料到期清除"),
    "retention.announced": N_("到期清除已预告"),
    "retention.erased": N_("到期清除"),
    "retention.held": N_("保全，不清除"),
    "retention.lapsed": N_("不再到期，取消清除"),
    "retention.let_go": N_("解除保全"),
    "retention.released": N_("放行超过上限的清除"),
    "retention.stopped": N_("清除超过上限，自动停下"),
    "rights.asked": N_("个人信息申请"),
    "rights.granted": N_("同意个人信息申请"),
    "rights.opened": N_("打开了个人信息副本或补发的查询码"),
    "rights.refused": N_("没有同意个人信息申请"),
    "partner.handed": N_("受送单位内部交接"),
    "partner.noted": N_("受送单位内部备注"),
    "token.issued": N_("发了接口口令"),
    "token.revoked": N_("停用了接口口令"),
    "hook.opened": N_("设了变动通知"),
    "hook.changed": N_("改了变动通知"),
    "hook.renewed": N_("换了变动通知的签名密钥"),
    "hook.ended": N_("停用了变动通知"),
    "hook.tried": N_("试发了一条变动通知"),
    "hook.sent_again": N_("要求再发一条变动通知"),
    "respondent.named": N_("登记为被监督单位"),
    "respondent.opened": N_("被监督单位可以知道了"),
    "invitation.sent": N_("请外面的人帮忙"),
    "invitation.answered": N_("受邀人回答"),
    "invitation.declined": N_("受邀人说不方便"),
    "invitation.expired": N_("邀请到期，没有回答"),
    "invitation.reminded": N_("提醒了受邀人"),
    "invitation.withdrawn": N_("收回邀请"),
    "joint.recorded": N_("记下军地联合调查或听证"),
    "transfer.drafted": N_("起草移送"),
    "transfer.edited": N_("修改移送"),
    "transfer.submitted": N_("提交移送审核"),
    "transfer.reviewed": N_("移送审核通过"),
    "transfer.returned": N_("移送退回修改"),
    "transfer.signed": N_("签发移送"),
    "transfer.letter_made": N_("生成移送文书"),
    "transfer.sent": N_("发出移送"),
    "transfer.withdrawn": N_("撤回移送"),
    "transfer.acknowledged": N_("受送单位接收"),
    "transfer.refused": N_("受送单位退回"),
    "transfer.promised": N_("受送单位承诺答复日期"),
    "transfer.asked": N_("受送单位提问"),
    "transfer.told": N_("答复受送单位提问"),
    "transfer.replied": N_("受送单位回复"),
    "transfer.asked_again": N_("请受送单位继续说明"),
    "transfer.disputed": N_("受送单位有异议，已报上级院"),
    "transfer.closed": N_("移送办结"),
    "transfer.called": N_("打电话催办"),
    "transfer.reaimed": N_("退回后改送"),
    "transfer.reminded": N_("提醒了受送单位"),
    "transfer.visited": N_("现场核查"),
}
# What happened at the desk itself, to no single clue.
VERBS["desk.bulk_done"] = N_("批量处理了线索")
VERBS["desk.bulk_undone"] = N_("撤销了批量处理")
VERBS["desk.absence_entered"] = N_("登记了外出和代办人")
VERBS["desk.absence_ended"] = N_("取消了外出登记")
VERBS["desk.team_saved"] = N_("设了办案组")
VERBS["desk.team_ended"] = N_("撤销了办案组")
SOMETHING: Final = N_("有一条记录")
DOERS: Final[dict[str, str]] = {
    "reporter": N_("反映人"),
    "system": N_("系统"),
    "link": N_("受送单位（一次性链接）"),
    "account": N_("工作人员"),
}
_DAY: Final = timedelta(days=1)


def age(instant: datetime, now: datetime) -> str:
    """Return how long ago, in one word and a number; beyond a day the day itself. Cheap: a list asks fifty times."""
    passed = now - instant
    if passed < _DAY:
        return ago(passed)
    day, today = clock.office_date(instant), clock.office_date(now)
    if day.year == today.year:
        return _("%(month)s月%(day)s日", month=day.month, day=day.day)
    return _("%(year)s年%(month)s月%(day)s日", year=day.year, month=day.month, day=day.day)


def known_by(number: str | None, *more: str) -> str:
    """Return a clue's number and what else is said of it; a clue without one is 未登记, which its state may say already."""
    return " · ".join(dict.fromkeys([number or _("未登记"), *more]))


def age_in_days(instant: datetime, now: datetime) -> str:
    """Return how long ago in short, for positions and old lists."""
    days = (now - instant) // _DAY
    return age(instant, now) if days < 1 else _("%(n)s 天前", n=days)


def due_words(standing: Due, days: int) -> tuple[str, str]:
    """Return the words of a date's standing, and their tone."""
    if standing is Due.NONE:
        return "", "plain"
    if standing is Due.TODAY:
        return _("今天到期"), "time"
    if standing is Due.OVERDUE:
        return _("超期 %(n)s 天", n=days), "stop"
    return _("还有 %(n)s 天", n=days), "time" if standing is Due.SOON else "plain"


@dataclass(frozen=True, slots=True)
class Known:
    """What the words of a history may need: people, reasons, clue numbers, by id or key."""

    people: Mapping[str, str]
    reasons: Mapping[str, str]
    clues: Mapping[str, str]
    receivers: Mapping[str, str] = field(default_factory=dict)
    teams: Mapping[str, str] = field(default_factory=dict)


# How a call to a reporter went.
_CALL_ENDS: Final[dict[CallEnd, str]] = {
    CallEnd.REACHED: N_("打通了，说清楚了"),
    CallEnd.CALL_AGAIN: N_("打通了，约了再打"),
    CallEnd.NO_ANSWER: N_("没人接"),
    CallEnd.WRONG_NUMBER: N_("号码不对"),
    CallEnd.DECLINED: N_("对方不想再接电话"),
}


def call_end(facts: Mapping[str, Any]) -> str:
    """Return how a call went, as its journal row keeps it."""
    end = str(facts.get("end"))
    return _(_CALL_ENDS[CallEnd(end)]) if end in set(CallEnd) else ""


def call_ends() -> list[tuple[str, str]]:
    """Return every way a call can go, to choose from."""
    return [(end.value, _(text)) for end, text in _CALL_ENDS.items()]


def _called(facts: Mapping[str, Any], _known: Known) -> str:
    return call_end(facts)


def _nothing(_facts: Mapping[str, Any], _known: Known) -> str:
    return ""


def _assigned(facts: Mapping[str, Any], known: Known) -> str:
    return _("分派给%(name)s", name=known.people.get(str(facts.get("account")), "—"))


def _named_person(facts: Mapping[str, Any], known: Known) -> str:
    return known.people.get(str(facts.get("account")), "—")


def _graded(facts: Mapping[str, Any], _known: Known) -> str:
    if "grade" not in facts:
        return ""
    return _(
        "等级 %(grade)s，打分建议 %(suggested)s", grade=facts["grade"], suggested=facts.get("suggested", "—")
    )


def _reasoned(facts: Mapping[str, Any], known: Known) -> str:
    return known.reasons.get(str(facts.get("reason", "")), "")


def _mastered(facts: Mapping[str, Any], known: Known) -> str:
    number = known.clues.get(str(facts.get("master") or facts.get("member") or ""))
    return _("线索 %(number)s", number=number) if number else ""


def _flagged(facts: Mapping[str, Any], _known: Known) -> str:
    marks = [_("紧急")] * bool(facts.get("urgent")) + [_("重大")] * bool(facts.get("major"))
    return listed(marks) or _("没有标记")


def _staffed(facts: Mapping[str, Any], known: Known) -> str:
    return listed(known.people.get(str(one), "—") for one in facts.get("staff", ()))


def _superior(facts: Mapping[str, Any], known: Known) -> str:
    return known.receivers.get(str(facts.get("superior", "")), "")


_DETAILS: Final[dict[str, Callable[[Mapping[str, Any], Known], str]]] = {
    "clue.register": lambda facts, _known: str(facts.get("number", "")),
    "clue.assigned": _assigned,
    "clue.given_to_team": lambda facts, known: known.teams.get(str(facts.get("team")), "—"),
    "clue.case_numbered": lambda facts, _known: str(facts.get("number", "")),
    "clue.recusal_confirmed": _named_person,
    "clue.recusal_lifted": _named_person,
    "clue.evaluated": _graded,
    f"clue.{ClueAction.START_EVALUATION.value}": _graded,
    f"clue.{ClueAction.SCREEN_OUT.value}": _reasoned,
    f"clue.{ClueAction.REDIRECT.value}": _reasoned,
    f"clue.{ClueAction.CLOSE.value}": _reasoned,
    f"clue.{ClueAction.REOPEN.value}": _reasoned,
    f"clue.{ClueAction.MERGE.value}": _mastered,
    f"clue.{ClueAction.START_INQUIRY.value}": _staffed,
    "reporter.called": _called,
    "clue.major_filed": _superior,
    "clue.linked": _mastered,
    "clue.outcome_shared": _mastered,
    "clue.unlinked": _mastered,
    "clue.flagged": _flagged,
}


def detail(verb: str, facts: Mapping[str, Any], known: Known) -> str:
    """Return what a step was about, in a few words; nothing for steps that say all by their name."""
    if verb.startswith("transfer."):
        return known.receivers.get(str(facts.get("receiver", "")), "")
    return _DETAILS.get(verb, _nothing)(facts, known)


def happened(verb: str) -> str:
    """Return what happened, by its journal verb."""
    return _(VERBS.get(verb, SOMETHING))


def shown_day(instant: datetime) -> str:
    """Return the office's day of an instant."""
    return shown_date(clock.office_date(instant))


def shown_moment(instant: datetime) -> str:
    """Return an instant with its clock time."""
    local = instant.astimezone(clock.OFFICE_ZONE)
    return f"{shown_date(local.date())} {local:%H:%M}"


_MESSAGES: Final[dict[str, str]] = {
    "solved": N_("问题已经解决。"),
    "unsolved": N_("问题还没有解决。"),
    "withdrawal": N_("撤回反映。"),
    "addition": N_("补充了照片。"),
}


def message_words(kind: str) -> str:
    """Return what a message without words means."""
    found = _MESSAGES.get(kind)
    return _(found) if found else ""
