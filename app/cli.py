"""python -m app serve | work | migrate | seed | check | verify | backup | restore | move | metrics | account | retention | demo."""

from __future__ import annotations

import argparse
import contextlib
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Literal

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from app import rotation, seeding, wiring, worker
from app.evidence import checking
from app.keeping import service as keeping
from app.kept_loaded import KeptLoaded, listening
from app.main import UnsafeSettings, create_app, open_house
from app.platform import clock, logging, migrations
from app.platform.crypto import make_key_file
from app.platform.settings import Settings
from app.platform.web.serving import WAITING_AT_MOST, Patience, PatientServer, kept_sockets
from app.upkeep import commands as upkeep
from app.upkeep import exposition, figures, move, restore

_ROOT: Final = Path(__file__).resolve().parent.parent
_MIGRATION_LOCK: Final = 7_105_500


def say(line: str) -> None:
    """Write one line for the operator."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def migrate(settings: Settings, revision: str = "head") -> None:
    """Bring the database to a migration, by default the newest; harmless when it is there or further.

    Further it is while hosts are exchanged one by one: then one of the version before may start again too.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine = create_engine(settings.database)
    if revision == "head" and _is_at_head(engine):
        engine.dispose()
        return
    from alembic import command  # noqa: PLC0415 - a start that has nothing to migrate does not wait for it
    from alembic.config import Config  # noqa: PLC0415
    from alembic.migration import MigrationContext  # noqa: PLC0415

    config = Config(str(_ROOT / "alembic.ini"))
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            # house: allow selects-in-queries (a lock, not a read: two starters must not migrate at once)
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
        config.attributes["connection"] = connection
        stands_at = MigrationContext.configure(connection).get_current_revision() or ""
        if revision.startswith("-"):
            command.downgrade(config, revision)
        elif revision == "head" and stands_at > migrations.newest():
            say(
                f"the database is newer ({stands_at}) than this program: exchange the program of this host soon"
            )
        else:
            command.upgrade(config, revision)
    engine.dispose()


def _is_at_head(engine: Engine) -> bool:
    """Say whether there is nothing to migrate; whatever cannot be read is for alembic to judge."""
    with contextlib.suppress(SQLAlchemyError), engine.connect() as connection:
        return connection.execute(migrations.STANDS_AT).scalars().all() == [migrations.newest()]
    return False


def seed(settings: Settings) -> None:
    """Load the office, the reference data and, in development, the cast; adds what is missing, touches nothing."""
    house = open_house(settings)
    with house.database.write_session() as session:
        seeding.load(session, settings)
    house.database.close()


def _serve(settings: Settings, options: argparse.Namespace) -> int:
    sockets = kept_sockets()
    if not options.keep_loaded:
        return _serve_once(settings, sockets)
    held = sockets or listening(settings.host, settings.port, backlog=WAITING_AT_MOST)
    return KeptLoaded(lambda: _ended(lambda: _serve_once(settings, held)), held, say).run()


def _serve_once(settings: Settings, sockets: list[socket.socket] | None) -> int:
    migrate(settings)
    seed(settings)
    app = create_app(settings)
    say(f"益线 / Yixian: {settings.base_url}")
    if settings.has_cast:
        say(f"  办公入口 / office sign-in (development cast): {settings.base_url}/sign-in")
    patience = Patience(
        header_s=settings.header_seconds,
        body_window_s=settings.body_window_seconds,
        body_bytes_per_s=settings.body_bytes_per_second,
        idle_s=settings.idle_seconds,
        connections=settings.connections,
    )
    house = app.state.house
    PatientServer(
        app, host=settings.host, port=settings.port, patience=patience, has_failed=lambda: house.has_failed
    ).run(sockets)
    # Not 0 after a failing disk, so that a supervisor starts anew and what was committed is read again.
    return 1 if house.has_failed else 0


def _work(settings: Settings, _options: argparse.Namespace) -> int:
    logging.configure(json=settings.is_production)
    house, stop = open_house(settings), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with wiring.handlers(house) as handlers:
        worker.run(wiring.tools_of(house), handlers, stop, wiring.CHORES)
    return 0


def _migrate(settings: Settings, _options: argparse.Namespace) -> int:
    migrate(settings)
    say("migrated to head")
    return 0


