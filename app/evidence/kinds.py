"""What a received file is, by its first bytes, and whether this door keeps such files.

The declared type is a hint only where the bytes alone cannot tell (an Android voice note is an mp4 without
pictures). Nothing is decoded here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

FIRST_BYTES: Final = 4096
"""How much of the beginning `detect` wants to see; less is fine."""

_MIB: Final = 1024 * 1024
PICTURE_MAX_BYTES: Final = 25 * _MIB
SOUND_MAX_BYTES: Final = 25 * _MIB
VIDEO_MAX_BYTES: Final = 100 * _MIB
DOCUMENT_MAX_BYTES: Final = 50 * _MIB


class Door(StrEnum):
    """Who hands the file in: the public, or people with an account (staff, agencies, liaisons)."""

    CITIZEN = "citizen"
    STAFF = "staff"


class DeclineReason(StrEnum):
    """Why a file is not kept; the page turns each into a sentence."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    UNKNOWN_TYPE = "unknown_type"
    DOCUMENT_AT_PUBLIC_DOOR = "document_at_public_door"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file and what the house can do with it."""

    media_type: str
    extension: str
    is_picture: bool = False
    is_playable: bool = False
    is_document: bool = False

    @property
    def max_bytes(self) -> int:
        """Return the most bytes such a file may have."""
        if self.is_document:
            return DOCUMENT_MAX_BYTES
        if self.is_playable:
            return VIDEO_MAX_BYTES if self.media_type.startswith("video/") else SOUND_MAX_BYTES
        return PICTURE_MAX_BYTES


@dataclass(frozen=True, slots=True)
class Accepted:
    """The file is kept, as this kind."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class Declined:
    """The file is not kept; `kind` says what it was, where that is known."""

    reason: DeclineReason
    kind: Kind | None = None


JPEG: Final = Kind("image/jpeg", "jpg", is_picture=True)
PNG: Final = Kind("image/png", "png", is_picture=True)
WEBP: Final = Kind("image/webp", "webp", is_picture=True)
HEIC: Final = Kind("image/heic", "heic", is_picture=True)
HEIF: Final = Kind("image/heif", "heif", is_picture=True)
AVIF: Final = Kind("image/avif", "avif", is_picture=True)
# Kept like every original, but not decoded: a moving picture has no one screen copy, so it is not shown.
GIF: Final = Kind("image/gif", "gif")
MP4: Final = Kind("video/mp4", "mp4", is_playable=True)
MOV: Final = Kind("video/quicktime", "mov", is_playable=True)
WEBM: Final = Kind("video/webm", "webm", is_playable=True)
M4A: Final = Kind("audio/mp4", "m4a", is_playable=True)
WEBM_SOUND: Final = Kind("audio/webm", "weba", is_playable=True)
OGG: Final = Kind("audio/ogg", "ogg", is_playable=True)
PDF: Final = Kind("application/pdf", "pdf", is_document=True)
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
DOCX: Final = Kind(_OFFICE + "wordprocessingml.document", "docx", is_document=True)
XLSX: Final = Kind(_OFFICE + "spreadsheetml.sheet", "xlsx", is_document=True)
PPTX: Final = Kind(_OFFICE + "presentationml.presentation", "pptx", is_document=True)
OFD: Final = Kind("application/ofd", "ofd", is_document=True)  # GB/T 33190, the state's own page format
DOC: Final = Kind("application/msword", "doc", is_document=True)
XLS: Final = Kind("application/vnd.ms-excel", "xls", is_document=True)

_PICTURES: Final = frozenset({JPEG, PNG, WEBP, HEIC, HEIF, AVIF, GIF})
_PLAYABLE: Final = frozenset({MP4, MOV, WEBM, M4A, WEBM_SOUND, OGG})
_DOCUMENTS: Final = frozenset({PDF, DOCX, XLSX, PPTX, OFD, DOC, XLS})
ACCEPTED_FROM_CITIZEN: Final = _PICTURES | _PLAYABLE
ACCEPTED_FROM_STAFF: Final = ACCEPTED_FROM_CITIZEN | _DOCUMENTS

