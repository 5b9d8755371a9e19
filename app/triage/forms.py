"""The desk's small forms: each is read into a frozen command; what is wrong is named field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from app.intake.terms import CallEnd
from app.platform.errors import Fault, Invalid
from app.platform.i18n import gettext as _
from app.platform.web.landing import LandedForm
from app.reference.jurisdiction.terms import Level
from app.triage.rules import suggested_grade
from app.triage.terms import HIGHEST_SCORE, Criterion, Grade, Scores

NOTE_LENGTH: Final = 4000
# What the reporter reads fits its column together with the line that names another channel.
PUBLIC_LENGTH: Final = 1900
TITLE_LENGTH: Final = 200
REASON_LENGTH: Final = 500
_ANSWER_DAYS: Final = 365


class StepInvalid(Invalid):
    """A step's form cannot be used as it was sent; details carry the faults."""

    code = "step_invalid"


@dataclass(slots=True)
class Reading:
    """One form while it is read: gives values, collects faults."""

    form: LandedForm
    errors: list[Fault] = field(default_factory=list)

    def version(self) -> int:
        """Return the version the page was made from; 0, which no clue has, when it is missing or not a number."""
        typed = self.form.get("version")
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0  # noqa: PLR2004

    def words(self, name: str, *, longest: int, needed: str = "") -> str:
        """Return typed words without blank ends; `needed` is what to say when there are none."""
        typed = self.form.get(name).strip()
        if needed and not typed:
            self.errors.append(Fault(name, needed))
        if len(typed) > longest:
            self.errors.append(
                Fault(name, _("最多 %(most)s 个字，现在有 %(now)s 个。", most=longest, now=len(typed)))
            )
        return typed

    def choice(self, name: str, *, needed: str) -> str:
        """Return a chosen key; whether it exists is asked by the service."""
        chosen = self.form.get(name).strip()
        if not chosen:
            self.errors.append(Fault(name, needed))
        return chosen[:64]

    def tick(self, name: str) -> bool:
        """Say whether a box was ticked."""
        return bool(self.form.get(name))

    def done(self) -> tuple[Fault, ...]:
        """Return the faults found."""
        return tuple(self.errors)

    def settle(self) -> None:
        """Raise StepInvalid when anything is wrong; the clue page then shows the form again."""
        if self.errors:
            raise StepInvalid(errors=self.done())


@dataclass(frozen=True, slots=True)
class Decision:
    """A step with a reason from a list, words for the reporter and a note for ourselves."""

    version: int
    reason_key: str
    public: str
    note: str


def _decision(reading: Reading) -> Decision:
    return Decision(
        version=reading.version(),
        reason_key=reading.choice("reason_key", needed=_("请选择理由。")),
        public=reading.words("public", longest=PUBLIC_LENGTH),
        note=reading.words("note", longest=NOTE_LENGTH),
    )


def decision(form: LandedForm) -> Decision:
    """Read a decision; raises StepInvalid."""
    reading = Reading(form)
    read = _decision(reading)
    reading.settle()
    return read


@dataclass(frozen=True, slots=True)
class Named:
    """One thing chosen: a person, a circle."""

    version: int
    key: str


def _named(reading: Reading, name: str, needed: str) -> str:
    typed = reading.form.get(name).strip()[:80]
    if not typed:
        reading.errors.append(Fault(name, needed))
    return typed


def named(form: LandedForm, name: str, *, needed: str) -> Named:
    """Read a choice; raises StepInvalid."""
    reading = Reading(form)
    read = Named(reading.version(), _named(reading, name, needed))
    reading.settle()
    return read


@dataclass(frozen=True, slots=True)
class Chosen:
    """A decision that names one thing more: a channel, a master."""

    version: int
    key: str
    decision: Decision


def chosen(form: LandedForm, name: str, *, needed: str) -> Chosen:
    """Read such a decision; raises StepInvalid with every fault at once."""
    reading = Reading(form)
    key = _named(reading, name, needed)
    found = _decision(reading)
    reading.settle()
    return Chosen(found.version, key, found)


@dataclass(frozen=True, slots=True)
class Noted:
    """A step with a note, needed or not."""

    version: int
    note: str


