"""A city's own sign-on (OpenID Connect Core 1.0, code flow with PKCE, RFC 7636), an extra: off unless an issuer is named.

The provider says who somebody is; what they may do is decided here, by an account a security administrator made. One
claim names the account; with the first sign-in the account is bound to the provider's own name for the person (`sub`),
so that a login given to somebody else later opens nothing. Nothing is kept of a try: it travels in a stamped cookie.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import client
from typing import Any, Final, cast
from urllib.parse import quote_plus, urlencode, urlsplit

from sqlalchemy import insert

from app.identity import queries
from app.identity.models import Account, SignOnLink
from app.identity.queries import credentials
from app.platform import journal, outside
from app.platform.crypto import KeyRing
from app.platform.db import WriteSession
from app.platform.errors import Unavailable
from app.platform.i18n import N_
from app.platform.settings import Settings

BY: Final = "sso"
HOLDS: Final = timedelta(minutes=10)
_PURPOSE: Final = "sign-on"
_WAIT_S: Final = 10.0
_MOST_BYTES: Final = 512 * 1024
_LEEWAY_S: Final = 60
# Signatures of public keys only: a secret both sides know proves nothing here, and `none` proves less.
_ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
)
# RFC 8176: how a provider says that more than a password was shown.
_SECOND_STEPS: Final = frozenset({"mfa", "otp", "hwk", "swk", "sc", "fpt", "face"})


class ProviderSilent(Unavailable):
    """The provider cannot be asked now, or its answer cannot be read."""

    code = "provider_silent"
    text = N_("统一登录现在连不上。请稍后再试，或者用账号和密码登录。")


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send somebody, and the stamp their browser keeps until they come back."""

    address: str
    stamp: str


@dataclass(frozen=True, slots=True)
class Known:
    """Whom the provider vouches for."""

    account: Account
    has_second_step: bool


def begin(settings: Settings, keys: KeyRing, *, back: str, next_path: str, now: datetime) -> Begun:
    """Ask the provider for a person; `back` is our full address it sends them to. Raises ProviderSilent."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    wish = {
        "response_type": "code", "scope": "openid profile", "client_id": settings.oidc_client_id, "redirect_uri": back,
        "state": state, "nonce": nonce, "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    facts = {"state": state, "nonce": nonce, "verifier": verifier, "next": next_path}
    address = str(_discovered(settings).get("authorization_endpoint", ""))
    return Begun(
        f"{address}{'&' if '?' in address else '?'}{urlencode(wish)}",
        keys.stamp(_PURPOSE, facts, expires_at=now + HOLDS),
    )


def read_stamp(keys: KeyRing, stamp: str, state: str, *, now: datetime) -> Mapping[str, Any] | None:
    """Return the try somebody comes back from, if it is the one this browser began."""
    facts = keys.read_stamp(_PURPOSE, stamp, now=now) if stamp else None
    if facts is None or not secrets.compare_digest(str(facts["state"]).encode(), state.encode()):
        return None
    return facts


def vouched(
    settings: Settings, code: str, facts: Mapping[str, Any], *, back: str, now: datetime
) -> Mapping[str, Any] | None:
    """Exchange a code for the provider's word, checked (Core 3.1.3.7); None where it does not hold.

    Asks over the network: call it before a write session's first statement. Raises ProviderSilent.
    """
    from joserfc import jwt  # noqa: PLC0415 - an extra
    from joserfc.errors import JoseError  # noqa: PLC0415
    from joserfc.jwk import KeySet  # noqa: PLC0415

    provider = _discovered(settings)
    wish = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": facts["verifier"],
    }  # fmt: skip
    told = _asked(str(provider.get("token_endpoint", "")), wish, settings)
    if told is None:
        return None
    keyset = _asked(str(provider.get("jwks_uri", "")))
    try:
        token = jwt.decode(
            str(told.get("id_token", "")),
            KeySet.import_key_set(cast("Any", keyset or {"keys": []})),
            algorithms=_ALGORITHMS,
        )
        rules = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()), leeway=_LEEWAY_S,
            iss={"essential": True, "value": settings.oidc_issuer},
            aud={"essential": True, "value": settings.oidc_client_id},
            nonce={"essential": True, "value": facts["nonce"]},
            sub={"essential": True}, exp={"essential": True}, iat={"essential": True},
        )  # fmt: skip
        rules.validate(token.claims)
    except (JoseError, ValueError, KeyError, TypeError):
        return None
    parties = token.claims.get("azp", settings.oidc_client_id)
    return token.claims if parties == settings.oidc_client_id else None


def recognise(
    session: WriteSession, settings: Settings, claims: Mapping[str, Any], *, now: datetime
) -> Known | None:
    """Return whose account the provider's word opens; binds it with the first sign-in. None for anybody else."""
    issuer, subject = settings.oidc_issuer, str(claims["sub"])
    found = credentials.sign_on_link(session, issuer, subject)
    if found is not None:
        account = queries.account_by_id(session, found.account_id)
    else:
        login = str(claims.get(settings.oidc_claim) or "").strip().lower()
        named = queries.account_by_login(session, login) if login else None
        # Somebody else's `sub` under the same name: the name was given to another person since.
        if named is None or not named.is_active or credentials.has_sign_on(session, named.id, issuer):
            return None
        account = named
        session.execute(
            insert(SignOnLink).values(account_id=account.id, issuer=issuer, subject=subject, bound_at=now)
        )
        journal.record(
            session, journal.account(account.id), "sign_on.bound", "account", account.id,
            office_id=account.office_id, now=now,
        )  # fmt: skip
    if not account.is_active:
        return None
    said = claims.get("amr")
    ways = set(said) if isinstance(said, list) else set()
    return Known(account, has_second_step=bool(ways & _SECOND_STEPS))


def _discovered(settings: Settings) -> Mapping[str, Any]:
    """Return what the provider tells of itself (OpenID Connect Discovery 1.0), if it is the one that was named."""
    told = _asked(f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration")
    if told is None or told.get("issuer") != settings.oidc_issuer:
        raise ProviderSilent
    return told


def _asked(
    address: str, form: Mapping[str, str] | None = None, settings: Settings | None = None
) -> dict[str, Any] | None:
    """Ask the provider for JSON within time and size; None where it refuses. Raises ProviderSilent."""
    parts = urlsplit(address)
    is_near = parts.hostname in {"127.0.0.1", "localhost"}
    if parts.scheme != "https" and not (parts.scheme == "http" and is_near):
        raise ProviderSilent
    headers = {"Accept": "application/json"}
    if settings is not None:
        # RFC 6749, 2.3.1: both are written as in a form before they become a pair.
        pair = f"{quote_plus(settings.oidc_client_id)}:{quote_plus(settings.oidc_secret())}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    content = urlencode(form).encode() if form is not None else None
    asked = urllib.request.Request(address, data=content, headers=headers)  # noqa: S310 - checked above
    ends_at = time.monotonic() + _WAIT_S
    try:
        with outside.opener().open(asked, timeout=_WAIT_S) as answer:
            told = json.loads(b"".join(outside.pieces(answer, most_bytes=_MOST_BYTES, ends_at=ends_at)))
    except urllib.error.HTTPError as error:
        error.close()
        if form is not None and error.code in {400, 401, 403}:
            return None
        raise ProviderSilent from None
    except (OSError, client.HTTPException, ValueError, RecursionError, outside.TooMuch):
        raise ProviderSilent from None
    return told if isinstance(told, dict) else None
