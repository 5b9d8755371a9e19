"""The JSON of the reports door, strict: an unknown key, a wrong type or a text nobody could store is refused."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from app.intake import masks, places, rules
from app.intake.answers import TEXT_LENGTH

_SECRET_BYTES: Final = 16
PROMISES_MOST: Final = 50
_ANSWERS_MOST: Final = 100
_CHOICES_MOST: Final = 50
NAME_MOST: Final = 255
MEDIA_TYPE_MOST: Final = 120


def _no_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not contain NUL")
    return text


def _secret(text: str) -> str:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error) as error:
        raise ValueError("must be base64url") from error
    if len(raw) < _SECRET_BYTES:
        raise ValueError("must hold at least 128 bits")
    return text


ShortText = Annotated[str, Field(max_length=TEXT_LENGTH), AfterValidator(_no_nul)]
Key = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,32}$")]
Digest = Annotated[
    str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the original, lower-case hex")
]


Size = Annotated[int, Field(ge=1, le=2**40)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Accuracy = Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)]
Instant = Annotated[AwareDatetime, Field(strict=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class PlaceIn(_Strict):
    """Where it is: a position in WGS-84 (a pin's in its map's datum), pasted text, a town, words; any of them."""

    lat: Latitude | None = None
    lon: Longitude | None = None
    accuracy_m: Accuracy | None = None
    fixed_at: Instant | None = None
    source: Literal["browser", "pin", "exif"] = "browser"
    town: Key | None = None
    words: Annotated[str, Field(max_length=places.WORDS_MOST), AfterValidator(_no_nul)] = ""
    pasted: Annotated[str, Field(max_length=places.PASTED_MOST), AfterValidator(_no_nul)] = ""
    datum: Literal["wgs84", "gcj02", "bd09"] = "gcj02"
    pin_datum: Annotated[
        Literal["wgs84", "gcj02"],
        Field(description="what a pin's map is drawn in; a receiver's position is WGS-84"),
    ] = "wgs84"


class PreviewIn(_Strict):
    """The small copy of a photo that travels first, promised by its own digest."""

    sha256: Digest
    size_bytes: Size


class PositionIn(_Strict):
    """Where the phone was when a photo was taken or chosen, in WGS-84."""

    lat: Latitude
    lon: Longitude
    accuracy_m: Accuracy | None = None
    fixed_at: Instant | None = None


class PhotoIn(_Strict):
    """A photo that will follow, promised by its digest."""

    sha256: Digest
    size_bytes: Size
    fidelity: Literal["original", "masked_on_phone", "phone_preview"] = "original"
    path: Literal["camera", "picker"] = "picker"
    name: Annotated[str, Field(max_length=NAME_MOST), AfterValidator(_no_nul)] = ""
    media_type: Annotated[str, Field(max_length=MEDIA_TYPE_MOST), AfterValidator(_no_nul)] = ""
    masking: Annotated[
        Literal["masked", "clear", "as_is"] | None,
        Field(description="personal data: covered on the phone, none in it, or could not be covered"),
    ] = None
    masked_parts: Annotated[int | None, Field(ge=1, le=masks.PARTS_MOST)] = None
    position: PositionIn | None = None
    preview: PreviewIn | None = None


class ContactIn(_Strict):
    """How to reach the reporter; only with their consent."""

    name: Annotated[str, Field(max_length=rules.NAME_MOST), AfterValidator(_no_nul)] = ""
    phone: Annotated[str, Field(max_length=rules.PHONE_TYPED_MOST), AfterValidator(_no_nul)] = ""
    words: Annotated[str, Field(max_length=rules.CONTACT_WORDS_MOST), AfterValidator(_no_nul)] = ""
    consent: Literal[True]


class ReportIn(_Strict):
    """One report as the phone sends it, before its photos."""

    category: Key
    secret: Annotated[str, Field(min_length=22, max_length=64), AfterValidator(_secret)]
    words: Annotated[str, Field(max_length=rules.WORDS_MOST), AfterValidator(_no_nul)] = ""
    answers: Annotated[
        dict[
            Key, bool | int | float | ShortText | Annotated[list[ShortText], Field(max_length=_CHOICES_MOST)]
        ],
        Field(max_length=_ANSWERS_MOST),
    ] = Field(default_factory=dict)
    unknown: Annotated[
        list[Key], Field(max_length=_ANSWERS_MOST, description="questions answered 不清楚")
    ] = Field(default_factory=list)
    place: PlaceIn = Field(default_factory=PlaceIn)
    photos: Annotated[list[PhotoIn], Field(max_length=PROMISES_MOST)] = Field(default_factory=list)
    contact: ContactIn | None = None
    source_stamp: Annotated[str, Field(max_length=1000), AfterValidator(_no_nul)] = ""
    via: Annotated[str, Field(pattern=r"^[a-z0-9_]{0,32}$")] = ""
    is_data_saving: bool = False
    locale: Literal["zh", "en"] = "zh"
    written_at: Instant | None = None


class PhotoOut(BaseModel):
    """What became of one promised photo."""

    sha256: str
    state: Literal["missing", "held", "declined"]
    reason: str | None = None
    is_preview: bool = False


class SealingKeyOut(BaseModel):
    """What a report and its photos are sealed to before they wait on a phone."""

    key_id: str
    public: str
    algorithm: str


class DeclinedOut(BaseModel):
    """Something that may not be kept here, whatever was sent."""

    what: str
    reason: str


class ReceiptOut(BaseModel):
    """The receipt: complete only when no photo is missing."""

    report_id: str
    query_code: str
    received_at: datetime
    is_complete: bool
    photos: list[PhotoOut]
    declined: list[DeclinedOut]


class ProblemOut(BaseModel):
    """A refusal (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str
