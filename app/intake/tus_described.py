"""How the OpenAPI document describes the door of uploads; the protocol itself is tus 1.0.0."""

from __future__ import annotations

from typing import Any, Final

# Named so that FastAPI does not add its own form of a 422, which this door never gives.
REFUSED: Final[dict[int | str, dict[str, Any]]] = {"4XX": {"description": "Refused"}}
_PROBLEM: Final = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
_SAID: Final = {
    400: "Unknown checksum",
    401: "Not your report",
    403: "Not promised by this report",
    404: "No such upload of yours",
    409: "The upload stands elsewhere, or the photo is settled",
    410: "The upload has expired",
    412: "Another version of the protocol",
    413: "Longer than promised",
    415: "Not application/offset+octet-stream",
    422: "Unreadable headers, or not the promised photo",
    429: "Too many uploads; Retry-After says when",
    460: "The checksum of the piece does not hold",
    503: "No room on the disk; Retry-After says when",
}


def _header(name: str, description: str, *, is_required: bool = True, pattern: str = "") -> dict[str, Any]:
    schema = {"type": "string"} | ({"pattern": pattern} if pattern else {})
    return {
        "name": name, "in": "header", "required": is_required, "schema": schema, "description": description,
    }  # fmt: skip


_NUMBER: Final = "^[0-9]{1,15}$"
_TUS: Final = _header("Tus-Resumable", "the version of the protocol", pattern="^1\\.0\\.0$")
_OWNER: Final = _header("Authorization", "`Report <report id>.<secret>`")
_OFFSET: Final = {"description": "How much has been received", "schema": {"type": "integer"}}
_LENGTH: Final = {"description": "How long the upload is", "schema": {"type": "integer"}}
_UNTIL: Final = {"description": "Until when it may be finished", "schema": {"type": "string"}}
_WHERE: Final = {"description": "The upload's own address", "schema": {"type": "string"}}


def _described(
    status: int, description: str, headers: dict[str, Any], *refusals: int, parameters: tuple[Any, ...] = ()
) -> dict[str, Any]:
    refused = {str(each): {"description": _SAID[each], "content": _PROBLEM} for each in refusals}
    return {
        "parameters": [_TUS, _OWNER, *parameters],
        "responses": {str(status): {"description": description, "headers": headers}, **refused},
    }


OPTIONS: Final[dict[str, Any]] = {"responses": {"204": {"description": "What this door speaks, in headers"}}}
BEGIN: Final = _described(
    201, "The upload has begun, or had begun before", {"Location": _WHERE, "Upload-Expires": _UNTIL},
    401, 403, 409, 412, 413, 422, 429, 503,
    parameters=(
        _header("Upload-Length", "the length of what will be sent: of the sealed bytes, if sealed", pattern=_NUMBER),
        _header(
            "Upload-Metadata",
            "`digest` (base64 of the hexadecimal SHA-256 of the photo), `sealed` (base64 of `1`), `filename`, `filetype`",
        ),
    ),
)  # fmt: skip
STATE: Final = _described(
    200, "Where the upload stands", {"Upload-Offset": _OFFSET, "Upload-Length": _LENGTH, "Upload-Expires": _UNTIL},
    401, 404, 410, 412,
)  # fmt: skip
PIECE: Final = _described(
    204, "The piece is kept; with the last one, the photo is", {"Upload-Offset": _OFFSET, "Upload-Expires": _UNTIL},
    400, 401, 404, 409, 410, 412, 413, 415, 422, 460, 503,
    parameters=(
        _header("Upload-Offset", "where this piece belongs", pattern=_NUMBER),
        _header("Upload-Checksum", "`sha256` or `sha1` and the base64 of the piece's digest", is_required=False),
    ),
) | {
    "requestBody": {
        "required": True,
        "content": {"application/offset+octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}  # fmt: skip
END: Final = _described(204, "The upload is forgotten", {}, 401, 404, 410, 412)
