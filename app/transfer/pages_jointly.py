"""Joint inquiries and hearings at the desk: what both sides did on a clue of the military circle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.clues.models import Clue
from app.evidence import queries as evidence_queries
from app.evidence import service as evidence_service
from app.evidence.kinds import Door
from app.evidence.service import KeptFile
from app.evidence.terms import Origin, PathIn
from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.identity.guards import Requires
from app.identity.permissions import Verb
from app.platform import clock, when
from app.platform.i18n import gettext as _
from app.platform.web.given import Form, House, Now, ReadSession, Shared, WriteSession
from app.platform.web.landing import LandedForm
from app.platform.web.render import Flash, page, see_other
from app.transfer import disclosure, forms_answer
from app.transfer.forms import NotYet, Reading
from app.transfer.jointly import queries, service
from app.transfer.jointly.terms import KINDS, JointKind, JointTold
from app.transfer.shown import FileLink, Option

router = APIRouter()
Recorder = Annotated[Actor, Depends(Requires(Verb.TRANSFER_RECORD_PAPER))]
_SHORT = 200


@dataclass(frozen=True, slots=True)
class ActShown:
    """One joint act."""

    kind: str
    day: str
    place: str
    ours: str
    theirs: str
    outcome: str
    recorded: str
    recorded_at: datetime
    files: Sequence[FileLink]


@dataclass(frozen=True, slots=True)
class JointPage:
    """Everything transfer/joint.html shows."""

    clue_id: str
    clue_number: str
    clue_title: str
    acts: Sequence[ActShown]
    kinds: Sequence[Option]
    takes_files: bool
    today: str
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Sequence[Any] = ()


@router.get("/desk/clues/{clue_id}/joint", name="transfer:joint")
def show(request: Request, clue_id: str, actor: Recorder, session: ReadSession, now: Now) -> Response:
    """Show what both sides did on a clue, and the form for one more."""
    clue = queries.clue_of(session, actor, clue_id)
    return page(request, "transfer/joint.html", {"page": _page(request, session, clue, now)})


@router.post("/desk/clues/{clue_id}/joint", name="transfer:record_joint")
def record(
    request: Request,
    clue_id: str,
    actor: Recorder,
    form: Form,
    house: Shared,
    session: WriteSession,
    now: Now,
) -> Response:
    """Record a joint inquiry or hearing with its paper."""
    clue = queries.clue_of(session, actor, clue_id)
    try:
        told = _told(form, today=clock.office_date(now))
        files = _keep(house, form, clue)
    except NotYet as wrong:
        shown = _page(request, session, clue, now, form, wrong.details["errors"])
        return page(request, "transfer/joint.html", {"page": shown}, status=422)
    service.record(session, actor, clue, told, files=files, now=now)
    return see_other(request, "transfer:joint", flash=Flash(_("已经记下。")), clue_id=clue_id)


def _told(form: LandedForm, *, today: date) -> JointTold:
    reading = Reading(form)
    kind = {each.value: each for each in JointKind}.get(form.get("kind"))
    reading.say("kind", _("请选是联合调查还是联合听证。"), unless=kind)
    told = JointTold(
        kind=kind or JointKind.INQUIRY,
        held_on=reading.day("held_on", required=_("请填日期。"), until=today) or today,
        place=reading.words("place", required=_("请写在哪里。"), limit=_SHORT),
        ours=reading.words("ours", required=_("请写本院谁参加。"), limit=_SHORT),
        theirs=reading.words("theirs", required=_("请写军事检察院或者部队谁参加。"), limit=_SHORT),
        outcome=reading.words("outcome", required=_("请写结果。")),
    )
    reading.done()
    return told


def _keep(house: House, form: LandedForm, clue: Clue) -> list[KeptFile]:
    """Keep the paper; of a military facility no file is taken, whatever it is (军事设施保护法 17)."""
    settings = house.settings
    chosen = forms_answer.files(form, limit=settings.photo_limit, most_bytes=settings.photo_max_bytes)
    kept, _declined = evidence_service.keep_files(
        house.store, chosen, door=Door.STAFF, limit=settings.photo_limit,
        is_forbidden=disclosure.is_facility(clue), path_of={"files": PathIn.SCAN},
    )  # fmt: skip
    return kept


def _page(
    request: Request,
    session: Any,
    clue: Clue,
    now: datetime,
    typed: LandedForm | None = None,
    errors: Sequence[Any] = (),
) -> JointPage:
    url = request.app.state.urls
    acts = queries.of_clue(session, clue.id)
    names = identity_queries.names_of(session, [act.recorded_by for act in acts]) if acts else {}
    return JointPage(
        clue_id=clue.id, clue_number=clue.number or "", clue_title=clue.title,
        acts=[
            ActShown(
                _(KINDS[JointKind(act.kind)]), when.shown_date(act.held_on), act.place, act.ours, act.theirs,
                act.outcome, names.get(act.recorded_by, "—"), act.recorded_at,
                [
                    FileLink(
                        _("下载附件 %(digest)s", digest=item.short_digest),
                        url("evidence:original", evidence_id=item.id),
                    )
                    for item in evidence_queries.of_origin(session, Origin.STAFF, act.id)
                ],
            )
            for act in acts
        ],
        kinds=[Option(key.value, _(label)) for key, label in KINDS.items()],
        takes_files=not disclosure.is_facility(clue),
        today=clock.office_date(now).isoformat(),
        values={name: typed.get(name) for name in typed.fields} if typed else {},
        errors=errors,
    )  # fmt: skip
