"""The evidence bundle: made for a purpose, checked without us, nothing in it can change or go missing unseen."""

from __future__ import annotations

import ast
import copy
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from app.clues.models import Clue
from app.evidence import verify_bundle
from app.evidence.imaging import Darkroom
from app.evidence.models import Blob, Bundle, EvidenceItem
from app.identity import queries as identity_queries
from app.identity.terms import CompartmentKind
from app.platform.digest import canonical_json, sha256_hex
from app.platform.records import Journal
from tests import cast
from tests.conftest import HouseClient
from tests.evidence.bundles import clue_with_photos, faults, made, taken
from tests.evidence.flips import flip


@pytest.fixture(scope="module")
def darkroom() -> Iterator[Darkroom]:
    with Darkroom() as opened:
        yield opened


def rows(client: HouseClient, verb: str) -> list[dict[str, Any]]:
    house = client.app.state.house  # type: ignore[attr-defined]
    with house.database.read_session() as session:
        return list(
            session.execute(
                select(Journal.facts).where(Journal.verb == verb).order_by(Journal.rowno)
            ).scalars()
        )


def run_verify(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run verify.py as a stranger does: no path of ours, no site packages, an empty folder."""
    command = [sys.executable, "-I", "-S", "verify.py", *arguments]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"}
    )


def test_a_bundle_is_whole_and_a_stranger_can_say_so(
    client: HouseClient, darkroom: Darkroom, tmp_path: Path
) -> None:
    clue_id = clue_with_photos(client, darkroom)
    bundle_id = made(client, clue_id)
    raw = taken(client, bundle_id)
    listed = client.get(client.to("evidence:bundle", bundle_id=bundle_id)).text
    assert sha256_hex(raw) in listed, "the printed list carries the digest of the whole"
    assert rows(client, "bundle.made")[0]["digest"] == sha256_hex(raw)
    assert taken(client, bundle_id) == raw, "the same bundle is the same bytes"
    with zipfile.ZipFile(io.BytesIO(raw)) as bundle:
        assert bundle.testzip() is None
        names = bundle.namelist()
        bundle.extractall(tmp_path / "out")
    assert len([name for name in names if name.startswith("originals/")]) == 2
    assert len([name for name in names if name.startswith("derivatives/")]) == 4
    (tmp_path / "bundle.zip").write_bytes(raw)
    out = tmp_path / "out"
    for arguments in ([], [str(tmp_path / "bundle.zip"), "--digest", sha256_hex(raw).upper()]):
        told = run_verify(out, *arguments)
        assert (told.returncode, "WHOLE" in told.stdout) == (0, True), told.stdout + told.stderr
    wrong = run_verify(out, str(tmp_path / "bundle.zip"), "--digest", "0" * 64)
    assert wrong.returncode == 1
    assert "not the one on the printed list" in wrong.stdout
    assert run_verify(out, str(tmp_path / "none.zip")).returncode == 2


def test_every_flipped_byte_is_found_and_named(client: HouseClient, darkroom: Darkroom) -> None:
    raw = taken(client, made(client, clue_with_photos(client, darkroom, count=1, size=(64, 48))))
    assert faults(raw) == []
    assert flip(raw, 300) == []


def test_bytes_before_behind_and_between_are_found(client: HouseClient) -> None:
    raw = taken(client, made(client, clue_with_photos(client, count=1)))
    for altered in (b"x" + raw, raw + b"x", raw[:-1], raw[: len(raw) // 2], b"", raw + raw):
        assert faults(altered)


Harm = Callable[[dict[str, Any]], None]


def _drop_row(journal: dict[str, Any]) -> None:
    links = journal["spans"][0]["links"]
    links.remove(next(link for link in links if link.get("row", {}).get("verb") == "evidence.added"))


def _drop_hidden_row(journal: dict[str, Any]) -> None:
    links = journal["spans"][0]["links"]
    links.remove(next(link for link in links if "row" not in link))


def _swap(journal: dict[str, Any]) -> None:
    links = journal["spans"][0]["links"]
    links[0], links[1] = links[1], links[0]


def _cut_end(journal: dict[str, Any]) -> None:
    journal["spans"][-1]["links"].pop()


def _forge_row(journal: dict[str, Any]) -> None:
    journal["spans"][0]["links"][0]["row"]["actor_kind"] = "account"


def _reseal(journal: dict[str, Any]) -> None:
    """Alter a row and write the chain anew behind it, as one who knows how it is made would."""
    span = journal["spans"][0]
    span["links"][0]["row"]["facts"]["digest"] = "0" * 64
    previous = span["previous"]
    for link in span["links"]:
        kinds = ("sha256", "sm3")
        of_row = (
            [verify_bundle.hashed(canonical_json(link["row"]), kind) for kind in kinds]
            if "row" in link
            else [link["row_sha256"], link["row_sm3"]]
        )
        for kind, digest in zip(kinds, of_row, strict=True):
            link[kind] = verify_bundle.hashed(
                canonical_json({"seq": link["seq"], "previous": previous, "row": digest}), kind
            )
        previous = link["sha256"]
    span["head"]["sha256"], span["head"]["sm3"] = previous, span["links"][-1]["sm3"]


@pytest.mark.parametrize(
    ("harm", "name"),
    [
        (_drop_row, "it shows"),
        (_drop_hidden_row, "are missing"),
        (_swap, "out of order"),
        (_cut_end, "are missing"),
        (_forge_row, "altered"),
        (_reseal, "the signature over row"),
    ],
)
def test_rows_missing_reordered_or_forged_are_named_by_the_chain_itself(
    client: HouseClient, harm: Harm, name: str
) -> None:
    raw = taken(client, made(client, clue_with_photos(client)))
    files = verify_bundle.unzipped(raw, [])
    manifest, journal = json.loads(files["manifest.json"]), json.loads(files["journal.json"])
    found: list[str] = []
    verify_bundle.check_journal(journal, manifest, found)
    assert found == []
    harmed = copy.deepcopy(journal)
    harm(harmed)
    verify_bundle.check_journal(harmed, manifest, found)
    assert any(name in fault for fault in found), found


def test_nothing_of_another_clue_and_no_name_of_a_file_travels(
    client: HouseClient, darkroom: Darkroom
) -> None:
    clue_id = clue_with_photos(client, darkroom)
    raw = taken(client, made(client, clue_id))
    house = client.app.state.house  # type: ignore[attr-defined]
    with house.database.read_session() as session:
        others = (
            session.execute(select(Journal.clue_id).where(Journal.clue_id != clue_id).distinct())
            .scalars()
            .all()
        )
    assert len(others) >= 3
    for secret in (*others, "别的线索", "又一条线索", "IMG_2026"):
        assert secret.encode() not in raw, secret


def test_a_purpose_is_needed_and_kept_as_a_note(client: HouseClient) -> None:
    clue_id = clue_with_photos(client)
    cast.sign_in(client, "prosecutor_chen")
    answer = client.post(client.to("evidence:make_bundle", clue_id=clue_id), data={"purpose": " 附 "})
    assert answer.status_code == 422
    assert "请写清用途" in answer.text
    assert rows(client, "bundle.asked") == []
    bundle_id = made(client, clue_id)
    assert "note_digest" in rows(client, "bundle.asked")[0]
    assert "移送某某法院" not in str(rows(client, "bundle.asked")), "words stay out of the chain"
    assert "移送某某法院" in client.get(client.to("evidence:bundle", bundle_id=bundle_id)).text


def test_of_a_military_clue_a_bundle_leaves_only_past_the_secrecy_gate(client: HouseClient) -> None:
    clue_id = clue_with_photos(client)
    house = client.app.state.house  # type: ignore[attr-defined]
    with house.database.write_session() as session:
        office = identity_queries.default_office(session).id
        circle = identity_queries.circle_of(session, office, CompartmentKind.MILITARY)
        session.execute(update(Clue).where(Clue.id == clue_id).values(compartment_id=circle))  # type: ignore[arg-type]
    cast.sign_in(client, "head_lin")
    door = client.to("evidence:make_bundle", clue_id=clue_id)
    form = {"purpose": "移送军事检察院，附卷", "checks": ["no_secrets"]}
    assert client.post(door, data=form).status_code == 422
    assert rows(client, "bundle.asked") == []
    every = [
        "no_secrets", "no_reporter", "right_receiver", "no_unit_names", "no_facility_pictures", "channel_agreed",
    ]  # fmt: skip
    assert client.post(door, data=form | {"checks": every}).status_code == 303
    assert set(rows(client, "bundle.asked")[0]["checks"]) == set(every)


@pytest.mark.parametrize(
    ("who", "status"), [("assistant_wang", 403), ("sysadmin", 403), ("prosecutor_wu", 404)]
)
def test_who_may_not_take_a_bundle(client: HouseClient, who: str, status: int) -> None:
    clue_id = clue_with_photos(client)
    bundle_id = made(client, clue_id)
    cast.sign_in(client, who)
    for name, where in (
        ("bundles", {"clue_id": clue_id}),
        ("bundle", {"bundle_id": bundle_id}),
        ("take_bundle", {"bundle_id": bundle_id}),
    ):
        assert client.get(client.to(f"evidence:{name}", **where)).status_code == status
    assert (
        client.post(
            client.to("evidence:make_bundle", clue_id=clue_id), data={"purpose": "移送法院"}
        ).status_code
        == status
    )
    assert len(rows(client, "bundle.taken")) == 0


def test_a_look_is_on_record_before_the_first_byte(client: HouseClient) -> None:
    bundle_id = made(client, clue_with_photos(client))
    for times in (1, 2):
        taken(client, bundle_id)
        assert len(rows(client, "bundle.taken")) == times


def test_a_damaged_file_is_said_and_no_half_bundle_made(client: HouseClient) -> None:
    clue_id = clue_with_photos(client)
    house = client.app.state.house  # type: ignore[attr-defined]
    with house.database.read_session() as session:
        digest = session.execute(select(EvidenceItem.digest).limit(1)).scalar_one()
    path = house.settings.data_dir / "blobs" / "blobs" / digest[:2] / digest[2:4] / digest
    path.chmod(0o640)
    path.write_bytes(b"x" + path.read_bytes()[1:])
    cast.sign_in(client, "prosecutor_chen")
    answer = client.post(client.to("evidence:make_bundle", clue_id=clue_id), data={"purpose": "移送法院"})
    assert answer.status_code == 503
    assert "证据包没有做成" in answer.text
    with house.database.read_session() as session:
        assert session.execute(select(Bundle)).first() is None
        assert session.get(Blob, digest).damaged_at is not None
    assert [facts["digest"] for facts in rows(client, "blob.damaged")] == [digest]


def test_verify_is_short_and_leans_on_the_standard_library_alone() -> None:
    source = Path(verify_bundle.__file__).read_text("utf-8")
    assert len(source.splitlines()) < 200
    imported = {
        name.name.partition(".")[0]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([ast.alias(node.module or "")] if isinstance(node, ast.ImportFrom) else node.names)
    }
    assert imported <= set(sys.stdlib_module_names)
    # Python 3.8 still reads it.
    ast.parse(source, feature_version=(3, 8))
