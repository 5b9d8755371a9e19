"""Decisions on plain values: which document for whom, what a draft starts from, what the receiver will see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from app.geo import rules as geo_rules
from app.geo.terms import Wgs84Point
from app.identity.terms import CompartmentKind
from app.intake.terms import UNKNOWN
from app.transfer.kinds import KINDS
from app.transfer.lifecycle import OPEN
from app.transfer.terms import DraftContent, ShownAnswer, TransferKind, TransferState, Wording

SUBJECT_LIMIT: Final = 200
SUMMARY_LIMIT: Final = 8000
REPLY_LIMIT: Final = 8000
WORDS_LIMIT: Final = 2000
PLACE_LIMIT: Final = 400
# A position that leaves is the middle of a fixed square, never the spot the phone measured: the wide one wherever
# somebody lives or works, the narrow one only where a person says that the place is open to everybody.
WIDE_SQUARE_M: Final = 200
NARROW_SQUARE_M: Final = 20
SQUARES: Final = frozenset({WIDE_SQUARE_M, NARROW_SQUARE_M})
CONFIDENTIALITY: Final = (
    "本件及所附材料仅供受文单位依法履职使用，不得向被反映人或者其他无关人员透露，不得公开；"
    "请勿以任何方式查找反映人。"
)
# Series of closed compartments are marked, so that equal numbers of two series never meet (decisions.md 5).
_MARKS: Final = {
    CompartmentKind.OPEN: "",
    CompartmentKind.MILITARY: "军",
    CompartmentKind.MINORS: "未",
    CompartmentKind.NAMED: "专",
}
# Kinds of question whose answers are picked or counted, never written.
_CHOSEN_KINDS: Final = frozenset({"bool", "date", "enum", "int", "multi", "number"})
# Questions that ask what the place is called: without it a receiver would not know which mall, river or monument.
# Unlike other written answers these belong to the place, which a person rewrites, not to the one who saw it.
_NAMES_THE_PLACE: Final = frozenset({"reach_name", "relic_name", "site_name", "venue_name"})


def number_text(pattern: str, *, office: str, compartment: CompartmentKind, year: int, seq: int) -> str:
    """Write a letter's number 文号, for example 哈松检公移〔2026〕3号; closed series carry their mark."""
    mark = _MARKS[compartment]
    number = pattern.format(office=office + mark, year=year, seq=seq)
    return number if mark in number else mark + number


def public_sentence(body: str, sent_on: date) -> str:
    """Return what the reporter reads when a clue is sent: the kind of body and the date, nothing else."""
    return f"{sent_on.year}年{sent_on.month}月{sent_on.day}日，您反映的问题已转交给{body}。"


@dataclass(frozen=True, slots=True)
class Start:
    """The facts of a clue a draft starts from. Nothing of the reporter is among them, nor the reporter's own words."""

    category: str
    place: str
    found_on: date
    answers: tuple[ShownAnswer, ...]
    contact_name: str
    contact_phone: str


def first_draft(start: Start, evidence_ids: tuple[str, ...] = ()) -> DraftContent:
    """Return the text a person starts from; the reporter's words are rewritten by hand, never copied."""
    day = f"{start.found_on.year}年{start.found_on.month}月{start.found_on.day}日"
    where = f"，地点为{start.place}" if start.place else ""
    told = "有关情况附后。" if start.answers else ""
    summary = f"本院在履行公益诉讼检察职责中发现，{day}，有“{start.category}”方面的问题{where}。{told}"
    return DraftContent(
        subject=f"关于“{start.category}”问题线索的移送"[:SUBJECT_LIMIT],
        summary=summary,
        requests="请依法核查处理，并将处理情况书面反馈本院。",
        basis="",
        place_shown=start.place[:PLACE_LIMIT],
        shows_position=False,
        contact_name=start.contact_name,
        contact_phone=start.contact_phone,
        shown_answers=start.answers,
        evidence_ids=evidence_ids,
    )


