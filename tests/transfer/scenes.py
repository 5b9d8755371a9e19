"""Scenes of the transfer room: a clue that may be transferred, a draft, a transfer in any state, the people."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from PIL import Image
from sqlalchemy import insert

from app.clues import queries as clue_queries
from app.clues import service as clue_service
from app.clues.service import Numbering
from app.clues.terms import ClueAction
from app.evidence import service as evidence_service
from app.evidence.service import KeptFile
from app.evidence.terms import Condition, DerivativeKind, Origin, PathIn
from app.identity.actor import Actor
from app.identity.terms import CompartmentKind
from app.intake.models import Report
from app.platform import clock, ids, journal
from app.platform.crypto import KeyRing
from app.reference import queries as reference_queries
from app.transfer import letters, queries, service
from app.transfer.agreements import service as agreement_service
from app.transfer.agreements import terms as agreement_terms
from app.transfer.invitations import service as invitation_service
from app.transfer.invitations.terms import InvitationKind
from app.transfer.models import Transfer
from app.transfer.terms import AnswerWay, DraftContent, Given, LetterKind, Practice, ShownAnswer, SignStep
from app.transfer.terms import TransferState as S
from tests import cast, make

if TYPE_CHECKING:
    from app.platform.db import WriteSession
    from app.platform.storage import BlobStore

NOW = make.NOW
LATER = NOW + timedelta(hours=1)
PRACTICE = Practice((SignStep.REVIEW, SignStep.SIGN), "{office}公移〔{year}〕{seq}号", "哈松检", 1, 30)
# Every entry of both lists of what a person ticks before something leaves.
CHECKS = [
    "no_secrets", "no_reporter", "right_receiver", "no_unit_names", "no_facility_pictures", "channel_agreed",
]  # fmt: skip
SECRET_NAME, SECRET_PLATE = "举报人王小明", "黑A12345"
ANSWERS: list[dict[str, Any]] = [
    {"key": "venue_type", "kind": "enum", "label": "这是什么地方", "value": "mall", "shown": "商场", "is_private": False},
    {"key": "plate", "kind": "enum", "label": "车牌", "value": "x", "shown": SECRET_PLATE, "is_private": True},
    {"key": "before", "kind": "text", "label": "以前反映过吗", "value": "x", "shown": "我打过13904511234", "is_private": False},
]  # fmt: skip
CONTENT = DraftContent(
    subject="关于商场未配置自动体外除颤器线索的移送",
    summary="本院发现，某商场一至五层未见自动体外除颤器。\n客流较大，存在安全隐患。",
    requests="请依法核查处理，并将情况书面反馈本院。",
    basis="",
    place_shown="松北街道 万象汇一层",
    shows_position=False,
    contact_name="陈检察官",
    contact_phone="0451-84000000",
    shown_answers=(ShownAnswer("venue_type", "这是什么地方", "商场"),),
)


def clue(session: WriteSession, *, compartment: CompartmentKind = CompartmentKind.OPEN, **wishes: Any) -> str:
    """A registered clue under evaluation, with one report of the reporter's own words."""
    clue_id = make.clue(session, compartment=compartment, **wishes)
    found = clue_queries.by_id(session, clue_id)
    session.execute(
        insert(Report).values(
            id=ids.new(), clue_id=clue_id, office_id=found.office_id, is_supplement=False, content_digest="0" * 64,
            open311_id=ids.new(), channel="web", category_key=found.category_key,
            words=f"我是{SECRET_NAME}，看见的", answers=ANSWERS, place={}, declined=[], received_at=NOW, locale="zh",
        )
    )  # fmt: skip
    numbering = Numbering("松检公线〔{year}〕{seq:04d}号", "松检", 1)
    clue_service.register(
        session, journal.SYSTEM, found, numbering=numbering, compartment_kind=compartment.value, now=NOW
    )
    clue_service.advance(session, journal.SYSTEM, found, ClueAction.START_EVALUATION, now=NOW)
    return clue_id


def picture(size: tuple[int, int] = (64, 48), colour: str = "#456") -> bytes:
    """A small JPEG."""
    made = io.BytesIO()
    Image.new("RGB", size, colour).save(made, "JPEG")
    return made.getvalue()


def photo(session: WriteSession, store: BlobStore, clue_id: str, *, colour: str = "#456") -> str:
    """A ready picture of a clue: an original with a telling name, and its derivative; returns the evidence id."""
    original, shown = picture((80, 60), colour), picture((64, 48), colour)
    kept = KeptFile(
        digest=keep(store, original), size_bytes=len(original), media_type="image/jpeg",
        declared_type="image/jpeg", original_name="IMG_王小明_20261120.jpg", path=PathIn.CAMERA, is_picture=True,
    )  # fmt: skip
    office = clue_queries.by_id(session, clue_id).office_id
    taken = evidence_service.take_in(
        session, journal.REPORTER, [kept], clue_id=clue_id, office_id=office, origin_kind=Origin.REPORT,
        origin_id=ids.new(), now=NOW,
    )[0]  # fmt: skip
    evidence_service.keep_derivative(
        session, kept.digest, DerivativeKind.SCREEN, digest=keep(store, shown), size=(64, 48),
        size_bytes=len(shown), params={"edge": 1600, "colour": colour}, now=NOW,
    )  # fmt: skip
    evidence_service.describe(session, taken.evidence_id, condition=Condition.READY.value)
    return taken.evidence_id


