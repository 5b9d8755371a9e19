"""The ways out of the house, each behind one function: a mail server, or a gateway of the operator's own.

Providers of short messages and of 公众号 differ and change; what they all can be put behind is one signed request. Nothing
is followed, no proxy is asked, and an answer is waited for at most twenty seconds.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from functools import partial
from typing import Final
from urllib.parse import unquote, urlsplit

from app.platform import outside
from app.platform.settings import Settings
from app.transfer.reminders.terms import Message, Way

Send = Callable[[str, Message], None]
_WAIT_S: Final = 20
_MOST_BYTES: Final = 4096


class NotTaken(Exception):
    """A gateway did not take a message."""


def configured(settings: Settings) -> Mapping[Way, Send]:
    """Return the ways that are switched on; by default none."""
    found: dict[Way, Send] = {}
    if settings.reminder_smtp and settings.reminder_from:
        found[Way.MAIL] = partial(_mail, settings.reminder_smtp, settings.reminder_from)
    for way, url in ((Way.SMS, settings.reminder_sms_url), (Way.GZH, settings.reminder_gzh_url)):
        if url and settings.reminder_secret:
            found[way] = partial(_gateway, url, settings.reminder_secret)
    return found


def _mail(server: str, sender: str, to: str, message: Message) -> None:
    parts = urlsplit(server)
    host, context = parts.hostname or "", ssl.create_default_context()
    mail = EmailMessage()
    # The same id every time: a server that sees a second copy after a crash may drop it.
    mail["From"], mail["To"], mail["Subject"] = sender, to, message.subject
    mail["Message-ID"] = f"<{message.id}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    with _connection(parts.scheme, host, parts.port, context) as line:
        if parts.scheme == "smtp" and not _is_here(host):
            line.starttls(context=context)
        if parts.username:
            line.login(unquote(parts.username), unquote(parts.password or ""))
        line.send_message(mail)


def _connection(scheme: str, host: str, port: int | None, context: ssl.SSLContext) -> smtplib.SMTP:
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=_WAIT_S, context=context)
    return smtplib.SMTP(host, port or 587, timeout=_WAIT_S)


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _gateway(url: str, secret: str, to: str, message: Message) -> None:
    body = json.dumps({"id": message.id, "to": to, "text": message.text}, ensure_ascii=False).encode()
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    asked = urllib.request.Request(  # noqa: S310 - the scheme was checked with the settings
        url, body, {"Content-Type": "application/json", "X-Yixian-Signature": f"sha256={signature}"}
    )
    try:
        with outside.opener().open(asked, timeout=_WAIT_S) as answer:
            answer.read(_MOST_BYTES)
    except urllib.error.HTTPError as error:  # whatever is not 2xx; it holds the line open until it is closed
        error.close()
        raise NotTaken(str(error.code)) from None
