# ruff: noqa: S608 - statements put together from this file's own pieces
"""Fills a migrated and seeded office with any number of believable clues, fast: rows in bulk, indexes after them.

The spread is an office's: the newest few hundred are in hand, the rest are ended; every circle has some; places lie
in the district, words come from the demonstration's own sentences. Numbers of a seed repeat.
"""

from __future__ import annotations

import json
import tomllib
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, Final

from app.clues.grams import grams
from app.platform import chain
from tests.bench.stores import Store, store_of

_WORDS: Final = tomllib.loads(Path("app/demo/words.toml").read_text("utf-8"))
_SPAN: Final = timedelta(days=3 * 365)
_IN_HAND: Final = (
    "submitted",
    "registered",
    "evaluating",
    "need_more_info",
    "transfer_out",
    "preliminary_inquiry",
)
_ENDED: Final = ("closed", "not_accepted", "redirected", "merged_duplicate", "watching", "filed")
_BULK: Final = 5_000
_STEPS: Final = ("report.received", "clue.register", "clue.assigned", "clue.start_evaluation", "clue.noted")
PHOTOGRAPHED: Final = 200


def fill(url: str, count: int, *, seed: int = 1, photos: int = 0) -> None:
    """Add `count` clues, each with its report, its sealed journal row, its place in both search indexes and its photos."""
    store = store_of(url)
    rng = Random(seed)
    with store.filling():
        sealed = _Seals(store)
        coming = _clues(store, count, rng)
        while some := list(islice(coming, _BULK)):
            for table in ("clue", "report", "journal", "clue_text"):
                store.put(table, [rows[table] for rows in some])
            store.put("journal_seal", [sealed.of(rows["journal"]) for rows in some])
            if photos:
                pictures = [each for rows in some for each in _pictures(rng, rows["clue"], photos)]
                _take_in(store, sealed, rng, pictures)
        _photograph(store, PHOTOGRAPHED, sealed)
    store.close()