def keep(store: BlobStore, content: bytes) -> str:
    """Put bytes into the store."""
    with store.incoming() as incoming:
        incoming.write(content)
        return store.keep(incoming.seal())


def agency(session: WriteSession, actor: Actor, key: str = "health") -> str:
    """The id of a receiver by its key."""
    return next(unit.id for unit in reference_queries.agencies(session, actor.office_id) if unit.key == key)


def agreement(session: WriteSession, actor: Actor, *, parties: list[str], **wishes: Any) -> str:
    """Something agreed with organisations of the actor's office, in force; return its id."""
    sound: dict[str, Any] = {
        "name": "水环境保护协作意见", "number": "", "signed_on": date(2026, 1, 5), "ends_on": None, "mechanisms": "",
        "contacts": "", "categories": (), "feedback_days": 20, "review_on": None, "parties": tuple(parties),
    }  # fmt: skip
    content = agreement_terms.Content(**(sound | wishes))
    return agreement_service.add(session, KeyRing([("k1", bytes(32))]), actor, content, None, now=NOW)


def invited(
    session: WriteSession, actor: Actor, clue_id: str, guest_id: str, *, now: datetime = NOW, **wishes: Any
) -> str:
    """A guest asked about a clue: what was shown, until in a week."""
    asked: dict[str, Any] = {
        "kind": InvitationKind.CONSULT, "content": CONTENT, "checks": CHECKS,
        "due_on": clock.office_date(now) + timedelta(days=7),
    }  # fmt: skip
    return invitation_service.invite(
        session, actor, clue_id, account_ids=[guest_id], now=now, **asked | wishes
    )[0]


def chief(session: WriteSession) -> Actor:
    """Somebody who may take every step."""
    return cast.actor(session, "chief_zhou")


def by_account(actor: Actor) -> Given:
    """An answer given by a signed-in contact."""
    return Given(AnswerWay.ACCOUNT, account_id=actor.account_id, signer=actor.name)


def drafted(
    session: WriteSession, actor: Actor, clue_id: str, *, to: str = "health", content: DraftContent = CONTENT
) -> Transfer:
    """A draft to one receiver."""
    receiver = agency(session, actor, to)
    (made,) = service.draft(session, actor, clue_id, receiver_ids=[receiver], content=content, now=NOW)
    return queries.by_id(session, made)


def brought_to(session: WriteSession, actor: Actor, transfer: Transfer, state: S) -> Transfer:
    """Bring a draft along its ordinary way to a state."""
    given = by_account(actor)
    way: dict[S, Any] = {
        S.IN_REVIEW: lambda at: service.submit(
            session, actor, transfer, checks=CHECKS, practice=PRACTICE, **at
        ),
        S.TO_SIGN: lambda at: service.approve_review(
            session, actor, transfer, words="", practice=PRACTICE, **at
        ),
        S.SIGNED: lambda at: service.sign(session, actor, transfer, words="", practice=PRACTICE, **at),
        S.SENT: lambda at: sent(session, actor, transfer, at),
        S.ACKNOWLEDGED: lambda at: service.acknowledge(session, actor.doer, transfer, given, **at),
        S.REPLIED: lambda at: service.reply(session, actor.doer, transfer, given, words="已经配齐。", **at),
        S.CLOSED: lambda at: service.close(session, actor, transfer, public_answer="已经配齐。", **at),
    }
    ends: dict[S, Any] = {
        S.REFUSED: (S.SENT, lambda at: service.refuse(session, actor.doer, transfer, given, reason_key="other", words="", **at)),
        S.WITHDRAWN: (S.SENT, lambda at: service.withdraw(session, actor, transfer, reason_key="other", words="", **at)),
    }  # fmt: skip
    if state in ends:
        before, step = ends[state]
        brought_to(session, actor, transfer, before)
        step({"version": transfer.version, "now": NOW})
    else:
        for reached, step in way.items():
            if transfer.state == state.value:
                break
            if (
                list(way).index(reached) > list(way).index(S(transfer.state))
                if transfer.state in way
                else True
            ):
                step({"version": transfer.version, "now": NOW})
    assert transfer.state == state.value
    return transfer


def sent(session: WriteSession, actor: Actor, transfer: Transfer, at: dict[str, Any]) -> None:
    """Send, with a letter that has no bytes."""
    letter(session, actor, transfer)
    service.send(session, actor, transfer, checks=CHECKS, **at)


def letter(session: WriteSession, actor: Actor, transfer: Transfer) -> int:
    """Note a letter without making its bytes."""
    assert transfer.disclosed is not None
    fields = letters.fields_of(transfer.disclosed, dated_on=NOW.date(), signer=actor.name)
    return service.keep_letter(
        session, actor, transfer, kind=LetterKind(fields["kind"]), fields=fields, docx_digest="0" * 64,
        pdf_digest=None, now=NOW,
    )  # fmt: skip
