"""Logs are JSON lines without a person in them, whatever a fault quotes."""

from __future__ import annotations

import json
from typing import Any

import pytest
import structlog

from app.platform import logging

SECRETS = ("林小雨", "13904519876", "sesame")


@pytest.fixture
def lines(capsys) -> Any:
    """Logs as production writes them; restored afterwards."""
    before = structlog.get_config()
    logging.configure(json=True)

    def read() -> list[dict[str, Any]]:
        return [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]

    yield read
    structlog.configure(**before)


def test_a_fault_that_quotes_a_person_says_where_and_not_whom(lines):
    def deep(words: str) -> int:
        return int(words)

    try:
        deep("林小雨 13904519876")
    except ValueError as error:
        logging.get("test").error("unexpected", route="/x", exc_info=error)
    (line,) = lines()
    assert line["level"] == "error"
    assert line["exception"][0]["exc_type"] == "ValueError"
    assert [frame["name"] for frame in line["exception"][0]["frames"]][-1] == "deep"
    assert not any(secret in json.dumps(line, ensure_ascii=False) for secret in SECRETS)


def test_values_under_telling_names_and_numbers_are_struck_out(lines):
    logging.get("test").info(
        "told",
        phone="13904519876",
        words="林小雨",
        note=["打 13904519876", {"token": "sesame"}],
        token="sesame",
    )
    (line,) = lines()
    assert not any(secret in json.dumps(line, ensure_ascii=False) for secret in SECRETS)
    assert line["note"] == ["打 ***", {"token": "***"}]


def test_a_line_cannot_be_forged(lines):
    logging.get("test").info("told", route='/x\n{"level": "error", "event": "forged"}')
    (line,) = lines()
    assert line["event"] == "told"


def test_nothing_of_a_request_is_logged_when_all_is_well(client, capsys):
    logging.configure(json=True)
    client.get(client.to("intake:home"))
    client.post(client.to("intake:open_track"), data={"code": "7K4MX2QH9RTD5WCA3P"})
    assert capsys.readouterr().out == ""
