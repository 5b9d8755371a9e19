"""The only wiring of the house: settings in, application out. Imported by nobody but the server and tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from starlette.middleware.gzip import GZipMiddleware

from app import page_help, shell, wiring
from app.platform import logging
from app.platform.crypto import KeyRing, make_key_file
from app.platform.db import Database
from app.platform.pieces import Pieces
from app.platform.settings import Settings
from app.platform.storage import BlobStore
from app.platform.storage_local import LocalStore
from app.platform.web import refusals, render
from app.platform.web.built_files import BuiltFiles
from app.platform.web.counted import Counted
from app.platform.web.doors import Doors
from app.platform.web.given import House
from app.platform.web.middleware import Threshold

_SWEEP_AFTER_S = 3600.0


class UnsafeSettings(RuntimeError):
    """Production must not start like this; the message says what to set."""


def open_house(settings: Settings) -> House:
    """Open database, keys and store; in development the key file is made when there is none."""
    unsafe = settings.unsafe()
    if unsafe:
        raise UnsafeSettings("\n".join(unsafe))
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if not settings.is_production and not settings.keys.exists():
        make_key_file(settings.keys, key_id="dev1")
    return House(
        settings=settings,
        database=Database(settings.database),
        keys=KeyRing.from_file(settings.keys, cipher=settings.cipher),
        store=_store(settings),
        pieces=Pieces(settings.data_dir / "blobs"),
    )


def _store(settings: Settings) -> BlobStore:
    """Open the folder, or the bucket where one is named."""
    if not settings.s3_bucket:
        return LocalStore(settings.data_dir / "blobs")
    try:
        from app.platform import bucket  # noqa: PLC0415 - an extra: only who names a bucket needs it
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] != "obstore":
            raise
        raise UnsafeSettings(
            "YIXIAN_S3_BUCKET is set, but the package obstore is not installed: "
            "install the extra `s3` (pip install 'yixian[s3]'), or unset it."
        ) from None
    return bucket.opened(settings)


def create_app(settings: Settings) -> FastAPI:
    """Build the application: rooms, guards, refusals, the threshold, and the worker where it lives inside."""
    logging.configure(json=settings.is_production)
    house = open_house(settings)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        house.store.sweep_incoming(_SWEEP_AFTER_S)
        with wiring.serving(house), wiring.reactions(house, is_running=settings.works_in_process):
            yield
        house.database.close()

    app = FastAPI(
        title="Yixian",
        lifespan=life,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        webhooks=wiring.WEBHOOKS,
        default_response_class=RedirectResponse,
    )
    app.state.house, app.state.counted = house, Counted()
    render.install(app, settings)
    refusals.install(app)
    for router in wiring.ROUTERS:
        app.include_router(router)
    app.include_router(shell.router)
    if not settings.is_production:
        app.include_router(shell.development)
    app.state.nav, app.state.page_help = wiring.NAV, page_help.TEXTS
    app.state.journal_words = wiring.JOURNAL_WORDS
    if render.DIST.is_dir():
        app.mount("/static/dist", BuiltFiles(directory=render.DIST), name="static")
    app.router.middleware_stack = Doors(app.router)
    app.add_middleware(GZipMiddleware, minimum_size=800, compresslevel=1)
    app.add_middleware(Threshold, settings=settings, counted=app.state.counted)
    return app
