"""The papers of a clue: as a print page, as a DOCX, and the excerpt for the official case system.

Papers of a military clue stand behind the secrecy gate (app/clues/secrecy.py): what can be printed can leave.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.clues import queries as clue_queries
from app.clues import secrecy
from app.clues.models import Clue
from app.desk.answers import StepForm, StepRoute
from app.desk.clue_page import Desk
from app.desk.pages import Reader, desk_of
from app.desk.paper_fields import TITLES, Known, Paper, available, excerpt, fields_of
from app.desk.queries import around, history, names
from app.desk.step_terms import Option
from app.desk.steps import Registrar
from app.evidence import queries as evidence_queries
from app.identity import queries as identity_queries
from app.identity.permissions import Verb
from app.intake import queries as intake_queries
from app.platform import journal
from app.platform.errors import Fault, Missing
from app.platform.i18n import gettext as _
from app.platform.web.given import Form, Now, ReadSession, Shared, WriteSession
from app.platform.web.render import Flash, in_locale, page, see_other
from app.reference.models import Reason
from app.transfer import letter_docx
from app.triage import forms, service
from app.triage import queries as triage_queries

router = APIRouter(route_class=StepRoute)
# Whoever has gone through the list may print, look again and download for as long.
_RELEASED_FOR: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class PaperPage:
    """What the print page shows: the dictionary of fields and where its DOCX is."""

    letter: dict[str, Any]
    photos: Sequence[object]
    note: str
    docx_href: str
    clue_href: str


@dataclass(frozen=True, slots=True)
class GatePage:
    """What a person ticks, item by item, before a paper of a military clue is shown."""

    title: str
    clue_title: str
    papers_href: str
    do_href: str
    checks: Sequence[Option]
    checked: Sequence[str]
    errors: Sequence[Fault]


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One paper that can be printed."""

    title: str
    href: str
    docx_href: str


@dataclass(frozen=True, slots=True)
class PapersPage:
    """The papers of a clue, and the fields for the official case system."""

    title: str
    clue_href: str
    papers: Sequence[PaperLine]
    rows: Sequence[tuple[str, str]]
    case_number: str
    version: int
    do_href: str
    may_note: bool


def _known(desk: Desk, clue: Clue) -> Known:
    session = desk.session
    words = names.known(session)
    entries = history.of_clue(session, clue.id)
    judged = triage_queries.evaluations(session, clue.id)
    people = [clue.assignee_id, *(one.evaluated_by for one in judged), *(entry.actor_id for entry in entries)]
    people += [str(one) for entry in entries for one in entry.facts.get("staff", ())]
    organs = [str(entry.facts["superior"]) for entry in entries if entry.verb == "clue.major_filed"]
    master = clue_queries.master_of(session, clue.id)
    beside = [*([master] if master else []), *clue_queries.members_of(session, clue.id)]
    seen = around.by_ids(session, desk.actor, beside) if beside else {}

    def named(table: Any, key: str | None) -> str:
        return table[key].name if key in table else (key or "")

    channel = words.channels.get(clue.channel)
    return Known(
        clue=clue,
        office=desk.actor.office_name,
        category=named(words.categories, clue.category_key),
        field=named(words.fields, clue.field_key),
        source=named(words.sources, clue.source_type),
        channel=channel.name if channel else clue.channel,
        town=named(words.towns, clue.town_key),
        circle=identity_queries.compartment_kind(session, clue.compartment_id).value,
        reports=intake_queries.for_desk(session, clue.id),
        files=evidence_queries.of_clue(session, clue.id),
        entries=entries,
        judged=judged,
        people=identity_queries.names_of(session, [one for one in people if one]),
        organs=identity_queries.org_names_of(session, organs),
        linked=[one.number or one.title for one in seen.values()],
        today=desk.today,
    )


def _paper(desk: Desk, clue_id: str, kind: str) -> tuple[Paper, dict[str, Any]]:
    clue = clue_queries.get(desk.session, desk.actor, clue_id)
    known = _known(desk, clue)
    paper = Paper(kind) if kind in set(Paper) else None
    if paper is None or paper not in available(known):
        raise Missing
    return paper, fields_of(paper, known)


def _gate(desk: Desk, clue_id: str, kind: Paper) -> list[Reason]:
    """Return what this person has to tick before the paper is shown; nothing where they just did."""
    asked = secrecy.asked(desk.session, desk.actor, [clue_id])
    since = desk.now - _RELEASED_FOR
    if asked and history.was_released(desk.session, clue_id, kind.value, desk.actor.account_id, since=since):
        return []
    return asked


