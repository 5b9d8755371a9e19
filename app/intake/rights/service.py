"""Asking, deciding and fetching what a person may have of their own data. Nothing here commits.

Two people, always: whoever registers a request at the counter never decides it. A correction is sealed when it is asked
and moved when it is granted, so that nobody reads it on the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, update
from sqlmodel import col

from app.clues import service as clue_service
from app.clues.models import Clue
from app.evidence import erasing as evidence_erasing
from app.evidence import queries as evidence_queries
from app.identity.actor import Actor
from app.intake import erasing, queries, rules
from app.intake.models import Report, ReporterContact, RightsRequest
from app.intake.queries import rights
from app.intake.reception import House
from app.intake.rights.terms import (
    ASKED,
    CLEAN,
    FETCHED,
    GRANT_HOLDS,
    GRANTED,
    OPENED,
    REFUSED,
    Right,
    Wish,
)
from app.platform import clock, ids, journal
from app.platform.db import WriteSession
from app.platform.errors import Conflict, Refused
from app.platform.i18n import N_
from app.platform.journal import Doer
from app.platform.putting import put
from app.reference import queries as reference

_FIELDS: Final = ("name", "phone", "words")


class AlreadyAsked(Conflict):
    """The same was asked before, and is not decided yet."""

    code = "already_asked"
    text = N_("同样的申请已经在办理，不用重复提出。")


class NotYourOwnRequest(Refused):
    """Who registered a request cannot decide it."""

    code = "not_your_own_request"
    text = N_("自己登记的申请要由另一位负责人决定。")


class AlreadyDecided(Conflict):
    """Somebody decided it meanwhile."""

    code = "rights_decided"
    text = N_("这个申请已经处理过了。")


class HeldBack(Refused):
    """The matter is on hold, or holds evidence, so what the reporter sent may not be erased now."""

    code = "held_back"
    text = N_(
        "这条线索正在保全，或者有材料已经固定为证据，现在不能删除。请写明原因不同意，或者只删除联系方式。"
    )


class NotOpen(Conflict):
    """There is nothing to fetch: not granted, fetched already, or too late."""

    code = "rights_not_open"
    text = N_("现在没有可以打开的内容：还没有同意、已经打开过，或者过期了。需要的话请再申请一次。")


def ask(
    session: WriteSession, house: House, first: Report, wish: Wish, *, actor: Actor | None, now: datetime
) -> str:
    """Register what a person asks; return the request's id."""
    queries.hold(session, first.id)
    asked = rights.of_report(session, first.id)
    if any(one.kind == wish.right and one.decided_at is None for one in asked):
        raise AlreadyAsked
    request_id = ids.new()
    matches = _phone_matches(session, house, first.id, wish.told_phone)
    doer: Doer = actor.doer if actor else journal.REPORTER
    facts = {"right": wish.right.value, "known_by": wish.known.value, "phone_matches": matches}
    journal_id = journal.record(
        session, doer, ASKED, "rights_request", request_id,
        now=now, clue_id=first.clue_id, office_id=first.office_id, note=wish.note, facts=facts,
    )  # fmt: skip
    sealed = {f"sealed_{field}": _sealed(house, request_id, field, getattr(wish, field)) for field in _FIELDS}
    is_correction = wish.right is Right.CORRECT
    put(
        session, RightsRequest, id=request_id, report_id=first.id, clue_id=first.clue_id, kind=wish.right.value,
        known_by=wish.known.value, phone_matches=matches, asked_journal_id=journal_id,
        asked_by=actor.account_id if actor else None, asked_at=now,
        due_on=clock.office_date(now) + timedelta(days=house.settings.rights_days),
        consent_version=reference.consent(session, "contact").version if is_correction else None,
        **(sealed if is_correction else dict.fromkeys(sealed)),
    )  # fmt: skip
    return request_id


def _sealed(house: House, request_id: str, field: str, text: str) -> str | None:
    return house.keys.seal_field(text, table="rights_request", row=request_id, field=field) if text else None


def _phone_matches(session: WriteSession, house: House, report_id: str, told: str) -> bool | None:
    """Say whether a phone somebody names is the one that was left; nobody sees the one that was left."""
    kept, digits = queries.contact(session, report_id), rules.phone_digits(told) if told.strip() else None
    if digits is None:
        return None
    return kept is not None and kept.phone_index == house.keys.keyed_digest("phone-index", digits)