class _Seals:
    """The chain over what is filled in: it holds, as if each row had been written by the house."""

    def __init__(self, store: Store) -> None:
        self._last = (store.ask("SELECT seq, sha256 FROM journal_seal ORDER BY seq DESC LIMIT 1") or [(0, chain.GENESIS)])[0]  # fmt: skip

    def of(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return the seal of one journal row behind the one before."""
        seq, previous = self._last[0] + 1, self._last[1]
        told = row | {
            "facts": json.loads(row["facts"]),
            "recorded_at": datetime.fromisoformat(row["recorded_at"]).replace(tzinfo=UTC),
        }
        made = chain.seal_digests(seq, previous, chain.row_digests(told))
        self._last = (seq, made.sha256)
        return {
            "seq": seq, "journal_id": row["id"], "previous": previous, "sha256": made.sha256, "sm3": made.sm3
        }  # fmt: skip


def _id(at: datetime, rng: Random) -> str:
    """A sortable id as ids.new() makes them, of a chosen moment."""
    millis = int(at.timestamp() * 1000)
    whole = (millis << 80) | (7 << 76) | (rng.getrandbits(12) << 64) | (2 << 62) | rng.getrandbits(62)
    return str(uuid.UUID(int=whole))


def _text(at: datetime, zone: str) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f") + zone


def _clues(store: Store, count: int, rng: Random) -> Iterator[dict[str, dict[str, Any]]]:
    office = store.ask("SELECT id FROM org_unit WHERE kind='office' ORDER BY rowno")[0][0]
    circles = dict(store.ask(f"SELECT kind, id FROM compartment WHERE office_id='{office}'"))
    people = [row[0] for row in store.ask(
        "SELECT a.id FROM account a JOIN account_role r ON r.account_id=a.id "
        f"WHERE a.office_id='{office}' AND r.role='handler' ORDER BY a.rowno"
    )]  # fmt: skip
    kinds = store.ask(
        "SELECT key, field_key, name, compartment_kind FROM category WHERE valid_to IS NULL ORDER BY key"
    )
    kinds = [kind for kind in kinds if kind[0] in _WORDS["words"]]
    # A few categories make most of the work, as everywhere.
    weights = [
        12 if kind[0] in {"water_pollution", "solid_waste", "aed_missing", "barrier_free"} else 2
        for kind in kinds
    ]
    first = store.ask("SELECT COALESCE(MAX(rowno), 0) FROM clue")[0][0] + 1
    now = datetime.now(UTC).replace(microsecond=0)
    for at in range(count):
        key, field, name, circle = rng.choices(kinds, weights)[0]
        received = now - _SPAN * (1 - (at + rng.random()) / count)
        is_recent = count - at <= max(60, min(600, count // 20))
        state = rng.choice(_IN_HAND) if is_recent else rng.choices(_ENDED, (10, 4, 4, 2, 1, 2))[0]
        yield _rows(
            rng, first + at, state, key, field, name, circles[circle], office, received, people, store.zone
        )


def _rows(
    rng: Random, rowno: int, state: str, key: str, field: str, name: str, circle: str, office: str,
    received: datetime, people: list[str], zone: str,
) -> dict[str, dict[str, Any]]:  # fmt: skip
    town = rng.choice(list(_WORDS["places"]))
    spot = f"{rng.choice(_WORDS['places'][town])}{rng.randrange(1, 400)}号"
    title, said = f"{name}·{spot}", f"{rng.choice(_WORDS['words'][key])}{spot}附近。"
    is_new = state == "submitted"
    number = None if is_new else f"松检公线〔{received.year}〕{rowno:04d}号"
    clue_id, instant = _id(received, rng), _text(received, zone)
    place = (round(rng.uniform(45.74, 46.08), 6), round(rng.uniform(126.2, 126.7), 6))
    is_ended = state in _ENDED
    clue = {
        "rowno": rowno, "id": clue_id, "office_id": office, "compartment_id": circle, "state": state, "version": 3,
        "number": number, "number_year": received.year if number else None, "number_seq": rowno if number else None,
        "category_key": key, "field_key": field, "title": title,
        "source_type": rng.choice(("citizen_report", "citizen_report", "organ_transfer")),
        "channel": rng.choice(("web", "web", "web", "phone", "walk_in")), "lat": place[0], "lon": place[1],
        "accuracy_m": 12.0, "place_source": "browser", "place_raw": None, "place_fixed_at": instant,
        "place_words": spot, "town_key": town, "standing": "inside", "is_urgent": rng.random() < 0.05,
        "is_major": rng.random() < 0.01, "is_complete": rng.random() > 0.01, "needs_correction": False,
        "has_photo": rng.random() < 0.7, "has_news": not is_ended and rng.random() < 0.1,
        "public_status": state, "public_text": None, "returns_to": None, "withdrawn_at": None,
        "feedback_sent_at": None, "assignee_id": None if is_new else rng.choice(people), "received_at": instant,
        "registered_at": None if is_new else instant, "state_since": instant,
        "due_on": (received + timedelta(days=rng.randrange(3, 30))).date().isoformat(),
        "closed_at": instant if is_ended else None, "reason_key": None,
    }  # fmt: skip
    report = {
        "rowno": rowno, "id": _id(received, rng), "clue_id": clue_id, "office_id": office, "is_supplement": False,
        "content_digest": f"{rowno:064x}", "secret_digest": None, "code_digest": f"{rowno:064x}", "code_key_id": "k",
        "open311_id": _id(received, rng), "channel": clue["channel"], "account_id": None, "org_unit_id": None,
        "external_ref": None, "consent_version": None, "category_key": key, "words": said, "answers": "[]",
        "place": "{}", "declined": "[]", "is_data_saving": False, "locale": "zh", "written_at": None,
        "received_at": instant,
    }  # fmt: skip
    heard = {
        "id": _id(received, rng), "verb": "clue.received", "subject_kind": "clue", "subject_id": clue_id,
        "clue_id": clue_id, "office_id": office, "actor_kind": "reporter", "actor_id": None,
        "facts": json.dumps({"category": key}), "recorded_at": instant,
    }  # fmt: skip
    text = {"clue_rowno": rowno, "head": grams(title, spot, number or ""), "body": grams(said)}
    return {"clue": clue, "report": report, "journal": heard, "clue_text": text}


Picture = tuple[dict[str, Any], dict[str, Any]]


def _pictures(
    rng: Random, clue: dict[str, Any], count: int, *, digests: Sequence[str] = (), size: int = 3_000_000
) -> Iterator[Picture]:
    """Give the rows of pictures, blob and item; without digests their bytes are nowhere."""
    at, instant = datetime.fromisoformat(clue["received_at"]).replace(tzinfo=UTC), clue["received_at"]
    for digest in digests or [f"{rng.getrandbits(256):064x}" for _ in range(count)]:
        yield {"digest": digest, "size_bytes": size, "media_type": "image/jpeg", "stored_at": instant}, {
            "id": _id(at, rng), "clue_id": clue["id"], "office_id": clue["office_id"], "origin_kind": "report",
            "origin_id": clue["id"], "digest": digest, "size_bytes": size, "media_type": "image/jpeg",
            "declared_type": "image/jpeg", "original_name": "a.jpg", "path": "camera", "fidelity": "original",
            "is_hidden": False, "condition": "ready", "width": 4032, "height": 3024,
            "picture_hash": rng.getrandbits(63), "photo_facts": "{}", "received_at": instant,
        }  # fmt: skip


def _take_in(store: Store, sealed: _Seals, rng: Random, pictures: Sequence[Picture]) -> None:
    """Put pictures in, each told by the journal, as `evidence.service` does."""
    store.put("blob", [blob for blob, _ in pictures])
    store.put("evidence_item", [item for _, item in pictures])
    told = [
        {
            "id": _id(datetime.fromisoformat(item["received_at"]), rng), "verb": "evidence.added",
            "subject_kind": "evidence_item", "subject_id": item["id"], "clue_id": item["clue_id"],
            "office_id": item["office_id"], "actor_kind": "reporter", "actor_id": None,
            "facts": json.dumps({"digest": item["digest"]}), "recorded_at": item["received_at"],
        }
        for _, item in pictures
    ]  # fmt: skip
    store.put("journal", told)
    store.put("journal_seal", [sealed.of(row) for row in told])


def take_in_stored(url: str, digests: Sequence[str], size: int) -> None:
    """Give the newest clue pictures whose bytes lie in the store, and take those out whose bytes are nowhere."""
    store, rng = store_of(url), Random()
    found = store.ask("SELECT id, office_id, received_at FROM clue ORDER BY rowno DESC LIMIT 1")
    clue_id, office, told = found[0]
    at = told if isinstance(told, datetime) else datetime.fromisoformat(told).replace(tzinfo=UTC)
    clue = {"id": clue_id, "office_id": office, "received_at": _text(at.astimezone(UTC), store.zone)}
    with store.filling():
        store.do("DELETE FROM evidence_item")
        store.do("DELETE FROM blob")
        _take_in(store, _Seals(store), rng, list(_pictures(rng, clue, 0, digests=digests, size=size)))
    store.close()


def _photograph(store: Store, count: int, sealed: _Seals) -> None:
    """Give the newest clues three pictures and a history of six steps: what a clue's page costs in earnest."""
    rng = Random()
    found = store.ask(
        "SELECT id, office_id, received_at, assignee_id FROM clue WHERE state != 'submitted' "
        f"ORDER BY rowno DESC LIMIT {count}"
    )
    for clue_id, office, told, assignee in found:
        at = told if isinstance(told, datetime) else datetime.fromisoformat(told).replace(tzinfo=UTC)
        at = at.astimezone(UTC)
        instant = _text(at, store.zone)
        clue = {"id": clue_id, "office_id": office, "received_at": instant}
        _take_in(store, sealed, rng, list(_pictures(rng, clue, 3)))
        steps = [
            {
                "id": _id(at, rng), "verb": verb, "subject_kind": "clue", "subject_id": clue_id, "clue_id": clue_id,
                "office_id": office, "actor_kind": "account", "actor_id": assignee, "facts": "{}",
                "recorded_at": instant,
            }
            for verb in _STEPS
        ]  # fmt: skip
        store.put("journal", steps)
        store.put("journal_seal", [sealed.of(step) for step in steps])
