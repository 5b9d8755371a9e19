"""The desk's papers as dictionaries of fields (domain.md 5): the print page and the DOCX show nothing else.

The words are the document's own and stay Chinese whatever the reader's language. Who reported is never in them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from app.clues import labels as clue_labels
from app.clues.models import Clue
from app.clues.terms import ClueAction
from app.desk.queries.history import Entry
from app.evidence.queries import Shown
from app.intake.queries import DeskReport
from app.platform import clock
from app.reference.jurisdiction.terms import LEVELS
from app.transfer.letters import MARK, line
from app.transfer.rules import paragraphs
from app.triage import labels as triage_labels
from app.triage.models import Evaluation
from app.triage.terms import Criterion, Grade, Scores


class Paper(StrEnum):
    """What a desk prints of one clue."""

    REGISTER = "register"
    EVALUATION = "evaluation"
    INQUIRY = "inquiry"
    MAJOR = "major"


TITLES: Final[dict[Paper, str]] = {
    Paper.REGISTER: "线索登记表",
    Paper.EVALUATION: "线索评估表",
    Paper.INQUIRY: "初步调查报告",
    Paper.MAJOR: "重大线索备案表",
}
_SIGNED: Final = "签名：　　　　　　　年　　月　　日"
_BY_HAND: Final = "（手填）"
_YES, _NO = "是", "否"
_CIRCLES: Final = {"military": "涉军", "minors": "涉未成年人", "named": "限定人员"}
Row = tuple[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Known:
    """Everything the papers are made from, read once."""

    clue: Clue
    office: str
    category: str
    field: str
    source: str
    channel: str
    town: str
    circle: str
    reports: Sequence[DeskReport]
    files: Sequence[Shown]
    entries: Sequence[Entry]
    judged: Sequence[Evaluation]
    people: Mapping[str, str]
    organs: Mapping[str, str]
    linked: Sequence[str]
    today: date


def available(known: Known) -> list[Paper]:
    """Return the papers this clue gives matter for."""
    begun = f"clue.{ClueAction.START_INQUIRY.value}"
    holds = {
        Paper.REGISTER: True,
        Paper.EVALUATION: bool(known.judged),
        Paper.INQUIRY: any(entry.verb == begun for entry in known.entries),
        Paper.MAJOR: known.clue.is_major,
    }
    return [paper for paper, there in holds.items() if there]


def fields_of(paper: Paper, known: Known) -> dict[str, Any]:
    """Return the dictionary of a paper."""
    rows = _ROWS[paper](known)
    today = known.today
    return {
        "kind": paper.value,
        "is_form": True,
        "mark": MARK,
        "secrecy": "内部",
        "office": line(known.office),
        "title": TITLES[paper],
        "number": line(known.clue.number) or "（未登记）",
        "signer": "",
        "receiver": "",
        "opening": "",
        "sections": [],
        "rows": [
            {"label": label, "paragraphs": [line(text) for text in body if line(text)] or [_BY_HAND]}
            for label, body in rows
        ],
        "attachments": [],
        "contact": "",
        "signature": line(known.office),
        "date": f"{today.year}年{today.month}月{today.day}日",
        "slip": {"title": "", "body": "", "rows": []},
    }


def _moment(instant: datetime | None) -> str:
    if instant is None:
        return ""
    local = instant.astimezone(clock.OFFICE_ZONE)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def _words(known: Known) -> list[str]:
    said = [text for report in known.reports for text in paragraphs(report.words)]
    return [known.clue.title, *said]


def place_lines(known: Known) -> list[str]:
    """Return where the matter is, with how the position came to be known."""
    clue = known.clue
    found = [" ".join(part for part in (known.town, clue.place_words) if part)]
    if clue.lat is not None and clue.lon is not None:
        error = f"，误差约{clue.accuracy_m:.0f}米" if clue.accuracy_m is not None else ""
        source = clue_labels.PLACE_SOURCES.get(clue.place_source, clue.place_source)
        found.append(f"北纬{clue.lat:.6f}度，东经{clue.lon:.6f}度（WGS-84，{source}{error}）")
    return found


def _materials(known: Known) -> list[str]:
    if not known.files:
        return ["无"]
    listed = [
        f"{at}. {file.media_type}，{file.size_bytes}字节，SHA-256 {file.digest}"
        for at, file in enumerate(known.files, start=1)
    ]
    return [f"共{len(known.files)}份：", *listed]


def _marks(known: Known) -> str:
    clue = known.clue
    marks = ["重大"] * clue.is_major + ["紧急"] * clue.is_urgent
    marks += [_CIRCLES[known.circle]] if known.circle in _CIRCLES else []
    return "、".join(marks) or "无"


def _done_by(known: Known, verb: str) -> str:
    found = [entry for entry in known.entries if entry.verb == verb]
    return known.people.get(found[-1].actor_id or "", "") if found else ""


def _register(known: Known) -> list[Row]:
    clue = known.clue
    contact = any(report.has_contact for report in known.reports)
    return [
        ("线索编号", [clue.number or "（未登记）"]),
        ("线索来源", [f"{known.source}（{known.channel}）"]),
        ("接收时间", [_moment(clue.received_at)]),
        ("登记时间和登记人", [f"{_moment(clue.registered_at)} {_done_by(known, 'clue.register')}".strip()]),
        ("举报人", ["留有联系方式，加密保存，查看须写明理由并留痕" if contact else "未留联系方式"]),
        ("领域和类别", [f"{known.field}，{known.category}"]),
        ("地点", place_lines(known)),
        ("内容摘要", _words(known)),
        ("附件", _materials(known)),
        ("标记", [_marks(known)]),
        ("拟办意见", [_SIGNED]),
        ("分办", [known.people.get(clue.assignee_id or "", "") or _SIGNED]),
    ]


def _evaluation(known: Known) -> list[Row]:
    last = known.judged[0]
    scores = Scores.from_json(last.scores)
    rows: list[Row] = [("线索编号", [known.clue.number or "（未登记）"]), ("线索", [known.clue.title])]
    rows += [(triage_labels.CRITERIA[one], [f"{scores.of(one)}分（满分3分）"]) for one in Criterion]
    test = f"公共利益受到侵害：{_YES if scores.is_harmed else _NO}；"
    test += f"负有监管职责的机关可能违法行使职权或者不作为：{_YES if scores.is_duty_unmet else _NO}"
    return [
        *rows,
        ("涉及不特定多数人", [_YES if scores.is_public else _NO]),
        ("行政公益诉讼两项条件", [test]),
        (
            "管辖",
            [
                f"{'属于本院管辖' if scores.is_ours else '不属于本院管辖'}；监督对象的层级：{LEVELS[scores.level]}"
            ],
        ),
        ("重复核查", [f"与{'、'.join(known.linked)}为同一问题" if known.linked else "没有合并的线索"]),
        ("是否重大", [_YES if known.clue.is_major else _NO]),
        (
            "等级",
            [f"{triage_labels.GRADES[Grade(last.grade)]}（按打分建议{last.suggested_grade}）"],
        ),
        ("理由", paragraphs(last.reason) or ["按打分建议"]),
        ("评估人和时间", [f"{known.people.get(last.evaluated_by, '')} {_moment(last.evaluated_at)}"]),
        ("部门负责人意见", [_SIGNED]),
    ]


def _inquiry(known: Known) -> list[Row]:
    begun = [entry for entry in known.entries if entry.verb == f"clue.{ClueAction.START_INQUIRY.value}"][-1]
    ends = [
        entry
        for entry in known.entries
        if entry.verb == f"clue.{ClueAction.END_INQUIRY.value}" and entry.recorded_at >= begun.recorded_at
    ]
    staff = "、".join(known.people.get(str(one), "") for one in begun.facts.get("staff", ()))
    until = _moment(ends[0].recorded_at) if ends else "（进行中）"
    scores = Scores.from_json(known.judged[0].scores) if known.judged else None
    harm = f"评估时认为公共利益受到侵害：{_YES if scores.is_harmed else _NO}" if scores else ""
    duty = f"评估时认为监管机关可能没有依法履职：{_YES if scores.is_duty_unmet else _NO}" if scores else ""
    return [
        ("线索编号", [known.clue.number or "（未登记）"]),
        ("线索来源", [f"{known.source}（{known.channel}）"]),
        ("线索内容", _words(known)),
        ("地点", place_lines(known)),
        ("调查时间", [f"{_moment(begun.recorded_at)}至{until}"]),
        ("调查人员", [staff]),
        ("调查内容和方法", paragraphs(begun.note or "")),
        ("查明的事实", paragraphs(ends[0].note or "") if ends else []),
        ("公益受损情况", [harm]),
        ("行政机关职责与履职情况", [duty]),
        ("证据目录", _materials(known)),
        ("存在的问题", []),
        ("处理意见", [_SIGNED]),
    ]


def _major(known: Known) -> list[Row]:
    filed = [entry for entry in known.entries if entry.verb == "clue.major_filed"]
    superior = known.organs.get(str(filed[-1].facts.get("superior")), "") if filed else ""
    on = date.fromisoformat(str(filed[-1].facts["on"])) if filed else None
    return [
        ("线索编号", [known.clue.number or "（未登记）"]),
        ("领域和类别", [f"{known.field}，{known.category}"]),
        ("线索内容", _words(known)),
        ("地点", place_lines(known)),
        ("重大理由", paragraphs(filed[-1].note or "") if filed else []),
        ("报送的上级检察院", [superior]),
        ("报送时间", [f"{on.year}年{on.month}月{on.day}日" if on else ""]),
        ("批复时间和内容", []),
        ("承办人", [known.people.get(known.clue.assignee_id or "", "") or _SIGNED]),
        ("检察长意见", [_SIGNED]),
    ]


_ROWS: Final[dict[Paper, Callable[[Known], list[Row]]]] = {
    Paper.REGISTER: _register,
    Paper.EVALUATION: _evaluation,
    Paper.INQUIRY: _inquiry,
    Paper.MAJOR: _major,
}


def excerpt(known: Known) -> list[tuple[str, str]]:
    """Return the fields that are typed into the official case system, one by one."""
    clue = known.clue
    found = [
        ("线索名称", clue.title),
        ("线索编号（本系统）", clue.number or ""),
        ("线索来源", known.source),
        ("来源渠道", known.channel),
        ("案件领域", known.field),
        ("类别", known.category),
        ("受理日期", f"{clock.office_date(clue.registered_at or clue.received_at):%Y-%m-%d}"),
        ("线索发生地", " ".join(part for part in (known.town, clue.place_words) if part)),
        ("线索内容", "\n".join(_words(known)[1:]) or clue.title),
        ("承办人", known.people.get(clue.assignee_id or "", "")),
        ("评估等级", clue.grade or ""),
        ("是否重大", _YES if clue.is_major else _NO),
    ]
    return [(label, text) for label, text in found if text]
