"""Every door of identity against every role: who holds the verb gets in, nobody else does."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.routing import iter_route_contexts

from app.identity import cast as members
from app.identity import guards
from app.identity.permissions import GRANTS
from tests import cast
from tests.identity.conftest import verbs
from tests.patrol.test_routes import called_by

pytestmark = pytest.mark.app
ROLES = {member.login: frozenset(member.roles) for member in members.MEMBERS}


def doors(client) -> list[tuple[str, str, Any]]:
    """Method, path and verb of every guarded route of this room."""
    found = []
    for route in iter_route_contexts(client.app.routes):
        if not (route.name or "").startswith("identity:"):
            continue
        guarding = [call for call in called_by(route) if isinstance(call, guards.Requires)]
        for method in sorted((route.methods or set()) - {"HEAD"}):
            found += [(method, str(route.path), guard.verb) for guard in guarding]
    return found


@pytest.mark.parametrize("who", sorted(ROLES))
def test_each_role_at_each_door(client, who: str):
    seen = doors(client)
    assert len(seen) >= 15, "the walk saw hardly any door"
    granted = {verb for role in ROLES[who] for verb in GRANTS[role]}
    cast.sign_in(client, who)
    before = verbs(client)
    for method, path, verb in sorted(seen, key=lambda door: door[1] == client.to("identity:sign_out")):
        place = path.replace("{account_id}", "x").replace("{session_id}", "x")
        answer = client.request(method, place)
        if verb in granted:
            assert answer.status_code != 403, f"{who} holds {verb} and is refused at {method} {path}"
        else:
            assert answer.status_code == 403, (
                f"{who} does not hold {verb} and got {answer.status_code} at {path}"
            )
    assert verbs(client) == [*before, "session.ended"], "junk did nothing, and signing out was the last"


def test_nobody_signed_in_is_led_to_the_door(client):
    for method, path, _ in doors(client):
        answer = client.request(method, path.replace("{account_id}", "x").replace("{session_id}", "x"))
        assert answer.status_code == 303
        assert answer.headers["location"].startswith(client.to("identity:sign_in"))


def test_pages_with_a_person_are_not_stored(client):
    cast.sign_in(client, "secadmin")
    for name in ("identity:people", "identity:new_person", "identity:sessions", "identity:sign_in"):
        assert client.get(client.to(name)).headers["cache-control"] == "no-store"
