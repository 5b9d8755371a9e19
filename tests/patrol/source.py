"""What the patrol walks over: the repository's own files, and the visible escape `house: allow <rule>`."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ALLOW = re.compile(r"house: allow ((?:[a-z-]+)(?:, [a-z-]+)*)")


@dataclass(frozen=True)
class Sighting:
    """One place a rule looked at; the legal ones prove that the rule can see."""

    line: int
    is_breach: bool


@dataclass(frozen=True)
class Source:
    """One file by its path from the top, with its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The file as Python reads it."""
        return ast.parse(self.text, self.path)

    @cached_property
    def lines(self) -> list[str]:
        """The file as people read it."""
        return self.text.splitlines()

    def allows(self, line: int, rule: str) -> bool:
        """Whether the line, or a comment line straight above it, carries the escape for this rule."""
        above = self.lines[line - 2] if line > 1 else ""
        near = [self.lines[line - 1] if self.lines else ""]
        if above.lstrip().startswith(("#", "{#", "//", "/*")):
            near.append(above)
        return any(rule in named[1].split(", ") for text in near if (named := ALLOW.search(text)))


@cache
def tracked() -> tuple[str, ...]:
    """Every file that is committed or would be: what git ignores is nobody's source."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return tuple(sorted({name for name in listed.split("\0") if name and (ROOT / name).is_file()}))


@cache
def source(path: str) -> Source:
    """One file of the repository."""
    return Source(path, (ROOT / path).read_text("utf-8"))


def sources(pattern: str) -> Iterator[Source]:
    """Every file of ours whose path matches the regular expression."""
    matches = re.compile(pattern).fullmatch
    return (source(path) for path in tracked() if matches(path))


def blanked(text: str, pattern: str) -> str:
    """The text with every match turned to spaces, so that line numbers stay true."""
    return re.sub(pattern, lambda found: re.sub(r"[^\n]", " ", found[0]), text, flags=re.DOTALL)


def line_at(text: str, index: int) -> int:
    """The line number of a position."""
    return text.count("\n", 0, index) + 1
