"""Who did it, as the journal names them: pure values that every layer may hold."""

from __future__ import annotations

from typing import Final, NamedTuple


class Doer(NamedTuple):
    """Who did it: an account, the reporter (who has none), a receiver by link, or the house itself."""

    kind: str
    id: str | None


REPORTER: Final = Doer("reporter", None)
SYSTEM: Final = Doer("system", None)


def by_link(link_id: str) -> Doer:
    """Name the holder of a one-time link as the doer."""
    return Doer("link", link_id)


def account(account_id: str) -> Doer:
    """Name a signed-in person as the doer."""
    return Doer("account", account_id)
