"""A short slice of schemathesis in the suite; `python -m tests.security schema` asks longer."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI

from tests.security import schema

pytestmark = pytest.mark.app
OPERATIONS = 8


def test_whatever_comes_the_answer_is_a_promised_one(app):
    seen, found = schema.findings(app, examples=6)
    app.state.house.database.close()
    assert found == []
    assert len({line.rpartition(" ")[0] for line in seen}) >= OPERATIONS, "every operation was asked"
    assert not [line for line in seen if line.rpartition(" ")[2].startswith("5")]


def broken(answer: Any, status: int = 200) -> FastAPI:
    """A door whose promise says: 200, an object with a number."""
    bad = FastAPI(openapi_url=None)

    @bad.get("/thing")
    def thing() -> Any:
        from fastapi.responses import JSONResponse

        return JSONResponse(answer, status)

    @bad.get(schema.PROMISE)
    def promise() -> dict[str, Any]:
        shape = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
        told = {"description": "ok", "content": {"application/json": {"schema": shape}}}
        return {
            "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
            "paths": {"/thing": {"get": {"responses": {"200": told}}}},
        }  # fmt: skip

    return bad


@pytest.mark.parametrize(
    ("answer", "status", "is_fault"),
    [({"n": 1}, 200, False), ({"n": "1"}, 200, True), ({"n": 1}, 418, True), ({}, 200, True)],
)
def test_a_planted_fault_is_found(answer: Any, status: int, is_fault: bool):
    _seen, found = schema.findings(broken(answer, status), examples=1)
    assert bool(found) is is_fault, found
