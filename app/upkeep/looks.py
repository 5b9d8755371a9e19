"""What the acceptance sheet asks of the world outside the house: the kernel's clock, and our own public address."""

from __future__ import annotations

import ctypes
import http.client
import ssl
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from app.platform import clock

_WAITS_S: Final = 5.0
_TIMEX_BYTES: Final = 512  # more than any kernel's `struct timex`
_TIME_ERROR: Final = 5
_ALIVE: Final = "/healthz"  # house: allow routes-by-name (asked from outside, through the proxy)


def is_clock_synchronised() -> bool | None:
    """Ask the kernel whether somebody keeps its clock right; None where that cannot be asked."""
    asked = getattr(ctypes.CDLL(None), "adjtimex", None)
    if asked is None:
        return None
    # All zero is a question; nothing is set.
    state = asked(ctypes.create_string_buffer(_TIMEX_BYTES))
    return None if state < 0 else state != _TIME_ERROR


@dataclass(frozen=True, slots=True)
class Answer:
    """What answered at the public address."""

    protocol: str
    lasts: timedelta  # the certificate, from now on
    is_ours: bool


def public_answer(base_url: str) -> Answer:
    """Go to the office as a phone does, its certificate checked; raises OSError when that does not work."""
    parts = urlsplit(base_url)
    line = http.client.HTTPSConnection(
        parts.hostname or "", parts.port or 443, timeout=_WAITS_S, context=ssl.create_default_context()
    )
    try:
        line.connect()
        socket = line.sock
        certificate, protocol = socket.getpeercert() or {}, socket.version() or ""
        ends_at = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
        line.request("GET", _ALIVE)
        answer = line.getresponse()
        body = answer.read(64)
        is_ours = answer.status == http.client.OK and body == b"ok\n"
        is_ours = is_ours and bool(answer.getheader("strict-transport-security"))
        lasts = timedelta(seconds=ends_at - clock.now().timestamp())
        return Answer(protocol, lasts, is_ours)
    except http.client.HTTPException as problem:
        raise OSError(type(problem).__name__) from problem
    finally:
        line.close()


def reason(problem: OSError) -> str:
    """Return why it did not work, in the words an operator can look up."""
    if isinstance(problem, ssl.SSLCertVerificationError):
        return problem.verify_message
    return problem.strerror or type(problem).__name__
