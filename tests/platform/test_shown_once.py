"""What is shown once: opens for the thing and the session it was sealed for, within its time, and for nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response

from app.platform.web.shown_once import ShownOnce

pytestmark = pytest.mark.app
NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
ONE = ShownOnce("yixian_test", "test", timedelta(minutes=5))


def browser(app: FastAPI, cookie: str) -> Request:
    headers = [(b"cookie", f"yixian_test={cookie}".encode())] if cookie else []
    return Request({"type": "http", "app": app, "headers": headers})


def kept(app: FastAPI, text: str) -> str:
    response = ONE.carry(
        Response(), browser(app, ""), app.state.house, row="r", field="s", text=text, now=NOW
    )
    said = response.headers["set-cookie"]
    assert text not in said, "it travels sealed"
    assert "HttpOnly" in said
    return said.partition("yixian_test=")[2].partition(";")[0].strip('"')


@pytest.mark.parametrize(
    ("wrong", "minutes", "shown"),
    [
        ({}, 4, "one two"),
        ({}, 6, ""),
        ({"row": "x"}, 4, ""),
        ({"field": "x"}, 4, ""),
        ({"cookie": "x"}, 4, ""),
    ],
)
def test_it_opens_for_whom_and_while_it_was_meant(
    app: FastAPI, wrong: dict[str, Any], minutes: int, shown: str
):
    given = {"row": "r", "field": "s", "cookie": kept(app, "one two")} | wrong
    asked = browser(app, given.pop("cookie"))
    assert ONE.carried(asked, app.state.house, **given, now=NOW + timedelta(minutes=minutes)) == shown


def test_the_browser_forgets_it_with_the_answer(app: FastAPI):
    response = Response()
    ONE.forget(response, browser(app, "x"))
    assert "Max-Age=0" in response.headers["set-cookie"]
