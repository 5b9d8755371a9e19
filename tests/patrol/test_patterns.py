"""The page of patterns shows every component, with every argument it takes and every variant its style sheet knows."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from tests.conftest import HouseClient

COMPONENTS = sorted(path.stem for path in Path("templates/components").glob("*.html"))
SHEETS = "\n".join(
    path.read_text("utf-8")
    for path in [*sorted(Path("static/css/components").glob("*.css")), Path("static/css/rooms/charts.css")]
)
# What no page of patterns can show, and why.
UNSHOWN = {
    "button.type": "every button that is not a submit has a macro or a behaviour of its own",
    "place_picker.mode": "a page has one place: its ids stand once; coarse is the same with less",
    "place_picker.pin_map": "needs tiles of the installation",
    "place_picker.tiles": "needs tiles of the installation",
    "place_picker.names": "needs tiles of the installation",
    "place_picker.address": "needs a geocoder of the installation",
}


class Heard:
    """Macros that note which arguments they were given."""

    def __init__(self, ui: Any) -> None:
        self.asked: dict[str, set[str]] = defaultdict(set)
        for name in COMPONENTS:
            setattr(self, name, self._noting(name, getattr(ui, name)))

    def _noting(self, name: str, macro: Any) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            self.asked[name] |= {*macro.arguments[: len(given)], *named} - {"caller"}
            return macro(*given, **named)

        return call


@contextmanager
def hearing(app: FastAPI) -> Iterator[Heard]:
    """Listen to every macro while a page is made."""
    environment = app.state.environment
    ui = environment.globals["ui"]
    heard = environment.globals["ui"] = Heard(ui)
    environment.cache.clear()
    yield heard
    environment.globals["ui"] = ui
    environment.cache.clear()


@pytest.fixture
def shown(client: HouseClient, app: FastAPI) -> tuple[str, Heard, Any]:
    """The page, what was asked of the macros for it, and the macros."""
    ui = app.state.environment.globals["ui"]
    with hearing(app) as heard:
        page = client.get(client.to("web:patterns"))
    assert page.status_code == 200
    return page.text, heard, ui


def missing_arguments(heard: Heard, ui: Any) -> list[str]:
    """Name each component that is not shown, and each argument that is never given."""
    takes = {f"{name}.{argument}" for name in COMPONENTS for argument in getattr(ui, name).arguments}
    given = {f"{name}.{argument}" for name, arguments in heard.asked.items() for argument in arguments}
    unshown = {name for name in COMPONENTS if name not in heard.asked}
    return sorted({*unshown, *(takes - given - set(UNSHOWN))})


def missing_variants(page: str) -> list[str]:
    """Name each variant `.component--variant` of a component's style sheet that the page does not wear."""
    worn = {name for classes in re.findall(r'class="([^"]*)"', page) for name in classes.split()}
    known = {
        found
        for name in COMPONENTS
        for found in re.findall(r"\.([a-z_-]+--[a-z0-9]+)", SHEETS)
        if found.split("--")[0].split("__")[0].replace("-", "_") == name
    }
    assert len(known) > 10, "hardly a variant was found: the patrol looks in the wrong place"
    return sorted(known - worn)


def test_every_component_is_shown_with_all_it_can_be_asked(shown: tuple[str, Heard, Any]):
    page, heard, ui = shown
    assert missing_arguments(heard, ui) == [], "show them on templates/patterns/"
    assert missing_variants(page) == [], "show them on templates/patterns/"


def test_what_is_not_shown_is_found(shown: tuple[str, Heard, Any]):
    page, heard, ui = shown
    heard.asked.pop("thread")
    heard.asked["button"].discard("icon")
    assert missing_arguments(heard, ui) == ["button.icon", "thread", "thread.knots"]
    assert missing_variants(page.replace("button--danger", "")) == ["button--danger"]
