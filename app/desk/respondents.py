"""Whom a matter is about: named, kept from it, told of it once a document is served, or never meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.clues import queries as clue_queries
from app.clues.models import Clue, ClueRespondent
from app.clues.terms import RespondentEnd
from app.desk.step_terms import Option
from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.identity.guards import Requires
from app.identity.permissions import Verb
from app.identity.terms import OrgKind
from app.intake import queries as intake_queries
from app.platform import clock, db
from app.platform.errors import Fault
from app.platform.i18n import N_
from app.platform.i18n import gettext as _
from app.platform.web.given import Form, Now, ReadSession, WriteSession
from app.platform.web.landing import LandedForm
from app.platform.web.render import Flash, page, see_other
from app.platform.when import shown_date
from app.reference import queries as reference_queries
from app.triage import service

router = APIRouter()
Evaluator = Annotated[Actor, Depends(Requires(Verb.CLUE_EVALUATE))]
_SUPERVISED: Final = frozenset({OrgKind.AGENCY.value, OrgKind.POLICE.value})
_DOCUMENT: Final = 120
_REASON: Final = 500
_HOW: Final[dict[RespondentEnd, str]] = {
    RespondentEnd.SERVED: N_("文书已经送达它"),
    RespondentEnd.DISCLOSED: N_("立案之前，决定让它知道"),
    RespondentEnd.MISTAKEN: N_("弄错了，不是它"),
}


@dataclass(frozen=True, slots=True)
class RespondentLine:
    """One organisation the matter is or was about."""

    org_unit_id: str
    name: str
    text: str
    is_kept: bool
    has_forwarded: bool


@dataclass(frozen=True, slots=True)
class RespondentsPage:
    """Everything desk/respondents.html shows."""

    clue_id: str
    clue_href: str
    clue_title: str
    lines: Sequence[RespondentLine]
    units: Sequence[Option]
    ways: Sequence[Option]
    chosen: str = ""
    values: dict[str, str] = field(default_factory=dict)
    errors: Sequence[Fault] = ()

    def error(self, name: str) -> str:
        """Return what is wrong with a field."""
        return next((fault.text for fault in self.errors if fault.field == name), "")


@router.get("/desk/clues/{clue_id}/respondents", name="desk:respondents")
def show(request: Request, clue_id: str, actor: Evaluator, session: ReadSession) -> Response:
    """Show whom the matter is about."""
    clue = clue_queries.get(session, actor, clue_id)
    return page(request, "desk/respondents.html", {"page": _page(request, session, clue)})


@router.post("/desk/clues/{clue_id}/respondents", name="desk:name_respondent")
def name_respondent(
    request: Request, clue_id: str, actor: Evaluator, form: Form, session: WriteSession, now: Now
) -> Response:
    """Note that the matter is about an organisation."""
    chosen = form.get("org_unit_id").strip()[:36]
    service.name_respondent(session, actor, clue_id, org_unit_id=chosen, now=now)
    flash = Flash(_("已登记。送达文书以前，它的账号里看不到这件事。"))
    return see_other(request, "desk:respondents", flash=flash, clue_id=clue_id)


@router.post("/desk/clues/{clue_id}/respondents/{org_unit_id}/end", name="desk:end_respondent")
def end_respondent(
    request: Request, clue_id: str, org_unit_id: str, actor: Evaluator, form: Form, session: WriteSession, now: Now
) -> Response:  # fmt: skip
    """Let it know of the matter again, or take the naming back."""
    clue = clue_queries.get(session, actor, clue_id)
    values = {name: form.get(name).strip() for name in ("how", "document", "served_on", "reason")}
    faults, served_on = _faults(form, clock.office_date(now))
    if faults:
        shown = _page(request, session, clue, chosen=org_unit_id, values=values, errors=faults)
        return page(request, "desk/respondents.html", {"page": shown}, status=422)
    how = RespondentEnd(values["how"])
    service.end_respondent(
        session, actor, clue_id, org_unit_id=org_unit_id, how=how,
        document=values["document"] if how is RespondentEnd.SERVED else "",
        served_on=served_on if how is RespondentEnd.SERVED else None, reason=values["reason"], now=now,
    )  # fmt: skip
    return see_other(request, "desk:respondents", flash=Flash(_("已记下。")), clue_id=clue_id)


def _faults(form: LandedForm, today: date) -> tuple[list[Fault], date | None]:
    how, document, reason = form.get("how"), form.get("document").strip(), form.get("reason").strip()
    served_on: date | None
    try:
        served_on = date.fromisoformat(form.get("served_on").strip())
    except ValueError:
        served_on = None
    if how not in set(RespondentEnd):
        return [Fault("how", _("请选择是哪一种情况。"))], served_on
    is_served = how == RespondentEnd.SERVED.value
    wrong = (
        ("document", is_served and not document, _("请写送达的是什么文书。")),
        ("document", len(document) > _DOCUMENT, _("最多 %(most)s 个字，现在有 %(now)s 个。", most=_DOCUMENT, now=len(document))),
        ("served_on", is_served and (served_on is None or served_on > today), _("请填送达的日期，不能晚于今天。")),
        ("reason", not is_served and not reason, _("请写理由。")),
        ("reason", len(reason) > _REASON, _("最多 %(most)s 个字，现在有 %(now)s 个。", most=_REASON, now=len(reason))),
    )  # fmt: skip
    return [Fault(name, text) for name, is_wrong, text in wrong if is_wrong], served_on


def line_of(row: ClueRespondent, name: str) -> str:
    """Return where one of them stands, in a sentence."""
    if row.ended_how is None:
        return _("%(name)s，还没有送达文书，它的账号里看不到", name=name)
    if row.ended_how == RespondentEnd.SERVED.value and row.served_on:
        return _(
            "%(name)s，%(document)s已于%(day)s送达", name=name, document=row.document, day=shown_date(row.served_on)
        )  # fmt: skip
    return _("%(name)s，%(how)s", name=name, how=_(_HOW[RespondentEnd(row.ended_how)]))


def lines(session: db.ReadSession, clue_id: str) -> list[str]:
    """Return the lines for the clue's own page; what was a mistake is left out."""
    rows = [
        row
        for row in clue_queries.respondents(session, clue_id)
        if row.ended_how != RespondentEnd.MISTAKEN.value
    ]
    names = identity_queries.org_names_of(session, [row.org_unit_id for row in rows]) if rows else {}
    return [line_of(row, names[row.org_unit_id]) for row in rows]


