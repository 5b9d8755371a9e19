"""Which rooms are open: their doors, their menu entries, their reactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from fastapi import APIRouter

from app import worker
from app.desk import bulk as desk_bulk
from app.desk import calls as desk_calls
from app.desk import counter as desk_counter
from app.desk import duties as desk_duties
from app.desk import export_doors as desk_exports
from app.desk import jobs as desk_jobs
from app.desk import jurisdiction as desk_jurisdiction
from app.desk import looks as desk_looks
from app.desk import mapping as desk_mapping
from app.desk import message_preview as desk_message_preview
from app.desk import overview as desk_overview
from app.desk import pages as desk_pages
from app.desk import paper_doors as desk_papers
from app.desk import photo_doors as desk_photo_doors
from app.desk import place as desk_place
from app.desk import presence_doors as desk_presence
from app.desk import respondents as desk_respondents
from app.desk import rights as desk_rights
from app.desk import steps as desk_steps
from app.desk import steps_beside as desk_steps_beside
from app.desk import today as desk_today
from app.desk import views as desk_views
from app.desk import words as desk_words
from app.evidence import copies as evidence_copies
from app.evidence import erasing as evidence_erasing
from app.evidence import jobs as evidence_jobs
from app.evidence import pages as evidence_pages
from app.evidence import pages_bundle as evidence_pages_bundle
from app.evidence import pages_custody as evidence_pages_custody
from app.evidence import scrub
from app.evidence import service as evidence_service
from app.evidence import strays as evidence_strays
from app.evidence.imaging import Darkroom
from app.geo import pages as geo_pages
from app.identity import pages as identity_pages
from app.identity.permissions import Verb
from app.intake import address as intake_address
from app.intake import api as intake_api
from app.intake import jobs as intake_jobs
from app.intake import open311, uploading
from app.intake import outbox as intake_outbox
from app.intake import pages as intake_pages
from app.intake import tus as intake_tus
from app.intake.rights import pages as intake_rights
from app.keeping import jobs as keeping_jobs
from app.keeping import pages as keeping_pages
from app.platform import heads, journal, timestamps
from app.platform.i18n import N_
from app.platform.jobs import Handler, Tools
from app.platform.web.given import House
from app.platform.web.render import NavItem
from app.reference import pages as reference_pages
from app.transfer import api_forwards, api_hooks, api_transfers
from app.transfer import pages as transfer_pages
from app.transfer import pages_agreements as transfer_pages_agreements
from app.transfer import pages_forwarding as transfer_pages_forwarding
from app.transfer import pages_guest as transfer_pages_guest
from app.transfer import pages_hooks as transfer_pages_hooks
from app.transfer import pages_invitations as transfer_pages_invitations
from app.transfer import pages_jointly as transfer_pages_jointly
from app.transfer import pages_link as transfer_pages_link
from app.transfer import pages_partner as transfer_pages_partner
from app.transfer import pages_reminders as transfer_pages_reminders
from app.transfer import pages_team as transfer_pages_team
from app.transfer.forwarding import jobs as forwarding_jobs
from app.transfer.hooks import jobs as hook_jobs
from app.transfer.reminders import jobs as reminder_jobs
from app.triage import jobs as triage_jobs
from app.upkeep import left_open as upkeep_left_open
from app.upkeep import pages as upkeep_pages

ROUTERS: Final[list[APIRouter]] = [
    # First, because its pages are asked for most; no address of another room is like one of its own.
    desk_pages.router,
    desk_bulk.router,
    desk_calls.router,
    desk_counter.router,
    desk_exports.router,
    desk_duties.router,
    desk_duties.steps,
    desk_jurisdiction.router,
    desk_looks.router,
    desk_mapping.router,
    desk_message_preview.router,
    desk_overview.router,
    desk_papers.router,
    desk_photo_doors.router,
    desk_place.router,
    desk_respondents.router,
    desk_rights.router,
    desk_presence.router,
    desk_steps.router,
    desk_steps_beside.router,
    desk_today.router,
    desk_views.router,
    evidence_pages.router,
    evidence_pages_bundle.router,
    evidence_pages_custody.router,
    geo_pages.router,
    identity_pages.router,
    intake_address.router,
    intake_api.router,
    intake_outbox.router,
    intake_pages.router,
    intake_rights.router,
    intake_tus.router,
    keeping_pages.router,
    open311.router,
    reference_pages.router,
    api_forwards.router,
    api_transfers.router,
    transfer_pages_hooks.router,
    transfer_pages_agreements.router,
    transfer_pages_reminders.router,
    transfer_pages.router,
    transfer_pages_guest.router,
    transfer_pages_invitations.router,
    transfer_pages_jointly.router,
    transfer_pages_link.router,
    transfer_pages_forwarding.router,
    transfer_pages_team.router,
    transfer_pages_partner.router,
    upkeep_pages.router,
]
# What the house calls elsewhere: described, never served.
WEBHOOKS: Final = api_hooks.router
NAV: Final[list[NavItem]] = [
    NavItem("desk:queue", N_("线索"), Verb.CLUE_READ, "/desk"),
    NavItem("transfer:index", N_("移送"), Verb.TRANSFER_READ, "/transfers"),
    NavItem(
        "desk:looks", N_("联系方式"), Verb.CONTACT_REVEAL, "/looks", desk_looks.waiting, Verb.CONTACT_APPROVE
    ),
    NavItem(
        "desk:rights",
        N_("个人信息"),
        Verb.RIGHTS_REGISTER,
        "/rights",
        desk_rights.waiting,
        Verb.RIGHTS_DECIDE,
    ),
    NavItem(
        "keeping:index",
        N_("保管"),
        Verb.RETENTION_HOLD,
        "/keeping",
        keeping_pages.stopped,
        Verb.RETENTION_RELEASE,
    ),
    NavItem("partner:inbox", N_("我的事项"), Verb.REPORT_FORWARD, "/partner"),
    NavItem("reference:agencies", N_("单位"), Verb.AGENCY_EDIT, "/agencies"),
    NavItem("reference:index", N_("基础资料"), Verb.REFERENCE_EDIT, "/reference"),
    NavItem("identity:people", N_("人员"), Verb.ACCOUNT_MANAGE, "/people"),
    NavItem("evidence:custody", N_("存证"), Verb.CUSTODY_READ, "/custody"),
    NavItem("upkeep:health", N_("运行"), Verb.UPKEEP_READ, "/upkeep"),
    NavItem("identity:journal", N_("日志"), Verb.JOURNAL_READ, "/journal"),
    NavItem("identity:sessions", N_("我的账号"), Verb.SESSION_OWN, "/account"),
]

# What the auditor reads for a journal word; the rooms' own words are gathered by the desk.
JOURNAL_WORDS: Final = desk_words.VERBS


@contextmanager
def handlers(house: House) -> Iterator[dict[str, Handler]]:
    """Give the reactions of all rooms, with what they need running."""
    with Darkroom(heic=house.settings.heic) as darkroom:
        yield {
            evidence_service.DEVELOP: evidence_jobs.develop_with(darkroom),
            evidence_copies.REDACT: evidence_jobs.redact_with(darkroom),
            evidence_copies.PRINT: evidence_jobs.print_with(darkroom),
            journal.SIGN_HEAD: heads.sign_for_work,
            **evidence_erasing.HANDLERS,
            **evidence_strays.HANDLERS,
            **desk_jobs.HANDLERS,
            **intake_jobs.HANDLERS,
            **keeping_jobs.HANDLERS,
            **forwarding_jobs.HANDLERS,
            **hook_jobs.HANDLERS,
            **reminder_jobs.HANDLERS,
            **triage_jobs.HANDLERS,
        }


# What the worker looks after between jobs: the chain's end is signed, every blob is read again in its turn, uploads
# that nobody finishes are cleared away.
CHORES: Final[list[worker.Chore]] = [
    heads.sign_hourly,
    timestamps.stamp_pending,
    scrub.scrub,
    intake_jobs.sweep_uploads,
    keeping_jobs.ask_daily,
    desk_jobs.ask_daily,
    evidence_strays.ask_daily,
    reminder_jobs.ask_daily,
    hook_jobs.look,
    upkeep_left_open.seal,
]


def tools_of(house: House) -> Tools:
    """Return what reactions may use."""
    return Tools(house.settings, house.database, house.keys, house.store)


@contextmanager
def serving(house: House) -> Iterator[None]:
    """Hold what a process holds while it serves: uploads under way go on from what is known to be durable."""
    with house.pieces.served(lambda: uploading.noted(house.database)):
        yield


@contextmanager
def reactions(house: House, *, is_running: bool) -> Iterator[None]:
    """Run the worker beside the server while the application lives."""
    if not is_running:
        yield
        return
    with handlers(house) as found:
        tools = tools_of(house)
        thread, stop = worker.start(tools, found, CHORES)
        try:
            yield
        finally:
            stop.set()
            house.database.wrote.set()
            thread.join(timeout=30)
