"""The evidence bundle 证据包: asked for with a purpose, printed as a list, taken as one zip; each step is journalled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response, StreamingResponse

from app.clues import queries as clue_queries
from app.clues import secrecy
from app.evidence import bundle, queries
from app.evidence.bundle_list import Listed
from app.evidence.bundle_view import ListView, moment, view_of
from app.evidence.queries import bundles
from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.identity.guards import Requires, proven, proven_reader
from app.identity.permissions import Verb
from app.platform import heads, journal
from app.platform.errors import Fault
from app.platform.i18n import gettext as _
from app.platform.jobs import Tools
from app.platform.web.given import Form, Now, ReadSession, Shared
from app.platform.web.render import TEMPLATES, Urls, in_locale, page, see_other

router = APIRouter()
Exporter = Annotated[Actor, Depends(Requires(Verb.EVIDENCE_EXPORT))]
ProvenExporter = Annotated[Actor, Depends(proven(Verb.EVIDENCE_EXPORT))]
ProvenExporterReading = Annotated[Actor, Depends(proven_reader(Verb.EVIDENCE_EXPORT))]
_SHORTEST: Final = 4
_LONGEST: Final = 500


@dataclass(frozen=True, slots=True)
class MadeView:
    """A bundle made before."""

    href: str
    made_at: str
    made_by: str
    digest: str


@dataclass(frozen=True, slots=True)
class CheckView:
    """One thing to look at before a bundle leaves."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class BundlesPage:
    """The form that asks for a bundle, and those that were made."""

    clue_id: str
    clue_title: str
    clue_href: str
    count: int
    purpose: str
    checks: Sequence[CheckView]
    checked: Sequence[str]
    errors: Sequence[Fault]
    wrong: Mapping[str, str]
    made: Sequence[MadeView]


@dataclass(frozen=True, slots=True)
class BundlePage:
    """The printed list of one bundle."""

    listed: ListView
    digest: str
    size_bytes: int
    public_key: str
    download_href: str
    back_href: str


@router.get("/clues/{clue_id}/bundles", name="evidence:bundles")
def show_bundles(request: Request, clue_id: str, actor: Exporter, session: ReadSession) -> Response:
    """Ask for a bundle of a clue, or find one that was made."""
    return page(request, "evidence/bundles.html", _bundles(request, session, actor, clue_id, "", []))


@router.post("/clues/{clue_id}/bundles", name="evidence:make_bundle")
def make_bundle(
    request: Request,
    clue_id: str,
    actor: ProvenExporter,
    form: Form,
    session: ReadSession,
    house: Shared,
    now: Now,
) -> Response:
    """Make a bundle for a written purpose."""
    purpose, ticked = form.get("purpose").strip(), form.all("checks")
    wrong = []
    if not _SHORTEST <= len(purpose) <= _LONGEST:
        wrong.append(Fault("purpose", _("请写清用途，至少四个字，比如“移送某某法院，附卷”。")))
    asked = secrecy.asked(session, actor, [clue_id])
    if secrecy.is_missing(asked, ticked):
        wrong.append(Fault("checks", _(secrecy.UNCHECKED)))
    if wrong:
        context = _bundles(request, session, actor, clue_id, purpose, wrong, ticked)
        return page(request, "evidence/bundles.html", context, status=422)
    tools = Tools(house.settings, house.database, house.keys, house.store)
    bundle_id = bundle.make(
        tools, actor, clue_id, purpose=purpose, now=now, printed=_printed(request),
        checks=[row.key for row in asked],
    )  # fmt: skip
    return see_other(request, "evidence:bundle", bundle_id=bundle_id)


@router.get("/bundles/{bundle_id}", name="evidence:bundle")
def show_bundle(
    request: Request, bundle_id: str, actor: Exporter, session: ReadSession, house: Shared
) -> Response:
    """Show the list with the bundle's digest, to be printed and signed."""
    found = bundles.visible_bundle(session, actor, bundle_id)
    urls: Urls = request.app.state.urls
    context = BundlePage(
        listed=view_of(Listed.from_json(found.listed)),
        digest=found.digest,
        size_bytes=found.size_bytes,
        public_key=house.keys.signing_keys(heads.PURPOSE)[house.keys.current_id],
        download_href=urls("evidence:take_bundle", bundle_id=bundle_id),
        back_href=urls("evidence:bundles", clue_id=found.clue_id),
    )
    return page(request, "evidence/bundle.html", context)


@router.get("/bundles/{bundle_id}/zip", name="evidence:take_bundle")
def take_bundle(
    bundle_id: str, actor: ProvenExporterReading, session: ReadSession, house: Shared, now: Now
) -> StreamingResponse:
    """Give the bundle; that it was taken is journalled before its first byte leaves."""
    found = bundles.visible_bundle(session, actor, bundle_id)
    with house.database.write_session() as writing:
        journal.record(
            writing, actor.doer, "bundle.taken", "bundle", found.id,
            now=now, clue_id=found.clue_id, office_id=actor.office_id, facts={"digest": found.digest},
        )  # fmt: skip
    headers = {
        "Content-Disposition": f'attachment; filename="evidence-{found.digest[:12]}.zip"',
        "Content-Length": str(found.size_bytes),
        "Cache-Control": "no-store",
    }
    return StreamingResponse(bundle.stream(house.store, found), media_type="application/zip", headers=headers)


def _bundles(
    request: Request,
    session: ReadSession,
    actor: Actor,
    clue_id: str,
    purpose: str,
    errors: Sequence[Fault],
    ticked: Sequence[str] = (),
) -> BundlesPage:
    clue = clue_queries.get(session, actor, clue_id)
    urls: Urls = request.app.state.urls
    made = bundles.bundles_of(session, clue_id)
    people = identity_queries.names_of(session, [one.made_by for one in made])
    return BundlesPage(
        clue_id=clue.id, clue_title=clue.title, clue_href=urls("desk:clue", clue_id=clue.id),
        count=len(queries.of_clue(session, clue.id, include_hidden=True)), purpose=purpose, errors=errors,
        checks=[
            CheckView(row.key, in_locale(row, "name")) for row in secrecy.asked(session, actor, [clue.id])
        ],
        checked=ticked, wrong={one.field: one.text for one in errors},
        made=[
            MadeView(
                urls("evidence:bundle", bundle_id=one.id), moment(one.made_at.isoformat()),
                people.get(one.made_by, "—"), one.digest,
            )
            for one in made
        ],
    )  # fmt: skip


def _printed(request: Request) -> Callable[[Listed], dict[str, bytes]]:
    """Return what writes the list as files of its own, for the bundle."""
    environment = request.app.state.environment

    def printed(listed: Listed) -> dict[str, bytes]:
        text: str = environment.get_template("evidence/bundle_file.html").render(listed=view_of(listed))
        return {"list.html": text.encode(), "list.css": (TEMPLATES / "evidence" / "list.css").read_bytes()}

    return printed
