"""What two published clients say to a GeoReport door and hear from it; run by `python -m tests.open311` in `.open311`.

`georeport` 0.3.1 reads, in JSON and XML. `three` 0.8.0 posts, with a picture, in JSON: it is of the days of Python 2, and
`itertools.ifilter`, which is what `filter` became, is lent to it; its reader of XML no longer runs on any Python of today.
This file imports nothing of the house.
"""

from __future__ import annotations

import io
import itertools
import json
import sys
from typing import Any

import georeport  # type: ignore[import-not-found]

itertools.ifilter = filter  # type: ignore[attr-defined]
import three  # type: ignore[import-not-found]  # noqa: E402 - what it looks for has to be there first

WORDS = "商场一层到三层都没有找到AED <b>&amp;"
ASKED = {"attribute[venue_type]": "mall", "attribute[venue_name]": "万象汇", "attribute[asked_staff]": "yes"}
NAMES = {"service_code", "service_name", "description", "metadata", "type", "keywords", "group"}


def read(address: str, request_id: str, form: str) -> dict[str, Any]:
    """Read everything a client can ask for, in one of the two forms."""
    client = georeport.GeoReport(address, output_format=form)
    services = client.get_service_list()
    definition = client.get_service_definition("aed_missing")
    attributes = definition["attributes"] if form == "json" else definition["attributes"]["attribute"]
    one = client.get_service_request(request_id)
    many = client.get_service_requests(service_request_id=request_id)
    many = many if isinstance(many, list) else [many]
    assert set(services[0]) >= NAMES, set(services[0])
    assert definition["service_code"] == "aed_missing"
    assert {"variable", "code", "datatype", "required", "order", "description"} <= set(attributes[0])
    assert one["service_request_id"] == many[0]["service_request_id"] == request_id
    assert one["status"] == "open"
    return {"services": len(services), "attributes": len(attributes), "status": one["status"]}


def write(address: str, picture: bytes) -> str:
    """Post a request with a picture, take its id, ask for it by its token."""
    client = three.Three(address)
    posted = client.post(
        "aed_missing", description=WORDS, lat="45.81", long="126.53", address="正门左侧",
        media=("a.jpg", io.BytesIO(picture), "image/jpeg"), **ASKED,
    )  # fmt: skip
    request_id = str(posted[0]["service_request_id"])
    token = client.token(request_id)
    assert token[0]["service_request_id"] == request_id, token
    assert client.services("aed_missing")
    assert client.discovery()
    listed = client.requests(start="01-01-2026", end="03-01-2026")
    assert listed == [], f"a stranger was listed {listed}"
    return request_id


def main() -> None:
    """Talk, and say what was heard."""
    address, picture = sys.argv[1], sys.stdin.buffer.read()
    request_id = write(address, picture)
    found: dict[str, Any] = {"three 0.8.0, json": request_id}
    for form in ("json", "xml"):
        found[f"georeport 0.3.1, {form}"] = read(address, request_id, form)
    sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
