"""What people type at identity's doors, as frozen values; the errors are already in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from app.identity.terms import CompartmentKind, Role
from app.platform.i18n import N_, gettext
from app.platform.web.landing import LandedForm

_LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
_NAME_MAX: Final = 60
_EXPERTISE_MAX: Final = 120
_PATH_MAX: Final = 512
_YEARS: Final = range(2000, 2200)  # days beyond cannot be counted from
_PASSWORD_MAX: Final = 1024  # longer is not hashed at all; the policy's own limit is far below

WRONG: Final = N_("账号或密码不对，请再试一次。")
BAD_LOGIN: Final = N_("账号用 2 到 64 个小写字母、数字、点、横线或下划线，以字母或数字开头。")
BAD_NAME: Final = N_("请写姓名，1 到 60 个字。")
BAD_EXPERTISE: Final = N_("专业领域最多写 120 个字。")
NOT_THE_SAME: Final = N_("两次写的新密码不一样，请再写一次。")


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing to put right, and the field it stands at."""

    field: str
    text: str


def errors_of(found: Sequence[tuple[str, str]]) -> tuple[FieldError, ...]:
    """Return (field, message id) pairs in the reader's language."""
    return tuple(FieldError(name, gettext(text)) for name, text in found)


def own_path(text: str) -> str:
    """Return the path if it is one of ours, else nothing: a link must not lead a person elsewhere."""
    is_own = text.startswith("/") and not text.startswith("//") and "\\" not in text and text.isprintable()
    is_own = is_own and len(text) < _PATH_MAX
    return text if is_own else ""


@dataclass(frozen=True, slots=True)
class SignIn:
    """A login and a password, and where the person wanted to go."""

    login: str = ""
    password: str = field(default="", repr=False)
    next_path: str = ""
    errors: tuple[FieldError, ...] = ()

    def refused(self) -> SignIn:
        """Return the same with the one answer there is for everything that does not fit."""
        return replace(self, errors=(FieldError("login", gettext(WRONG)),))


def sign_in(form: LandedForm) -> SignIn:
    """Read the sign-in form."""
    return SignIn(
        login=form.get("login").strip().lower(),
        password=form.get("password")[:_PASSWORD_MAX],
        next_path=own_path(form.get("next")),
    )


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A new password, twice, and the old one where it is asked for."""

    old: str = field(default="", repr=False)
    new: str = field(default="", repr=False)
    errors: tuple[FieldError, ...] = ()


def new_password(form: LandedForm) -> NewPassword:
    """Read the form in which a person sets their own password."""
    new = form.get("new")[:_PASSWORD_MAX]
    is_same = new == form.get("again")[:_PASSWORD_MAX]
    return NewPassword(
        form.get("old")[:_PASSWORD_MAX], new, () if is_same else errors_of([("again", NOT_THE_SAME)])
    )


@dataclass(frozen=True, slots=True)
class Person:
    """What an administrator writes about somebody: kept as typed, with what is wrong beside it."""

    login: str = ""
    name: str = ""
    org_unit_id: str = ""
    roles: frozenset[Role] = frozenset()
    circles: frozenset[CompartmentKind] = frozenset()
    expertise: str = ""
    version: int = 0
    errors: tuple[FieldError, ...] = ()

    def but(self, found: Sequence[tuple[str, str]]) -> Person:
        """Return the same with more that is wrong."""
        return replace(self, errors=self.errors + errors_of(found))


def person(form: LandedForm, *, is_new: bool) -> Person:
    """Read the form of an account; unknown roles and circles are dropped as nobody can have typed them."""
    login, name = form.get("login").strip().lower(), form.get("name").strip()
    expertise = " ".join(form.get("expertise").split())
    wrong = []
    if is_new and not _LOGIN.fullmatch(login):
        wrong.append(("login", BAD_LOGIN))
    if not 0 < len(name) <= _NAME_MAX or not name.isprintable():
        wrong.append(("name", BAD_NAME))
    if len(expertise) > _EXPERTISE_MAX or not expertise.isprintable():
        wrong.append(("expertise", BAD_EXPERTISE))
    return Person(
        login=login,
        name=name,
        org_unit_id=form.get("org_unit_id"),
        roles=frozenset(Role(value) for value in form.all("roles") if value in set(Role)),
        circles=frozenset(
            CompartmentKind(value) for value in form.all("circles") if value in set(CompartmentKind)
        ),
        expertise=expertise,
        version=version(form),
        errors=errors_of(wrong),
    )


def version(form: LandedForm) -> int:
    """Return the version the page was made from; nonsense is a version that never was."""
    text = form.get("version")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1  # noqa: PLR2004 - fits any integer


@dataclass(frozen=True, slots=True)
class JournalFilter:
    """What an auditor looks for."""

    verb: str = ""
    who: str = ""
    about: str = ""
    since: date | None = None
    until: date | None = None
    before: str = ""

    def values(self) -> dict[str, Any]:
        """Return the filter as a page's query, without the place in the list."""
        return {
            "verb": self.verb, "who": self.who, "about": self.about, "since": self.since or "",
            "until": self.until or "",
        }  # fmt: skip


def journal_filter(asked: Any) -> JournalFilter:
    """Read the filter from the query; a day that is none is no filter."""
    return JournalFilter(
        verb=asked.get("verb", "")[:32],
        who=asked.get("who", "").strip()[:60],
        about=asked.get("about", "").strip()[:36],
        since=_day(asked.get("since", "")),
        until=_day(asked.get("until", "")),
        before=asked.get("before", "")[:36],
    )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in _YEARS else None


def device_of(user_agent: str) -> str:
    """Return a few words by which a person knows their own device; the header itself is not kept."""
    systems = (("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
               ("Windows", "Windows"), ("Mac OS", "Mac"), ("Linux", "Linux"))  # fmt: skip
    browsers = (("MicroMessenger", "微信"), ("Edg", "Edge"), ("OPR/", "Opera"), ("QQBrowser", "QQ 浏览器"),
                ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))  # fmt: skip
    known = [next((name for mark, name in table if mark in user_agent), "") for table in (systems, browsers)]
    return " · ".join(name for name in known if name)
