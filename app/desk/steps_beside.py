"""The doors to what is kept beside a clue's state: who handles it, title, marks, notes, circle, the contact."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.clues import queries as clue_queries
from app.desk import looks
from app.desk.answers import StepForm, StepRoute
from app.desk.hands import team_of
from app.desk.steps import Assigner, Evaluator, Registrar, Writer, done
from app.identity.actor import Actor
from app.identity.guards import proven
from app.identity.permissions import Verb
from app.intake import queries as intake_queries
from app.intake import reveals
from app.platform import clock
from app.platform.errors import Missing
from app.platform.i18n import gettext as _
from app.platform.web.given import Now, Shared, WriteSession
from app.platform.web.render import Flash, see_other
from app.triage import forms, service
from app.triage.teams import service as team_service

router = APIRouter(route_class=StepRoute)
Revealer = Annotated[Actor, Depends(proven(Verb.CONTACT_REVEAL))]


@router.post("/desk/clues/{clue_id}/assignment", name="triage:assign")
def assign(
    request: Request, clue_id: str, actor: Assigner, form: StepForm, session: WriteSession, now: Now
) -> Response:
    """Make somebody responsible, or give the clue to a team, of whom one takes it."""
    read = forms.named(form, "account_id", needed=_("请选择承办人。"))
    if team_id := team_of(read.key):
        team_service.give(session, actor, clue_id, version=read.version, now=now, team_id=team_id)
        return done(request, form, clue_id, _("已交给办案组"))
    service.assign(session, actor, clue_id, version=read.version, now=now, account_id=read.key)
    return done(request, form, clue_id, _("已分派"))


@router.post("/desk/clues/{clue_id}/title", name="triage:set_title")
def set_title(
    request: Request, clue_id: str, actor: Registrar, form: StepForm, session: WriteSession, now: Now
) -> Response:
    """Give the clue the title the office uses."""
    read = forms.titled(form)
    service.set_title(session, actor, clue_id, version=read.version, now=now, title=read.title)
    return done(request, form, clue_id, _("标题已保存"))


@router.post("/desk/clues/{clue_id}/flags", name="triage:set_flags")
def set_flags(
    request: Request, clue_id: str, actor: Evaluator, form: StepForm, session: WriteSession, now: Now
) -> Response:
    """Mark the clue urgent or major."""
    read = forms.flags(form)
    service.set_flags(
        session,
        actor,
        clue_id,
        version=read.version,
        now=now,
        is_urgent=read.is_urgent,
        is_major=read.is_major,
    )
    return done(request, form, clue_id, _("标记已保存"))


@router.post("/desk/clues/{clue_id}/major-filing", name="triage:file_major")
def file_major(
    request: Request, clue_id: str, actor: Evaluator, form: StepForm, session: WriteSession, now: Now
) -> Response:
    """Note that a major clue was filed with the procuratorate above."""
    read = forms.filing(form, today=clock.office_date(now))
    service.file_major(
        session, actor, clue_id, version=read.version, now=now,
        superior_id=read.superior_id, filed_on=read.filed_on, note=read.note,
    )  # fmt: skip
    return done(request, form, clue_id, _("已登记报备"))


@router.post("/desk/clues/{clue_id}/notes", name="triage:note")
def note(
    request: Request, clue_id: str, actor: Writer, form: StepForm, session: WriteSession, now: Now
) -> Response:
    """Write an internal note."""
    read = forms.noted(form, needed=_("请写备注内容。"))
    service.note(session, actor, clue_id, now=now, text=read.note)
    return done(request, form, clue_id, _("备注已保存"))


@router.post("/desk/clues/{clue_id}/labels", name="triage:set_labels")
def set_labels(
    request: Request, clue_id: str, actor: Writer, form: StepForm, session: WriteSession, now: Now
) -> Response:
    """Leave exactly the ticked words on the clue."""
    keys = {name.removeprefix("label_")[:32] for name in form.fields if name.startswith("label_")}
    service.set_labels(session, actor, clue_id, now=now, keys=keys)
    return done(request, form, clue_id, _("标签已保存"))


@router.post("/desk/clues/{clue_id}/news-reading", name="triage:read_news")
def read_news(
    request: Request, clue_id: str, actor: Writer, form: StepForm, session: WriteSession, now: Now
) -> Response:
    """Note that the reporter's last words were read."""
    service.read_news(session, actor, clue_id, version=forms.noted(form).version, now=now)
    return done(request, form, clue_id, _("已记下：新回复看过了"))


@router.post("/desk/clues/{clue_id}/compartment", name="triage:move")
def move(
    request: Request, clue_id: str, actor: Registrar, form: StepForm, session: WriteSession, now: Now
) -> Response:
    """Move the clue to another circle; whoever is not in it finds themselves back at the queue."""
    read = forms.named(form, "compartment_id", needed=_("请选择范围。"))
    clue = service.move(session, actor, clue_id, version=read.version, now=now, compartment_id=read.key)
    if clue.compartment_id not in actor.compartments:
        return see_other(request, "desk:queue", flash=Flash(_("已调整")))
    return done(request, form, clue_id, _("已调整"))


@router.post("/desk/clues/{clue_id}/contact-reveal", name="triage:reveal")
def reveal_contact(
    request: Request,
    clue_id: str,
    actor: Revealer,
    form: StepForm,
    session: WriteSession,
    house: Shared,
    now: Now,
) -> Response:
    """Open a reporter's contact for a written reason, or ask a second person for leave where the setting says so."""
    read = forms.revealing(form)
    clue = clue_queries.get(session, actor, clue_id)
    reports = [report for report in intake_queries.for_desk(session, clue.id) if report.has_contact]
    if not reports:
        raise Missing
    if house.settings.reveal_needs_two:
        reveals.ask(session, actor, clue, reason=read, now=now)
        return see_other(request, "desk:looks", flash=Flash(_("已经申请。负责人同意后，在这里查看。")))
    return looks.opened(request, house, session, actor, clue, read, now=now)
