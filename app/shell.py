"""The addresses that belong to no room: health, service worker, manifest, preferences, patterns."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse, Response

from app.identity.guards import Anyone
from app.platform import migrations
from app.platform.i18n import LOCALES, gettext
from app.platform.web import render
from app.platform.web.cookies import cookie_name, set_cookie
from app.platform.web.given import Form, Shared

router = APIRouter()
development = APIRouter()
_YEAR: Final = 31_536_000


@router.get("/healthz", name="web:health")
def health(_guard: Anyone) -> PlainTextResponse:
    """Say that the process is alive."""
    return PlainTextResponse("ok\n")


@router.get("/readyz", name="web:ready")
def ready(_guard: Anyone, house: Shared) -> JSONResponse:
    """Say whether the house can take reports in: database, migrations at head, storage, room on the disk."""
    found = {}
    try:
        with house.database.read_session() as session:
            found["database"] = True
            version = session.execute(migrations.STANDS_AT).scalar_one_or_none()
            # A newer one serves us too: while hosts are exchanged one by one the first of them has migrated already.
            found["migrations"] = (version or "") >= migrations.newest()
    except Exception:  # noqa: BLE001 - whatever the engine says, the answer is "not ready"
        found["database"] = found["migrations"] = False
    try:
        free_bytes = house.store.free_bytes()
        found["disk"] = free_bytes is None or free_bytes >= house.settings.disk_floor_bytes
        found["storage"] = True
    except OSError:
        found["disk"] = found["storage"] = False
    found["storage"] = found["storage"] and not house.has_failed
    is_ready = all(found.values())
    return JSONResponse({"ready": is_ready, **found}, 200 if is_ready else 503)


@router.get("/sw.js", name="web:service_worker")
def service_worker(_guard: Anyone) -> Response:
    """Serve the service worker at the root, so that its scope is the whole site."""
    path = render.DIST / "sw.js"
    if not path.is_file():
        return PlainTextResponse("", 404)
    return FileResponse(path, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


@router.get("/manifest.webmanifest", name="web:manifest")
def manifest(_guard: Anyone, request: Request, house: Shared) -> JSONResponse:
    """Describe the app to the phone that installs it."""
    asset = request.app.state.environment.globals["asset"]
    icons = [
        {"src": asset("img/icon-192.png"), "sizes": "192x192", "type": "image/png"},
        {"src": asset("img/icon-512.png"), "sizes": "512x512", "type": "image/png"},
        {
            "src": asset("img/icon-maskable.png"),
            "sizes": "512x512",
            "type": "image/png",
            "purpose": "maskable",
        },
    ]
    return JSONResponse(
        {
            "name": gettext("益线 · 公益诉讼线索"),
            "short_name": gettext("益线"),
            "description": house.settings.office_name,
            "lang": "zh-CN",
            "start_url": "/report",
            "scope": "/",
            "display": "standalone",
            "background_color": "#FFFFFF",
            "theme_color": "#0B4F8A",
            "icons": icons,
        },
        headers={"Cache-Control": "public, max-age=86400"},
        media_type="application/manifest+json",
    )


@router.post("/preferences", name="web:preferences")
def set_preferences(_guard: Anyone, request: Request, form: Form) -> Response:
    """Remember text size and language on this device, and go back to where the person was."""
    back = form.get("back")
    is_own = back.startswith("/") and not back.startswith(("//", "/\\")) and "\\" not in back
    response = render.redirect(request, back if is_own else "/")
    if form.get("size") in {"senior", "normal"}:
        set_cookie(
            response, request, cookie_name(request, render.SIZE_COOKIE), form.get("size"), max_age=_YEAR
        )
    if form.get("lang") in LOCALES:
        set_cookie(
            response, request, cookie_name(request, render.LANGUAGE_COOKIE), form.get("lang"), max_age=_YEAR
        )
    return response


@development.get("/patterns", name="web:patterns")
def patterns(_guard: Anyone, request: Request) -> Response:
    """Show every component in every state; exists in development only."""
    return render.page(request, "patterns/page.html")