def noted(form: LandedForm, *, needed: str = "") -> Noted:
    """Read a note; raises StepInvalid."""
    reading = Reading(form)
    read = Noted(reading.version(), reading.words("note", longest=NOTE_LENGTH, needed=needed))
    reading.settle()
    return read


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A preliminary inquiry as begun: who goes, and what is to be found out."""

    version: int
    staff: tuple[str, ...]
    note: str


def inquiry(form: LandedForm) -> Inquiry:
    """Read who inquires; two different people at least (办案规则 36). Raises StepInvalid."""
    reading = Reading(form)
    staff = tuple(reading.choice(name, needed=_("请选调查人员。")) for name in ("staff_1", "staff_2"))
    if staff[0] and staff[0] == staff[1]:
        reading.errors.append(Fault("staff_2", _("调查要有两名以上工作人员，请选另一人。")))
    note = reading.words("note", longest=NOTE_LENGTH)
    reading.settle()
    return Inquiry(reading.version(), staff, note)


@dataclass(frozen=True, slots=True)
class Filing:
    """A major clue as filed with the superior."""

    version: int
    superior_id: str
    filed_on: date
    note: str


def filing(form: LandedForm, *, today: date) -> Filing:
    """Read to whom and when a major clue was filed; raises StepInvalid."""
    reading = Reading(form)
    superior_id = reading.choice("superior_id", needed=_("请选报送的检察院。"))
    filed_on = _day(form.get("filed_on"))
    if filed_on is None or filed_on > today:
        reading.errors.append(Fault("filed_on", _("请填报送的日期，不能晚于今天。")))
    note = reading.words("note", longest=NOTE_LENGTH)
    reading.settle()
    return Filing(reading.version(), superior_id, filed_on or today, note)


def revealing(form: LandedForm) -> str:
    """Read why a contact is to be opened; raises StepInvalid."""
    reading = Reading(form)
    read = reading.words("reason", longest=REASON_LENGTH, needed=_("请写明为什么要看联系方式。"))
    reading.settle()
    return read


@dataclass(frozen=True, slots=True)
class Titled:
    """A new title."""

    version: int
    title: str


def titled(form: LandedForm) -> Titled:
    """Read a title; raises StepInvalid."""
    reading = Reading(form)
    read = Titled(reading.version(), reading.words("title", longest=TITLE_LENGTH, needed=_("请写标题。")))
    reading.settle()
    return read


@dataclass(frozen=True, slots=True)
class Flags:
    """The marks of a clue."""

    version: int
    is_urgent: bool
    is_major: bool


def flags(form: LandedForm) -> Flags:
    """Read the marks."""
    reading = Reading(form)
    return Flags(reading.version(), is_urgent=reading.tick("is_urgent"), is_major=reading.tick("is_major"))


@dataclass(frozen=True, slots=True)
class Request:
    """What the reporter is asked, and until when."""

    version: int
    text: str
    answer_by: date


def request(form: LandedForm, *, today: date) -> Request:
    """Read a request for more; raises StepInvalid."""
    reading = Reading(form)
    text = reading.words("text", longest=PUBLIC_LENGTH, needed=_("请写清楚要补充什么。"))
    answer_by = _day(form.get("answer_by"))
    if answer_by is None or not today < answer_by <= today + timedelta(days=_ANSWER_DAYS):
        reading.errors.append(Fault("answer_by", _("请选今天以后、一年以内的日期。")))
    reading.settle()
    return Request(reading.version(), text, answer_by or today)


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Judgement:
    """An evaluation as typed."""

    version: int
    scores: Scores
    grade: Grade
    reason: str


def judgement(form: LandedForm) -> Judgement:
    """Read an evaluation; a grade other than the suggested one needs a reason. Raises StepInvalid."""
    reading = Reading(form)
    marks = {criterion.value: _score(reading, criterion.value) for criterion in Criterion}
    scores = Scores(
        **marks,
        is_ours=reading.tick("is_ours"),
        is_public=reading.tick("is_public"),
        is_pressing=reading.tick("is_pressing"),
        is_harmed=reading.tick("is_harmed"),
        is_duty_unmet=reading.tick("is_duty_unmet"),
        level=_level(reading),
    )
    suggested = suggested_grade(scores).grade
    # Left open, the grade is the suggested one: a person has still looked at it and pressed the button.
    typed = form.get("grade").strip() or suggested.value
    grade = Grade(typed) if typed in set(Grade) else None
    if grade is None:
        reading.errors.append(Fault("grade", _("请选择等级。")))
    differs = grade is not None and grade is not suggested
    needed = _("等级与建议（%(grade)s）不同，请写明理由。", grade=suggested.value) if differs else ""
    reason = reading.words("reason", longest=NOTE_LENGTH, needed=needed)
    reading.settle()
    return Judgement(reading.version(), scores, grade or suggested, reason)


def _level(reading: Reading) -> Level:
    typed = reading.form.get("level").strip() or Level.UNKNOWN.value
    if typed in set(Level):
        return Level(typed)
    reading.errors.append(Fault("level", _("请从列表里选一个。")))
    return Level.UNKNOWN


def _score(reading: Reading, name: str) -> int:
    typed = reading.form.get(name).strip()
    if typed in {str(score) for score in range(HIGHEST_SCORE + 1)}:
        return int(typed)
    reading.errors.append(Fault(name, _("请选 0 到 3 分。")))
    return 0


@dataclass(frozen=True, slots=True)
class Split:
    """Which merged clues are taken out again, and whether they stay one matter."""

    version: int
    members: tuple[str, ...]
    stay_together: bool
    note: str


MEMBER: Final = "member_"


def splitting(form: LandedForm) -> Split:
    """Read which clues are to be taken out; raises StepInvalid."""
    reading = Reading(form)
    members = tuple(name.removeprefix(MEMBER)[:36] for name in form.fields if name.startswith(MEMBER))
    if not members:
        reading.errors.append(Fault("stay_together", _("请勾选要拆出来的线索。")))
    note = reading.words("note", longest=NOTE_LENGTH, needed=_("请写为什么拆出来。"))
    reading.settle()
    return Split(reading.version(), members, reading.tick("stay_together"), note)


def case_number(form: LandedForm) -> Named:
    """Read the number of the official case system; raises StepInvalid."""
    reading = Reading(form)
    typed = reading.words("case_number", longest=60, needed=_("请填业务应用系统里的编号。"))
    reading.settle()
    return Named(reading.version(), typed)


@dataclass(frozen=True, slots=True)
class CallNote:
    """How a call to a reporter went."""

    end: CallEnd
    words: str


def call(form: LandedForm) -> CallNote:
    """Read a note of a call; raises StepInvalid."""
    reading = Reading(form)
    chosen = reading.choice("end", needed=_("请选打通了没有。"))
    if chosen and chosen not in set(CallEnd):
        reading.errors.append(Fault("end", _("请选打通了没有。")))
    words = reading.words("words", longest=1000)
    reading.settle()
    return CallNote(CallEnd(chosen), words)


def typed_values(form: LandedForm) -> Mapping[str, str]:
    """Return everything typed, to be shown again; the first value of each field."""
    return {name: values[0] for name, values in form.fields.items() if values}
