"""House rules for Python, each about twenty lines: where it looks, what is a breach, and why (house.md §17).

A breach that is right all the same carries `# house: allow <rule>` and a reason on its line.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.patrol.source import Sighting, Source, sources

Look = Callable[[Source], Iterator[Sighting]]


@dataclass(frozen=True)
class Rule:
    """One rule: its name in the escape, the files it reads, what to do about a breach."""

    name: str
    files: str
    advice: str
    look: Look

    def breaches(self, source: Source) -> list[str]:
        """Say where this file breaks the rule."""
        return [
            f"{source.path}:{sighting.line}: {self.name}: {self.advice}"
            for sighting in self.look(source)
            if sighting.is_breach and not source.allows(sighting.line, self.name)
        ]

    def seen(self) -> list[tuple[Source, Sighting]]:
        """Everything the rule looked at in the repository, legal or not."""
        return [(source, sighting) for source in sources(self.files) for sighting in self.look(source)]


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Every call in a tree."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def called(call: ast.Call) -> str:
    """The last name of what is called: `select` for both `select(…)` and `sa.select(…)`."""
    target = call.func
    return target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")


def names(tree: ast.AST) -> set[str]:
    """Every bare or last name mentioned in a tree."""
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return found | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def lines_of(tree: ast.AST, function: str) -> set[int]:
    """The lines of every function of this name."""
    return {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == function
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }


def is_room_file(source: Source, *stems: str) -> bool:
    """Whether this is one of a room's files of these names, or stands in a folder of that name."""
    return any(part.removesuffix(".py") in stems for part in source.path.split("/")[2:])


def state_writer(source: Source) -> Iterator[Sighting]:
    """Assignments and updates of `.state`; only `service.advance` may make them."""
    legal = lines_of(source.tree, "advance") if is_room_file(source, "service") else set()
    # Facts for the journal tell of a state; they do not set it.
    told = {
        id(part)
        for call in calls(source.tree)
        for fact in call.keywords
        if fact.arg == "facts"
        for part in ast.walk(fact)
    }
    for node in ast.walk(source.tree):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            targets = [node.target]
        elif isinstance(node, ast.Dict) and id(node) not in told and is_room_file(source, "service", "jobs"):
            # Columns to be written travel as a dict: {"state": …}.
            if any(isinstance(key, ast.Constant) and key.value == "state" for key in node.keys):
                yield Sighting(node.lineno, node.lineno not in legal)
        elif isinstance(node, ast.Call):
            updates = called(node) == "values" and "update" in names(node.func)
            sets = called(node) == "setattr" and any(
                isinstance(argument, ast.Constant) and argument.value == "state" for argument in node.args
            )
            if sets or (updates and any(keyword.arg == "state" for keyword in node.keywords)):
                yield Sighting(node.lineno, node.lineno not in legal)
        for target in targets:
            if isinstance(target, ast.Attribute) and target.attr == "state":
                yield Sighting(target.lineno, target.lineno not in legal)


def no_commit(source: Source) -> Iterator[Sighting]:
    """Calls of commit and rollback; the write session alone ends a transaction."""
    for call in calls(source.tree):
        if isinstance(call.func, ast.Attribute) and called(call) in {"commit", "rollback"}:
            yield Sighting(call.lineno, not source.path.startswith("app/platform/"))


def one_clock(source: Source) -> Iterator[Sighting]:
    """Questions to the machine for the time of day; monotonic clocks measure and are free."""
    for call in calls(source.tree):
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        asks = (called(call), getattr(owner, "attr", getattr(owner, "id", "")))
        is_clock = asks[1] in {"datetime", "date", "dt"} and asks[0] in {"now", "utcnow", "today"}
        if is_clock or asks in {
            ("time", "time"),
            ("time_ns", "time"),
            ("localtime", "time"),
            ("now", "func"),
        }:
            yield Sighting(call.lineno, source.path != "app/platform/clock.py")


