"""The repository as a stranger finds it: the top level, sizes, nothing foreign, nothing of one machine."""

from __future__ import annotations

import json
import re

import pytest

from tests.patrol.source import ROOT, Source, source, sources, tracked

NEEDED = {
    "app", "migrations", "templates", "static", "tests", "alembic.ini", "pyproject.toml", "README.md",
}  # fmt: skip
BESIDE = {"docs", "Makefile", "LICENSE", "README.zh-CN.md"}
CODE = r"(?:app|tests|static|templates|migrations)/.+\.(?:py|js|mjs|css|html)"
LIMIT = 400
# path: why a reviewer let it stand
LONGER = {
    "migrations/versions/0001_spine.py": "every table of the spine, one straight list as Alembic writes it"
}
WIDEST = 1000
# Put together from pieces, so that this file is not its own finding.
FOREIGN = (
    "pypi" + r"\.org",
    "pythonhosted" + r"\.org",
    "npmjs" + r"\.(?:org|com)",
    "/wor" + "k/[a-z]",
    "/roo" + r"t/\.",
)


def top(names: tuple[str, ...]) -> set[str]:
    """The first part of each path, dotfiles aside."""
    return {name.split("/")[0] for name in names if not name.startswith(".")}


def too_long(code: Source) -> bool:
    """Whether a reviewer must say why."""
    return len(code.lines) > LIMIT and code.path not in LONGER


def looks_minified(code: Source) -> bool:
    """Whether this came out of a tool: our own lines are written to be read."""
    return ".min." in code.path or any(len(line) > WIDEST for line in code.lines)


def addresses(lock: Source) -> list[str]:
    """Lines of a lock that tie it to one registry."""
    marks = re.compile(r"https?:|file:|--index-url|--extra-index-url|--find-links|\"resolved\"")
    return [line for line in lock.lines if marks.search(line) and '"url"' not in line]


def test_the_top_level_is_as_agreed():
    found = top(tracked())
    assert found - NEEDED <= BESIDE, f"has no place at the top level (house.md): {found - NEEDED - BESIDE}"
    assert found >= NEEDED, f"missing at the top level: {NEEDED - found}"
    assert not top(("app/main.py", "helpers/x.py")) <= NEEDED | BESIDE


def test_files_are_short():
    seen = list(sources(CODE))
    assert seen
    long = [f"{code.path}: {len(code.lines)} lines" for code in seen if too_long(code)]
    assert not long, f"split these, or write the reason into LONGER: {long}"
    assert [path for path in LONGER if not (ROOT / path).exists()] == [], "LONGER names a file that is gone"
    assert too_long(Source("app/x.py", "a\n" * (LIMIT + 1)))


def test_nothing_from_outside_is_committed():
    seen = list(sources(r".+\.(?:js|mjs|css)"))
    assert seen
    foreign = [code.path for code in seen if looks_minified(code)]
    foreign += [name for name in tracked() if "node_modules/" in name or name.startswith("static/dist/")]
    assert not foreign, f"install it at set-up instead of committing it: {foreign}"
    assert looks_minified(Source("static/js/x.js", "a" * (WIDEST + 1)))


def test_locks_name_no_registry():
    locks = list(sources(r"\.locks/.+\.txt|static/package-lock\.json"))
    assert len(locks) >= 3
    for lock in locks:
        assert not addresses(lock), f"{lock.path} is tied to one registry: {addresses(lock)[:3]}"
    assert addresses(Source("x", "--index-url https://registry.example/simple\n"))
    assert addresses(Source("x", '"resolved": "https://registry.example/a.tgz"\n'))


def test_the_browser_lock_has_a_hash_for_every_package():
    packages = json.loads(source("static/package-lock.json").text)["packages"]
    assert len(packages) > 1
    assert [name for name, told in packages.items() if name and "integrity" not in told] == []


def test_python_locks_have_hashes():
    for lock in sources(r"\.locks/.+\.txt"):
        pinned = re.findall(r"^[a-zA-Z0-9_.-]+(?:\[[^\]]+\])?==", lock.text, re.MULTILINE)
        assert len(pinned) > 10
        assert lock.text.count("--hash=sha256:") >= len(pinned)


@pytest.mark.parametrize("mark", FOREIGN)
def test_no_machine_and_no_registry_is_named(mark: str):
    seen = [code for code in map(readable, tracked()) if code]
    assert seen
    found = [
        f"{code.path}:{number}"
        for code in seen
        for number, line in enumerate(code.lines, 1)
        if re.search(mark, line) and not code.path.startswith((".locks/", "docs/decisions/"))
    ]
    assert not found, f"a path of one machine or a registry's address: {found}"


def readable(path: str) -> Source | None:
    """A file's text, or nothing for pictures."""
    try:
        return source(path)
    except UnicodeDecodeError:
        return None