def _page(
    request: Request,
    session: db.ReadSession | db.WriteSession,
    clue: Clue,
    *,
    chosen: str = "",
    values: dict[str, str] | None = None,
    errors: Sequence[Fault] = (),
) -> RespondentsPage:
    rows = clue_queries.respondents(session, clue.id)
    names = identity_queries.org_names_of(session, [row.org_unit_id for row in rows])
    forwarders = {report.org_unit_id for report in intake_queries.of_clue(session, clue.id)}
    kept = {row.org_unit_id for row in rows if row.ended_at is None}
    return RespondentsPage(
        clue_id=clue.id,
        clue_href=request.app.state.urls("desk:clue", clue_id=clue.id),
        clue_title=clue.title,
        lines=[
            RespondentLine(
                row.org_unit_id, names[row.org_unit_id], line_of(row, names[row.org_unit_id]),
                row.ended_at is None, row.org_unit_id in forwarders,
            )
            for row in rows
        ],
        units=[
            Option("", _("请选择")),
            *(
                Option(unit.id, unit.name)
                for unit in reference_queries.agencies(session, clue.office_id)
                if unit.id not in kept and unit.kind in _SUPERVISED
            ),
        ],
        ways=[Option("", _("请选择")), *(Option(how.value, _(text)) for how, text in _HOW.items())],
        chosen=chosen,
        values=values or {},
        errors=errors,
    )  # fmt: skip
