from __future__ import annotations

import threading
import time
from statistics import median

import pytest

from app.identity import passwords
from app.platform.errors import Unavailable

LOGIN, NAME = "chen.mingyuan", "陈明远"


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("elevenchars", passwords.TOO_SHORT),
        ("k" * 129, passwords.TOO_LONG),
        ("my name is 陈明远 indeed", passwords.NAMES_YOU),
        ("grey chen.mingyuan herons", passwords.NAMES_YOU),
        ("Mingyuan likes herons", passwords.NAMES_YOU),
        ("woaini1314520", passwords.GUESSABLE),
        ("W0aini5201314!", passwords.GUESSABLE),
        ("Songbei@2026!!", passwords.GUESSABLE),
        ("songbei20261123", passwords.GUESSABLE),
        ("Haerbin-Songbei-2026", passwords.GUESSABLE),
        ("jianchayuan888", passwords.GUESSABLE),
        ("P@ssw0rd2026!", passwords.GUESSABLE),
        ("123456789012", passwords.GUESSABLE),
        ("qwertyuiop12", passwords.GUESSABLE),
        ("1qaz2wsx3edc", passwords.GUESSABLE),
        ("aaaaaaaaaaaa", passwords.GUESSABLE),
        ("abababababab", passwords.GUESSABLE),
        ("13904511234ab", passwords.GUESSABLE),
        ("1990-12-04 hao", passwords.GUESSABLE),
        ("zaijian-shenghuo", passwords.GUESSABLE),
    ],
)
def test_what_is_easily_guessed_is_refused(password: str, why: str):
    assert passwords.fault(password, login=LOGIN, name=NAME) == why


@pytest.mark.parametrize(
    "password",
    [
        "nine grey herons wait",
        "墨绿台灯在窗边等着下雪",
        "墨绿台灯 窗边 等雪 铁壶",
        "x9#Lq2!vTz0p",
        "k7mp-x2qd-9sfw-c3hb",
    ],
)
def test_what_is_ones_own_is_taken(password: str):
    wanted = passwords.TOO_SHORT if len(password) < passwords.LENGTH_MIN else None
    assert passwords.fault(password, login=LOGIN, name=NAME) == wanted


def test_every_slip_passes_its_own_rule_and_none_is_given_twice():
    made = {passwords.readable() for _ in range(200)}
    assert len(made) == 200
    assert [slip for slip in made if passwords.fault(slip, login=LOGIN, name=NAME)] == []
    assert not {"0", "1", "i", "l", "o"} & set("".join(made))


def test_right_wrong_and_nobody():
    stored = passwords.hashed("nine grey herons wait", cost="low")
    assert stored.startswith("$argon2id$")
    assert passwords.check("nine grey herons wait", stored, cost="low") == (True, None)
    assert not passwords.check("nine grey herons fly", stored, cost="low").is_right
    assert not passwords.check("nine grey herons wait", None, cost="low").is_right
    assert not passwords.check("nine grey herons wait", "not a hash", cost="low").is_right


def test_a_cheap_hash_is_made_anew_when_its_owner_comes():
    stored = passwords.hashed("nine grey herons wait", cost="low")
    upgraded = passwords.check("nine grey herons wait", stored, cost="normal").upgraded
    assert upgraded is not None
    assert "m=19456,t=3" in upgraded
    assert passwords.check("nine grey herons wait", upgraded, cost="normal") == (True, None)


def test_nobodys_password_takes_as_long_as_somebodys():
    """CPU time of this thread, so that neighbours on the machine do not matter."""
    stored = passwords.hashed("nine grey herons wait", cost="normal")
    passwords.check("x", None, cost="normal")  # makes nobody's hash once

    def cost(of: str | None) -> float:
        taken = []
        for _ in range(7):
            start = time.thread_time()
            passwords.check("wrong", of, cost="normal")
            taken.append(time.thread_time() - start)
        return median(taken)

    somebody, nobody = cost(stored), cost(None)
    assert 0.6 < somebody / nobody < 1.6, f"{somebody * 1000:.1f} ms against {nobody * 1000:.1f} ms"


def test_a_flood_waits_in_a_short_line_and_the_rest_is_asked_to_come_again():
    begun, refused = threading.Barrier(41), []

    def knock() -> None:
        begun.wait()
        try:
            passwords.hashed("nine grey herons wait", cost="normal")
        except Unavailable:
            refused.append(1)

    knocking = [threading.Thread(target=knock) for _ in range(40)]
    for thread in knocking:
        thread.start()
    begun.wait()
    for thread in knocking:
        thread.join()
    assert 0 < len(refused) <= 24
    assert passwords.hashed("nine grey herons wait", cost="low"), "the line is empty again"
