"""Schemathesis against the promise of the JSON door: whatever comes, the answer is one that openapi.json names."""

from __future__ import annotations

import warnings
from collections import Counter
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode, checks

PROMISE = "/api/v1/openapi.json"
# Whether a report can be accepted is a rule of the trade (a place, a known category), which no schema says: so "valid by
# schema" may well be refused, and only how it is refused is judged.
JUDGED = [
    checks.not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
    checks.response_headers_conformance, checks.response_schema_conformance,
]  # fmt: skip
schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
schemathesis.serializer.alias("application/yixian-sealed", "application/octet-stream")


def findings(app: Any, *, examples: int, only: str = "") -> tuple[Counter[str], list[str]]:
    """Knock at every operation with so many made-up requests of each mode; how often it answered what, and every fault."""
    seen: Counter[str] = Counter()
    found: list[str] = []
    schema = schemathesis.openapi.from_asgi(PROMISE, app)
    for result in schema.get_all_operations():
        operation = result.ok()
        if only and only not in operation.label:
            continue
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            _knock(operation, mode, examples, seen, found)
    return seen, found


def _knock(operation: Any, mode: GenerationMode, examples: int, seen: Counter[str], found: list[str]) -> None:
    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        answer = case.call(headers={"Sec-Fetch-Site": "same-origin"})
        seen[f"{operation.label} {answer.status_code}"] += 1
        try:
            case.validate_response(answer, checks=JUDGED)
        except BaseExceptionGroup as group:
            found.extend(f"{operation.label}: {problem}" for problem in group.exceptions)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ask()
        except (schemathesis.errors.SchemathesisError, Unsatisfiable) as problem:
            # An operation that takes nothing has nothing that could be wrong with it.
            if mode is GenerationMode.POSITIVE:
                found.append(f"{operation.label}: could not be asked: {problem}")
