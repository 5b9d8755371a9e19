"""Every role at every door, about every kind of thing: who holds the right gets in, and what is out of scope is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from app.identity import cast as members
from app.identity import guards
from app.identity.fields import SHOWN_TO
from app.identity.permissions import ADMIN_ROLES, GRANTS, Verb
from tests import cast
from tests.patrol.test_routes import called_by
from tests.security import scene as scenes
from tests.security.rows import ROWS

pytestmark = pytest.mark.app
NO_PART = "00000000-0000-7000-8000-000000000001"
ROLES = {member.login: frozenset(member.roles) for member in members.MEMBERS if not member.is_elsewhere}
# One person of each set of rights and each side of the house: twins would only be asked the same again.
ASKED = list({(GRANTS[next(iter(roles))], roles & ADMIN_ROLES): who for who, roles in ROLES.items()}.values())
# Enough for every form of the house to be read to its end, so that a 404 means what it says.
FORM = {
    "version": "1", "reason": "理由写在这里", "text": "这里写几句话就够了", "title": "标题", "note": scenes.NOTE,
    "words": "这里写几句话就够了", "reason_key": "other", "name": "姓名", "account_id": scenes.MISSING,
    "compartment_id": scenes.MISSING, "answer_by": "2030-01-31", "public": "已经处理", "key": "x", "case_number": "松检公诉线索1号",
}  # fmt: skip
OPEN_WORDS = {"anyone"}
# Rights whose screens are still being built.
DOORS_TO_COME: set[str] = set()


class Knocker(TestClient):
    """A signed-in browser that looks at answers only as far as this test does: there are thousands of them."""

    def __init__(self, app: Any) -> None:
        super().__init__(app, follow_redirects=False, headers={"Sec-Fetch-Site": "same-origin"})


@dataclass(frozen=True)
class Door:
    """One method of one route."""

    key: str
    method: str
    path: str
    verb: str
    is_proven: bool

    @property
    def thing(self) -> str:
        """What kind of thing it is about, by its row."""
        return ROWS[self.key].split()[1]

    def place(self, things: dict[str, str]) -> str:
        """The address about one set of things."""
        path = self.path
        known = {f"{kind}_id": one for kind, one in things.items()}
        known["invitation_id"] = things.get("invitation", NO_PART)
        known |= {"request_id": things.get("right", NO_PART), "paper": "register", "kind": "screen", "act": "acknowledge",
                  "section_key": "channels", "key": "x", "year": "2027", "z": "1", "x": "1", "y": "1", "token": "x",
                  "category_key": "aed_missing", "service_code": "x", "ending": "json"}  # fmt: skip
        return re.sub(r"\{(\w+)\}", lambda found: known.get(found[1], NO_PART), path)


def doors(app: Any) -> Iterator[Door]:
    """Every method of every route, with the guard it has."""
    for route in iter_route_contexts(app.routes):
        for method in sorted((getattr(route, "methods", None) or set()) - {"HEAD"}):
            calls = called_by(route)
            verbs = [call.verb.value for call in calls if isinstance(call, guards.Requires)]
            asks = any(getattr(call, "__qualname__", "").startswith("proven") for call in calls)
            yield Door(
                f"{method} {route.name}", method, str(route.path), verbs[0] if verbs else "anyone", asks
            )


@pytest.fixture
def house_of_things(app):
    """The application with a scene in it, and one knocker."""
    with Knocker(app) as client:
        yield client, scenes.build(app.state.house), list(doors(app))


def knock(client: Knocker, door: Door, things: dict[str, str]) -> Any:
    if door.method == "GET":
        return client.get(door.place(things))
    return client.request(door.method, door.place(things), data=FORM)


def be(client: Knocker, who: str) -> None:
    cast.sign_out(client)
    cast.sign_in(client, who)


def held(who: str) -> set[str]:
    return {verb.value for role in ROLES[who] for verb in GRANTS[role]}


def told(door: Door) -> str:
    return f"{door.verb} {'?' if door.key not in ROWS else door.thing}" + (" proof" if door.is_proven else "")


def test_every_door_has_its_row(app):
    found = {door.key: told(door) for door in doors(app)}
    assert len(found) > 100, "the walk saw hardly any door"
    new = {key: text for key, text in found.items() if key not in ROWS}
    assert not new, f"write a row into tests/security/rows.py for: {new}"
    assert set(ROWS) - set(found) == set(), "rows.py names a door that is gone"
    changed = {key: (ROWS[key], text) for key, text in found.items() if ROWS[key] != text}
    assert not changed, f"the guard is not what the row says: {changed}"


def test_every_verb_opens_a_door(app):
    opening = {row.split()[0] for row in ROWS.values()} - OPEN_WORDS
    known = {verb.value for verb in Verb}
    assert opening <= known
    assert known - opening <= DOORS_TO_COME, f"granted, and no door asks for it: {known - opening}"


def test_without_the_right_nobody_gets_in(house_of_things):
    client, scene, all_doors = house_of_things
    guarded = [door for door in all_doors if door.verb != "anyone"]
    tried = 0
    for who in ASKED:
        be(client, who)
        for door in guarded:
            if door.verb not in held(who):
                tried += 1
                answer = knock(client, door, scene.own)
                assert answer.status_code == 403, f"{who} got {answer.status_code} at {door.key}"
    assert tried > 700
    cast.sign_out(client)
    for door in guarded:
        answer = knock(client, door, scene.own)
        assert answer.status_code in {303, 401}, f"nobody got {answer.status_code} at {door.key}"


ABOUT = {
    "right",
    "absence",
    "team",
    "run",
    "view",
    "clue",
    "transfer",
    "evidence",
    "look",
    "account",
    "agency",
    "agreement",
    "sent",
    "forwarded",
    "invitation",
    "asked",
}


def same(answer: Any, things: dict[str, str]) -> bytes:
    """An answer without the id it was asked about."""
    content = answer.content
    for value in set(things.values()):
        content = content.replace(value.encode(), b"*")
    return bytes(content)


def test_what_is_out_of_scope_is_not_there(house_of_things):
    client, scene, all_doors = house_of_things
    about = [door for door in all_doors if door.verb != "anyone" and door.thing in ABOUT]
    assert {door.thing for door in about} == ABOUT
    seen = 0
    for who in ASKED:
        be(client, who)
        for door in about:
            if door.verb not in held(who):
                continue
            answers = {}
            for world, things in scene.unseen.items():
                answers[world] = knock(client, door, things)
                seen += 1
            codes = {world: answer.status_code for world, answer in answers.items()}
            assert set(codes.values()) == {404}, f"{who} at {door.key}: {codes}"
            bodies = {same(answer, scene.unseen[world]) for world, answer in answers.items()}
            assert len(bodies) == 1, f"{who} at {door.key}: answers differ"
            sizes = {len(answer.content) for answer in answers.values()}
            assert len(sizes) == 1, f"{who} at {door.key}: sizes differ {sizes}"
    assert seen > 400


def test_parts_of_a_clue_are_shown_to_those_who_may_see_them(house_of_things):
    client, scene, all_doors = house_of_things
    pages = [
        door
        for door in all_doors
        if door.method == "GET"
        and door.path != "/patterns"
        and "docx" not in door.path
        and "pdf" not in door.path
    ]
    shown: dict[str, set[str]] = {field: set() for field in SHOWN_TO}
    for who in [*ASKED, ""]:
        be(client, who) if who else cast.sign_out(client)
        verbs = {Verb(verb) for verb in held(who)} if who else set()
        for door in pages:
            answer = knock(client, door, scene.own)
            assert answer.status_code < 500, f"{who} at {door.key}"
            if answer.status_code != 200 or not answer.headers.get("content-type", "").startswith(
                "text/html"
            ):
                continue
            for field, marks in scenes.MARKS.items():
                if any(mark in answer.text for mark in marks):
                    shown[field].add(who)
                    assert verbs & SHOWN_TO[field], f"{who or 'nobody signed in'} sees {field} at {door.key}"
    seen_by_nobody = {field for field, people in shown.items() if not people}
    nowhere = {field for field, verbs in SHOWN_TO.items() if not verbs}
    assert seen_by_nobody <= nowhere | {"original_name"}, (
        f"marks that no page shows prove nothing: {seen_by_nobody}"
    )


def test_administrators_read_no_clue(house_of_things):
    """Three apart: what they may open says nothing of a clue but ids, which the auditor's journal lists."""
    client, scene, all_doors = house_of_things
    admins = [who for who, roles in ROLES.items() if roles & ADMIN_ROLES]
    assert len(admins) == 3
    secrets = [
        mark
        for field, marks in scenes.MARKS.items()
        for mark in marks
        if field not in {"handler_name", "number"}
    ]
    secrets += ["商场没有AED", "万象汇"]
    opened = 0
    for who in admins:
        be(client, who)
        for door in all_doors:
            if door.method != "GET" or door.verb == "anyone":
                continue
            answer = knock(client, door, scene.own)
            if answer.status_code == 200:
                opened += 1
                found = [mark for mark in secrets if mark in answer.text]
                assert not found, f"{who} reads {found} at {door.key}"
    assert opened > 10
