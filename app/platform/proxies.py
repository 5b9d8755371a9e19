"""Who knocks when proxies stand in between: named ones are believed, and of what they tell only what they added.

A proxy appends to X-Forwarded-For whom it was called by. Read from the right, each entry is true as long as the one
who added it is ours; the first that is not ours is the client, and whatever stands left of it he wrote himself.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Final

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
UNKNOWN: Final = "unknown"
# A wider network is no list of proxies: with everybody believed, everybody writes his own address.
_WIDEST: Final = {4: 8, 6: 16}


def networks(text: str) -> tuple[_Network, ...]:
    """Read `10.0.0.5, 10.1.0.0/24`; raises ValueError for what is no network, or for one too wide to be proxies."""
    found = tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())
    for each in found:
        if each.prefixlen < _WIDEST[each.version]:
            message = f"{each} is too wide: name the proxies, not everybody"
            raise ValueError(message)
    return found


def address_of(text: str) -> _Address | None:
    """Read an address, an IPv4 one behind IPv6 as itself; None for what is none."""
    try:
        found = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, ipaddress.IPv6Address) else found


class Proxies:
    """Those in front of this house; one on this very machine is always among them."""

    def __init__(self, text: str = "") -> None:
        """Take the list as the setting has it."""
        self._networks = networks(text)

    def client_behind(self, peer: str, forwarded: Iterable[str]) -> str:
        """Return the client's address: the peer, or whom the last proxy of ours names; `unknown` for nonsense."""
        # A header may come on several lines (some proxies add one of their own): together they are one list.
        entries = [entry for line in forwarded for entry in line.split(",") if entry.strip()]
        seen = address_of(peer)
        while entries and seen is not None and self._is_ours(seen):
            seen = address_of(entries.pop())
        return UNKNOWN if seen is None else str(seen)

    def _is_ours(self, address: _Address) -> bool:
        return address.is_loopback or any(address in network for network in self._networks)
