"""The page on which a transfer is drafted or changed: whom to, what to say, what goes along."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.clues import queries as clue_queries
from app.clues.models import Clue
from app.evidence import queries as evidence_queries
from app.evidence.terms import Masking, Origin
from app.identity import labels as identity_labels
from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.identity.models import OrgUnit
from app.identity.terms import OrgKind
from app.intake import queries as intake_queries
from app.platform import clock
from app.platform.db import ReadSession, WriteSession
from app.platform.i18n import gettext as _
from app.platform.web.landing import LandedForm
from app.reference import queries as reference_queries
from app.transfer import disclosure, findings, kinds, labels, queries, rules
from app.transfer.models import Transfer
from app.transfer.shown import ChoosablePhoto, DraftPage, FindingShown, Option, Row
from app.transfer.terms import DraftContent, ShownAnswer
from app.triage import jurisdiction

AnySession = ReadSession | WriteSession
Url = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Around:
    """What the page is about: a clue, and the transfer when there is one already."""

    clue: Clue
    transfer: Transfer | None = None


def choosable_answers(session: AnySession, clue_id: str) -> list[tuple[ShownAnswer, bool]]:
    """Return the reporter's structured answers that may go along, and whether they do by default."""
    return rules.chosen_answers(_answers(session, clue_id))


def _answers(session: AnySession, clue_id: str) -> list[Mapping[str, Any]]:
    return [answer for report in intake_queries.for_desk(session, clue_id) for answer in report.answers]


def start(
    session: AnySession, actor: Actor, clue: Clue, *, contact_phone: str, now: datetime
) -> DraftContent:
    """Return the text a person starts from."""
    facts = disclosure.start_of(
        session, clue, _answers(session, clue.id),
        contact_name=actor.name, contact_phone=contact_phone, now=now,
    )  # fmt: skip
    choosable = choosable_pictures(session, clue)
    telling = unredacted(session, choosable)
    return rules.first_draft(facts, tuple(item.id for item in choosable if item.id not in telling))


def unredacted(session: AnySession, pictures: Sequence[evidence_queries.Shown]) -> set[str]:
    """Return the pictures whose reporter could not cover personal data, and nobody here has done it yet."""
    uncovered = [item for item in pictures if item.masking == Masking.AS_IS]
    leaving = evidence_queries.leaving(session, uncovered) if uncovered else {}
    return {item.id for item in uncovered if item.id not in leaving or not leaving[item.id].is_redacted}


def choosable_pictures(session: AnySession, clue: Clue) -> list[evidence_queries.Shown]:
    """Return the clue's ready pictures; what another receiver sent us does not travel on by itself."""
    if disclosure.is_facility(clue):
        return []
    return [
        item
        for item in evidence_queries.of_clue(session, clue.id)
        if item.is_ready and item.origin_kind != Origin.TRANSFER
    ]


def page_of(
    session: AnySession,
    around: Around,
    content: DraftContent,
    *,
    url: Url,
    now: datetime,
    typed: LandedForm | None = None,
    errors: Sequence[Any] = (),
    stale: str = "",
) -> DraftPage:
    """Return the page: with what is kept, or with what was just typed when something has to be put right."""
    clue, transfer = around.clue, around.transfer
    chosen = _chosen(content, typed)
    suggested, others = _receivers(session, clue, now)
    pictures = choosable_pictures(session, clue)
    telling = unredacted(session, pictures)
    found = findings.found_in_all(_texts(content, typed), disclosure.words_of(session, clue.id))
    return DraftPage(
        clue_id=clue.id,
        clue_title=clue.title,
        clue_number=clue.number or "",
        transfer_id=transfer.id if transfer else "",
        receiver=identity_queries.org_unit(session, transfer.receiver_id).name if transfer else "",
        version=transfer.version if transfer else 0,
        advice="" if transfer else _advice(session, clue, now),
        suggested=suggested,
        others=others,
        chosen_receivers=tuple(typed.all("receivers")) if typed else _lead(session, clue, suggested),
        values=_values(content, typed),
        is_position_known=clue.lat is not None and not disclosure.is_facility(clue),
        position=_position(content, typed),
        answers=[
            Option(answer.key, answer.label, answer.shown)
            for answer, _is_default in _with_masked(choosable_answers(session, clue.id), content)
        ],
        chosen_answers=chosen["answers"],
        photos=[
            ChoosablePhoto(
                item.id, url("evidence:picture", evidence_id=item.id, kind="thumb"), item.id in chosen["pictures"],
                url("desk:photo", clue_id=clue.id, evidence_id=item.id) if item.id in telling else "",
            )
            for item in pictures
        ],
        findings=[_finding(finding, content, typed) for finding in found],
        words=[report.words for report in intake_queries.for_desk(session, clue.id) if report.words],
        withheld=withheld(session, clue, content),
        errors=errors,
        stale=stale,
    )  # fmt: skip


