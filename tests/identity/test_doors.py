"""Every door of identity against every role: who holds the verb gets in, nobody else does."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.routing import iter_route_contexts

from app.identity import cast as members
from app.identity import guards
from app.identity.permissions import GRANTS, Verb
from tests import cast
from tests.identity.conftest import verbs
from tests.patrol.test_routes import called_by

pytestmark = pytest.mark.app
# Which verb opens which door: written out, so that a guard exchanged for a weaker one is noticed.
DOORS = {
    "identity:add_person": Verb.ACCOUNT_MANAGE,
    "identity:change_password": Verb.SESSION_OWN,
    "identity:change_person": Verb.ACCOUNT_MANAGE,
    "identity:code": None,
    "identity:deactivate": Verb.ACCOUNT_MANAGE,
    "identity:enrol": None,
    "identity:enter": None,
    "identity:enter_code": None,
    "identity:journal": Verb.JOURNAL_READ,
    "identity:journal_chain": Verb.JOURNAL_READ,
    "identity:journal_extract": Verb.JOURNAL_READ,
    "identity:new_password": None,
    "identity:new_person": Verb.ACCOUNT_MANAGE,
    "identity:own_second_step": Verb.SESSION_OWN,
    "identity:people": Verb.ACCOUNT_MANAGE,
    "identity:person": Verb.ACCOUNT_MANAGE,
    "identity:sign_on": None,
    "identity:sign_on_back": None,
    "identity:enter_with_passkey": None,
    "identity:new_passkey": Verb.SESSION_OWN,
    "identity:add_passkey": Verb.SESSION_OWN,
    "identity:remove_passkey": Verb.SESSION_OWN,
    "identity:print_codes": Verb.SESSION_OWN,
    "identity:proof": Verb.SESSION_OWN,
    "identity:prove": Verb.SESSION_OWN,
    "identity:reactivate": Verb.ACCOUNT_MANAGE,
    "identity:recovery_codes": Verb.SESSION_OWN,
    "identity:replace_second_step": Verb.SESSION_OWN,
    "identity:reset_password": Verb.ACCOUNT_MANAGE,
    "identity:reset_second_step": Verb.ACCOUNT_MANAGE,
    "identity:revoke": Verb.SESSION_OWN,
    "identity:revoke_of_person": Verb.ACCOUNT_MANAGE,
    "identity:tokens": Verb.ACCOUNT_MANAGE,
    "identity:issue_token": Verb.ACCOUNT_MANAGE,
    "identity:rotate_token": Verb.ACCOUNT_MANAGE,
    "identity:revoke_token": Verb.ACCOUNT_MANAGE,
    "identity:revoke_others": Verb.SESSION_OWN,
    "identity:sessions": Verb.SESSION_OWN,
    "identity:set_new_password": None,
    "identity:set_second_step": None,
    "identity:sign_in": None,
    "identity:sign_in_cast": None,
    "identity:sign_out": Verb.SESSION_OWN,
    "identity:slip": Verb.ACCOUNT_MANAGE,
}
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


def test_every_door_has_the_guard_it_should_have(client):
    found = {}
    for route in iter_route_contexts(client.app.routes):
        if (route.name or "").startswith("identity:"):
            guarding = [call.verb for call in called_by(route) if isinstance(call, guards.Requires)]
            found[route.name] = guarding[0] if guarding else None
    assert found == DOORS


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
