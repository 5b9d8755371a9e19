"""Names and flags of the house's cookies."""

from __future__ import annotations

from typing import Any

from fastapi import Request

from app.platform.web.given import House


def cookie_name(request: Request, name: str) -> str:
    """Return a cookie's full name: `__Host-` wherever the public address is https."""
    house: House = request.app.state.house
    return f"__Host-{name}" if house.settings.is_https else name


def set_cookie(response: Any, request: Request, name: str, value: str, *, max_age: int | None = None) -> None:
    """Set a cookie with the flags of the house: HttpOnly, SameSite=Lax, Secure on https, whole site."""
    house: House = request.app.state.house
    response.set_cookie(
        name, value, max_age=max_age, path="/", secure=house.settings.is_https, httponly=True, samesite="lax"
    )


def forget_cookie(response: Any, request: Request, name: str) -> None:
    """Delete a cookie with the flags it was set with, or a `__Host-` one stays."""
    set_cookie(response, request, cookie_name(request, name), "", max_age=0)