def _gate_page(
    request: Request,
    desk: Desk,
    clue_id: str,
    kind: Paper,
    asked: Sequence[Reason],
    ticked: Sequence[str] = (),
) -> Response:
    is_refused = request.method == "POST"
    view = GatePage(
        title=TITLES[kind],
        clue_title=clue_queries.get(desk.session, desk.actor, clue_id).title,
        papers_href=desk.urls("desk:papers", clue_id=clue_id),
        do_href=desk.urls("desk:release_paper", clue_id=clue_id, paper=kind.value),
        checks=[Option(row.key, in_locale(row, "name")) for row in asked],
        checked=ticked,
        errors=[Fault("checks", _(secrecy.UNCHECKED))] if is_refused else [],
    )
    return page(request, "desk/paper_gate.html", view, status=422 if is_refused else 200)


@router.get("/desk/clues/{clue_id}/papers", name="desk:papers")
def show_papers(
    request: Request, clue_id: str, actor: Reader, session: ReadSession, house: Shared, now: Now
) -> Response:
    """Show which papers there are, and the fields for the official case system."""
    desk = desk_of(request, session, actor, house, now)
    clue = clue_queries.get(session, actor, clue_id)
    known, urls = _known(desk, clue), desk.urls
    view = PapersPage(
        title=clue.title,
        clue_href=urls("desk:clue", clue_id=clue_id),
        papers=[
            PaperLine(
                TITLES[paper],
                urls("desk:paper", clue_id=clue_id, paper=paper.value),
                urls("desk:paper_docx", clue_id=clue_id, paper=paper.value),
            )
            for paper in available(known)
        ],
        rows=excerpt(known),
        case_number=clue.case_number or "",
        version=clue.version,
        do_href=urls("triage:note_case_number", clue_id=clue_id),
        may_note=actor.may(Verb.CLUE_REGISTER),
    )
    return page(request, "desk/papers.html", view)


@router.get("/desk/clues/{clue_id}/papers/{paper}", name="desk:paper")
def show_paper(
    request: Request, clue_id: str, paper: str, actor: Reader, session: ReadSession, house: Shared, now: Now
) -> Response:
    """Show a paper as it is printed; one of a military clue only past the secrecy gate."""
    desk = desk_of(request, session, actor, house, now)
    kind, fields = _paper(desk, clue_id, paper)
    if asked := _gate(desk, clue_id, kind):
        return _gate_page(request, desk, clue_id, kind, asked)
    docx_href = desk.urls("desk:paper_docx", clue_id=clue_id, paper=kind.value)
    view = PaperPage(fields, (), "", docx_href, desk.urls("desk:papers", clue_id=clue_id))
    return page(request, "desk/paper_print.html", view)


@router.get("/desk/clues/{clue_id}/papers/{paper}/docx", name="desk:paper_docx")
def take_docx(
    request: Request, clue_id: str, paper: str, actor: Reader, session: ReadSession, house: Shared, now: Now
) -> Response:
    """Give the same paper as a DOCX; past the same gate."""
    desk = desk_of(request, session, actor, house, now)
    kind, fields = _paper(desk, clue_id, paper)
    if _gate(desk, clue_id, kind):
        return see_other(request, "desk:paper", clue_id=clue_id, paper=kind.value)
    name = quote(f"{TITLES[kind]}.docx")
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(letter_docx.docx_bytes(fields, []), media_type=letter_docx.MEDIA_TYPE, headers=headers)


@router.post("/desk/clues/{clue_id}/papers/{paper}", name="desk:release_paper")
def release_paper(
    request: Request,
    clue_id: str,
    paper: str,
    actor: Reader,
    form: Form,
    session: ReadSession,
    house: Shared,
    now: Now,
) -> Response:
    """Note that every item was ticked, and show the paper."""
    desk = desk_of(request, session, actor, house, now)
    kind, _fields = _paper(desk, clue_id, paper)
    ticked = form.all("checks")
    asked = secrecy.asked(session, actor, [clue_id])
    if secrecy.is_missing(asked, ticked):
        return _gate_page(request, desk, clue_id, kind, asked, ticked)
    if asked:
        with house.database.write_session() as writing:
            journal.record(
                writing, actor.doer, history.PAPER_RELEASED, "clue", clue_id, now=now, clue_id=clue_id,
                office_id=actor.office_id, facts={"paper": kind.value, "checks": [row.key for row in asked]},
            )  # fmt: skip
    return see_other(request, "desk:paper", clue_id=clue_id, paper=kind.value)


@router.post("/desk/clues/{clue_id}/case-number", name="triage:note_case_number")
def note_case_number(
    request: Request, clue_id: str, actor: Registrar, form: StepForm, session: WriteSession, now: Now
) -> Response:
    """Store the number the official case system has given."""
    read = forms.case_number(form)
    service.note_case_number(session, actor, clue_id, version=read.version, now=now, number=read.key)
    return see_other(request, "desk:papers", clue_id=clue_id, flash=Flash(_("已存下业务应用系统里的编号")))
