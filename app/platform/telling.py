"""Telling a machine outside something: one POST to an address that was looked at before anything was sent there.

The way is closed by construction, not by good behaviour: the name is resolved here, every address it has must be one of
the open Internet or of a network the operator named, and it is that very address the connection goes to, so that a name
that answers differently the second time gains nothing. No redirect is followed, no proxy is asked, and the whole thing,
from the greeting to the last byte of the answer's head, has one deadline.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_PORTS: Final = {"https": 443, "http": 80}
# Addresses that carry an IPv4 address inside: it is that one which a gateway on the way would go to.
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


class Inside(Exception):
    """A name leads into a network the operator did not open."""


def hosts(text: str) -> frozenset[tuple[str, int]]:
    """Read `host, host:port, …` as the operator wrote them; raises ValueError."""
    found = set()
    for part in text.replace(",", " ").split():
        parts = urlsplit(f"//{part}")
        is_plain = parts.hostname and parts.netloc == part and "@" not in part and part.isascii()
        if not is_plain or "*" in part:
            message = f"{part}: expected host or host:port"
            raise ValueError(message)
        found.add((str(parts.hostname), parts.port or _PORTS["https"]))
    return frozenset(found)


def networks(text: str) -> tuple[Network, ...]:
    """Read `10.1.0.0/16, …`; raises ValueError."""
    return tuple(ipaddress.ip_network(part) for part in text.replace(",", " ").split())


def where(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of an address; raises ValueError for one that is none of the web's."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc or parts.fragment:
        raise ValueError(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme]


def is_open(address: Address, allowed: Sequence[Network]) -> bool:
    """Say whether one may go to an address: it is of the open Internet, or the operator named its network."""
    inner = _carried(address)
    if inner is not None:
        return is_open(inner, allowed)
    if any(address in network for network in allowed):
        return True
    return address.is_global and not address.is_multicast and not address.is_reserved


def _carried(address: Address) -> Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def resolved(host: str, port: int, allowed: Sequence[Network]) -> list[str]:
    """Return the addresses of a name; raises Inside when one of them is not open, OSError when there is none."""
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    found = list(dict.fromkeys(str(row[4][0]).partition("%")[0] for row in rows))
    if not all(is_open(ipaddress.ip_address(each), allowed) for each in found):
        raise Inside(host)
    return found


class _Line(http.client.HTTPConnection):
    """A connection to addresses that were looked at; the name is used for the certificate and the Host line only."""

    def __init__(
        self, host: str, port: int, addresses: Sequence[str], ends_at: float, *, is_tls: bool
    ) -> None:
        super().__init__(host, port)
        self.default_port = _PORTS["https"] if is_tls else _PORTS["http"]
        self._addresses, self._ends_at, self._is_tls = addresses, ends_at, is_tls
        self.was_cut = False

    def connect(self) -> None:
        problem: OSError | None = None
        for address in self._addresses:
            try:
                left = max(self._ends_at - time.monotonic(), 0.001)
                self.sock = socket.create_connection((address, self.port), timeout=left)
                break
            except OSError as found:
                problem = found
        else:
            raise problem or OSError(self.host)
        if self._is_tls:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            self.sock.do_handshake()

    def cut(self) -> None:
        """End it from outside: whoever waits for a byte that comes every nine seconds waits no longer."""
        self.was_cut = True
        try:
            if self.sock is not None:
                self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it has ended by itself


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, allowed: Sequence[Network], wait_s: float
) -> int:
    """Send a body and return the answer's status; raises Inside, TimeoutError, OSError, http.client.HTTPException."""
    ends_at = time.monotonic() + wait_s
    scheme, host, port = where(url)
    line = _Line(host, port, resolved(host, port, allowed), ends_at, is_tls=scheme == "https")
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    watch = threading.Timer(max(ends_at - time.monotonic(), 0), line.cut)
    watch.daemon = True
    watch.start()
    try:
        line.request("POST", path, body, dict(headers))
        # Only the head of the answer is read: what a stranger's system has to say beyond that is no business of ours.
        status = line.getresponse().status
    except (OSError, http.client.HTTPException):
        if line.was_cut:
            raise TimeoutError from None
        raise
    finally:
        watch.cancel()
        line.close()
    if line.was_cut:  # half a head reads like a whole one
        raise TimeoutError
    return status
