"""The words of evidence: where a file came from, how true it is to the scene, what can be shown of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Origin(StrEnum):
    """Which act brought a file; evidence never imports the room it names (decisions.md 1)."""

    REPORT = "report"
    STAFF = "staff"
    TRANSFER = "transfer"
    INVITATION = "invitation"


class Fidelity(StrEnum):
    """How true the received bytes are to what the phone had (decisions.md 16)."""

    ORIGINAL = "original"
    MASKED_ON_PHONE = "masked_on_phone"
    PHONE_PREVIEW = "phone_preview"


class Masking(StrEnum):
    """What the reporter says of the personal data in a file; their word, never checked by us."""

    MASKED = "masked"
    CLEAR = "clear"
    AS_IS = "as_is"


class PathIn(StrEnum):
    """How the person gave the file."""

    CAMERA = "camera"
    PICKER = "picker"
    IMPORT = "import"
    PARTNER = "partner"
    SCAN = "scan"


class Condition(StrEnum):
    """What can be shown of a kept file."""

    PENDING = "pending"
    READY = "ready"
    UNDISPLAYABLE = "undisplayable"
    FILE = "file"
    ERASED = "erased"


class DerivativeKind(StrEnum):
    """Pictures made from an original."""

    THUMB = "thumb"
    SCREEN = "screen"
    PRINT = "print"
    REDACTED = "redacted"


@dataclass(frozen=True, slots=True)
class Mark:
    """What was done, or said, about the personal data in a file before it was sent, and in how many places."""

    masking: Masking
    parts: int | None = None

    @property
    def fidelity(self) -> Fidelity:
        """Return how true bytes with this mark are: a masked picture is drawn anew on the phone."""
        return Fidelity.MASKED_ON_PHONE if self.masking is Masking.MASKED else Fidelity.ORIGINAL


@dataclass(frozen=True, slots=True)
class PhonePosition:
    """Where a phone says it was when a file was taken or chosen, in WGS-84."""

    lat: float
    lon: float
    accuracy_m: float | None = None
    fixed_at: datetime | None = None