def _advice(session: AnySession, clue: Clue, now: datetime) -> str:
    matter = jurisdiction.matter_of(clue, jurisdiction.latest_scores(session, clue.id))
    return jurisdiction.deciding(session, matter, clock.office_date(now))


def withheld(session: AnySession, clue: Clue, content: DraftContent) -> list[Row]:
    """Return what stays with us, and why."""
    return [
        Row(*found) for found in disclosure.withheld_of(session, clue, content, _answers(session, clue.id))
    ]


def _position(content: DraftContent, typed: LandedForm | None) -> str:
    if typed is not None:
        return typed.get("position")
    return str(content.position_square_m) if content.shows_position else ""


def _chosen(content: DraftContent, typed: LandedForm | None) -> dict[str, tuple[str, ...]]:
    if typed is not None:
        return {"answers": tuple(typed.all("answers")), "pictures": tuple(typed.all("pictures"))}
    return {
        "answers": tuple(answer.key for answer in content.shown_answers),
        "pictures": content.evidence_ids,
    }


_BOXES = ("subject", "summary", "requests", "basis", "place_shown", "contact_name", "contact_phone")


def _values(content: DraftContent, typed: LandedForm | None) -> dict[str, str]:
    return {name: typed.get(name) if typed else str(getattr(content, name)) for name in _BOXES}


def _texts(content: DraftContent, typed: LandedForm | None) -> Iterable[str]:
    return [typed.get(name) for name in _BOXES[:5]] if typed else rules.texts_of(content)


def _finding(finding: findings.Finding, content: DraftContent, typed: LandedForm | None) -> FindingShown:
    kept = "keep" if finding.key in content.kept_findings else ""
    decided = typed.get(f"decide_{finding.key}") if typed else kept
    return FindingShown(finding.key, _(labels.FINDINGS[finding.kind]), finding.value, decided)


def _with_masked(
    answers: list[tuple[ShownAnswer, bool]], content: DraftContent
) -> list[tuple[ShownAnswer, bool]]:
    """Show an answer as it is kept in the draft (perhaps masked), else as the reporter gave it."""
    kept = {answer.key: answer for answer in content.shown_answers}
    return [(kept.get(answer.key, answer), is_default) for answer, is_default in answers]


def _receivers(session: AnySession, clue: Clue, now: datetime) -> tuple[list[Option], list[Option]]:
    on = clock.office_date(now)
    suggested = [
        (unit, is_lead)
        for unit, is_lead in reference_queries.suggested_agencies(
            session, clue.office_id, clue.category_key, clue.town_key, on
        )
        if kinds.kind_of(OrgKind(unit.kind), unit.key)
    ]
    taken = {unit.id for unit, _is_lead in suggested}
    others = [
        unit
        for unit in reference_queries.agencies(session, clue.office_id)
        if unit.id not in taken and kinds.kind_of(OrgKind(unit.kind), unit.key)
    ]
    kept = clue_queries.kept_from(session, clue.id)

    def option(unit: OrgUnit, note: str) -> Option:
        return Option(unit.id, unit.name, _("被监督单位，不能移送") if unit.id in kept else note)

    return (
        [option(unit, _("主办") if is_lead else _("协办")) for unit, is_lead in suggested],
        [option(unit, _(identity_labels.ORG_KINDS[OrgKind(unit.kind)])) for unit in others],
    )


def _lead(session: AnySession, clue: Clue, suggested: Sequence[Option]) -> tuple[str, ...]:
    kept = clue_queries.kept_from(session, clue.id)
    return tuple(option.value for option in suggested[:1] if option.value not in kept)


def choosable_of(session: AnySession, transfer: Transfer) -> list[ShownAnswer]:
    """Return the answers a draft may take along, those it has already as they are kept in it."""
    content = disclosure.content_of(transfer)
    return [
        answer for answer, _is_default in _with_masked(choosable_answers(session, transfer.clue_id), content)
    ]


def kept_content(session: AnySession, transfer: Transfer) -> DraftContent:
    """Return a draft as it is kept, with the pictures that go along."""
    pictures = tuple(item.evidence_id for item in queries.attachments(session, transfer.id))
    return replace(disclosure.content_of(transfer), evidence_ids=pictures)
