"""Telling a machine outside: only addresses that were looked at, only so long, nobody is followed."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
import threading
import time
from typing import Any

import pytest

from app.platform import telling

LOOP = telling.networks("127.0.0.0/8")


@pytest.mark.parametrize(
    "inner",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "::ffff:10.1.2.3", "64:ff9b::a01:203", "2002:a01:203::1",
        "ff02::1",
    ],
)  # fmt: skip
def test_inner_addresses_are_shut(inner: str):
    assert not telling.is_open(ipaddress.ip_address(inner), ())


def test_outer_addresses_and_named_networks_are_open():
    assert telling.is_open(ipaddress.ip_address("114.114.114.114"), ())
    assert telling.is_open(ipaddress.ip_address("2400:3200::1"), ())
    named = telling.networks("10.20.0.0/16, fd00::/8")
    assert telling.is_open(ipaddress.ip_address("10.20.3.4"), named)
    assert telling.is_open(ipaddress.ip_address("::ffff:10.20.3.4"), named)
    assert not telling.is_open(ipaddress.ip_address("10.21.3.4"), named)


def answers(*addresses: str) -> Any:
    """A name server that says this."""
    return lambda _host, port, **_how: [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses
    ]


def test_one_inner_address_among_others_shuts_the_name(monkeypatch: Any):
    monkeypatch.setattr(socket, "getaddrinfo", answers("114.114.114.114", "169.254.169.254"))
    monkeypatch.setattr(socket, "create_connection", lambda *_any, **_more: pytest.fail("went there"))
    with pytest.raises(telling.Inside):
        telling.post("https://a.gov.cn/", b"", {}, allowed=(), wait_s=5)


def test_a_name_that_changes_its_mind_gains_nothing(monkeypatch: Any):
    """The connection goes to the address that was looked at; the name is not asked a second time."""
    asked: list[Any] = []

    def connect(address: Any, **_how: Any) -> Any:
        asked.append(address)
        raise OSError("far away")

    monkeypatch.setattr(socket, "getaddrinfo", answers("114.114.114.114"))
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(OSError, match="far away"):
        telling.post("https://a.gov.cn/", b"", {}, allowed=(), wait_s=5)
    assert asked == [("114.114.114.114", 443)]


def serve(act: Any) -> int:
    """Take one connection and do this with it; return the port."""
    door = socket.create_server(("127.0.0.1", 0))

    def take() -> None:
        with door, door.accept()[0] as line, contextlib.suppress(OSError):
            act(line)

    threading.Thread(target=take, daemon=True).start()
    return int(door.getsockname()[1])


def drip(line: socket.socket) -> None:
    """Say a byte now and then, for ever."""
    line.recv(65_536)
    line.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    for _byte in range(100):
        line.sendall(b"a")
        time.sleep(0.1)


def test_a_byte_now_and_then_does_not_hold_the_worker():
    port, began = serve(drip), time.monotonic()
    with pytest.raises(TimeoutError):
        telling.post(f"http://127.0.0.1:{port}/", b"{}", {}, allowed=LOOP, wait_s=0.5)
    assert time.monotonic() - began < 3


def test_a_certificate_nobody_vouches_for_ends_it():
    port = serve(lambda line: (line.recv(5), line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")))
    with pytest.raises(ssl.SSLError):
        telling.post(f"https://127.0.0.1:{port}/", b"{}", {}, allowed=LOOP, wait_s=3)


def test_no_proxy_is_asked(monkeypatch: Any):
    port = serve(
        lambda line: (line.recv(65_536), line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
    )
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert telling.post(f"http://127.0.0.1:{port}/", b"{}", {}, allowed=LOOP, wait_s=3) == 200


@pytest.mark.parametrize("wrong", ["*.gov.cn", "https://a.gov.cn", "a.gov.cn/x", "u@a.gov.cn", "a.gov.cn:x"])
def test_hosts_are_named_plainly(wrong: str):
    with pytest.raises(ValueError):
        telling.hosts(wrong)


def test_hosts_are_read():
    assert telling.hosts("") == frozenset()
    assert telling.hosts("A.gov.cn, b.gov.cn:8443") == {("a.gov.cn", 443), ("b.gov.cn", 8443)}
