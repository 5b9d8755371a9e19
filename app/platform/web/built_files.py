"""Files of the build: named by their content, so kept for ever; packed once by the build, not at every request."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOR_EVER: Final = "public, max-age=31536000, immutable"
_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class BuiltFiles(StaticFiles):
    """static/dist, with the packed twin of a file where the browser takes gzip."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Give the file, packed if it can be; a name that is not there stays a 404 nobody keeps."""
        ending = PurePosixPath(path).suffix
        takes_gzip = "gzip" in Headers(scope=scope).get("accept-encoding", "")
        if ending in _TYPES and takes_gzip and self.lookup_path(path + ".gz")[1] is not None:
            response = await super().get_response(path + ".gz", scope)
            response.headers["content-encoding"] = "gzip"
            response.headers["content-type"] = _TYPES[ending] + "; charset=utf-8"
            response.headers["vary"] = "Accept-Encoding"
        else:
            response = await super().get_response(path, scope)
        if response.status_code in {200, 304} and self._is_named_by_content(path):
            response.headers["cache-control"] = FOR_EVER
        return response

    @staticmethod
    def _is_named_by_content(path: str) -> bool:
        return "-" in PurePosixPath(path).name
