"""What is shown once (a new password, printed codes, a new token) travels to its page in a cookie: sealed, and not for long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request, Response

from app.platform.crypto import Unreadable
from app.platform.web.cookies import cookie_name, forget_cookie, set_cookie
from app.platform.web.given import House


@dataclass(frozen=True, slots=True)
class ShownOnce:
    """One kind of such a thing: its cookie, what its seal is bound to, how long it may wait."""

    cookie: str
    table: str
    holds: timedelta

    def carry(
        self,
        response: Response,
        request: Request,
        house: House,
        *,
        row: str,
        field: str,
        text: str,
        now: datetime,
    ) -> Response:
        """Let an answer carry the text to the page that shows it."""
        until = int((now + self.holds).timestamp())
        sealed = house.keys.seal_field(f"{until} {text}", table=self.table, row=row, field=field)
        name = cookie_name(request, self.cookie)
        set_cookie(response, request, name, sealed, max_age=int(self.holds.total_seconds()))
        return response

    def carried(self, request: Request, house: House, *, row: str, field: str, now: datetime) -> str:
        """Return the text, or nothing when it was shown already, is another's, or too old."""
        cookie = request.cookies.get(cookie_name(request, self.cookie), "")
        try:
            until, _, text = house.keys.open_field(cookie, table=self.table, row=row, field=field).partition(
                " "
            )
        except (Unreadable, ValueError):
            return ""
        return text if int(until) >= now.timestamp() else ""

    def forget(self, response: Response, request: Request) -> None:
        """Let the browser forget it with the answer that shows it."""
        forget_cookie(response, request, self.cookie)
