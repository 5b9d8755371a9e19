"""The list 清单 of an evidence bundle: of each item what arts 37 to 39 and 法发〔2016〕22号 art 14 ask for.

Category, format, digest, time, place, collector; plain values that go into the manifest and onto the printed page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from app.clues.models import Clue
from app.evidence import queries
from app.evidence.exif import PhotoFacts
from app.evidence.kinds import extension_of
from app.evidence.queries import Copy, Shown, bundles
from app.identity import queries as identity_queries
from app.platform.db import ReadSession


@dataclass(frozen=True, slots=True)
class ListedCopy:
    """A picture made from an original."""

    name: str
    kind: str
    sha256: str
    size_bytes: int
    made_at: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ListedItem:
    """One item of the list."""

    no: int
    evidence_id: str
    name: str
    category: str
    format: str
    media_type: str
    size_bytes: int
    sha256: str
    received_at: str
    collector_kind: str
    collector: str
    path: str
    fidelity: str
    stated_place: Mapping[str, Any]
    photo_says: Mapping[str, Any]
    fixed_at: str
    fixed_by: tuple[str, ...] = ()
    copies: tuple[ListedCopy, ...] = ()
    masking: str | None = None
    masked_parts: int | None = None

    def files(self) -> Iterator[tuple[str, str]]:
        """Iterate over the item's files: name in the bundle, digest."""
        yield self.name, self.sha256
        for copy in self.copies:
            yield copy.name, copy.sha256

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Listed:
    """The whole list with its head."""

    bundle_id: str
    clue_id: str
    number: str
    title: str
    office: str
    made_by: str
    made_at: str
    purpose: str
    items: list[ListedItem] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Self:
        """Build the list again."""
        items = [
            ListedItem(**{**item, "copies": tuple(ListedCopy(**copy) for copy in item["copies"])})
            for item in plain["items"]
        ]
        return cls(**{**plain, "items": items})


def items_of(session: ReadSession, clue: Clue) -> list[ListedItem]:
    """Return the items of a clue, hidden previews too, in the order they came."""
    files = [one for one in queries.of_clue(session, clue.id, include_hidden=True) if not one.is_erased]
    copies = queries.copies_of(session, [item.digest for item in files])
    redacted = queries.redactions_of(session, [item.id for item in files])
    doers = bundles.bringers(session, [item.id for item in files])
    people = identity_queries.names_of(
        session,
        [who for _, who in doers.values() if who]
        + [who for item in files for who in (item.fixed_by, item.fixed_with) if who],
    )
    place = _stated(clue)
    return [
        _item(
            no,
            item,
            [*copies.get(item.digest, []), *redacted.get(item.id, [])],
            place,
            doers.get(item.id),
            people,
        )
        for no, item in enumerate(files, start=1)
    ]


def _stated(clue: Clue) -> dict[str, Any]:
    return {
        "words": clue.place_words, "town": clue.town_key, "lat": clue.lat, "lon": clue.lon, "datum": "WGS-84",
        "source": clue.place_source, "accuracy_m": clue.accuracy_m,
        "fixed_at": clue.place_fixed_at.isoformat() if clue.place_fixed_at else None,
    }  # fmt: skip


def _item(
    no: int,
    item: Shown,
    copies: list[Copy],
    place: Mapping[str, Any],
    doer: tuple[str, str | None] | None,
    people: Mapping[str, str],
) -> ListedItem:
    extension = extension_of(item.media_type)
    doer_kind, doer_id = doer or ("system", None)
    says = PhotoFacts.from_json(item.photo_facts or {}).as_json()
    return ListedItem(
        no=no, evidence_id=item.id, name=f"originals/{no:02d}-{item.short_digest}.{extension}",
        category=item.media_type.partition("/")[0], format=extension.upper(), media_type=item.media_type,
        size_bytes=item.size_bytes, sha256=item.digest, received_at=item.received_at.isoformat(),
        collector_kind=doer_kind, collector=people.get(doer_id or "", ""), path=item.path, fidelity=item.fidelity,
        stated_place=place, photo_says={key: value for key, value in says.items() if value not in {None, False}},
        fixed_at=item.fixed_at.isoformat() if item.fixed_at else "",
        fixed_by=tuple(people.get(who, who) for who in (item.fixed_by, item.fixed_with) if who) if item.fixed_at else (),
        copies=tuple(
            ListedCopy(
                f"derivatives/{no:02d}-{copy.kind}-{copy.digest[:12]}.jpg", copy.kind, copy.digest, copy.size_bytes,
                copy.made_at.isoformat(), copy.params,
            )
            for copy in {(copy.kind, copy.digest): copy for copy in copies}.values()
        ),
        masking=item.masking, masked_parts=item.masked_parts,
    )  # fmt: skip
