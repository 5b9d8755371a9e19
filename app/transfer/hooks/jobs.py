"""The worker's part: once a minute look for what changed; tell one organisation at a time, for a minute at most."""

from __future__ import annotations

import http.client
import ssl
import time
from datetime import datetime
from typing import Final

from app.platform import clock, logging, telling
from app.platform.jobs import Handler, Tools, Work
from app.platform.settings import Settings
from app.transfer.hooks import queries, rules, service
from app.transfer.hooks.terms import DELIVER, WAIT_S, Attempt, Kind, Outcome, Outgoing

_log = logging.get("hooks")
# Shorter than a job's lease, with room for one attempt that hangs.
_MOST_S: Final = 60


def look(tools: Tools, now: datetime) -> None:
    """Note what changed for each organisation that wants to hear, and ask for the telling; off unless hosts are named."""
    if not tools.settings.hook_hosts:
        return
    with tools.database.read_session() as looking:
        hook_ids = [hook.id for hook in queries.live(looking)]
    for hook_id in hook_ids:
        with tools.database.read_session() as looking:
            hook = queries.find(looking, hook_id)
            if hook is None:
                continue
            kinds = queries.may_hear(looking, hook, now=now)
            has_changed = bool(queries.changes(looking, hook, kinds))
            is_due = queries.due(looking, hook_id, now=now) is not None
            asks = is_due and not queries.is_asked_for(looking, hook_id)
        if has_changed or asks:
            with tools.database.write_session() as session:
                service.note_changes(session, hook_id, now=now)
                service.ask(session, hook_id, now=now)


def deliver(tools: Tools, work: Work) -> None:
    """Tell one organisation what is due, until nothing is, or it is not there, or the time is over.

    The attempt is noted after the answer: a crash between the two means the same id once more, never a loss.
    """
    hook_id, ends_at = str(work.payload["hook"]), time.monotonic() + _MOST_S
    while time.monotonic() < ends_at:
        now = clock.now()
        with tools.database.read_session() as looking:
            event, hook = queries.due(looking, hook_id, now=now), queries.find(looking, hook_id)
            if event is None or hook is None:
                return
            kind = Kind(event.kind)
            may = kind is Kind.TEST or kind in queries.may_hear(looking, hook, now=now)
            secrets = service.secrets_of(tools.keys, hook, now=now)
        said = Outgoing(event.id, kind, event.subject_id, hook.url, secrets)
        attempt = _sent(tools.settings, said, event.made_at) if may else Attempt(Outcome.SILENCED, None, 0)
        with tools.database.write_session() as session:
            service.note_attempt(session, event, attempt, now=clock.now())
        if attempt.outcome is not Outcome.TAKEN:
            _log.warning(
                "a hook was not told", hook=hook_id, why=attempt.outcome.value, status=attempt.status
            )


def _sent(settings: Settings, said: Outgoing, made_at: datetime) -> Attempt:
    """Send one message; whatever goes wrong is an outcome."""
    hosts = telling.hosts(settings.hook_hosts)
    if not rules.is_address(said.url, hosts, is_production=settings.is_production):
        return Attempt(Outcome.FORBIDDEN, None, 0)
    content, began = rules.body(said.kind, said.subject_id, made_at), time.monotonic()
    headers = rules.headers(said.event_id, content, said.secrets, clock.now())
    status: int | None = None
    try:
        status = telling.post(
            said.url, content, headers, allowed=telling.networks(settings.hook_networks), wait_s=WAIT_S
        )
        outcome = Outcome.TAKEN if 200 <= status < 300 else Outcome.ANSWERED  # noqa: PLR2004 - what HTTP calls success
    except telling.Inside:
        outcome = Outcome.FORBIDDEN
    except TimeoutError:
        outcome = Outcome.SLOW
    except ssl.SSLError:
        outcome = Outcome.UNTRUSTED
    except (OSError, UnicodeError):
        outcome = Outcome.UNREACHED
    except http.client.HTTPException:
        outcome = Outcome.UNREADABLE
    return Attempt(outcome, status, round((time.monotonic() - began) * 1000))


HANDLERS: Final[dict[str, Handler]] = {DELIVER: deliver}
