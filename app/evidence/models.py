"""Tables of evidence. A blob is bytes; an item is those bytes in the story of one clue; a derivative is made."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.platform.db import BigKey, BytesHeld, Id, Json, UtcDateTime, Word


class Blob(SQLModel, table=True):
    """Bytes the store holds under their SHA-256; erased at zero uses, the tombstone keeps the digest."""

    __tablename__ = "blob"
    __table_args__ = (
        Index("ix_blob_checked", "checked_at"),
        # Of the few that are, so that asking whether any is costs nothing.
        Index(
            "ix_blob_damaged", "damaged_at",
            sqlite_where=text("damaged_at IS NOT NULL"), postgresql_where=text("damaged_at IS NOT NULL"),
        ),
    )  # fmt: skip

    digest: str = Field(primary_key=True, max_length=64)
    sm3: str | None = Field(default=None, max_length=64)
    size_bytes: int = Field(sa_type=BigKey)
    media_type: str = Field(max_length=80)
    stored_at: datetime = Field(sa_type=UtcDateTime)
    checked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    damaged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    erased_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class EvidenceItem(SQLModel, table=True):
    """One received file in one clue (decisions.md 1, 16)."""

    __tablename__ = "evidence_item"
    __table_args__ = (
        Index("ix_evidence_item_clue", "clue_id", "rowno"),
        Index("ix_evidence_item_digest", "digest"),
    )

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    clue_id: str = Field(foreign_key="clue.id", sa_type=Id)
    office_id: str = Field(sa_type=Id)
    origin_kind: str = Field(sa_type=Word)
    origin_id: str = Field(sa_type=Id)
    digest: str = Field(foreign_key="blob.digest", max_length=64)
    promised_digest: str | None = Field(default=None, max_length=64)
    size_bytes: int = Field(sa_type=BigKey)
    media_type: str = Field(max_length=80)
    declared_type: str = Field(default="", max_length=120)
    original_name: str = Field(default="", max_length=255)
    path: str = Field(sa_type=Word)
    fidelity: str = Field(sa_type=Word)
    # What the reporter said of personal data in it (terms.Masking), and how many places the phone covered.
    masking: str | None = Field(default=None, sa_type=Word)
    masked_parts: int | None = None
    replaces_id: str | None = Field(default=None, sa_type=Id)
    is_hidden: bool = False
    condition: str = Field(sa_type=Word)
    width: int | None = None
    height: int | None = None
    picture_hash: int | None = Field(default=None, sa_type=BigKey)
    photo_facts: dict[str, Any] | None = Field(default=None, sa_type=Json)
    phone_lat: float | None = None
    phone_lon: float | None = None
    phone_accuracy_m: float | None = None
    phone_fixed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    received_at: datetime = Field(sa_type=UtcDateTime)
    fixed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    fixed_by: str | None = Field(default=None, sa_type=Id)
    fixed_with: str | None = Field(default=None, sa_type=Id)


class Derivative(SQLModel, table=True):
    """A picture made from an original: screen, thumb, print or redacted; re-makeable from its parameters."""

    __tablename__ = "derivative"
    __table_args__ = (UniqueConstraint("source_digest", "kind", "params_digest", name="uq_derivative"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    source_digest: str = Field(max_length=64)
    kind: str = Field(sa_type=Word)
    params: dict[str, Any] = Field(sa_type=Json)
    params_digest: str = Field(max_length=64)
    digest: str = Field(sa_type=BytesHeld, index=True)
    width: int
    height: int
    size_bytes: int
    made_at: datetime = Field(sa_type=UtcDateTime)


class Redaction(SQLModel, table=True):
    """A redacted copy that one clue's people made of one item; the newest that is not withdrawn may leave the house.

    The copy itself is a derivative of the bytes. Who made it, and for which clue, stands here, because the same
    bytes may lie in another clue whose people must not see what was done with them.
    """

    __tablename__ = "redaction"
    __table_args__ = (Index("ix_redaction_evidence", "evidence_id", "rowno"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    evidence_id: str = Field(foreign_key="evidence_item.id", sa_type=Id)
    derivative_id: str = Field(foreign_key="derivative.id", sa_type=Id)
    made_by: str = Field(sa_type=Id)
    made_at: datetime = Field(sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class PictureBand(SQLModel, table=True):
    """A quarter of a picture's hash: two pictures that differ in three bits or fewer share at least one quarter."""

    __tablename__ = "picture_band"
    __table_args__ = (Index("ix_picture_band_key", "key", "evidence_id"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    evidence_id: str = Field(foreign_key="evidence_item.id", sa_type=Id, index=True)
    key: int


class Bundle(SQLModel, table=True):
    """An evidence bundle 证据包 as it was made: the same bytes come out of it every time."""

    __tablename__ = "bundle"

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    clue_id: str = Field(foreign_key="clue.id", sa_type=Id, index=True)
    office_id: str = Field(sa_type=Id)
    made_by: str = Field(sa_type=Id)
    made_at: datetime = Field(sa_type=UtcDateTime)
    digest: str = Field(max_length=64)
    size_bytes: int = Field(sa_type=BigKey)
    entries: list[dict[str, Any]] = Field(sa_type=Json)
    listed: dict[str, Any] = Field(sa_type=Json)
