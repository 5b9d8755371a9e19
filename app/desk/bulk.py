"""The doors of a step for several clues: look first, then do, then see what became of each, and take it back."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.desk import bulk_view
from app.desk.bulk_rules import read_picks
from app.desk.bulk_view import Asked
from app.desk.hands import team_of
from app.desk.pages import Reader, desk_of
from app.desk.steps import Assigner, Screener, Writer, queue_of
from app.platform.errors import Missing, Refused
from app.platform.i18n import gettext as _
from app.platform.web.given import Form, Now, ReadSession, Shared, WriteSession
from app.platform.web.landing import LandedForm
from app.platform.web.render import Flash, page, redirect, see_other
from app.triage import forms, service
from app.triage import queries as triage_queries
from app.triage.forms import NOTE_LENGTH, PUBLIC_LENGTH
from app.triage.service.bulk import Pick
from app.triage.terms import BulkAct

router = APIRouter()


def _asked(form: LandedForm) -> Asked:
    wanted = form.get("act")
    if wanted not in {act.value for act in bulk_view.DOORS}:
        raise Missing
    reading = forms.Reading(form)
    return Asked(
        BulkAct(wanted),
        account_id=form.get("account_id")[:64],
        reason_key=form.get("reason_key")[:64],
        public=reading.words("public", longest=PUBLIC_LENGTH)[:PUBLIC_LENGTH],
        note=reading.words("note", longest=NOTE_LENGTH)[:NOTE_LENGTH],
        label=form.get("label")[:64],
    )


def _picks(form: LandedForm) -> list[Pick]:
    return read_picks(form.fields.get("pick", []))


@router.post("/desk/bulk", name="desk:bulk")
def preview(
    request: Request, actor: Reader, form: Form, session: ReadSession, house: Shared, now: Now
) -> Response:
    """Show what a step would do to each picked clue; nothing is done yet."""
    asked, picks, back = _asked(form), _picks(form), queue_of(request, form.get("back"))
    if not actor.may(bulk_view.VERBS[asked.act]):
        raise Refused(verb=bulk_view.VERBS[asked.act].value)
    if not picks:
        return redirect(request, back, flash=Flash(_("先在列表里勾选线索，再选要做什么。"), "time"))
    desk = desk_of(request, session, actor, house, now)
    view = bulk_view.preview(desk, asked, picks, is_second=bool(form.get("look")), back=back)
    return page(request, "desk/bulk.html", view)


@router.get("/desk/bulk", name="desk:bulk_runs")
def show_runs(request: Request, actor: Reader, session: ReadSession, house: Shared, now: Now) -> Response:
    """Show one's own latest steps for several clues."""
    desk = desk_of(request, session, actor, house, now)
    runs = [bulk_view.run_line(desk, run) for run in triage_queries.bulk_runs(session, actor)]
    return page(request, "desk/bulk_runs.html", {"runs": runs})


def _done(request: Request, form: LandedForm, run_id: str) -> Response:
    return see_other(request, "desk:bulk_run", run_id=run_id, back=queue_of(request, form.get("back")))


@router.post("/desk/bulk/assignment", name="desk:bulk_assign")
def assign(request: Request, actor: Assigner, form: Form, session: WriteSession, now: Now) -> Response:
    """Make one person responsible for several clues, or give them to a team."""
    chosen, picks = form.get("account_id")[:64], _picks(form)
    if team_id := team_of(chosen):
        return _done(request, form, service.give_all(session, actor, picks, team_id=team_id, now=now))
    run_id = service.assign_all(session, actor, picks, account_id=chosen, now=now)
    return _done(request, form, run_id)


@router.post("/desk/bulk/screening", name="desk:bulk_screen_out")
def screen_out(request: Request, actor: Screener, form: Form, session: WriteSession, now: Now) -> Response:
    """Decide not to accept several clues."""
    read = forms.decision(form)
    run_id = service.screen_out_all(
        session, actor, _picks(form), reason_key=read.reason_key, public=read.public, note=read.note, now=now
    )
    return _done(request, form, run_id)


@router.post("/desk/bulk/labelling", name="desk:bulk_label")
def label(request: Request, actor: Writer, form: Form, session: WriteSession, now: Now) -> Response:
    """Put one of the office's words on several clues."""
    run_id = service.label_all(session, actor, _picks(form), label=form.get("label")[:32], now=now)
    return _done(request, form, run_id)


@router.get("/desk/bulk/{run_id}", name="desk:bulk_run")
def show_run(
    request: Request, run_id: str, actor: Reader, session: ReadSession, house: Shared, now: Now
) -> Response:
    """Show what became of each clue of one's own step, and until when it can be taken back."""
    run = triage_queries.bulk_run(session, actor, run_id)
    desk = desk_of(request, session, actor, house, now)
    back = queue_of(request, request.query_params.get("back", ""))
    return page(request, "desk/bulk_run.html", bulk_view.run_page(desk, run, back=back))


@router.post("/desk/bulk/{run_id}/undoing", name="desk:bulk_undo")
def undo(
    request: Request, run_id: str, actor: Reader, form: Form, session: WriteSession, now: Now
) -> Response:
    """Take one's own step back, for each clue nobody has touched since."""
    service.undo(session, actor, run_id, now=now)
    return _done(request, form, run_id)
