"""The parts of a transfer's page: clock, thread, documents, answers, and the steps open to this person."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from app.clues.models import Clue
from app.clues.terms import ClueState
from app.evidence import queries as evidence_queries
from app.evidence.terms import Origin
from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.platform import clock, when
from app.platform.db import ReadSession, WriteSession
from app.platform.i18n import gettext as _
from app.platform.i18n import listed
from app.platform.web.render import in_locale
from app.reference import queries as reference_queries
from app.transfer import disclosure, kinds, labels, lifecycle, policy, queries, rules, service
from app.transfer.models import Transfer, TransferAnswer
from app.transfer.shown import AnswerShown, FileLink, Knot, LetterShown, Option, Photo, Row, Sibling
from app.transfer.terms import (
    AnswerKind,
    AnswerWay,
    Practice,
    ServiceMode,
    SignDecision,
    SignStep,
    TransferAction,
    TransferKind,
    TransferState,
)

AnySession = ReadSession | WriteSession
Url = Callable[..., str]
_ANSWER_ACTIONS: Final = {
    AnswerKind.ACKNOWLEDGED: TransferAction.ACKNOWLEDGE,
    AnswerKind.PROMISED: TransferAction.PROMISE,
    AnswerKind.ASKED: TransferAction.ASK,
    AnswerKind.REPLIED: TransferAction.REPLY,
    AnswerKind.REFUSED: TransferAction.REFUSE,
    AnswerKind.DISPUTED: TransferAction.REPORT_DISPUTE,
}
_UNSENT: Final = frozenset(state.value for state in lifecycle.UNSENT)
_WAITING: Final = frozenset({TransferState.SENT.value, TransferState.ACKNOWLEDGED.value})


def due(
    session: AnySession, transfer: Transfer, disclosed: Mapping[str, Any], now: datetime
) -> tuple[str, str, list[str]]:
    """Return by when an answer is due, how pressing that is, and why by then."""
    if transfer.due_on is None or transfer.sent_at is None:
        return "", "plain", []
    left = (transfer.due_on - clock.office_date(now)).days
    text, tone = when.shown_date(transfer.due_on), "plain"
    if transfer.state in _WAITING:
        tone = "stop" if left < 0 else "time"
        if left < 0:
            text = _("%(day)s，已过 %(n)s 天", day=text, n=-left)
        else:
            text = _("%(day)s，还有 %(n)s 天", day=text, n=left)
    starts_on = clock.office_date(transfer.sent_at)
    days = int(disclosed["feedback_days"])
    why = labels.why_due(starts_on, transfer.due_on, reference_queries.calendar(session), days)
    return text, tone, why or [_("从收到纸质文书的那天起算")]


def pictures(session: AnySession, transfer: Transfer, url: Url, captions: Sequence[str] = ()) -> list[Photo]:
    """Return the pictures that go along, as the desk looks at them; a document brings its own captions."""
    found = []
    for number, item in enumerate(queries.attachments(session, transfer.id)):
        href = url("transfer:attachment", transfer_id=transfer.id, attachment_id=item.id)
        caption = captions[number] if number < len(captions) else _("图片 %(n)s", n=number + 1)
        found.append(Photo(src=href, href=href, alt=_("移送的图片 %(n)s", n=number + 1), caption=caption))
    return found


def undecided(session: AnySession, transfer: Transfer) -> list[Row]:
    """Return what still has to be decided before the draft can be submitted."""
    found = disclosure.undecided(session, transfer) if transfer.state in _UNSENT else []
    return [Row(_(labels.FINDINGS[finding.kind]), finding.value) for finding in found]


def outdated_count(session: AnySession, transfer: Transfer) -> int:
    """Return how many pictures were redacted since they were chosen; what has left cannot be changed any more."""
    return len(disclosure.outdated(session, transfer)) if transfer.state in _UNSENT else 0


def knots(session: AnySession, transfer: Transfer, practice: Practice) -> list[Knot]:
    """Return the sign-off chain as a thread: what was decided by whom, and what comes."""
    decided = queries.sign_offs(session, transfer.id)
    names = identity_queries.names_of(session, [transfer.drafted_by, *(row.account_id for row in decided)])
    found = [
        Knot(_("起草"), transfer.drafted_at, names.get(transfer.drafted_by, ""), is_done=True, is_now=False),
        *(
            Knot(
                _(
                    labels.DECISIONS[SignStep(row.step), SignDecision(row.decision)],
                    name=names.get(row.account_id, ""),
                ),
                row.decided_at,
                row.words,
                is_done=True,
                is_now=False,
            )
            for row in decided
        ),
    ]
    at = {
        TransferState.DRAFT.value: SignStep.SUBMIT,
        TransferState.IN_REVIEW.value: SignStep.REVIEW,
        TransferState.TO_SIGN.value: SignStep.SIGN,
    }.get(transfer.state)
    chain = [SignStep.SUBMIT, *practice.chain]
    if at in chain:
        coming = chain[chain.index(at) :]
        found += [Knot(_(labels.STEPS[step]), None, "", is_done=False, is_now=step is at) for step in coming]
    return found


def letters(session: AnySession, transfer: Transfer, url: Url) -> list[LetterShown]:
    """Return the documents made, newest first."""
    made = queries.letters(session, transfer.id)
    names = identity_queries.names_of(session, [letter.made_by for letter in made])
    return [
        LetterShown(
            version=letter.version,
            made_at=letter.made_at,
            made_by=names.get(letter.made_by, ""),
            docx_href=url("transfer:letter_docx", transfer_id=transfer.id, version=letter.version),
            pdf_href=url("transfer:letter_pdf", transfer_id=transfer.id, version=letter.version)
            if letter.pdf_digest
            else None,
        )
        for letter in made
    ]


def answers(session: AnySession, transfer: Transfer, url: Url) -> list[AnswerShown]:
    """Return everything said between the receiver and us, with what came along."""
    said = queries.answers(session, transfer.id)
    names = identity_queries.names_of(session, [row.account_id for row in said if row.account_id])
    return [_answer(session, row, names, url) for row in said]


def _answer(session: AnySession, row: TransferAnswer, names: Mapping[str, str], url: Url) -> AnswerShown:
    is_ours = row.way == AnswerWay.OFFICE.value
    entered_by = names.get(row.account_id or "", "")
    photos, files = [], []
    for item in evidence_queries.of_origin(session, Origin.TRANSFER, row.id):
        if item.is_picture:
            src = url("evidence:picture", evidence_id=item.id, kind="thumb") if item.is_ready else None
            href = url("evidence:picture", evidence_id=item.id, kind="screen") if item.is_ready else None
            photos.append(Photo(src, href, _("答复附的照片"), is_held=True))
        else:
            href = url("evidence:original", evidence_id=item.id)
            files.append(FileLink(_("下载附件 %(digest)s", digest=item.short_digest), href))
    return AnswerShown(
        title=_(labels.ANSWERS[AnswerKind(row.kind)]),
        who=entered_by if is_ours else row.signer or entered_by,
        when=row.answered_at,
        text=row.body,
        rows=_answer_rows(session, row, entered_by),
        photos=photos,
        files=files,
        is_ours=is_ours,
    )


def _answer_rows(session: AnySession, row: TransferAnswer, entered_by: str) -> list[Row]:
    found = [Row(_("来自"), _(labels.WAYS[AnswerWay(row.way)]))]
    if row.way == AnswerWay.PAPER.value:
        found.append(Row(_("录入人"), entered_by))
    if row.reason_key:
        found.append(
            Row(_("理由"), reference_queries.reason(session, "transfer_refusal", row.reason_key).name)
        )
    if row.promised_on:
        found.append(Row(_("承诺日期"), when.shown_date(row.promised_on)))
    if row.document_number:
        found.append(Row(_("来文文号"), row.document_number))
    if row.received_on:
        found.append(Row(_("收到日期"), when.shown_date(row.received_on)))
    if row.service:
        mode = _(labels.MODES[ServiceMode(row.service["mode"])])
        found.append(Row(_("送达回证"), listed([mode, row.service["served_on"], *row.service["servers"]])))
    return found


def siblings(of_clue: Sequence[Transfer], units: Mapping[str, str], but: str, url: Url) -> list[Sibling]:
    """Return the other receivers of the same clue."""
    return [
        Sibling(
            units[found.receiver_id], *labels.state(found.state), url("transfer:show", transfer_id=found.id)
        )
        for found in of_clue
        if found.id != but
    ]


def steps(session: AnySession, actor: Actor, transfer: Transfer, clue: Clue) -> frozenset[str]:
    """Return the names of the steps this person may take now; hiding the others is courtesy, not protection."""
    state, kind = TransferState(transfer.state), TransferKind(transfer.kind)
    found = {
        action.value for action in lifecycle.open_actions(state, kind) if policy.may(actor, action, state)
    }
    answered = {action.value for action in _ANSWER_ACTIONS.values()}
    if found & answered:
        found = (found - answered) | {"paper"}
    if state is TransferState.DRAFT and actor.may(Verb.TRANSFER_DRAFT):
        found.add("edit")
    has_letter = queries.newest_letter(session, transfer.id) is not None
    if transfer.number and state is not TransferState.WITHDRAWN and actor.may(Verb.TRANSFER_DRAFT):
        found.add("letters")
    if not has_letter:
        found.discard(TransferAction.SEND.value)
    waits_for_end = state is TransferState.CLOSED and clue.state == ClueState.TRANSFER_OUT.value
    if waits_for_end and policy.may(actor, TransferAction.CLOSE, state):
        others = queries.states_of_clue(session, clue.id)
        if not rules.Outlook(tuple(others.values())).has_open:
            found.add(TransferAction.CLOSE.value)
    return frozenset(found)


def paper_kinds(transfer: Transfer) -> list[Option]:
    """Return which answers on paper may be entered now."""
    possible = lifecycle.open_actions(TransferState(transfer.state), TransferKind(transfer.kind))
    return [
        Option(kind.value, _(labels.ANSWERS[kind]))
        for kind, action in _ANSWER_ACTIONS.items()
        if action in possible
    ]


def checks(session: AnySession, transfer: Transfer) -> list[Option]:
    """Return what a person ticks before this goes on, in the reader's language."""
    return tick_list(session, service.needed_checks(session, transfer))


def tick_list(session: AnySession, wanted: Collection[str]) -> list[Option]:
    """Return those entries of the lists that are wanted, as boxes to tick."""
    names = kinds.lists_of(is_military=True)
    rows = [row for name in names for row in reference_queries.reasons(session, name)]
    return [Option(row.key, in_locale(row, "name")) for row in rows if row.key in wanted]


def reasons(session: AnySession, list_key: str) -> list[Option]:
    """Return the reasons of one list, after an empty choice."""
    found = reference_queries.reasons(session, list_key)
    return [Option("", _("请选择")), *(Option(row.key, row.name) for row in found)]


def first_values(session: AnySession, transfer: Transfer) -> dict[str, str]:
    """Return what the boxes of the page begin with: the reporter's answer starts from the reply."""
    said = [row.body for row in queries.answers(session, transfer.id) if row.kind == AnswerKind.REPLIED.value]
    start = rules.default_public_answer(said[-1]) if said else ""
    return {"version": str(transfer.version), "public_answer": start}
