"""The page of one transfer, assembled: what the receiver sees, where it stands, what may be done next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from app.clues import queries as clue_queries
from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.platform import clock, when
from app.platform.crypto import KeyRing
from app.platform.db import ReadSession, WriteSession
from app.platform.i18n import gettext as _
from app.transfer import disclosure, draft_view, labels, queries, service, view_parts, visit_view
from app.transfer.letter_pdf import pdf_possible
from app.transfer.links import shown as links_shown
from app.transfer.models import Transfer
from app.transfer.shown import Option, Row, TransferPage
from app.transfer.terms import LetterKind, Practice, ServiceMode, TransferKind, TransferState

AnySession = ReadSession | WriteSession
Url = Callable[..., str]
_WITH_RECEIVER = frozenset({TransferState.SENT.value, TransferState.ACKNOWLEDGED.value})


def links_of(session: AnySession, _actor: Actor, transfer: Transfer) -> Any:
    """Return what transfer/_links.html shows of the one-time links of a transfer."""
    return links_shown.of_transfer(session, transfer, now=clock.now())


def disclosed_rows(disclosed: Mapping[str, Any]) -> list[Row]:
    """Return the pages the receiver reads, field by field, in order; nothing else of a transfer reaches a receiver."""
    document = LetterKind(disclosed["document"])
    at = disclosed["position"]
    found = [
        Row(_("文书"), labels.document(disclosed)),
        Row(_("文号"), disclosed["number"] or _("签发时取号")),
        Row(_("移送单位"), disclosed["office"]),
        Row(_("受送单位"), disclosed["receiver"]),
        Row(_("事由"), disclosed["subject"]),
        Row(_("线索编号"), disclosed["clue_number"] or ""),
        Row(_("线索来源"), disclosed["source"] or ""),
        Row(_("类别"), disclosed["category"]),
        Row(_("收到线索时间"), _day(disclosed["found_on"])),
        Row(_("地点"), disclosed["place"]),
        Row(
            _("大致位置"),
            "" if not at else f"{at['lat']:.4f}, {at['lon']:.4f} (WGS-84, ±{at['square_m'] / 2:.0f} m)",
        ),
        Row(_("线索摘要"), disclosed["summary"]),
        *(Row(answer["label"], answer["shown"]) for answer in disclosed["answers"]),
        Row(_(labels.REQUESTS[document]), disclosed["requests"]),
        Row(_("依据"), disclosed["basis"]),
        Row(_("反馈期限"), _("收到之日起 %(days)s 日内", days=disclosed["feedback_days"])),
        Row(_("图片"), _("%(n)s 张", n=disclosed["pictures"])),
        Row(
            _("联系人"),
            " ".join(part for part in (disclosed["contact_name"], disclosed["contact_phone"]) if part),
        ),
        Row(_("保密要求"), disclosed["confidentiality"]),
    ]
    return [row for row in found if row.value]


def _agreed(disclosed: Mapping[str, Any], actor: Actor, url: Url) -> tuple[str, str] | None:
    """Return the agreement the days come from; what was signed before this was kept names none."""
    found = disclosed.get("agreement")
    if not found:
        return None
    may_read = actor.may(Verb.AGREEMENT_READ)
    return (url("agreement:show", agreement_id=found["id"]) if may_read else "", found["name"])


def _day(iso: str | None) -> str:
    return when.shown_date(date.fromisoformat(iso)) if iso else ""


def page_of(
    session: AnySession,
    keys: KeyRing,
    actor: Actor,
    transfer: Transfer,
    *,
    practice: Practice,
    url: Url,
    now: datetime,
) -> TransferPage:
    """Return the page of a transfer for a person at the desk."""
    clue = clue_queries.get(session, actor, transfer.clue_id)
    disclosed = disclosure.as_disclosed(session, transfer, feedback_days=practice.feedback_days, now=now)
    state_label, state_tone = labels.state(transfer.state)
    of_clue = queries.for_clue(session, actor, clue.id)
    units = identity_queries.org_names_of(session, [found.receiver_id for found in of_clue])
    due_text, due_tone, why_due = view_parts.due(session, transfer, disclosed, now)
    return TransferPage(
        transfer_id=transfer.id,
        clue_id=clue.id,
        clue_title=clue.title,
        clue_number=clue.number or "",
        version=transfer.version,
        state=transfer.state,
        state_label=state_label,
        state_tone=state_tone,
        subject=disclosed["subject"],
        document_name=labels.document(disclosed),
        kind_label=_(labels.KINDS[TransferKind(transfer.kind)]),
        receiver=units[transfer.receiver_id],
        number=transfer.number or "",
        sent_at=transfer.sent_at,
        due=due_text,
        due_tone=due_tone,
        why_due=why_due,
        agreed=_agreed(disclosed, actor, url),
        promised="" if transfer.promised_on is None else when.shown_date(transfer.promised_on),
        is_frozen=transfer.disclosed is not None,
        rows=disclosed_rows(disclosed),
        photos=view_parts.pictures(session, transfer, url),
        outdated_count=view_parts.outdated_count(session, transfer),
        withheld=draft_view.withheld(session, clue, draft_view.kept_content(session, transfer)),
        undecided=view_parts.undecided(session, transfer),
        knots=view_parts.knots(session, transfer, practice),
        letters=view_parts.letters(session, transfer, url),
        no_pdf=_(why) if (why := pdf_possible()) else "",
        answers=view_parts.answers(session, transfer, url),
        siblings=view_parts.siblings(of_clue, units, transfer.id, url),
        steps=view_parts.steps(session, actor, transfer, clue),
        paper_kinds=view_parts.paper_kinds(transfer),
        refusal_reasons=view_parts.reasons(session, "transfer_refusal"),
        withdrawal_reasons=view_parts.reasons(session, "withdraw_transfer"),
        checks=view_parts.checks(session, transfer),
        checks_one_by_one=service.needs_second_check(session, transfer),
        modes=[
            Option("", _("没有送达回证")),
            *(Option(mode.value, _(labels.MODES[mode])) for mode in ServiceMode),
        ],
        ends_clue=service.ends_clue({found.id: TransferState(found.state) for found in of_clue}, transfer.id),
        tells_reporter=not disclosure.is_facility(clue),
        may_issue_link=actor.may(Verb.TRANSFER_SEND) and transfer.state in _WITH_RECEIVER,
        links=links_of(session, actor, transfer),
        follow_up=visit_view.follow_up(session, keys, actor, transfer, url=url, now=now),
        values=view_parts.first_values(session, transfer),
    )


def with_typed(
    page: TransferPage, *, values: Mapping[str, str], errors: Sequence[Any], stale: str
) -> TransferPage:
    """Return the page with what was typed, what has to be put right, or what happened meanwhile."""
    return replace(page, values=values, errors=errors, stale=stale)
