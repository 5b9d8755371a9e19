"""What the forms of this room bring: checked values, or the sentences that say what to put right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.platform.errors import Invalid
from app.platform.i18n import gettext as _
from app.platform.i18n import listed
from app.platform.web.landing import LandedForm
from app.transfer import findings, labels, rules
from app.transfer.terms import (
    AnswerKind,
    AnswerWay,
    DraftContent,
    Given,
    PaperAnswer,
    ServedPaper,
    ServiceMode,
    ShownAnswer,
)


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field and what is wrong with it."""

    field: str
    text: str


class NotYet(Invalid):
    """The form needs something put right; the page is shown again with everything typed."""

    code = "transfer_form"


class Reading:
    """Reads one form box by box and remembers everything that is wrong, so that all of it is said at once."""

    def __init__(self, form: LandedForm) -> None:
        """Start with no complaint."""
        self.form = form
        self.errors: list[FieldError] = []

    def say(self, name: str, text: str, *, unless: object = False) -> None:
        """Note what is wrong with a box, unless it is not."""
        if not unless:
            self.errors.append(FieldError(name, text))

    def done(self) -> None:
        """Raise NotYet when something was wrong."""
        if self.errors:
            raise NotYet(errors=self.errors)

    def words(self, name: str, *, required: str = "", limit: int = rules.WORDS_LIMIT) -> str:
        """Return what was typed in a box; `required` is the sentence said when it is empty."""
        typed = self.form.get(name).strip()
        if required:
            self.say(name, required, unless=typed)
        self.fits(name, typed, limit)
        return typed

    def fits(self, name: str, typed: str, limit: int) -> None:
        """Note a text that is too long."""
        text = _("太长了，最多 %(limit)s 个字，现在有 %(count)s 个。", limit=limit, count=len(typed))
        self.say(name, text, unless=len(typed) <= limit)

    def day(self, name: str, *, required: str = "", until: date | None = None) -> date | None:
        """Return a day typed in a date box, not after `until`."""
        typed = self.form.get(name).strip()
        if not typed:
            if required:
                self.say(name, required)
            return None
        try:
            found = date.fromisoformat(typed)
        except ValueError:
            found = None
        if found is None or not 2000 <= found.year <= 2100:  # noqa: PLR2004 - a slip of the finger, not a date
            self.say(name, _("请按 2026-11-23 这样的样子填日期。"))
        elif until is not None:
            self.say(name, _("这一天还没有到。"), unless=found <= until)
        return found


def version_of(form: LandedForm) -> int:
    """Return the version of the page the person saw; nonsense is a version nobody has."""
    text = form.get("version")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1  # noqa: PLR2004


def words(form: LandedForm, name: str, *, required: str = "") -> str:
    """Return what was typed in the one box of a form; raises NotYet."""
    reading = Reading(form)
    typed = reading.words(name, required=required)
    reading.done()
    return typed


def chosen(form: LandedForm, name: str, *, required: str) -> str:
    """Return what was chosen in the one list of a form; raises NotYet."""
    return words(form, name, required=required)


def outgoing(form: LandedForm, name: str, *, required: str = "") -> str:
    """Return words that leave the house; what could give a person away needs a tick."""
    reading = Reading(form)
    typed = reading.words(name, required=required)
    found = findings.found_in(typed)
    if found and form.get(f"{name}_kept") != "yes":
        told = listed(f"{_(labels.FINDINGS[finding.kind])} {finding.value}" for finding in found)
        reading.say(name, _("里面有%(found)s。请删去，或者勾选“确认保留”。", found=told))
    reading.done()
    return typed


def checks(form: LandedForm, all_of_them: Sequence[str], *, one_by_one: bool) -> list[str]:
    """Return what was ticked of a list; one tick under a short list stands for all of it, unless it is military."""
    is_whole = form.get("is_checked") == "yes" and not one_by_one
    return list(all_of_them) if is_whole else form.all("checks")


