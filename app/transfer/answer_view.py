"""The receiver's page of one transfer, the same through both doors: who asks, what about, until when, what may be said.

It shows what was disclosed and what the receiver itself has said. Nothing of the clue, of the reporter or of the
draft's own columns is read here (domain.md 1.12).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final

from app.evidence import queries as evidence_queries
from app.evidence.terms import Origin
from app.platform import clock, when
from app.platform.db import ReadSession, WriteSession
from app.platform.i18n import N_
from app.platform.i18n import gettext as _
from app.reference import queries as reference_queries
from app.transfer import disclosure, forms_answer, labels, letters, lifecycle, queries, rules, view
from app.transfer.forms_answer import Act
from app.transfer.models import Transfer, TransferAnswer
from app.transfer.receivers import Receiver
from app.transfer.shown import Knot, Option, Photo, Row
from app.transfer.team.terms import TeamShown
from app.transfer.terms import AnswerKind, AnswerWay, LetterKind, TransferKind, TransferState

AnySession = ReadSession | WriteSession
Url = Callable[..., str]
_WAITING: Final = frozenset({TransferState.SENT, TransferState.ACKNOWLEDGED})
# Our words to the receiver, as the receiver reads them.
_OURS: Final = {AnswerKind.TOLD: N_("检察院说明"), AnswerKind.ASKED_AGAIN: N_("检察院继续询问")}
_HANDED_OVER: Final = N_("%(office)s 移送给 %(receiver)s")
_REPORTED_UP: Final = N_("%(office)s 报请 %(receiver)s 办理")
_COMING: Final = {
    TransferState.SENT: (N_("接收"), N_("回复"), N_("检察院核对")),
    TransferState.ACKNOWLEDGED: (N_("回复"), N_("检察院核对")),
    TransferState.REPLIED: (N_("检察院核对"),),
}


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """Everything partner/_answer.html shows."""

    subject: str
    number: str
    asked: str
    document_name: str
    state_label: str
    state_tone: str
    due: str
    due_tone: str
    promised: str
    brief: Sequence[Row]
    rows: Sequence[Row]
    photos: Sequence[Photo]
    confidentiality: str
    knots: Sequence[Knot]
    news: str
    news_title: str
    is_waiting: bool
    is_replied: bool
    acts: Mapping[str, str]
    opened: str
    reasons: Sequence[Option]
    today: str
    words_limit: int
    reply_limit: int
    file_limit: int
    file_mb: int
    letter_href: str
    docx_href: str
    pdf_href: str
    version: int
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Sequence[Any] = ()
    stale: str = ""
    kept: str = ""
    team: TeamShown | None = None


def page_of(
    session: AnySession,
    receiver: Receiver,
    transfer: Transfer,
    *,
    url: Url,
    file_limit: int,
    file_bytes: int,
    now: datetime,
) -> AnswerPage:
    """Return the page of a transfer for its receiver."""
    disclosed = disclosure.frozen(session, transfer)
    state = TransferState(transfer.state)
    label, tone = labels.state(transfer.state, sees="receiver")
    due, due_tone = _due(transfer, clock.office_date(now))
    said = queries.answers(session, transfer.id)
    made = queries.newest_letter(session, transfer.id)
    news = _news(said)

    def to(verb: str, **values: str) -> str:
        return url(f"{receiver.room}:{verb}", **receiver.params, **values)

    return AnswerPage(
        subject=disclosed["subject"],
        asked=_(
            _REPORTED_UP if transfer.kind == TransferKind.UPWARD else _HANDED_OVER,
            office=disclosed["office"],
            receiver=disclosed["receiver"],
        ),
        number=disclosed["number"] or "",
        document_name=labels.document(disclosed),
        state_label=label,
        state_tone=tone,
        due=due,
        due_tone=due_tone,
        promised="" if transfer.promised_on is None else when.shown_date(transfer.promised_on),
        brief=_brief(disclosed),
        rows=view.disclosed_rows(disclosed),
        photos=_photos(session, transfer, to),
        confidentiality=letters.CONFIDENTIALITY,
        knots=_knots(session, transfer, said, state),
        news=news.body if news else "",
        news_title=_(_OURS[AnswerKind(news.kind)]) if news else "",
        is_waiting=state in _WAITING,
        is_replied=state is TransferState.REPLIED,
        acts={act.value: to("say", act=act.value) for act in acts_of(transfer)},
        opened="",
        reasons=[Option(row.key, row.name) for row in reference_queries.reasons(session, "transfer_refusal")],
        today=clock.office_date(now).isoformat(),
        words_limit=rules.WORDS_LIMIT,
        reply_limit=rules.REPLY_LIMIT,
        file_limit=file_limit,
        file_mb=file_bytes // (1024 * 1024),
        letter_href=to("letter") if made else "",
        docx_href=to("letter_docx") if made else "",
        pdf_href=to("letter_pdf") if made and made.pdf_digest else "",
        version=transfer.version,
    )


def acts_of(transfer: Transfer) -> tuple[Act, ...]:
    """Return what may be said now; the table of the transfer's life decides."""
    possible = lifecycle.open_actions(TransferState(transfer.state), TransferKind(transfer.kind))
    return tuple(act for act, action in forms_answer.ACTIONS.items() if action in possible)


