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
        if key in _SECRET_KEYS:
            event[key] = "***"
        elif isinstance(value, str):
            event[key] = _PHONE.sub("***", value)
    return event


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