def draft(
    form: LandedForm, choosable: Iterable[ShownAnswer], reporter_words: Sequence[str] = ()
) -> DraftContent:
    """Return what a person wrote for a transfer, with the findings masked that they chose to mask; raises NotYet."""
    reading = Reading(form)
    ticked_answers = set(form.all("answers"))
    seen = form.all("findings")
    mask = {key for key in seen if form.get(f"decide_{key}") == "mask"}

    squares = {str(size) for size in rules.SQUARES}
    square = form.get("position") if form.get("position") in squares else ""

    def text(name: str, required: str = "", limit: int = rules.WORDS_LIMIT) -> str:
        return findings.masked(reading.words(name, required=required, limit=limit), mask, reporter_words)

    content = DraftContent(
        subject=" ".join(text("subject", _("请写事由。"), rules.SUBJECT_LIMIT).split())[
            : rules.SUBJECT_LIMIT
        ],
        summary=text("summary", _("请写线索摘要。"), rules.SUMMARY_LIMIT),
        requests=text("requests", _("请写明请对方做什么。")),
        basis=text("basis"),
        place_shown=" ".join(text("place_shown", "", rules.PLACE_LIMIT).split())[: rules.PLACE_LIMIT],
        shows_position=bool(square),
        position_square_m=int(square or rules.WIDE_SQUARE_M),
        contact_name=reading.words("contact_name", required=_("请写联系人。"), limit=60),
        contact_phone=reading.words("contact_phone", limit=40),
        shown_answers=tuple(
            ShownAnswer(answer.key, answer.label, findings.masked(answer.shown, mask, reporter_words))
            for answer in choosable
            if answer.key in ticked_answers
        ),
        kept_findings=tuple(key for key in seen if form.get(f"decide_{key}") == "keep"),
        evidence_ids=tuple(form.all("pictures")),
    )
    reading.done()
    return content


_OURS: Final = frozenset({AnswerKind.TOLD, AnswerKind.ASKED_AGAIN})
_NEEDS_WORDS: Final = frozenset({AnswerKind.REPLIED, AnswerKind.ASKED, AnswerKind.DISPUTED})


def paper(form: LandedForm, *, account_id: str, today: date) -> PaperAnswer:
    """Return an answer on paper, with its 送达回证 where there is one; raises NotYet."""
    reading = Reading(form)
    kind = {kind.value: kind for kind in AnswerKind if kind not in _OURS}.get(form.get("paper_kind"))
    reading.say("paper_kind", _("请选对方答复的是什么。"), unless=kind)
    typed = reading.words("paper_words", required=_("请录入答复的内容。") if kind in _NEEDS_WORDS else "")
    reason = reading.words(
        "paper_reason", required=_("请选退回的理由。") if kind is AnswerKind.REFUSED else "", limit=32
    )
    is_promise = kind is AnswerKind.PROMISED
    promised_on = reading.day("paper_promised_on", required=_("请填承诺的日期。") if is_promise else "")
    given = Given(
        way=AnswerWay.PAPER,
        account_id=account_id,
        signer=reading.words("paper_signer", required=_("请填签收人或者署名人。"), limit=60),
        document_number=reading.words("paper_document_number", limit=80),
        received_on=reading.day("paper_received_on", required=_("请填收到的日期。"), until=today),
        service=_served(reading, today),
    )
    reading.done()
    return PaperAnswer(kind or AnswerKind.ACKNOWLEDGED, typed, reason, promised_on, given)


def _served(reading: Reading, today: date) -> ServedPaper | None:
    mode = {found.value: found for found in ServiceMode}.get(reading.form.get("service_mode"))
    if mode is None:
        return None
    served_on = reading.day("served_on", required=_("请填送达日期。"), until=today)
    one = reading.words("server_one", required=_("送达要有两名送达人。"), limit=60)
    two = reading.words("server_two", required=_("送达要有两名送达人。"), limit=60)
    return ServedPaper(mode, served_on or today, one, two)