def again(
    page: AnswerPage, act: str, *, values: Mapping[str, str], errors: Sequence[Any], stale: str, kept: str
) -> AnswerPage:
    """Return the page with what was typed; words whose form is gone are handed back as text."""
    is_there = act in page.acts
    return replace(
        page, opened=act if is_there else "", values=values, errors=errors, stale=stale,
        kept="" if is_there else kept,
    )  # fmt: skip


def _due(transfer: Transfer, today: date) -> tuple[str, str]:
    """Return by when an answer is asked for, as one sentence, and how pressing that is."""
    if transfer.due_on is None:
        return "", "plain"
    day = when.shown_date(transfer.due_on)
    if TransferState(transfer.state) not in _WAITING:
        return _("答复期限：%(due)s", due=day), "plain"
    left = (transfer.due_on - today).days
    if left < 0:
        return _("应当在 %(day)s前答复，已过 %(n)s 天", day=day, n=-left), "stop"
    return _("请在 %(day)s前答复，还有 %(n)s 天", day=day, n=left), "time"


def _brief(disclosed: Mapping[str, Any]) -> list[Row]:
    document = LetterKind(disclosed["document"])
    found = [
        Row(_("地点"), disclosed["place"]),
        Row(_("情况"), disclosed["summary"]),
        Row(_(labels.REQUESTS[document]), disclosed["requests"]),
    ]
    return [row for row in found if row.value]


def _photos(session: AnySession, transfer: Transfer, to: Callable[..., str]) -> list[Photo]:
    found = []
    for number, item in enumerate(queries.attachments(session, transfer.id), 1):
        href = to("picture", attachment_id=item.id)
        found.append(Photo(src=href, href=href, alt=_("移送的图片 %(n)s", n=number)))
    return found


def _news(said: Sequence[TransferAnswer]) -> TransferAnswer | None:
    """Return our last words, as long as nothing was said after them."""
    last = said[-1] if said else None
    return last if last is not None and AnswerKind(last.kind) in _OURS else None


def _knots(
    session: AnySession, transfer: Transfer, said: Sequence[TransferAnswer], state: TransferState
) -> list[Knot]:
    found = [Knot(_("检察院移送"), transfer.sent_at, "", is_done=True, is_now=False)]
    names = {row.key: row.name for row in reference_queries.reasons(session, "transfer_refusal")}
    found += [_knot(session, row, names) for row in said]
    if state in {TransferState.CLOSED, TransferState.WITHDRAWN}:
        label, _tone = labels.state(state.value, sees="receiver")
        found.append(Knot(label, transfer.closed_at, "", is_done=True, is_now=False))
    coming = _COMING.get(state, ())
    found += [Knot(_(text), None, "", is_done=False, is_now=at == 0) for at, text in enumerate(coming)]
    return found


def _knot(session: AnySession, row: TransferAnswer, reasons: Mapping[str, str]) -> Knot:
    kind = AnswerKind(row.kind)
    label = _(_OURS[kind]) if kind in _OURS else labels.answer_kind(row.kind)
    lines = [
        _("理由：%(reason)s", reason=reasons.get(row.reason_key, row.reason_key)) if row.reason_key else "",
        _("答复日期：%(day)s", day=when.shown_date(row.promised_on)) if row.promised_on else "",
        row.body,
        _("附 %(n)s 个文件，已收到", n=count) if (count := _file_count(session, row)) else "",
        _("署名：%(name)s", name=row.signer) if row.signer and row.way != AnswerWay.OFFICE.value else "",
    ]
    return Knot(label, row.answered_at, "\n".join(line for line in lines if line), is_done=True, is_now=False)


def _file_count(session: AnySession, row: TransferAnswer) -> int:
    return len(evidence_queries.of_origin(session, Origin.TRANSFER, row.id))
