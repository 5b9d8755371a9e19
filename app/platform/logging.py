"""Structured logs without a person in them: one JSON line an event, secrets struck out."""

from __future__ import annotations

import logging
import re
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

_SECRET_KEYS: Final = frozenset(
    {"password", "phone", "name", "code", "secret", "token", "cookie", "body", "words"}
)
_PHONE: Final = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")

# Never with locals: cookies, words and phones stand in them.
_TRACEBACKS: Final = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)


def _strike_out(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        event[key] = "***" if key in _SECRET_KEYS else _clean(value)
    return event


def _clean(value: Any) -> Any:
    """Strike out phones at any depth; of an exception keep kind and place, because its message may quote a person."""
    if isinstance(value, str):
        return _PHONE.sub("***", value)
    if isinstance(value, dict):
        kept = {key: inner for key, inner in value.items() if key not in {"exc_value", "exc_notes"}}
        return {
            key: "***" if key in _SECRET_KEYS - {"name"} else _clean(inner) for key, inner in kept.items()
        }
    if isinstance(value, list | tuple):
        return [_clean(inner) for inner in value]
    return value


def configure(*, json: bool) -> None:
    """Set up the log once, at start: JSON lines in production, readable lines in development."""
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json
        else structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _TRACEBACKS if json else structlog.processors.StackInfoRenderer(),
            _strike_out,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )


def get(room: str) -> Any:
    """Return the logger of a room."""
    return structlog.get_logger(room=room)
