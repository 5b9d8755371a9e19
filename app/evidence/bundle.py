"""The evidence bundle 证据包 of one clue: everything somebody needs to check it, and nothing that asks for us.

Made in three steps: the purpose is journalled and the chain signed; the papers are written and every byte is read
once, outside any transaction; the finished bundle gets its row and its journal row. What leaves is the same zip
every time, because it follows from kept blobs alone.
"""

from __future__ import annotations

import base64
import hashlib
import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives import hashes
from sqlalchemy import insert

from app.clues import queries as clue_queries
from app.evidence import bundle_zip, queries, verify_bundle
from app.evidence.bundle_list import Listed, items_of
from app.evidence.bundle_zip import Entry
from app.evidence.jobs import keep_bytes
from app.evidence.models import Bundle
from app.evidence.scrub import note_damage
from app.evidence.service import note_blob
from app.identity.actor import Actor
from app.platform import extract, heads, ids, journal, timestamps
from app.platform.db import ReadSession
from app.platform.digest import canonical_json
from app.platform.errors import Refused, TooLarge, Unavailable
from app.platform.i18n import N_
from app.platform.jobs import Tools
from app.platform.storage import BlobStore, StorageProblem

FORMAT: Final = "yixian-evidence-bundle/1"
# The rooms of the journal whose rows travel with a bundle; what the office thought and did otherwise stays.
_ROOMS: Final = frozenset({"bundle", "evidence", "original"})
_README: Final = """证据包说明

list.html       材料清单（可打印）
originals/      原件，收到时的每一个字节
derivatives/    为查看而制作的图片，遮盖后的图片也在这里
journal.json    日志摘录：每份材料何时收到、谁看过、谁处理过，连同签名
stamps/         可信时间戳（单位配置了时间戳服务才有）
manifest.json   以上所有文件的校验值（SHA-256、SM3），manifest.sig 是签名

核对方法：在任何装有 Python 3 的电脑上运行（不用联网，不用本系统）：

    python3 verify.py 证据包.zip --digest 纸质清单上的校验值

改动任何一个字节，删掉或调换任何一行日志，都会被指出来。verify.py 不到二百行，可以先读一遍再运行。
"""


class NothingToBundle(Refused):
    """The clue has no files."""

    code = "nothing_to_bundle"
    text = N_("这条线索没有材料，没有可以打包的内容。")


class BytesDamaged(Unavailable):
    """A file of the clue is not as it came; a bundle without it would tell half the truth."""

    code = "bytes_damaged"
    text = N_(
        "有一份文件读不出来或者被改动，证据包没有做成。请告诉系统管理员，在“存证”页面可以看到是哪一份。"
    )


class BundleTooLarge(TooLarge):
    """More bytes than a bundle can hold."""

    code = "bundle_too_large"
    text = N_("这条线索的材料超过 4 GB，不能做成一个证据包。请逐份下载原件。")


def make(
    tools: Tools,
    actor: Actor,
    clue_id: str,
    *,
    purpose: str,
    now: datetime,
    printed: Callable[[Listed], dict[str, bytes]],
    checks: Sequence[str] = (),
) -> str:
    """Make the bundle of a clue this person may see, for a written purpose; return its id.

    `checks` is what they ticked at the secrecy gate, for the journal.
    """
    bundle_id = ids.new()
    with tools.database.write_session() as session:
        clue = clue_queries.get(session, actor, clue_id)
        if all(item.is_erased for item in queries.of_clue(session, clue_id, include_hidden=True)):
            raise NothingToBundle
        journal.record(
            session, actor.doer, "bundle.asked", "bundle", bundle_id,
            now=now, clue_id=clue.id, office_id=actor.office_id, note=purpose,
            facts={"checks": list(checks)} if checks else {},
        )  # fmt: skip
        heads.sign(session, tools.keys, heads.Cause.BUNDLE, now=now)
    heads.put_away(tools)
    timestamps.stamp_pending(tools, now)
    try:
        with tools.database.read_session() as reading:
            listed = _listed(reading, actor, clue_id, bundle_id, purpose=purpose, now=now)
            entries = _entries(tools, reading, clue_id, listed, printed)
        digest = _digest_of(tools.store, entries)
    except StorageProblem as problem:
        note_damage(tools.database, tools.store, str(problem), now=now)
        raise BytesDamaged from problem
    with tools.database.write_session() as session:
        for entry in entries:
            note_blob(
                session,
                entry.digest,
                size_bytes=entry.size_bytes,
                media_type="application/octet-stream",
                now=now,
            )
        session.execute(
            insert(Bundle).values(
                id=bundle_id, clue_id=clue_id, office_id=actor.office_id, made_by=actor.account_id, made_at=now,
                digest=digest, size_bytes=bundle_zip.size_of(entries), entries=[asdict(entry) for entry in entries],
                listed=listed.as_json(),
            )
        )  # fmt: skip
        journal.record(
            session, actor.doer, "bundle.made", "bundle", bundle_id,
            now=now, clue_id=clue_id, office_id=actor.office_id, jobs=[journal.SIGN_HEAD],
            facts={"digest": digest, "size_bytes": bundle_zip.size_of(entries), "files": len(listed.items)},
        )  # fmt: skip
    return bundle_id


