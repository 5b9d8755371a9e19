"""What a file is, by its first bytes, and which door keeps it."""

from __future__ import annotations

import struct
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evidence import kinds
from app.evidence.kinds import Accepted, Declined, DeclineReason, Door, detect, verdict
from tests import photos

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100


def ftyp(major: bytes, *others: bytes) -> bytes:
    return struct.pack(">I", 16 + 4 * len(others)) + b"ftyp" + major + b"\0\0\0\0" + b"".join(others)


def zipped(*names: bytes) -> bytes:
    return b"".join(b"PK\x03\x04" + b"\0" * 22 + struct.pack("<HH", len(name), 0) + name for name in names)


SAMPLES = [
    (b"\xff\xd8\xff\xe1", "", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/jpeg", "image/png"),
    (b"RIFF\0\0\0\0WEBPVP8 ", "", "image/webp"),
    (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav", None),
    (b"GIF89a", "", "image/gif"),
    (ftyp(b"heic", b"mif1", b"heic"), "", "image/heic"),
    (ftyp(b"mif1", b"mif1", b"heic"), "", "image/heic"),
    (ftyp(b"mif1", b"miaf"), "", "image/heif"),
    (ftyp(b"avif", b"mif1", b"miaf"), "", "image/avif"),
    (ftyp(b"mif1", b"avif", b"miaf"), "", "image/avif"),
    (ftyp(b"isom", b"iso2", b"avc1"), "video/mp4", "video/mp4"),
    (ftyp(b"mp42", b"isom"), "audio/mp4; codecs=aac", "audio/mp4"),
    (ftyp(b"M4A ", b"mp42"), "", "audio/mp4"),
    (ftyp(b"qt  "), "", "video/quicktime"),
    (ftyp(b"what"), "video/mp4", None),
    (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", "video/webm", "video/webm"),
    (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", "audio/webm;codecs=opus", "audio/webm"),
    (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x88matroska", "video/webm", None),
    (b"OggS" + b"\0" * 24 + b"OpusHead", "", "audio/ogg"),
    (b"OggS" + b"\0" * 24 + b"\x80theora", "", None),
    (b"%PDF-1.7\n", "image/jpeg", "application/pdf"),
    (zipped(b"[Content_Types].xml", b"_rels/.rels", b"word/document.xml"), "", DOCX_TYPE),
    (zipped(b"[Content_Types].xml", b"xl/workbook.xml"), "", kinds.XLSX.media_type),
    (zipped(b"OFD.xml", b"Doc_0/Document.xml"), "", "application/ofd"),
    (zipped(b"evil.exe"), DOCX_TYPE, None),
    (OLE, "", "application/msword"),
    (OLE, "application/vnd.ms-excel", "application/vnd.ms-excel"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'>", "image/svg+xml", None),
    (b"<!doctype html>", "image/jpeg", None),
    (b"%!PS-Adobe-3.0 EPSF-3.0", "image/jpeg", None),
    (b"MZ\x90\0", "image/jpeg", None),
    (b"", "image/jpeg", None),
]


@pytest.mark.parametrize(("first", "declared", "media_type"), SAMPLES)
def test_bytes_decide_and_the_declared_type_only_hints(
    first: bytes, declared: str, media_type: str | None
) -> None:
    kind = detect(first, declared)
    assert (kind.media_type if kind else None) == media_type


@given(st.binary(max_size=300), st.text(max_size=40))
def test_no_beginning_is_too_strange(first: bytes, declared: str) -> None:
    assert detect(first, declared) is None or detect(first, declared) in kinds.ACCEPTED_FROM_STAFF


def test_a_drawn_phone_photo_is_taken_at_the_public_door() -> None:
    photo = photos.small_photo()
    assert verdict(photo, "image/jpeg", len(photo), Door.CITIZEN) == Accepted(kinds.JPEG)
    assert kinds.JPEG.is_picture
    assert not kinds.GIF.is_picture, "a GIF is kept, never decoded"


def test_documents_come_from_people_with_an_account_only() -> None:
    pdf = b"%PDF-1.7"
    assert verdict(pdf, "", 100, Door.STAFF) == Accepted(kinds.PDF)
    assert verdict(pdf, "", 100, Door.CITIZEN) == Declined(DeclineReason.DOCUMENT_AT_PUBLIC_DOOR, kinds.PDF)
    assert kinds.ACCEPTED_FROM_CITIZEN < kinds.ACCEPTED_FROM_STAFF


@pytest.mark.parametrize("kind", sorted(kinds.ACCEPTED_FROM_STAFF, key=str), ids=str)
def test_each_kind_has_one_use_and_a_limit(kind: kinds.Kind) -> None:
    assert sum((kind.is_picture, kind.is_playable, kind.is_document)) == (0 if kind is kinds.GIF else 1)
    assert kind.max_bytes > 0
    with pytest.raises(FrozenInstanceError):
        kind.extension = "exe"  # type: ignore[misc]


def test_limits_and_emptiness_are_told_apart() -> None:
    first = b"\xff\xd8\xff"
    most = kinds.PICTURE_MAX_BYTES
    assert verdict(first, "", most, Door.CITIZEN) == Accepted(kinds.JPEG)
    assert verdict(first, "", most + 1, Door.CITIZEN) == Declined(DeclineReason.TOO_LARGE, kinds.JPEG)
    assert verdict(b"", "image/jpeg", 0, Door.CITIZEN) == Declined(DeclineReason.EMPTY)
    assert verdict(b"MZ", "image/jpeg", 9, Door.STAFF) == Declined(DeclineReason.UNKNOWN_TYPE)


def test_every_hostile_file_gets_a_verdict() -> None:
    for name, content in photos.hostile():
        found = verdict(content[: kinds.FIRST_BYTES], "image/jpeg", len(content), Door.CITIZEN)
        if name.startswith("ok-"):
            assert isinstance(found, Accepted), name
    assert isinstance(verdict(b"<svg", "image/svg+xml", 4, Door.CITIZEN), Declined)
