"""One frozen Settings, read once from YIXIAN_* in main and cli, and handed down.

docs/operations.md lists every one of these; a test compares.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.platform import proxies, telling
from app.platform.i18n import N_

DEVELOPMENT_SECRET = "development-only-not-a-secret"  # noqa: S105 - refused in production by `unsafe`


class Settings(BaseSettings):
    """Every figure and name an operator may change."""

    model_config = SettingsConfigDict(
        env_prefix="YIXIAN_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    env: Literal["development", "production"] = "development"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    trusted_proxies: str = ""
    data_dir: Path = Path("data")
    database_url: str = ""
    public_url: str = ""
    key_file: Path | None = None
    cipher: Literal["sm4-gcm", "aes-gcm"] = "sm4-gcm"
    load_cast: bool | None = None
    worker_in_process: bool | None = None

    office_name: str = "哈尔滨市松北区人民检察院"
    office_short: str = "哈松检"
    office_phone: str = "12309"
    office_hours: str = N_("工作日 8:30—17:00")
    icp_number: str = ""
    police_number: str = ""
    clue_number_pattern: str = "松检公线〔{year}〕{seq:04d}号"
    letter_number_pattern: str = "{office}公移〔{year}〕{seq}号"
    number_start: int = Field(default=1, ge=1)
    sign_chain: str = "review,sign"
    evaluation_days: int = Field(default=15, ge=1)
    partner_feedback_days: int = Field(default=30, ge=1)
    revisit_days: str = Field(default="30,90,180,365", pattern=r"^[1-9]\d{0,3}(,[1-9]\d{0,3})*$")
    reminder_smtp: str = ""
    reminder_from: str = ""
    reminder_sms_url: str = ""
    reminder_gzh_url: str = ""
    reminder_secret: str = ""
    hook_hosts: str = ""
    hook_networks: str = ""
    link_grace_days: int = Field(default=30, ge=1)
    tiles_url: str = ""
    tiles_names_url: str = ""
    tiles_datum: Literal["wgs84", "gcj02"] = "wgs84"
    tiles_deepest: int = Field(default=18, ge=10, le=19)
    tiles_credit: str = Field(default="", max_length=120)
    geocoder: str = ""

    heads_dir: Path | None = None
    timestamp_url: str = ""
    timestamp_ca_file: Path | None = None
    scrub_days: int = Field(default=30, ge=1)

    backup_dir: Path | None = None
    backup_key: str = Field(default="", pattern=r"^([A-Za-z0-9_-]{1,16}\.[A-Za-z0-9_-]{87})?$")
    backup_keep_days: int = Field(default=90, ge=1)
    postgres_bin: Path | None = None
    s3_bucket: str = ""
    s3_endpoint: str = ""
    s3_region: str = "us-east-1"
    s3_prefix: str = Field(default="", pattern=r"^([A-Za-z0-9._-]+/)*$")
    s3_key_id: str = ""
    s3_secret: SecretStr = SecretStr("")
    s3_path_style: bool = True
    s3_conditional: bool = True
    metrics_token: str = Field(default="", pattern=r"^([!-~]{20,})?$")

    photo_limit: int = Field(default=9, ge=1, le=50)
    photo_max_bytes: int = Field(default=25 * 1024 * 1024, ge=1024)
    text_max_bytes: int = Field(default=512 * 1024, ge=4096)
    disk_floor_bytes: int = Field(default=512 * 1024 * 1024, ge=0)
    disk_hard_floor_bytes: int = Field(default=128 * 1024 * 1024, ge=0)
    upload_days: int = Field(default=7, ge=1)
    stray_days: int = Field(default=30, ge=0)
    stray_cap: int = Field(default=50, ge=1)
    uploads_per_hour: int = Field(default=2000, ge=1)
    uploads_per_report: int = Field(default=100, ge=1)
    pressure_reports_per_minute: int = Field(default=120, ge=0)
    reports_per_hour: int = Field(default=300, ge=0)
    work_bits: int = Field(default=17, ge=1, le=24)
    chase_hours: int = Field(default=24, ge=1)
    heic: bool = True
    session_idle_minutes: int = Field(default=60, ge=1)
    session_hours: int = Field(default=12, ge=1)
    password_cost: Literal["normal", "low"] = "normal"  # noqa: S105 - a cost, not a password
    tries_per_hour: int = Field(default=30, ge=1)
    api_per_hour: int = Field(default=6000, ge=1)
    connections: int = Field(default=10_000, ge=16)
    header_seconds: float = Field(default=20, gt=0)
    body_bytes_per_second: int = Field(default=64, ge=0)
    body_window_seconds: float = Field(default=60, gt=0)
    idle_seconds: int = Field(default=15, ge=1)
    probe_silence_hours: int = Field(default=24, ge=0)
    probe_photo_window: int = Field(default=20, ge=0, le=200)
    probe_unread_days: int = Field(default=3, ge=0)
    probe_share_factor: float = Field(default=2, ge=0)
    probe_share_least: int = Field(default=5, ge=1)
    rights_days: int = Field(default=30, ge=1)
    retention_notice_days: int = Field(default=30, ge=7)
    retention_cap: int = Field(default=50, ge=1)
    require_second_step: bool | None = None
    passkeys: bool = False
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_secret_file: Path | None = None
    oidc_claim: str = Field(default="preferred_username", pattern=r"^[a-z_]{1,40}$")
    oidc_name: str = N_("统一登录")
    reveal_needs_two: bool = False

    @field_validator("trusted_proxies")
    @classmethod
    def _names_proxies(cls, value: str) -> str:
        """Refuse what is no list of networks, and a network so wide that strangers are in it."""
        proxies.networks(value)
        return value

    @field_validator("hook_hosts")
    @classmethod
    def _names_hosts(cls, value: str) -> str:
        """Refuse what names no hosts."""
        telling.hosts(value)
        return value

    @field_validator("hook_networks")
    @classmethod
    def _names_networks(cls, value: str) -> str:
        """Refuse what is no list of networks."""
        telling.networks(value)
        return value

    @field_validator("tiles_url", "tiles_names_url")
    @classmethod
    def _names_one_map(cls, value: str) -> str:
        """Refuse a template that could not be asked, or whose host would depend on the tile."""
        parts = urlsplit(value)
        where = parts.netloc if parts.scheme in {"http", "https"} else parts.path
        is_known = parts.scheme in {"file", "http", "https"} and where
        if value and not (
            is_known and "{" not in parts.netloc and all(part in value for part in ("{z}", "{x}", "{y}"))
        ):
            message = "must be empty, file:/folder/{z}/{x}/{y}.png or https://host/… with {z}, {x} and {y}"
            raise ValueError(message)
        return value

    @field_validator("geocoder")
    @classmethod
    def _names_one_service(cls, value: str) -> str:
        """Refuse what names no service, before the first page would ask it; the value may hold a key."""
        kind, _, rest = value.strip().partition(":")
        parts = urlsplit(rest)
        is_own = kind == "nominatim" and parts.scheme in {"http", "https"} and bool(parts.netloc)
        if value.strip() and not is_own and not (kind == "baidu" and rest):
            message = "must be empty, nominatim:https://… or baidu:KEY"
            raise ValueError(message)
        return value.strip()

    @field_validator("reminder_smtp")
    @classmethod
    def _names_one_mail_server(cls, value: str) -> str:
        """Refuse what is no mail server; the value may hold a password."""
        parts = urlsplit(value)
        if value and (parts.scheme not in {"smtp", "smtps"} or not parts.hostname):
            message = "must be empty, smtp://[user:password@]host[:port] (STARTTLS) or smtps://…"
            raise ValueError(message)
        return value

    @field_validator("reminder_from")
    @classmethod
    def _is_one_address(cls, value: str) -> str:
        """Refuse what could not stand in the head of a mail."""
        if value and (value.count("@") != 1 or not value.isascii() or any(sign <= " " for sign in value)):
            message = "must be empty or one mail address"
            raise ValueError(message)
        return value

    @field_validator("reminder_sms_url", "reminder_gzh_url")
    @classmethod
    def _names_one_gateway(cls, value: str) -> str:
        """Refuse an address that is none of the web's."""
        if value and urlsplit(value).scheme not in {"http", "https"}:
            message = "must be empty or the http(s) address of a gateway"
            raise ValueError(message)
        return value

    @field_validator("timestamp_url")
    @classmethod
    def _names_one_authority(cls, value: str) -> str:
        """Refuse an address that is none of the web's."""
        if value and urlsplit(value).scheme not in {"http", "https"}:
            message = "must be empty or an http(s) address of a time stamping authority"
            raise ValueError(message)
        return value

    @property
    def is_production(self) -> bool:
        """Say whether real people use this installation."""
        return self.env == "production"

    @property
    def has_cast(self) -> bool:
        """Say whether the development cast (people without passwords) is loaded."""
        return (not self.is_production) if self.load_cast is None else self.load_cast

    @property
    def asks_second_step(self) -> bool:
        """Say whether the office's own people must have a second step of signing in."""
        return self.is_production if self.require_second_step is None else self.require_second_step

    @property
    def database(self) -> str:
        """Return the database address; by default a file in the data folder."""
        return self.database_url or f"sqlite:///{self.data_dir / 'yixian.db'}"

    @property
    def is_sqlite(self) -> bool:
        """Say whether the embedded database is used."""
        return self.database.startswith("sqlite")

    @property
    def works_in_process(self) -> bool:
        """Say whether `serve` also runs the worker (decisions.md 12: a thread on SQLite)."""
        return self.is_sqlite if self.worker_in_process is None else self.worker_in_process

    @property
    def base_url(self) -> str:
        """Return the base of every link and QR code, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def is_https(self) -> bool:
        """Say whether the public address is https; cookies are then `__Host-` and Secure."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def trusted_hosts(self) -> frozenset[str]:
        """Return the host names a request may carry."""
        own = urlsplit(self.base_url).hostname or ""
        return frozenset(
            {own} if self.is_production else {own, "127.0.0.1", "localhost", "testserver", self.host}
        )

    @property
    def keys(self) -> Path:
        """Return the key file; inside the data folder in development only (decisions.md 29)."""
        return self.key_file or self.data_dir / "keys" / "master.keys"

    @property
    def keeps_keys_with_data(self) -> bool:
        """Say whether whoever takes the data takes the keys along."""
        return self.keys.resolve().is_relative_to(self.data_dir.resolve())

    def oidc_secret(self) -> str:
        """Return the secret this office shares with its provider of sign-on; raises OSError."""
        return self.oidc_secret_file.read_text("utf-8").strip() if self.oidc_secret_file else ""

    def unsafe(self) -> list[str]:
        """Return what forbids a start, most of it in production only, each as a sentence that says what to set."""
        return self._missing() + (self._unsafe_for_people() if self.is_production else [])

    def _missing(self) -> list[str]:
        if self.passkeys and find_spec("webauthn") is None:
            return ["YIXIAN_PASSKEYS is on: install the extra `passkey` of this package, or unset it."]
        if not self.oidc_issuer:
            return []
        if find_spec("joserfc") is None:
            return ["YIXIAN_OIDC_ISSUER is set: install the extra `oidc` of this package, or unset it."]
        is_known = (
            self.oidc_client_id and self.oidc_secret_file is not None and self.oidc_secret_file.is_file()
        )
        if not is_known:
            return ["YIXIAN_OIDC_ISSUER is set: set YIXIAN_OIDC_CLIENT_ID and YIXIAN_OIDC_SECRET_FILE too."]
        return []

    def _unsafe_for_people(self) -> list[str]:
        found = []
        if not self.public_url:
            found.append("YIXIAN_PUBLIC_URL is not set: set it to the https address people will use.")
        elif not self.is_https:
            found.append(
                "YIXIAN_PUBLIC_URL is not https: cookies and positions need it. Put a TLS proxy in front."
            )
        if self.key_file is None:
            found.append(
                "YIXIAN_KEY_FILE is not set: make a key file with `python -m app check --make-key FILE`."
            )
        elif self.keeps_keys_with_data:
            found.append(
                "YIXIAN_KEY_FILE lies inside YIXIAN_DATA_DIR: keep keys apart from what they protect."
            )
        elif not self.key_file.is_file():
            found.append(
                "YIXIAN_KEY_FILE does not exist: make one with `python -m app check --make-key FILE`."
            )
        elif not os.access(self.key_file, os.R_OK):
            found.append("YIXIAN_KEY_FILE may not be read by the user the office runs as: give it to them.")
        elif DEVELOPMENT_SECRET in self.key_file.read_text("ascii", errors="replace"):
            found.append("YIXIAN_KEY_FILE holds the development secret: make one of your own.")
        if self.has_cast:
            found.append(
                "YIXIAN_LOAD_CAST is on: people without passwords must not exist in production. Unset it."
            )
        if self.password_cost != "normal":  # noqa: S105
            found.append("YIXIAN_PASSWORD_COST is low: unset it.")
        return found
