"""Who stands on bytes says so by the type of its column: what is not said here is erased under somebody's letter."""

from __future__ import annotations

from sqlmodel import SQLModel

from app import wiring
from app.platform.db import BytesHeld

# Columns whose name speaks of a digest and that hold no bytes back, and why.
OTHERS = {
    "blob.digest": "the register of bytes itself; an erased one keeps its row",
    "evidence_item.digest": "asked about with its condition, because the row of an erased file stays",
    "evidence_item.promised_digest": "what the phone said before the bytes came",
    "derivative.source_digest": "a copy outlives nothing: it goes with its original",
    "derivative.params_digest": "of parameters",
    "invitation_picture.digest": "a copy of a file, whose own rows speak for it",
    "transfer_attachment.digest": "a copy of a file, whose own rows speak for it",
    "bundle.digest": "of the archive, which is put together anew each time",
    "promised_photo.digest": "what the phone said before the bytes came",
    "api_token.digest": "of a secret",
    "recovery_code.digest": "of a secret",
    "upload.digest": "bytes on their way, not in the store",
    "report.content_digest": "of what was said",
    "report.sent_digest": "of what was sent, sealed",
}
_OF_SECRETS = ("token_digest", "code_digest", "secret_digest")


def test_every_column_with_a_digest_says_whether_it_holds_bytes() -> None:
    assert wiring.ROUTERS, "every room's tables are loaded"
    silent = []
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            name = f"{table.name}.{column.name}"
            is_digest = column.name == "digest" or column.name.endswith("_digest")
            if is_digest and column.name not in _OF_SECRETS and not isinstance(column.type, BytesHeld):
                silent.append(name)
    assert sorted(set(silent) - set(OTHERS)) == [], "give it the type BytesHeld, or say here what it is"
    assert sorted(set(OTHERS) - set(silent)) == [], "no such column any more"
