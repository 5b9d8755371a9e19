"""The parts of the clue page: what was said, the pictures, the transfers, the judgement, the way so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from app.clues import labels as clue_labels
from app.clues.models import Clue
from app.clues.terms import ClueState
from app.desk import words
from app.desk.clue_terms import (
    AnswerView,
    EvaluationView,
    FileView,
    Knot,
    Labelled,
    MessageView,
    PhotoView,
    ReportView,
    TransferView,
)
from app.desk.queries import history
from app.desk.queries.names import Name
from app.evidence.queries import Shown
from app.intake.queries import DeskReport
from app.intake.shedding import Quarantine
from app.platform import i18n
from app.platform.db import ReadSession, WriteSession
from app.platform.i18n import N_
from app.platform.i18n import gettext as _
from app.platform.web.render import Urls, in_locale
from app.platform.when import shown_date
from app.reference.jurisdiction.terms import LEVELS
from app.transfer import labels as transfer_labels
from app.transfer.models import Transfer
from app.triage import labels as triage_labels
from app.triage.models import Evaluation
from app.triage.terms import Criterion, Grade, Scores

AnySession = ReadSession | WriteSession


def answers(found: Iterable[Mapping[str, Any]]) -> list[AnswerView]:
    """Return answers in the reader's language, from the snapshot taken with the report."""
    is_english = i18n.current_locale.get() == "en"
    return [
        AnswerView(
            label=str((is_english and answer.get("label_en")) or answer["label"]),
            value=str((is_english and answer.get("shown_en")) or answer["shown"]),
            is_private=bool(answer.get("is_private")),
            is_urgent=bool(answer.get("is_urgent")),
        )
        for answer in found
    ]


def reports(found: Sequence[DeskReport], channels: Mapping[str, Name]) -> list[ReportView]:
    """Return a clue's reports as the page shows them."""
    return [
        ReportView(
            id=report.id,
            title=_("后来补充") if report.is_supplement else _("反映的内容"),
            words=report.words,
            answers=answers(report.answers),
            channel=in_locale(channels[report.channel], "name")
            if report.channel in channels
            else report.channel,
            org_name=report.org_name,
            received_at=report.received_at,
            has_contact=report.has_contact,
            notes=_report_notes(report),
        )
        for report in found
    ]


# Why a report was taken in only to be looked at first (decisions.md 17).
_QUARANTINE: Final = {
    Quarantine.PRESSURE.value: N_("待甄别：收到时来件太多，没有让对方做计算验证，请先看是不是真实反映。"),
    Quarantine.SOURCE.value: N_("待甄别：收到时同一来源来件很多，请先看是不是真实反映。"),
    Quarantine.TRAP.value: N_("待甄别：填了一栏人看不见的内容，可能是程序提交的，请先看是不是真实反映。"),
}


def _report_notes(report: DeskReport) -> list[str]:
    notes = []
    if report.missing_photos:
        notes.append(_("照片还差 %(n)s 张，手机连上网会接着传。", n=report.missing_photos))
    refused = len(report.declined) + report.declined_photos
    if refused:
        notes.append(_("有 %(n)s 项没有收下（不允许或者打不开）。", n=refused))
    if report.quarantine in _QUARANTINE:
        notes.append(_(_QUARANTINE[report.quarantine]))
    if report.is_data_saving:
        notes.append(_("反映人选择了省流量，只传了小图。"))
    return notes


