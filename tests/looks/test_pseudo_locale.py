"""Every page in the made-up language: nothing on it comes from anywhere but the catalogue and the records (goals P6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from sqlmodel import SQLModel

from app.geo.districts import district
from app.platform import i18n
from app.platform.web import render
from tests import cast
from tests.looks import pseudo
from tests.security import scene as scenes
from tests.security.test_matrix import ROLES, Door, Knocker, doors, held, knock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

pytestmark = pytest.mark.app
# What is asked of no catalogue, and why.
LEFT_OUT: Final = {
    "GET web:patterns": "development only; its sample words are made up",
    "POST web:preferences": "would change the language",
}
FILES: Final = ("docx", "pdf", "zip", "original", "/play")
LEAST_PAGES: Final = 200


def _who(door: Door) -> str:
    """Somebody who may open a door; nobody for an open one."""
    return "" if door.verb == "anyone" else next(who for who in ROLES if door.verb in held(who))


def pages(app: FastAPI, client: Knocker) -> Iterator[tuple[str, Any]]:
    """Every page a door gives, and what it says to an empty form, which is a fault or a refusal in words."""
    scene = scenes.build(app.state.house)
    for door in sorted(doors(app), key=lambda one: (one.method != "GET", one.key)):
        if door.key in LEFT_OUT or any(part in door.path for part in FILES):
            continue
        cast.sign_out(client)
        if who := _who(door):
            cast.sign_in(client, who)
        client.cookies.set("yixian_lang", "en")
        answer = (
            knock(client, door, scene.own)
            if door.method == "GET"
            else client.request(door.method, door.place(scene.own))
        )
        if answer.headers.get("content-type", "").startswith("text/html") and answer.text:
            yield f"{door.key} {answer.status_code}", answer


def test_every_text_comes_through_the_catalogue(app):
    with Knocker(app) as client, pseudo.spoken():
        heard = list(pages(app, client))
    house = app.state.house
    with house.database.read_session() as session:
        more = (house.settings.office_name, district().name)
        known = pseudo.Known.of(session, SQLModel.metadata.sorted_tables, more)
    assert len(heard) >= LEAST_PAGES, "the walk saw hardly a page"
    assert all("⟦" in answer.text for _, answer in heard), (
        "a page without a marked text: the catalogue was not exchanged"
    )
    found: dict[str, str] = {}
    for key, answer in heard:
        for fault in pseudo.faults(answer.text, known):
            found.setdefault(fault, key)
    assert not found, "\n" + "\n".join(f"{key}: {fault}" for fault, key in found.items())


KNOWN: Final = pseudo.Known({"岸边有一根管子", "办案规则第13条、第26条"}, "岸边有一根管子正在往外流黑水")


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        ("<p>提交</p>", "not from the catalogue: 提交"),
        ("<p>Send it</p>", "not from the catalogue: Send it"),
        ('<button aria-label="关闭"></button>', "not from the catalogue: 关闭"),
        ('<div data-text-waiting="待发">⟦à⟧</div>', "not from the catalogue: 待发"),
        ("<p>⟦ńóţ ţàķéń: 待核实⟧</p>", "filled in: 待核实"),
        ("<p>⟦ŵé⟧ ⟦śéńď ţĥéɱ⟧</p>", "in pieces"),
        ("<p>⟦à⟧、⟦ƀ⟧</p>", "in pieces"),
    ],
)
def test_a_planted_fault_is_found(page: str, fault: str):
    assert any(said.startswith(fault) for said in pseudo.faults(page, KNOWN)), pseudo.faults(page, KNOWN)


@pytest.mark.parametrize(
    "page",
    [
        "<p>岸边有一根管子</p>",
        "<p>⟦ŕéàśóń⟧ · 办案规则第13条、第26条</p>",
        "<p>⟦ŵŕíţţéń ƀý 岸边有一根管子 óń Mon 23 Nov⟧</p>",
        "<p>⟦Óńé śéńţéńćé.⟧ ⟦Ţĥé ńéẋţ.⟧</p>",
        "<p>⟦à⟧, ⟦ƀ⟧ · ⟦ć ⟦ď⟧⟧</p>",
        '<article lang="zh-CN"><h1>移送函</h1></article><time>11月23日</time><code>GET</code>',
    ],
)
def test_what_is_a_record_or_a_whole_sentence_stays_free(page: str):
    assert pseudo.faults(page, KNOWN) == []


def test_a_text_is_marked_longer_and_keeps_its_holes():
    said = pseudo.marked("%(n)s photos of {limit}, 100%%")
    assert said.startswith("⟦%(n)s ƥĥóţóś óƒ {limit}, 100%%~")
    assert said.endswith("~⟧")
    assert said % {"n": 3}


def test_what_was_said_before_is_not_said_again_in_another_language():
    """Texts of templates are kept (`render.said`): the made-up language must not be answered with kept English."""
    with i18n.speaking("en"):
        real = render.said("提交")
        with pseudo.spoken():
            assert "⟦" in render.said("提交")
        assert render.said("提交") == real
    assert render.said("提交") == "提交"