def decide(
    session: WriteSession,
    house: House,
    actor: Actor,
    request_id: str,
    *,
    is_granted: bool,
    reason: str,
    now: datetime,
) -> None:
    """Grant a request and do what it asks, or refuse it; the person reads the reason."""
    request, clue = rights.get(session, actor, request_id)
    if request.asked_by == actor.account_id:
        raise NotYourOwnRequest
    right = Right(request.kind)
    if is_granted and right is Right.ERASE_ALL and _must_stay(session, clue):
        raise HeldBack
    # Everything of the matter may go with the request, the words of its decision too: so they are written afterwards.
    if is_granted and request.decided_at is None:
        _do(session, house, request, clue, right, now=now)
    journal_id = journal.record(
        session, actor.doer, GRANTED if is_granted else REFUSED, "rights_request", request_id,
        now=now, clue_id=clue.id, office_id=clue.office_id, note=reason, facts={"right": right.value},
    )  # fmt: skip
    decided = session.execute(
        update(RightsRequest)
        .where(col(RightsRequest.id) == request_id, col(RightsRequest.decided_at).is_(None))
        .values(
            decided_by=actor.account_id, decided_at=now, is_granted=is_granted, decided_journal_id=journal_id
        )
    )
    if not decided.rowcount:  # type: ignore[attr-defined]
        raise AlreadyDecided
    if is_granted and right not in FETCHED:
        # A contact never stood in the search index, and packing that holds every writer up.
        payload = {"had_words": right is Right.ERASE_ALL}
        journal.enqueue(session, CLEAN, once_key=request_id, payload=payload, now=now)


def _must_stay(session: WriteSession, clue: Clue) -> bool:
    files = evidence_queries.of_clue(session, clue.id, include_hidden=True)
    return clue.held_at is not None or any(item.fixed_at is not None for item in files)


def _do(
    session: WriteSession, house: House, request: RightsRequest, clue: Clue, right: Right, *, now: datetime
) -> None:
    if right is Right.CORRECT:
        _correct(session, house, request, now=now)
    elif right is Right.ERASE_CONTACT:
        erasing.erase_contact(session, [request.report_id])
    elif right is Right.ERASE_ALL:
        _erase_all(session, clue, now=now)


def _correct(session: WriteSession, house: House, request: RightsRequest, *, now: datetime) -> None:
    """Put the contact that was asked for in the place of the one that was left, unread."""
    keys, report_id = house.keys, request.report_id
    said = {
        field: keys.open_field(sealed, table="rights_request", row=request.id, field=field)
        for field in _FIELDS
        if (sealed := getattr(request, f"sealed_{field}"))
    }
    old = queries.contact(session, report_id)
    values: dict[str, Any] = {
        f"sealed_{field}": keys.seal_field(text, table="reporter_contact", row=report_id, field=field)
        for field, text in said.items()
    }
    if "phone" in said:
        digits = rules.phone_digits(said["phone"])
        values["phone_index"] = keys.keyed_digest("phone-index", digits) if digits else None
    kept = (
        {name: getattr(old, name) for name in (*(f"sealed_{f}" for f in _FIELDS), "phone_index")}
        if old
        else {}
    )
    session.execute(delete(ReporterContact).where(col(ReporterContact.report_id) == report_id))
    blank: dict[str, Any] = {**dict.fromkeys(f"sealed_{field}" for field in _FIELDS), "phone_index": None}
    put(
        session, ReporterContact, report_id=report_id, consent_version=request.consent_version or "", consented_at=now,
        **{**blank, **kept, **values},
    )  # fmt: skip
    session.execute(
        update(RightsRequest)
        .where(col(RightsRequest.id) == request.id)
        .values(sealed_name=None, sealed_phone=None, sealed_words=None)
    )


def _erase_all(session: WriteSession, clue: Clue, *, now: datetime) -> None:
    """Erase what the reporter said and sent; the office's own papers about the matter stay, as the law asks."""
    report_ids = erasing.report_ids_of(session, clue.id)
    evidence_erasing.erase_items(session, journal.SYSTEM, clue.id, now=now, origin_ids=report_ids)
    erasing.erase_said(session, clue.id, report_ids, now=now)
    kind = reference.ever_category(session, clue.category_key)
    clue_service.forget(
        session, clue, title=f"{kind.name if kind else clue.category_key}（反映人要求删除）", now=now
    )


def fetch(session: WriteSession, request: RightsRequest, doer: Doer, clue: Clue, *, now: datetime) -> Right:
    """Note that a granted copy or code is fetched, once within its time; raises NotOpen."""
    right = Right(request.kind)
    if right not in FETCHED or not request.is_granted or request.decided_at is None:
        raise NotOpen
    if now > request.decided_at + GRANT_HOLDS:
        raise NotOpen
    opened = session.execute(
        update(RightsRequest)
        .where(col(RightsRequest.id) == request.id, col(RightsRequest.opened_at).is_(None))
        .values(opened_at=now)
    )
    if not opened.rowcount:  # type: ignore[attr-defined]
        raise NotOpen
    journal.record(
        session, doer, OPENED, "rights_request", request.id,
        now=now, clue_id=clue.id, office_id=clue.office_id, facts={"right": right.value},
    )  # fmt: skip
    return right


def is_open(request: RightsRequest, *, now: datetime) -> bool:
    """Say whether there is something to fetch."""
    return bool(
        request.kind in FETCHED
        and request.is_granted
        and request.opened_at is None
        and request.decided_at
        and now <= request.decided_at + GRANT_HOLDS
    )


def reasons(session: Any, requests: Sequence[RightsRequest]) -> dict[str, str]:
    """Return the reason of each decision by the request's id."""
    said = queries.reasons(session, [one.decided_journal_id for one in requests if one.decided_journal_id])
    return {one.id: said.get(one.decided_journal_id or "", "") for one in requests}
