"""A person's hand on a page: what it does is counted, and what that costs is reckoned by a published model.

The keystroke-level model (Card, Moran and Newell, Communications of the ACM 23 (7), 1980, 396-410) gives seconds to what a
practised person does without a mistake: to make up one's mind, to aim, to press, to type a key, to move a hand to the keys. What
it leaves out (reading, doubt, mistakes) is left out here too: its figures are the least a task costs, not what a stranger needs.
Where a person is old, the slow ends of its own ranges are taken: aiming 1.5 s, and 1.2 s a key, "unfamiliar with the keyboard".
"""

from __future__ import annotations

import math
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Site

# Of a screen's height, what one swipe moves: something of the page before stays in sight.
_A_SWIPE: Final = 0.7
_BAR_PX: Final = 80  # the bar with the main button covers the foot of a phone's screen


@dataclass(frozen=True, slots=True)
class Pace:
    """The model's operators in seconds: M, P, a button pressed and let go, K, H."""

    mind: float = 1.35
    aim: float = 1.10
    press: float = 0.20
    key: float = 0.28
    home: float = 0.40

    def seconds(self, done: Counter[str]) -> float:
        """What a hand needs for this; each tap and each swipe is made up one's mind about."""
        moves = done["taps"] + done["swipes"]
        return (
            moves * (self.mind + self.aim + self.press) + done["keys"] * self.key + done["homes"] * self.home
        )


GROWN: Final = Pace()
OLD: Final = Pace(aim=1.50, key=1.20)


@dataclass
class Hand:
    """One hand, at one page; `is_desk` says that it moves between a mouse and keys."""

    page: Page
    site: Site
    is_desk: bool = False
    done: Counter[str] = field(default_factory=Counter)
    began: float = field(default_factory=time.monotonic)
    notes: list[str] = field(default_factory=list)

    def tap(self, what: Locator | str) -> None:
        """Tap a thing, or what can be tapped and bears these words."""
        found = what
        if isinstance(found, str):
            found = self.page.locator("a, button, summary, label").filter(has_text=found)
        found = found.locator("visible=true").first
        self._reach(found)
        found.click()
        self.page.wait_for_load_state()
        self.done["taps"] += 1

    def write(self, box: str, text: str, typed: str = "") -> None:
        """Go to a box and write; `typed` are the letters of a Chinese text, one more key takes what they mean."""
        found = self.page.locator(box).locator("visible=true").first
        self._reach(found)
        found.fill(text)
        self.done.update(taps=1, keys=len(typed) + 1 if typed else len(text), homes=2 * self.is_desk)

    def choose(self, box: str, value: str) -> None:
        """Open a list and take one of it."""
        found = self.page.locator(box).first
        self._reach(found)
        found.select_option(value)
        self.done["taps"] += 2

    def photo(self, box: str, file: dict[str, object]) -> None:
        """Take one photo, which is the camera's matter: one tap here."""
        self.page.locator(box).set_input_files([file])  # type: ignore[list-item]
        self.done["taps"] += 1

    def sees(self, words: str) -> None:
        """Be sure that a task is done: these words can be read."""
        expect(self.page.get_by_text(words).locator("visible=true").first).to_be_visible()

    def _reach(self, found: Locator) -> None:
        """Swipe until a thing can be tapped."""
        found.wait_for()
        box, size = found.bounding_box(), self.page.viewport_size
        if not box or not size:
            return
        room = size["height"] - (0 if self.is_desk else _BAR_PX)
        middle = box["y"] + box["height"] / 2
        far = max(0.0, middle - room, -middle)
        # What stands still on the screen is never out of reach.
        if far and found.evaluate("(one) => !one.closest('.step-bar')"):
            self.done["swipes"] += math.ceil(far / (_A_SWIPE * size["height"]))

    def so_far(self) -> Counter[str]:
        """What was done up to now."""
        return Counter(self.done)