def photos(
    clue: Clue, files: Sequence[Shown], urls: Urls, *, asks: Mapping[str, int]
) -> tuple[list[PhotoView], list[FileView]]:
    """Return the pictures of a clue, each with what it gives reason to ask, and its other files."""
    pictures, others = [], []
    for at, item in enumerate((file for file in files if file.condition != "file"), start=1):
        pictures.append(
            PhotoView(
                src=urls("evidence:picture", evidence_id=item.id, kind="thumb") if item.is_ready else None,
                href=urls("desk:photo", clue_id=clue.id, evidence_id=item.id),
                alt=_("第 %(n)s 张照片", n=at),
                caption=_photo_caption(item, asks.get(item.id, 0)),
            )
        )
    for item in files:
        if item.condition == "file":
            size = max(1, item.size_bytes // 1024)
            if item.is_media:
                kind = _("视频") if item.media_type.startswith("video/") else _("录音")
                label = _(
                    "%(kind)s %(digest)s（%(size)s KB）", kind=kind, digest=item.short_digest, size=size
                )
                others.append(FileView(urls("desk:photo", clue_id=clue.id, evidence_id=item.id), label))
                continue
            label = _("文件 %(digest)s（%(size)s KB）", digest=item.short_digest, size=size)
            others.append(FileView(urls("evidence:original", evidence_id=item.id), label))
    return pictures, others


def _photo_caption(item: Shown, asks: int) -> str:
    if item.is_ready:
        standing = _("证据") if item.fixed_at is not None else _("线索材料")
        return _("%(standing)s · %(n)s 处要问", standing=standing, n=asks) if asks else standing
    if item.is_erased:
        return _("已按规定清除")
    return _("正在处理") if item.is_picture else _("打不开，可下载原件")


def transfers(found: Sequence[Transfer], receivers: Mapping[str, str], urls: Urls) -> list[TransferView]:
    """Return a clue's transfers as lines."""
    lines = []
    for one in found:
        label, tone = transfer_labels.state(one.state)
        due = _("%(date)s 前回复", date=shown_date(one.due_on)) if one.due_on else ""
        lines.append(
            TransferView(
                href=urls("transfer:show", transfer_id=one.id), receiver=receivers.get(one.receiver_id, "—"),
                number=one.number or "", state=label, tone=tone, due=due,
            )
        )  # fmt: skip
    return lines


def evaluation(found: Sequence[Evaluation], people: Mapping[str, str]) -> EvaluationView | None:
    """Return the last evaluation in words."""
    if not found:
        return None
    last = found[0]
    scores = Scores.from_json(last.scores)
    rows = [Labelled(_(triage_labels.CRITERIA[one]), f"{scores.of(one)} / 3") for one in Criterion]
    yes, no = _("是"), _("否")
    rows.append(Labelled(_("涉及不特定多数人的利益"), yes if scores.is_public else no))
    rows.append(Labelled(_("属于本院管辖"), yes if scores.is_ours else no))
    rows.append(Labelled(_("监督对象的层级"), _(LEVELS[scores.level])))
    rows.append(Labelled(_("公共利益受到侵害"), yes if scores.is_harmed else no))
    rows.append(Labelled(_("监管机关可能违法行使职权或者不作为"), yes if scores.is_duty_unmet else no))
    head = _(
        "%(grade)s（建议 %(suggested)s），%(name)s，%(date)s",
        grade=_(triage_labels.GRADES[Grade(last.grade)]),
        suggested=last.suggested_grade,
        name=people.get(last.evaluated_by, "—"),
        date=words.shown_day(last.evaluated_at),
    )
    return EvaluationView(head, rows, last.reason)


_UNSAID: Final = frozenset({"reporter.asked", "report.received"})


def knots(entries: Sequence[history.Entry], known: words.Known, state: str, due: str) -> list[Knot]:
    """Return the thread: what happened, newest last, then where the clue stands now.

    Files that came together are one knot; what another knot already says is left out.
    """
    found: list[Knot] = []
    files = 0
    for at, entry in enumerate(entries):
        if entry.verb in _UNSAID:
            continue
        if entry.verb == "evidence.added":
            files += 1
            if at + 1 < len(entries) and entries[at + 1].verb == "evidence.added":
                continue
            found.append(_knot(entry, known, _("%(n)s 份", n=files)))
            files = 0
            continue
        found.append(_knot(entry, known, words.detail(entry.verb, entry.facts, known)))
    found.append(Knot(_(clue_labels.STATES[ClueState(state)]), None, due, is_done=False, is_now=True))
    return found


def _knot(entry: history.Entry, known: words.Known, said: str) -> Knot:
    who = known.people.get(entry.actor_id or "") or _(
        words.DOERS.get(entry.actor_kind, words.DOERS["system"])
    )
    parts = [part for part in (who, said) if part]
    lines = [" · ".join(parts), *([entry.note] if entry.note else [])]
    return Knot(words.happened(entry.verb), entry.recorded_at, "\n".join(lines), is_done=True)


def messages(found: Sequence[Any], people: Mapping[str, str]) -> list[MessageView]:
    """Return the words between the office and the reporter."""
    views = []
    for message in found:
        is_ours = message.direction == "to_reporter"
        who = people.get(message.account_id or "", _("本院")) if is_ours else _("反映人")
        text = message.body or words.message_words(message.kind)
        if message.answer_by is not None:
            text = f"{text}\n{_('希望在 %(date)s 前补充', date=words.shown_day(message.answer_by))}"
        views.append(MessageView(who, message.sent_at, text, is_ours))
    return views