def texts_of(content: DraftContent) -> tuple[str, ...]:
    """Return every free text that would leave, for the search of what gives a person away."""
    answers = tuple(answer.shown for answer in content.shown_answers)
    return (content.subject, content.summary, content.requests, content.basis, content.place_shown, *answers)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about a transfer when it is shown or frozen."""

    kind: TransferKind
    office: str
    receiver: str
    number: str | None
    category: str
    field: str
    found_on: date | None
    point: tuple[float, float] | None
    pictures: int
    feedback_days: int
    due_on: date | None
    clue_number: str | None
    source: str
    wording: Wording
    # The agreement that set these days, should one have: its id and its name.
    agreed: tuple[str, str] | None = None


def disclosed(content: DraftContent, facts: Facts) -> dict[str, Any]:
    """Return exactly what the receiver will see, as stored when signed (domain.md 1.7, trap 5)."""
    rule = KINDS[facts.kind]
    shown = facts.point if content.shows_position else None
    return {
        "kind": facts.kind.value,
        "document": rule.document.value,
        "wording": facts.wording.as_json(),
        "office": facts.office,
        "receiver": facts.receiver,
        "number": facts.number,
        "subject": content.subject,
        "category": facts.category,
        "field": facts.field,
        "found_on": facts.found_on.isoformat() if facts.found_on else None,
        "place": content.place_shown,
        "position": None if shown is None else rounded_to(*shown, content.position_square_m),
        "summary": content.summary,
        "answers": [{"label": answer.label, "shown": answer.shown} for answer in content.shown_answers],
        "requests": content.requests,
        "basis": content.basis,
        "pictures": facts.pictures,
        "feedback_days": facts.feedback_days,
        "due_on": facts.due_on.isoformat() if facts.due_on else None,
        "confidentiality": CONFIDENTIALITY,
        "contact_name": content.contact_name,
        "contact_phone": content.contact_phone,
        "clue_number": facts.clue_number if rule.tells_source else None,
        "source": facts.source if rule.tells_source else None,
        # With a party to it only: it knows the paper.
        **({"agreement": {"id": facts.agreed[0], "name": facts.agreed[1]}} if facts.agreed else {}),
    }


def rounded_to(lat: float, lon: float, square_m: int) -> dict[str, float]:
    """Return the middle of the square a place lies in; any other size than ours is the wide one."""
    square = float(square_m if square_m in SQUARES else WIDE_SQUARE_M)
    point = geo_rules.rounded(Wgs84Point(lat, lon), square)
    return {"lat": point.lat, "lon": point.lon, "square_m": square}


# Furthest first; a receiver who is lost (refused, withdrawn) counts for nothing.
_FURTHEST: Final = {
    TransferState.CLOSED: "transfer_replied",
    TransferState.REPLIED: "transfer_replied",
    TransferState.ACKNOWLEDGED: "transfer_acknowledged",
}


@dataclass(frozen=True, slots=True)
class Outlook:
    """How the transfers of one clue stand together, one of them about to change."""

    states: tuple[TransferState, ...]

    @property
    def furthest(self) -> str:
        """Return the public status of a transferred clue: the furthest step of any receiver (decisions.md 6)."""
        return next((status for state, status in _FURTHEST.items() if state in self.states), "transfer_out")

    @property
    def has_open(self) -> bool:
        """Say whether a receiver still has it in hand, or an answer waits to be checked."""
        return bool(OPEN & set(self.states))

    @property
    def has_closed(self) -> bool:
        """Say whether a receiver has dealt with it."""
        return TransferState.CLOSED in self.states


def default_public_answer(reply: str) -> str:
    """Return the start of the reporter's answer: what the receiver did, to be put into plain words by a person."""
    body = reply.strip()
    return f"接收转交的机关已经处理并答复我们：{body}" if body else ""


def chosen_answers(answers: Iterable[Mapping[str, Any]]) -> list[tuple[ShownAnswer, bool]]:
    """Return the answers that may go along and whether they go by default.

    Private answers never leave. Free text was typed by the reporter and may give them away, so it goes only when
    a person chooses it.
    """
    found: dict[str, tuple[ShownAnswer, bool]] = {}
    for answer in answers:
        shown = str(answer.get("shown") or "").strip()
        if answer.get("is_private") or not shown:
            continue
        key = str(answer["key"])
        found[key] = (ShownAnswer(key, str(answer["label"]), shown), answer.get("kind") in _CHOSEN_KINDS)
    return list(found.values())


def place_of(town: str, words: str, answers: Iterable[Mapping[str, Any]]) -> str:
    """Return the place a draft starts from: town, the venue's name where the answers give it, the place in words.

    A private answer never leaves, whatever it names; what the words say already is not said twice.
    """
    named = [
        " ".join(str(answer.get("shown") or "").split())
        for answer in answers
        if answer["key"] in _NAMES_THE_PLACE
        and answer.get("kind") == "text"
        and not answer.get("is_private")
        and answer.get("value") != UNKNOWN
    ]
    parts = [town, *(name for name in dict.fromkeys(named) if name not in words), words.strip()]
    return " ".join(part for part in parts if part)


def paragraphs(text: str) -> Sequence[str]:
    """Return the paragraphs of a text that is to be printed: no empty ones, nothing a document cannot hold."""
    cleaned = "".join(letter for letter in text if letter in "\n\t" or _is_printable(ord(letter)))
    return [line.strip() for line in cleaned.replace("\t", " ").split("\n") if line.strip()]


def _is_printable(code: int) -> bool:
    # XML 1.0 allows no control signs but tab and line end, no surrogates, and no U+FFFE and U+FFFF.
    is_control = code < 0x20 or 0x7F <= code <= 0x9F  # noqa: PLR2004 - the two blocks of control signs
    return not (is_control or 0xD800 <= code <= 0xDFFF or (code & 0xFFFE) == 0xFFFE)  # noqa: PLR2004