def _seed(settings: Settings, _options: argparse.Namespace) -> int:
    seed(settings)
    say("reference data loaded")
    return 0


def _check(settings: Settings, options: argparse.Namespace) -> int:
    if options.make_key:
        make_key_file(Path(options.make_key), key_id=options.key_id)
        say(f"key file made: {options.make_key}. Keep a copy where the data is not.")
        return 0
    return upkeep.run_check(settings, options, open_house, say)


def _verify(settings: Settings, options: argparse.Namespace) -> int:
    """Say of every row and every byte whether it is as it was written: 0 all well, 1 a fault, 2 could not look."""
    house, faults = open_house(settings), 0
    tools = wiring.tools_of(house)
    try:
        for check in (checking.check_journal, checking.check_store):
            if options.journal_only and check is checking.check_store:
                continue
            for finding in check(tools):
                faults += finding.is_fault
                say(f"{'FAULT' if finding.is_fault else 'ok   '}  {finding.about}: {finding.text}")
    except (SQLAlchemyError, OSError) as problem:
        say(f"STOP   could not look further: {type(problem).__name__}: {problem}")
        return 2
    finally:
        house.database.close()
    say("all well" if not faults else f"{faults} faults")
    return 1 if faults else 0


def _backup(settings: Settings, options: argparse.Namespace) -> int:
    return upkeep.run_backup(settings, options, open_house, say)


def _restore(settings: Settings, options: argparse.Namespace) -> int:
    return upkeep.run_restore(settings, options, open_house, say)


def _move(settings: Settings, options: argparse.Namespace) -> int:
    return upkeep.run_move(settings, options, open_house, migrate, say)


def _metrics(settings: Settings, _options: argparse.Namespace) -> int:
    """Write the figures for a collector of text files: no door is opened for them."""
    house = open_house(settings)
    with house.database.read_session() as session:
        sys.stdout.write(exposition.written(figures.taken(session, house, now=clock.now())))
    house.database.close()
    return 0


def _account(settings: Settings, options: argparse.Namespace) -> int:
    from app.identity import first_account  # noqa: PLC0415 - only this command needs it

    house = open_house(settings)
    with house.database.write_session() as session:
        say(
            first_account.make_or_rescue(
                session, settings, login=options.login, name=options.name, role=options.role
            )
        )
    return 0


def _rotate_keys(settings: Settings, options: argparse.Namespace) -> int:
    if options.add:
        try:
            say(rotation.add(settings, options.add))
        except ValueError as error:
            say(f"nothing changed: {error}")
            return 2
        return 0
    house = open_house(settings)
    done = rotation.reseal(house)
    for one in done:
        say(f"{one.name}: {one.changed} sealed anew, {one.unreadable} do not open")
    house.database.close()
    return 1 if any(one.unreadable for one in done) else 0


def _demo(settings: Settings, options: argparse.Namespace) -> int:
    if options.tiles:
        return _draw_tiles(settings, options.tiles)
    from app import demo  # noqa: PLC0415 - drawing code is loaded for this command only

    migrate(settings)
    seed(settings)
    say(demo.fill(settings, clues=options.clues))
    return 0


def _draw_tiles(settings: Settings, folder: Path) -> int:
    """Touch no office: a map to rehearse with lies in a folder of its own."""
    from app.demo import tiles  # noqa: PLC0415 - drawing code is loaded for this command only

    count = 0
    layers: list[tuple[Literal["ground", "names"], str]] = [
        ("ground", "TILES_URL"),
        ("names", "TILES_NAMES_URL"),
    ]
    for layer, name in layers:
        drawing = tiles.DrawnMap(settings.tiles_datum, layer=layer)
        count += tiles.write(folder / layer, drawing, tiles.ZOOMS)
        say(f"YIXIAN_{name}=file:{folder.resolve()}/{layer}/{{z}}/{{x}}/{{y}}.png")
    say(f"# {count} tiles, drawn as {settings.tiles_datum}")
    say(f"YIXIAN_TILES_DATUM={settings.tiles_datum}")
    say(f"YIXIAN_TILES_DEEPEST={tiles.ZOOMS[-1]}")
    return 0