def stream(store: BlobStore, bundle: Bundle) -> Iterator[bytes]:
    """Iterate over a bundle's bytes; ends early, and so visibly, when a file no longer is what it was."""
    return bundle_zip.pieces([Entry(**entry) for entry in bundle.entries], store.stream_verified)


def _listed(
    session: ReadSession, actor: Actor, clue_id: str, bundle_id: str, *, purpose: str, now: datetime
) -> Listed:
    clue = clue_queries.get(session, actor, clue_id)
    return Listed(
        bundle_id=bundle_id, clue_id=clue.id, number=clue.number or "", title=clue.title, office=actor.office_name,
        made_by=actor.name, made_at=now.isoformat(), purpose=purpose, items=items_of(session, clue),
    )  # fmt: skip


def _entries(
    tools: Tools,
    session: ReadSession,
    clue_id: str,
    listed: Listed,
    printed: Callable[[Listed], dict[str, bytes]],
) -> list[Entry]:
    """Write the papers, read every file once, and put them in the order of the zip."""
    files = [(name, digest) for item in listed.items for name, digest in item.files()]
    spans = extract.spans_of(session, clue_id, _ROOMS)
    papers = {
        **printed(listed),
        "journal.json": canonical_json({"spans": spans}),
        "README.txt": _README.encode(),
        "verify.py": inspect.getsource(verify_bundle).encode(),
    }
    stamps = extract.stamps_of(session, spans)
    papers |= {f"stamps/{seq}.tsr": base64.b64decode(text) for seq, text in stamps.items()}
    if stamps and tools.settings.timestamp_ca_file is not None:
        papers["stamps/ca.pem"] = tools.settings.timestamp_ca_file.read_bytes()
    measured = [_measured(tools.store, name, digest) for name, digest in files]
    measured += [
        _measured(tools.store, name, keep_bytes(tools.store, content)) for name, content in papers.items()
    ]
    keys = tools.keys.signing_keys(heads.PURPOSE)
    manifest = canonical_json(
        {
            "format": FORMAT, "bundle_id": listed.bundle_id, "office": listed.office, "made_at": listed.made_at,
            "made_by": listed.made_by, "purpose": listed.purpose, "keys": keys, "key_id": tools.keys.current_id,
            "clue": {"id": listed.clue_id, "number": listed.number, "title": listed.title},
            "files": [
                {"name": entry.name, "size_bytes": entry.size_bytes, "sha256": entry.digest, "sm3": sm3}
                for entry, sm3 in measured
            ],
            "items": [item.as_json() for item in listed.items],
            "journal_rows": [seq for seq, _ in extract.rows_of(spans)],
        }
    )  # fmt: skip
    signature = tools.keys.sign(heads.PURPOSE, manifest).signature.encode()
    head = [
        _measured(tools.store, name, keep_bytes(tools.store, content))
        for name, content in (("manifest.json", manifest), ("manifest.sig", signature))
    ]
    entries = [entry for entry, _ in (*head, *measured)]
    if bundle_zip.size_of(entries) > bundle_zip.MOST_BYTES:
        raise BundleTooLarge
    return entries


def _measured(store: BlobStore, name: str, digest: str) -> tuple[Entry, str]:
    """Read a blob once for all that the bundle says of it."""
    sm3, size = hashes.Hash(hashes.SM3()), 0

    def seen() -> Iterable[bytes]:
        nonlocal size
        for chunk in store.stream_verified(digest):
            sm3.update(chunk)
            size += len(chunk)
            yield chunk

    crc = bundle_zip.crc_of(seen())
    return Entry(name, digest, size, crc), sm3.finalize().hex()


def _digest_of(store: BlobStore, entries: list[Entry]) -> str:
    running = hashlib.sha256()
    for piece in bundle_zip.pieces(entries, store.stream_verified):
        running.update(piece)
    return running.hexdigest()
