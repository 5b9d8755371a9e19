"""The map's pieces, from this house only (decisions.md 21): the browser never speaks to a provider."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from app.geo import tiles
from app.identity.guards import Anyone
from app.platform.errors import Missing
from app.platform.web.given import Shared

router = APIRouter()


@router.get("/tiles/{z}/{x}/{y}", name="geo:tile")
def show_tile(z: str, x: str, y: str, _guard: Anyone, house: Shared) -> Response:
    """Give one piece of the configured map; the same answer "missing" for no map, no such piece, no picture."""
    return _piece(tiles.configured(house.settings), z, x, y)


@router.get("/tiles/names/{z}/{x}/{y}", name="geo:names")
def show_names(z: str, x: str, y: str, _guard: Anyone, house: Shared) -> Response:
    """Give one piece of the names that lie over the map, where they are a layer of their own."""
    return _piece(tiles.configured_names(house.settings), z, x, y)


def _piece(source: tiles.FolderTiles | tiles.ProviderTiles | None, z: str, x: str, y: str) -> Response:
    if source is None:
        raise Missing
    found = source.tile(tiles.address_of(z, x, y))
    return Response(
        found.body, media_type=found.media_type, headers={"Cache-Control": "public, max-age=86400"}
    )
