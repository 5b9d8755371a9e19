"""The OpenAPI document describes every door that a phone or another system needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import HouseClient

pytestmark = pytest.mark.app


@pytest.fixture
def document(client: HouseClient) -> Any:
    return client.get(client.to("intake:openapi")).json()


def test_the_doors_are_there(document: Any):
    found = {(path, method) for path, methods in document["paths"].items() for method in methods}
    one = "/api/v1/uploads/{upload_id}"
    assert found >= {
        ("/api/v1/reports/{report_id}", "put"), ("/api/v1/reports/{report_id}/receipt", "get"),
        ("/api/v1/sealing-key", "get"), ("/api/v1/uploads", "post"), ("/api/v1/uploads", "options"),
        (one, "head"), (one, "patch"), (one, "delete"),
    }  # fmt: skip


def test_every_upload_request_names_version_and_owner(document: Any):
    for method in ("head", "patch", "delete"):
        told = document["paths"]["/api/v1/uploads/{upload_id}"][method]["parameters"]
        assert {"upload_id", "Tus-Resumable", "Authorization"} <= {each["name"] for each in told}, method