def _retention(settings: Settings, _options: argparse.Namespace) -> int:
    """Say what the next run would do; changes nothing."""
    house, days = open_house(settings), settings.retention_notice_days
    with house.database.read_session() as session:
        plan = keeping.plan(session, cap=settings.retention_cap, notice_days=days, now=clock.now())
    say(f"would be told of today: {len(plan.candidates)} (and go {days} days later at the earliest)")
    say(f"would be erased today: {len(plan.going)}")
    for stop in plan.stopped:
        say(
            f"STOP  {stop.count} fall due at once in one circle, the cap is {settings.retention_cap}: none goes"
        )
    house.database.close()
    return 1 if plan.stopped else 0


_COMMANDS: Final[dict[str, tuple[str, Callable[[Settings, argparse.Namespace], int]]]] = {
    "serve": ("migrate, seed and serve on YIXIAN_HOST:YIXIAN_PORT", _serve),
    "work": ("run the worker (PostgreSQL; on SQLite `serve` has it inside)", _work),
    "migrate": ("bring the database to the newest migration", _migrate),
    "seed": ("load the reference data; adds what is missing", _seed),
    "check": ("go through the acceptance sheet; --make-key FILE makes a key file", _check),
    "verify": ("check the journal, its signed heads and every kept byte; exit code 1 names faults", _verify),
    "backup": ("make a sealed backup while the office serves; --make-key FILE makes its keys", _backup),
    "restore": ("bring a backup back into an empty place and compare every digest", _restore),
    "move": (
        "carry an office from SQLite to PostgreSQL, and photos to a bucket; interrupted, it goes on",
        _move,
    ),
    "metrics": ("write the figures an alert is about, as Prometheus reads them", _metrics),
    "account": ("make the first administrator, or rescue one who is locked out", _account),
    "rotate-keys": ("seal everything anew under the first key; --add ID puts a new key first", _rotate_keys),
    "retention": ("say what would be told of and erased today; changes nothing", _retention),
    "demo": ("fill a development office with a believable season", _demo),
}


def _add_account(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--login", required=True)
    sub.add_argument("--name", default="")
    sub.add_argument("--role", default="secadmin")


def _add_demo(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--clues", type=int, default=500)
    sub.add_argument(
        "--tiles",
        type=Path,
        metavar="FOLDER",
        help="fill nothing; draw map tiles there to rehearse the map with",
    )


_OPTIONS: Final[dict[str, Callable[[argparse.ArgumentParser], object]]] = {
    "serve": lambda sub: sub.add_argument(
        "--keep-loaded",
        action="store_true",
        help="a parent keeps the programs loaded: killed, the server is there again after a second",
    ),
    "check": upkeep.add_check,
    "verify": lambda sub: sub.add_argument(
        "--journal-only", action="store_true", help="leave the photos unread"
    ),
    "backup": upkeep.add_backup,
    "restore": upkeep.add_restore,
    "move": upkeep.add_move,
    "account": _add_account,
    "rotate-keys": lambda sub: sub.add_argument("--add", metavar="ID", default=""),
    "demo": _add_demo,
}


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m app", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (help_text, _) in _COMMANDS.items():
        sub = commands.add_parser(name, help=help_text)
        if name in _OPTIONS:
            _OPTIONS[name](sub)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the process's exit code."""
    options, settings = _parsed(arguments), Settings()
    if options.command != "restore" and (begun := restore.unfinished(settings)):
        sys.stderr.write(
            f"Restoring {begun} was interrupted here: finish it with `restore --set {begun}` first.\n"
        )
        return 2
    if left := move.left_for(settings):
        sys.stderr.write(f"This office was moved to {left}: set YIXIAN_DATABASE_URL to it.\n")
        return 2
    return _ended(lambda: _COMMANDS[options.command][1](settings, options))


def _ended(run: Callable[[], int]) -> int:
    """Run to the end; Ctrl-C is one, and settings that are not safe are said in words."""
    try:
        with contextlib.suppress(KeyboardInterrupt):
            return run()
    except UnsafeSettings as error:
        sys.stderr.write("Yixian does not start in production like this:\n")
        for line in str(error).splitlines():
            sys.stderr.write(f"  - {line}\n")
        return 2
    return 0
