"""The server's patience, with real sockets: who is let go, who never is."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from app.platform.web.serving import Patience, PatientServer

HOST = b"Host: here\r\n"
SHORT = Patience(header_s=0.5, body_window_s=1.0, body_bytes_per_s=100, idle_s=1, connections=1000)
seen: list[str] = []
lines: list[Line] = []


@pytest.fixture(autouse=True)
def _hung_up() -> Iterator[None]:
    """Close every client's line after its test."""
    yield
    while lines:
        lines.pop().socket.close()


async def house(scope: Any, receive: Any, send: Any) -> None:
    """Read the body and answer with its length; /slow thinks first, /big answers with a lot, /work is long."""
    if scope["type"] != "http":
        return
    seen.append(scope["path"])
    if scope["path"] == "/slow":
        await asyncio.sleep(2.5)
    length, is_whole = 0, False
    while not is_whole:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        length, is_whole = length + len(message["body"]), not message.get("more_body")
    if scope["path"] == "/work":
        await asyncio.sleep(1.0)
    body = bytes(30_000_000) if scope["path"] == "/big" else str(length).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def served(patience: Patience) -> Iterator[tuple[PatientServer, int]]:
    """Run the server in a thread."""
    server = PatientServer(house, host="127.0.0.1", port=0, patience=patience)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield server, listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(20)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server with little patience."""
    with served(SHORT) as (_, number):
        yield number


class Line:
    """A client that says exactly what it is told to."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=8)
        lines.append(self)

    def say(self, *words: bytes, every_s: float = 0.0) -> bool:
        """Send word after word; tell whether all of it could be sent."""
        try:
            for word in words:
                self.socket.sendall(word)
                time.sleep(every_s)
        except OSError:
            return False
        return True

    def answer(self) -> bytes:
        """All that comes back until the end of the line, or of the answer's short body."""
        heard = b""
        try:
            while more := self.socket.recv(65536):
                heard += more
        except OSError:
            return heard + b"(cut)"
        return heard


def ask(path: str, length: int = 0, *more: bytes) -> bytes:
    """A request's header."""
    lines = [f"POST {path} HTTP/1.1\r\nContent-Length: {length}\r\n".encode(), HOST, *more]
    return b"".join(lines) + b"\r\n"


def test_a_header_that_never_ends_is_told_so_and_let_go(port: int):
    started, line = time.monotonic(), Line(port)
    line.say(b"GET / HTTP/1.1\r\n", HOST, *[b"X-A: b\r\n"] * 20, every_s=0.2)
    assert line.answer().startswith((b"HTTP/1.1 408", b"(cut)"))
    assert time.monotonic() - started < 6


def test_a_client_that_says_nothing_is_let_go(port: int):
    assert Line(port).answer().startswith(b"HTTP/1.1 408")


def test_a_body_slower_than_the_floor_is_let_go_before_the_application_hears_of_it(port: int):
    line = Line(port)
    line.say(ask("/dribbled", 5000), *[b"x"] * 12, every_s=0.2)
    assert line.answer().startswith((b"HTTP/1.1 408", b"(cut)"))
    assert "/dribbled" not in seen


def test_a_body_that_stops_halfway_is_let_go(port: int):
    line = Line(port)
    line.say(ask("/stopped", 50_000), bytes(20_000))
    assert line.answer().startswith(b"HTTP/1.1 408")
    assert "/stopped" in seen


def test_a_phone_on_a_bad_line_is_never_cut(port: int):
    line = Line(port)
    assert line.say(ask("/phone", 1000, b"Connection: close\r\n"), *[bytes(50)] * 20, every_s=0.2)
    assert line.answer().endswith(b"\r\n\r\n1000")


def test_waiting_for_the_house_is_not_held_against_a_client(port: int):
    line = Line(port)
    line.say(ask("/slow", 300_000, b"Connection: close\r\n"), bytes(300_000))
    assert line.answer().endswith(b"\r\n\r\n300000")


def test_an_idle_connection_is_closed_quietly(port: int):
    line = Line(port)
    line.say(ask("/idle"))
    assert line.answer().endswith(b"\r\n\r\n0")


def test_an_answer_that_nobody_reads_is_given_up(port: int):
    line = Line(port)
    line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.say(ask("/big"))
    time.sleep(4)
    heard = line.answer()
    assert heard.endswith(b"(cut)")
    assert len(heard) < 100_000


def test_a_header_without_end_is_refused_at_once(port: int):
    line = Line(port)
    line.say(b"GET / HTTP/1.1\r\n" + HOST + b"X-A: " + b"b" * 200_000)
    assert line.answer().startswith((b"HTTP/1.1 431", b"(cut)"))


def test_a_hundred_continue_is_said_before_a_body_is_awaited(port: int):
    line = Line(port)
    line.say(ask("/asked", 10, b"Expect: 100-continue\r\n", b"Connection: close\r\n"))
    assert line.socket.recv(100).startswith(b"HTTP/1.1 100")
    line.say(bytes(10))
    assert line.answer().endswith(b"\r\n\r\n10")


def test_when_there_are_too_many_the_slowest_leave_and_the_honest_stays():
    patient = Patience(connections=40)
    with served(patient) as (server, port):
        phone = Line(port)
        phone.say(ask("/honest", 4000, b"Connection: close\r\n"), bytes(1000))
        crowd = [Line(port) for _ in range(120)]
        for each in crowd:
            each.say(b"GET / HTTP/1.1\r\n")
        deadline = time.monotonic() + 6
        while len(server.server_state.connections) > 40 and time.monotonic() < deadline:
            time.sleep(0.1)
        assert len(server.server_state.connections) <= 40
        phone.say(bytes(3000))
        assert phone.answer().endswith(b"\r\n\r\n4000")
        assert crowd[0].answer().startswith(b"HTTP/1.1 408")


def test_a_graceful_stop_finishes_what_is_under_way_and_takes_no_more():
    with served(Patience()) as (server, port):
        sending, working, idle = Line(port), Line(port), Line(port)
        sending.say(ask("/sending", 9000), bytes(5000))
        working.say(ask("/work", 3), b"abc")
        idle.say(ask("/"))
        time.sleep(0.3)
        server.should_exit = True
        time.sleep(0.5)
        with pytest.raises(OSError):
            Line(port)
        sending.say(bytes(4000))
        assert sending.answer().endswith(b"\r\n\r\n9000")
        assert working.answer().endswith(b"\r\n\r\n3")
        assert idle.answer().endswith(b"\r\n\r\n0")


def test_a_socket_kept_by_the_supervisor_is_taken_over_and_one_meant_for_another_is_not():
    """systemd's protocol: LISTEN_PID names whom descriptor 3 is for; a child that inherits the words must not believe them."""
    asks = (
        "import os, sys; os.dup2(int(sys.argv[1]), 3); os.environ.update(LISTEN_FDS='1', LISTEN_PID=sys.argv[2] or str(os.getpid()));"
        "from app.platform.web.serving import kept_sockets; kept = kept_sockets();"
        "print(kept and kept[0].getsockname()[1], kept and os.get_inheritable(3), 'LISTEN_FDS' in os.environ)"
    )
    with socket.create_server(("127.0.0.1", 0)) as listening:
        number = listening.getsockname()[1]

        def told(meant_for: str) -> str:
            command = [sys.executable, "-c", asks, str(listening.fileno()), meant_for]
            done = subprocess.run(
                command, check=True, capture_output=True, text=True, pass_fds=[listening.fileno()]
            )
            return done.stdout.strip()

        assert told("") == f"{number} False False"
        assert told("1") == "None None False"