_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
_HEIF_BRANDS: Final = frozenset({b"mif1", b"msf1", b"mif2", b"miaf"})
_AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})
_SOUND_BRANDS: Final = frozenset({b"M4A ", b"M4B ", b"F4A "})
_MP4_BRANDS: Final = frozenset(
    {
        b"isom",
        b"iso2",
        b"iso3",
        b"iso4",
        b"iso5",
        b"iso6",
        b"mp41",
        b"mp42",
        b"avc1",
        b"M4V ",
        b"MSNV",
        b"dash",
    }
)
_OFFICE_MARKS: Final = (
    (b"word/", DOCX),
    (b"xl/", XLSX),
    (b"ppt/", PPTX),
    (b"OFD.xml", OFD),
    (b"Doc_0/", OFD),
)


def detect(  # noqa: PLR0911 - a list of signatures reads best as one
    first_bytes: bytes, declared: str = ""
) -> Kind | None:
    """Return the kind of a file by its beginning, or None if the house does not know it."""
    head = first_bytes[:FIRST_BYTES]
    declared = declared.partition(";")[0].strip().lower()
    if head[:3] == b"\xff\xd8\xff":
        return JPEG
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[:6] in {b"GIF87a", b"GIF89a"}:
        return GIF
    if head[4:8] == b"ftyp":
        return _by_brand(head, declared)
    if head[:4] == b"\x1a\x45\xdf\xa3" and b"webm" in head[:128]:
        return WEBM_SOUND if declared.startswith("audio/") else WEBM
    if head[:4] == b"OggS" and (b"OpusHead" in head[:128] or b"\x01vorbis" in head[:128]):
        return OGG
    return _document(head, declared)


def verdict(first_bytes: bytes, declared: str, size_bytes: int, door: Door) -> Accepted | Declined:
    """Say whether a file is kept at this door, as what, or why not."""
    if size_bytes <= 0:
        return Declined(DeclineReason.EMPTY)
    kind = detect(first_bytes, declared)
    if kind is None:
        return Declined(DeclineReason.UNKNOWN_TYPE)
    if kind not in (ACCEPTED_FROM_STAFF if door is Door.STAFF else ACCEPTED_FROM_CITIZEN):
        return Declined(DeclineReason.DOCUMENT_AT_PUBLIC_DOOR, kind)
    if size_bytes > kind.max_bytes:
        return Declined(DeclineReason.TOO_LARGE, kind)
    return Accepted(kind)


def may_be_kept(declared: str) -> bool:
    """Say, before any byte has come, whether the public's door could keep such a file; the bytes decide later."""
    plain = declared.partition(";")[0].strip().lower()
    if plain in {"", "application/octet-stream"}:
        return True
    return plain.startswith(("image/", "video/", "audio/")) and plain != "image/svg+xml"


def _by_brand(head: bytes, declared: str) -> Kind | None:
    """Read the ftyp box of an ISO base media file: the major brand first, then the compatible ones."""
    box = min(int.from_bytes(head[:4]), len(head))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, box - 3, 4))]
    if head[8:12] == b"qt  ":
        return MOV
    for brand in brands:
        if brand in _AVIF_BRANDS:
            return AVIF
        if brand in _HEIC_BRANDS:
            return HEIC
        if brand in _SOUND_BRANDS:
            return M4A
        if brand in _MP4_BRANDS:
            return M4A if declared.startswith("audio/") else MP4
    return HEIF if _HEIF_BRANDS.intersection(brands) else None


def _document(head: bytes, declared: str) -> Kind | None:
    if head[:5] == b"%PDF-":
        return PDF
    if head[:4] == b"PK\x03\x04":
        found = [(head.find(mark), kind) for mark, kind in _OFFICE_MARKS if mark in head]
        if found:
            return min(found, key=lambda each: each[0])[1]
        # Some writers put a long part list first, so that no telling name lies within the first bytes.
        if b"[Content_Types].xml" in head:
            return next((kind for kind in (DOCX, XLSX, PPTX) if kind.media_type == declared), DOCX)
        return None
    if head[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return XLS if declared == XLS.media_type else DOC
    return None


def extension_of(media_type: str) -> str:
    """Return the customary extension of a kept media type, for download names of our own making."""
    return next((kind.extension for kind in ACCEPTED_FROM_STAFF if kind.media_type == media_type), "bin")
