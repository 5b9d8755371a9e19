"""A phone's uploads as requests: begin, ask, send a piece."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from app.platform import ids, sealing
from tests.intake.sheets import photo
from tests.intake.test_api import SECRET, body

if TYPE_CHECKING:
    from tests.conftest import HouseClient

TUS = {"Tus-Resumable": "1.0.0"}
OFFSET = {"Content-Type": "application/offset+octet-stream"}


def hexed(content: bytes) -> str:
    return sha256(content).hexdigest()


def metadata(**told: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in told.items())


def promise(content: bytes, preview: bytes | None = None, **told: Any) -> dict[str, Any]:
    """What a report says of a photo before it comes."""
    ahead = {"preview": {"sha256": hexed(preview), "size_bytes": len(preview)}} if preview else {}
    return {"sha256": hexed(content), "size_bytes": len(content), **ahead, **told}


@dataclass
class Phone:
    """One report of a phone, and its uploads."""

    client: HouseClient
    report_id: str = field(default_factory=ids.new)

    @property
    def owner(self) -> dict[str, str]:
        return {"Authorization": f"Report {self.report_id}.{SECRET}", **TUS}

    def report(self, *photos: dict[str, Any], **changes: Any) -> Phone:
        path = self.client.to("intake:api_report", report_id=self.report_id)
        answer = self.client.put(path, json=body(photos=list(photos), **changes))
        assert answer.status_code == 201, answer.text
        return self

    def receipt(self) -> dict[str, Any]:
        path = self.client.to("intake:api_receipt", report_id=self.report_id)
        return self.client.get(path, headers=self.owner).json()

    def states(self) -> list[tuple[str, str | None]]:
        return [(one["state"], one["reason"]) for one in self.receipt()["photos"]]

    def begin(self, digest: str, length: int, headers: dict[str, str] | None = None, **told: str) -> Any:
        sent = {"Upload-Length": str(length), "Upload-Metadata": metadata(digest=digest, **told)}
        return self.client.post(
            self.client.to("intake:upload_begin"), headers=self.owner | sent | (headers or {})
        )

    def begun(self, content: bytes, *, digest: str = "", **told: str) -> str:
        answer = self.begin(digest or hexed(content), len(content), **told)
        assert answer.status_code == 201, answer.text
        return answer.headers["location"]

    def ask(self, where: str) -> Any:
        return self.client.head(where, headers=self.owner)

    def offset(self, where: str) -> int:
        return int(self.ask(where).headers["upload-offset"])

    def piece(self, where: str, at: int, content: bytes, **headers: str) -> Any:
        sent = {
            "Upload-Offset": str(at),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return self.client.patch(where, content=content, headers=self.owner | OFFSET | sent)

    def send(self, content: bytes, *, digest: str = "", pieces: int = 3, **told: str) -> Any:
        """Begin and send in pieces; the last answer."""
        where = self.begun(content, digest=digest, **told)
        step = -(-len(content) // pieces)
        for at in range(0, len(content), step):
            answer = self.piece(where, at, content[at : at + step])
            assert answer.status_code == 204 or at + step >= len(content), answer.text
        return answer

    def seal(self, content: bytes, key: Any, *, what: str = "") -> bytes:
        return sealing.seal(
            content, key.current_id, key.sealing_point, report_id=self.report_id, what=what or hexed(content)
        )


__all__ = ["OFFSET", "TUS", "Phone", "hexed", "metadata", "photo", "promise"]
