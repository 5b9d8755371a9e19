"""Jurisdiction at the desk: what the rules say of a clue, and the rules themselves, tried before they are saved."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.clues import queries as clue_queries
from app.desk import rules
from app.desk.jurisdiction_view import Editing, Table, rules_page, try_rule
from app.desk.pages import Reader
from app.identity.actor import Actor
from app.identity.guards import Requires
from app.identity.permissions import Verb
from app.platform import clock
from app.platform.errors import Missing
from app.platform.i18n import gettext as _
from app.platform.web.given import Form, Now, ReadSession, WriteSession
from app.platform.web.render import Flash, page, see_other
from app.reference import service
from app.reference.inputs import Wrong, day_of
from app.reference.jurisdiction.queries import rule_of
from app.reference.jurisdiction.section import SECTION
from app.triage import jurisdiction

router = APIRouter()
Editor = Annotated[Actor, Depends(Requires(Verb.AGENCY_EDIT))]
# In place of a key: a rule that is not there yet.
_NEW = "new"


def _editing(request: Request, session: ReadSession | WriteSession, actor: Actor, now: Now) -> Editing:
    return Editing(session, actor, request.app.state.urls, now)


@router.get("/desk/clues/{clue_id}/jurisdiction", name="desk:advice")
def show_advice(request: Request, clue_id: str, actor: Reader, session: ReadSession, now: Now) -> Response:
    """Show who the rules say is to take a clue, and why; the clue page asks for it after it stands."""
    clue = clue_queries.get(session, actor, clue_id)
    advice = jurisdiction.of_clue(
        session, clue, jurisdiction.latest_scores(session, clue_id), clock.office_date(now)
    )
    shown = {"advice": advice, "clue": clue, "may_edit": actor.may(Verb.AGENCY_EDIT)}
    return page(request, "desk/advice.html", shown, block="part")


@router.get("/jurisdiction", name="desk:jurisdiction")
def show_rules(request: Request, actor: Editor, session: ReadSession, now: Now) -> Response:
    """Show every rule in the order they are asked."""
    return page(request, "desk/rules.html", rules_page(_editing(request, session, actor, now)))


@router.get("/jurisdiction/new", name="desk:new_rule")
def show_new(request: Request, actor: Editor, session: ReadSession, now: Now) -> Response:
    """Show the empty form of a rule."""
    return page(request, "desk/rule.html", Table(_editing(request, session, actor, now), None).page())


@router.get("/jurisdiction/{key}", name="desk:rule")
def show_rule(request: Request, key: str, actor: Editor, session: ReadSession, now: Now) -> Response:
    """Show one rule's form with its history."""
    return page(request, "desk/rule.html", Table(_editing(request, session, actor, now), key).page())


@router.post("/jurisdiction/{key}/trial", name="desk:try_rule")
def try_one(
    request: Request, key: str, actor: Editor, session: ReadSession, now: Now, form: Form
) -> Response:
    """Show what the rule as typed would have done with past clues; nothing is kept."""
    desk = _editing(request, session, actor, now)
    table = Table(desk, None if key == _NEW else key)
    cursor = rules.read_cursor(form.get("at"))
    if form.get("without"):
        return page(request, "desk/rule.html", table.page(trial=try_rule(desk, key, None, cursor)))
    typed = table.read(form)
    if typed.errors:
        return page(request, "desk/rule.html", table.page(typed), status=422)
    named = typed.columns["key"]
    changed = rule_of({**typed.row, "key": named})
    return page(request, "desk/rule.html", table.page(typed, trial=try_rule(desk, named, changed, cursor)))


@router.post("/jurisdiction", name="desk:add_rule")
def add(request: Request, actor: Editor, session: WriteSession, now: Now, form: Form) -> Response:
    """Add a rule under a key of its own."""
    return _save(request, session, Table(_editing(request, session, actor, now), None), form)


@router.post("/jurisdiction/{key}", name="desk:change_rule")
def change(
    request: Request, key: str, actor: Editor, session: WriteSession, now: Now, form: Form
) -> Response:
    """Change a rule from a day on; what it said before stays in its history."""
    return _save(request, session, Table(_editing(request, session, actor, now), key), form)


def _save(request: Request, session: WriteSession, table: Table, form: Form) -> Response:
    typed = table.read(form)
    if typed.errors:
        return page(request, "desk/rule.html", table.page(typed), status=422)
    if table.key is not None and typed.seen != table.seen:
        return page(request, "desk/rule.html", table.page(typed, is_stale=True), status=409)
    desk = table.desk
    service.save(
        session, desk.actor.doer, SECTION, typed.columns, typed.row, starts_on=typed.starts_on, now=desk.now
    )  # fmt: skip
    return see_other(request, "desk:jurisdiction", flash=Flash(_("已经保存。")))


@router.post("/jurisdiction/{key}/retirement", name="desk:retire_rule")
def retire(
    request: Request, key: str, actor: Editor, session: WriteSession, now: Now, form: Form
) -> Response:
    """Stop using a rule after a day; nothing is deleted."""
    table = Table(_editing(request, session, actor, now), key)
    ends_on = day_of(form.get("ends_on"))
    if ends_on is None or ends_on < table.desk.today:
        wrong = [Wrong("ends_on", _("请选今天或以后的一天。"))]
        return page(request, "desk/rule.html", table.page(errors=wrong), status=422)
    if table.columns is None:
        raise Missing
    service.retire(session, actor.doer, SECTION, table.columns, ends_on=ends_on, now=now)
    return see_other(request, "desk:jurisdiction", flash=Flash(_("已经停用。")))
