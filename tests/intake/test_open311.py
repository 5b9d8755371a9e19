"""The Open311 door: what may be reported, a request received, and nothing listed to strangers."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import select

from app.intake.models import Report, ReporterContact
from app.platform.db import Database
from tests.conftest import HouseClient

AED = {
    "service_code": "aed_missing",
    "description": "商场一层到三层都没有找到AED <svg onload=alert(1)>",
    "lat": "45.81",
    "long": "126.53",
    "address_string": "正门左侧",
    "attribute[venue_type]": "mall",
    "attribute[venue_name]": "万象汇",
    "attribute[asked_staff]": "yes",
}


def post(client: HouseClient, ending: str = "json", **changes: str) -> Any:
    return client.post(client.to("open311:post_request", ending=ending), data=AED | changes)


@pytest.mark.parametrize("ending", ["json", "xml"])
def test_services_are_our_categories_and_their_questions(client: HouseClient, ending: str) -> None:
    listed = client.get(client.to("open311:services", ending=ending))
    defined = client.get(client.to("open311:definition", service_code="aed_missing", ending=ending))
    if ending == "json":
        assert len(listed.json()) == 50
        codes = {row["code"]: row for row in defined.json()["attributes"]}
        assert codes["venue_type"]["datatype"] == "singlevaluelist"
        assert {"key": "mall", "name": "商场、超市"} in codes["venue_type"]["values"]
    else:
        assert len(ET.fromstring(listed.content).findall("service")) == 50  # noqa: S314 - our own answer
        attributes = ET.fromstring(defined.content).findall("attributes/attribute")  # noqa: S314 - our own answer
        assert "venue_type" in [each.findtext("code") for each in attributes]


def test_an_unknown_service_or_format_is_not_there(client: HouseClient) -> None:
    assert (
        client.get(client.to("open311:definition", service_code="nothing", ending="json")).status_code == 404
    )
    assert client.get(client.to("open311:services", ending="json")[:-4] + "yaml").status_code in {404, 422}


@pytest.mark.parametrize("ending", ["json", "xml"])
def test_a_request_becomes_a_report_and_can_be_read_by_its_id_alone(
    client: HouseClient, database: Database, ending: str
) -> None:
    answer = post(client, ending)
    assert answer.status_code == 201, answer.text
    if ending == "json":
        request_id = answer.json()[0]["service_request_id"]
    else:
        request_id = ET.fromstring(answer.content).findtext("request/service_request_id")  # noqa: S314 - our own answer
    with database.read_session() as session:
        report = session.execute(select(Report)).scalar_one()
    assert report.open311_id == request_id
    assert request_id not in {report.id, report.clue_id}
    assert report.words == AED["description"]
    told = client.get(client.to("open311:request", request_id=request_id, ending="json")).json()[0]
    assert told["status"] == "open"
    assert "万象汇" not in str(told)


@pytest.mark.parametrize("ending", ["json", "xml"])
def test_strangers_are_listed_nothing(client: HouseClient, ending: str) -> None:
    assert post(client).status_code == 201
    listed = client.get(client.to("open311:requests", ending=ending))
    assert listed.status_code == 200
    assert "aed_missing" not in listed.text
    assert client.get(client.to("open311:request", request_id="x", ending=ending)).status_code == 404


def test_a_phone_is_kept_only_with_consent(client: HouseClient, database: Database) -> None:
    assert post(client, phone="13812345678").status_code == 201
    with database.read_session() as session:
        assert session.execute(select(ReporterContact)).all() == []
    assert post(client, phone="13812345678", contact_consent="yes").status_code == 201
    with database.read_session() as session:
        assert len(session.execute(select(ReporterContact)).all()) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"service_code": "nothing"},
        {"service_code": ""},
        {"lat": "north"},
        {"lat": "999"},
        {"lat": "nan"},
        {"attribute[venue_type]": "castle"},
        {"description": "x" * 20_000},
    ],
)
def test_what_cannot_be_used_is_a_clear_problem(client: HouseClient, changes: dict[str, str]) -> None:
    answer = post(client, **changes)
    assert answer.status_code in {404, 422}
    (error,) = answer.json()
    assert set(error) == {"code", "description"}
    assert error["code"] == answer.status_code
    told = ET.fromstring(post(client, "xml", **changes).content)  # noqa: S314 - our own answer
    assert (told.tag, told.findtext("error/code")) == ("errors", str(answer.status_code))


# Each method of GeoReport v2 with the fields its text names; an answer has them all, empty where nothing is said.
FIELDS = {
    "service": "service_code service_name description metadata type keywords group",
    "attribute": "variable code datatype required datatype_description order description",
    "posted": "service_request_id service_notice account_id",
    "token": "service_request_id token",
    "request": "service_request_id status status_notes service_name service_code description agency_responsible "
    "service_notice requested_datetime updated_datetime expected_datetime address address_id zipcode lat long media_url",
}
TYPES = {"string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"}


def shaped(rows: list[dict[str, Any]], kind: str, *, but: frozenset[str] = frozenset()) -> None:
    """Hold rows to the standard's fields."""
    assert rows
    for row in rows:
        assert set(FIELDS[kind].split()) <= set(row)
        assert set(row) - set(FIELDS[kind].split()) <= but


def test_every_answer_has_the_fields_of_the_standard_and_a_stranger_is_told_no_more(
    client: HouseClient,
) -> None:
    shaped(client.get(client.to("open311:services", ending="json")).json(), "service")
    defined = client.get(client.to("open311:definition", service_code="aed_missing", ending="json")).json()
    assert set(defined) == {"service_code", "attributes"}
    shaped(defined["attributes"], "attribute", but=frozenset({"values"}))
    assert {each["datatype"] for each in defined["attributes"]} <= TYPES
    posted = [post(client).json() for _ in range(2)]
    for rows in posted:
        shaped(rows, "posted")
    one, other = (rows[0]["service_request_id"] for rows in posted)
    shaped(client.get(client.to("open311:token", token=one, ending="json")).json(), "token")
    assert client.get(client.to("open311:token", token="x", ending="xml")).status_code == 404
    path = client.to("open311:requests", ending="json")
    listed = client.get(path, params={"service_request_id": f"{one},{other},{one},nobody"}).json()
    assert [row["service_request_id"] for row in listed] == [one, other]
    shaped(listed, "request", but=frozenset({"extended_attributes"}))
    assert all(
        row[name] is None for row in listed for name in ("description", "address", "lat", "long", "media_url")
    )
    # What else the standard lets one ask for finds nothing without the ids.
    for asked in (
        {"status": "open"},
        {"service_code": "aed_missing"},
        {"start_date": "2020-01-01T00:00:00Z"},
        {},
    ):
        assert client.get(path, params=asked).json() == []


def test_the_xml_says_what_the_json_says(client: HouseClient) -> None:
    request_id = post(client).json()[0]["service_request_id"]
    (row,) = client.get(client.to("open311:request", request_id=request_id, ending="json")).json()
    answer = client.get(client.to("open311:request", request_id=request_id, ending="xml"))
    assert answer.content.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
    found = ET.fromstring(answer.content).find("request")  # noqa: S314 - our own answer
    assert found is not None
    said = {each.tag: each.text for each in found if len(each) == 0}
    assert said == {name: value for name, value in row.items() if not isinstance(value, dict)}
    assert found.findtext("extended_attributes/status") == row["extended_attributes"]["status"]
