"""What this process has answered since it began: how often by door and kind of answer, and how long it took.

Names of routes only: never an address, an id or a word of anybody. Written by the one loop that serves.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Counted:
    """Counts and seconds by route."""

    answers: dict[tuple[str, str], int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def note(self, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        key = (route, f"{status // 100}xx")
        self.answers[key] = self.answers.get(key, 0) + 1
        self.seconds[route] = self.seconds.get(route, 0.0) + seconds
