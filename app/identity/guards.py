"""The guard at each door. Every route declares one of these; a patrol test fails for a route with neither."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from app.identity import labels, proofs, service
from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.identity.queries.person import glanced_actor
from app.platform import clock
from app.platform.errors import NotSignedIn, ProofNeeded, Refused
from app.platform.web.cookies import cookie_name
from app.platform.web.given import Form, House, house_of

SESSION_COOKIE: Final = "yixian_session"
PROOF_FIELD: Final = "proof"
_SEEN_EVERY: Final = timedelta(minutes=1)


def _signed_in(request: Request, house: House) -> Actor | None:
    token = request.cookies.get(cookie_name(request, SESSION_COOKIE))
    if not token:
        return None
    now = clock.now()
    idle = timedelta(minutes=house.settings.session_idle_minutes)
    found = glanced_actor(house.database, token, now=now, idle=idle)
    if found is None:
        return None
    actor, last_seen_at = found
    # A poll is not activity: pages that poll send this header, and an unattended desk still goes idle.
    if now - last_seen_at > _SEEN_EVERY and request.headers.get("X-Poll") is None:
        with house.database.write_session() as writing:
            service.touch_session(writing, actor.session_id, now=now)
    request.state.actor = actor
    request.state.person = labels.person(actor)
    return actor


async def anyone() -> None:
    """Declare that a route is open to everybody; nobody is looked up."""


class Requires:
    """The guard of a verb: gives the Actor, or refuses."""

    def __init__(self, verb: Verb) -> None:
        """Remember the verb; the route table is read by the permission matrix."""
        self.verb: Final = verb

    def __call__(self, request: Request, house: Annotated[House, Depends(house_of)]) -> Actor:
        """Let the person in, send them to sign in, or refuse."""
        actor = _signed_in(request, house)
        if actor is None:
            raise NotSignedIn
        if not actor.may(self.verb):
            raise Refused(verb=self.verb.value)
        return actor


def proven(verb: Verb) -> Callable[..., Actor]:
    """Return the guard of a verb of weight: the right, and a password or a code shown in the last ten minutes.

    The proof may come with the form itself; without it the form is held on a page that asks (refusals.py).
    """
    right = Requires(verb)

    def guard(
        house: Annotated[House, Depends(house_of)],
        form: Form,
        actor: Actor = Depends(right),
    ) -> Actor:
        if proofs.stands(house, actor, now=clock.now()):
            return actor
        typed = form.fields.pop(PROOF_FIELD, [""])[0]
        kept = [(name, value) for name, values in form.fields.items() for value in values]
        if not typed:
            raise ProofNeeded(kept_fields=kept)
        if not proofs.prove(house, actor, typed, now=clock.now()):
            raise ProofNeeded(kept_fields=kept, wrong=proofs.WRONG)
        return actor

    return guard


def proven_reader(verb: Verb) -> Callable[..., Actor]:
    """Return the guard of a reading of weight (an export): who is not proved is led to the proof and back."""
    right = Requires(verb)

    def guard(house: Annotated[House, Depends(house_of)], actor: Actor = Depends(right)) -> Actor:
        if not proofs.stands(house, actor, now=clock.now()):
            raise ProofNeeded
        return actor

    return guard


class _Forwarder:
    """Open to everybody; knows a signed-in forwarder (agency, liaison, volunteer), so that reports keep a source."""

    verb: Final = None

    async def __call__(self, request: Request, house: Annotated[House, Depends(house_of)]) -> Actor | None:
        # Nearly everybody who reports has no cookie, and then there is nobody to look up.
        if cookie_name(request, SESSION_COOKIE) not in request.cookies:
            return None
        actor = await run_in_threadpool(_signed_in, request, house)
        return actor if actor is not None and actor.may(Verb.REPORT_FORWARD) else None


anyone_or_forwarder: Final = _Forwarder()

Anyone = Annotated[None, Depends(anyone)]
MaybeForwarder = Annotated[Actor | None, Depends(anyone_or_forwarder)]
