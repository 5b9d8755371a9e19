"""What a receiver says in a form: one act with only what that act needs, or the sentences that say what to put right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from app.evidence import kinds
from app.evidence.kinds import Accepted, DeclineReason, Door, Kind
from app.platform.i18n import gettext as _
from app.platform.landed import LandedFile
from app.platform.web.landing import LandedForm
from app.transfer import rules
from app.transfer.forms import FieldError, NotYet, Reading
from app.transfer.terms import TransferAction

FILE_FIELDS: Final = ("photos_camera", "photos", "files")
WORD_FIELDS: Final = (
    "reply_words",
    "refusal_words",
    "dispute_words",
    "question_words",
    "promise_words",
    "signer",
)
OTHER_REASON: Final = "other"
_DOCUMENTS: Final = frozenset({kinds.PDF, kinds.DOCX, kinds.OFD})


class Act(StrEnum):
    """What a receiver may do, as the noun of its address."""

    ACKNOWLEDGEMENT = "acknowledgement"
    REFUSAL = "refusal"
    DISPUTE = "dispute"
    REPLY = "reply"
    PROMISE = "promise"
    QUESTION = "question"


ACTIONS: Final[dict[Act, TransferAction]] = {
    Act.ACKNOWLEDGEMENT: TransferAction.ACKNOWLEDGE,
    Act.REFUSAL: TransferAction.REFUSE,
    Act.DISPUTE: TransferAction.REPORT_DISPUTE,
    Act.REPLY: TransferAction.REPLY,
    Act.PROMISE: TransferAction.PROMISE,
    Act.QUESTION: TransferAction.ASK,
}


@dataclass(frozen=True, slots=True)
class Saying:
    """One act, read and checked."""

    act: Act
    words: str = ""
    reason_key: str = ""
    promised_on: date | None = None
    signer: str = ""


def read(form: LandedForm, act: Act, *, reasons: Sequence[str], today: date) -> Saying:
    """Return what was said; raises NotYet with everything that has to be put right."""
    reading = Reading(form)
    saying = _READERS[act](reading, reasons, today)
    reading.done()
    return saying


def _acknowledgement(reading: Reading, _reasons: Sequence[str], _today: date) -> Saying:
    return Saying(Act.ACKNOWLEDGEMENT, signer=reading.words("signer", limit=60))


def _refusal(reading: Reading, reasons: Sequence[str], _today: date) -> Saying:
    reason = reading.form.get("refusal_reason")
    reading.say("refusal_reason", _("请选一个理由。"), unless=reason in reasons)
    needs_words = _("请写几句，说明为什么退回。") if reason == OTHER_REASON else ""
    return Saying(Act.REFUSAL, reading.words("refusal_words", required=needs_words), reason)


def _dispute(reading: Reading, _reasons: Sequence[str], _today: date) -> Saying:
    return Saying(Act.DISPUTE, reading.words("dispute_words", required=_("请写明有什么异议。")))


def _reply(reading: Reading, _reasons: Sequence[str], _today: date) -> Saying:
    required = _("请写明已经做了什么、结果怎样。")
    return Saying(Act.REPLY, reading.words("reply_words", required=required, limit=rules.REPLY_LIMIT))


def _promise(reading: Reading, _reasons: Sequence[str], today: date) -> Saying:
    day = reading.day("promised_on", required=_("请填哪一天能够答复。"))
    if day is not None:
        reading.say("promised_on", _("这一天已经过去了，请填今天或以后的日期。"), unless=day >= today)
    return Saying(Act.PROMISE, reading.words("promise_words"), promised_on=day)


def _question(reading: Reading, _reasons: Sequence[str], _today: date) -> Saying:
    return Saying(Act.QUESTION, reading.words("question_words", required=_("请写想问什么。")))


_READERS: Final = {
    Act.ACKNOWLEDGEMENT: _acknowledgement,
    Act.REFUSAL: _refusal,
    Act.DISPUTE: _dispute,
    Act.REPLY: _reply,
    Act.PROMISE: _promise,
    Act.QUESTION: _question,
}


def typed_words(form: LandedForm) -> str:
    """Return every word a person typed, to be handed back where its form is gone; not one is too short to matter."""
    return "\n".join(text for name in WORD_FIELDS if (text := form.get(name).strip()))


def files(form: LandedForm, *, limit: int, most_bytes: int) -> list[LandedFile]:
    """Return the files of a reply; raises NotYet where one cannot be taken: after a reply nothing can be added.

    Nothing is kept yet, so what is wrong can be said before a byte or a row stays.
    """
    chosen = form.files_of(*FILE_FIELDS)
    errors = [FieldError("files", sentence) for file in chosen if (sentence := _why_not(file, most_bytes))]
    if len(chosen) > limit or any(file.refused == "too_many" for file in chosen):
        errors = [FieldError("files", _("照片和文件最多 %(n)s 个，请分开说明或者合成一份。", n=limit))]
    if errors:
        raise NotYet(errors=[*errors, FieldError("files", _("照片和文件请重新选一次，您写的话还在。"))])
    return chosen


def _why_not(file: LandedFile, most_bytes: int) -> str:
    ruling = kinds.verdict(file.first_bytes, file.declared_type, file.size_bytes, Door.STAFF)
    if file.refused == DeclineReason.TOO_LARGE or (
        isinstance(ruling, kinds.Declined) and ruling.reason is DeclineReason.TOO_LARGE
    ):
        return _("“%(name)s”太大，最大 %(mb)s MB。", name=file.name, mb=most_bytes // (1024 * 1024))
    if file.refused == DeclineReason.EMPTY or file.size_bytes == 0:
        return _("“%(name)s”是空的。", name=file.name)
    if not isinstance(ruling, Accepted) or not _is_wanted(ruling.kind):
        return _("“%(name)s”不能收。请选照片（JPG、PNG、HEIC）或者 PDF、Word（docx）文件。", name=file.name)
    return ""


def _is_wanted(kind: Kind) -> bool:
    return kind.is_picture or kind in _DOCUMENTS