def selects_in_queries(source: Source) -> Iterator[Sighting]:
    """SELECTs; a reader looks for every one of them in `queries.py`."""
    is_home = is_room_file(source, "queries") or source.path.startswith("app/platform/")
    for call in calls(source.tree):
        written = [node.value for node in call.args if isinstance(node, ast.Constant)]
        by_hand = called(call) in {"text", "exec_driver_sql"} and any(
            isinstance(text, str) and text.lstrip().upper().startswith(("SELECT", "WITH")) for text in written
        )
        is_first = (
            called(call) in {"select", "exists"} and bool(call.args) and "select" not in names_before(call)
        )
        if by_hand or is_first:
            yield Sighting(call.lineno, not is_home)


def names_before(call: ast.Call) -> set[str]:
    """What stands before the dot of a method call: `select(…).exists()` is one SELECT, not two."""
    return names(call.func.value) if isinstance(call.func, ast.Attribute) else set()


def scope_first(source: Source) -> Iterator[Sighting]:
    """Readings of clues; each begins with `visible_to(actor)`, or rows of other people leak."""
    home = source.path == "app/clues/queries.py"
    legal = lines_of(source.tree, "visible_to") if home else set()
    for call in calls(source.tree):
        about = call.args[:1] if called(call) == "get" else call.args
        if called(call) in {"select", "select_from", "get"} and any("Clue" in names(part) for part in about):
            yield Sighting(call.lineno, call.lineno not in legal)


def no_status_in_domain(source: Source) -> Iterator[Sighting]:
    """HTTP numbers and HTTPException; rooms raise refusals, platform/web turns them into answers."""
    is_web = source.path.startswith("app/platform/web/")
    is_json_door = is_room_file(source, "api", "open311", "tus")
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            numbers = [keyword.value for keyword in node.keywords if keyword.arg == "status_code"]
            if any(isinstance(number, ast.Constant) for number in numbers):
                yield Sighting(node.lineno, not (is_web or is_json_door))
        elif (isinstance(node, ast.Name) and node.id == "HTTPException") or (
            isinstance(node, ast.Attribute) and node.attr.startswith("HTTP_")
        ):
            yield Sighting(node.lineno, not is_web)


METHODS = {"get", "post", "put", "patch", "delete", "head", "request", "goto", "RedirectResponse", "redirect"}


def routes_by_name(source: Source) -> Iterator[Sighting]:
    """Addresses written by hand where a request is made or redirected; names survive a move, addresses do not."""
    # A decorator is where an address is given its name.
    naming = {id(call) for node in ast.walk(source.tree) for call in getattr(node, "decorator_list", ())}
    for call in calls(source.tree):
        if called(call) in {"url", "url_for", "url_path_for", "to", "see_other"}:
            yield Sighting(call.lineno, is_breach=False)
        if called(call) in METHODS and id(call) not in naming:
            for argument in call.args[:2]:
                first = (
                    argument.values[0]
                    if isinstance(argument, ast.JoinedStr) and argument.values
                    else argument
                )
                text = first.value if isinstance(first, ast.Constant) else None
                if isinstance(text, str) and text.startswith("/"):
                    yield Sighting(call.lineno, is_breach=True)


APP = r"app/.+\.py"
RULES = (
    Rule("state-writer", APP, "only service.advance writes .state; call it with an action", state_writer),
    Rule("no-commit", APP, "a service never commits; the write session does when it closes", no_commit),
    Rule("one-clock", APP, "take now= as a value, or ask app.platform.clock.now()", one_clock),
    Rule("selects-in-queries", APP, "move this SELECT into the room's queries.py", selects_in_queries),
    Rule("scope-first", APP, "begin with clues.queries.visible_to(actor), never select(Clue)", scope_first),
    Rule(
        "no-status-in-domain",
        APP,
        "raise one of app.platform.errors; platform/web answers",
        no_status_in_domain,
    ),
    Rule(
        "routes-by-name",
        # The bench and the canary speak to a server in another process, as a stranger does: no routes to ask.
        r"(app/|tests/(?!bench/|security/test_canary)).+\.py",
        'use url("room:name") or client.to("room:name")',
        routes_by_name,
    ),
)
