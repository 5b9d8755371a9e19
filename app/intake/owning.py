"""Whose a report is: its id and the secret the phone made (decisions.md 13, 14)."""

from __future__ import annotations

import hmac
from typing import Final

from app.intake import queries
from app.intake.models import Report
from app.intake.reception import secret_digest
from app.platform import ids
from app.platform.db import ReadSession, WriteSession
from app.platform.errors import NotSignedIn
from app.platform.i18n import N_

_SCHEME: Final = "Report "


class NotYourReport(NotSignedIn):
    """The secret does not belong to this report, or there is no such report: the answer is the same."""

    code = "not_your_report"
    text = N_("没有这份反映，或者密钥不对。")


def own_report(session: ReadSession | WriteSession, authorization: str) -> Report:
    """Return the report a phone names together with its secret; raises NotYourReport."""
    report_id, _, secret = authorization.removeprefix(_SCHEME).partition(".")
    is_named = authorization.startswith(_SCHEME) and ids.is_uuid(report_id)
    found = queries.find(session, report_id) if is_named else None
    known = found.secret_digest if found else None
    if found is None or known is None or not hmac.compare_digest(known, secret_digest(secret) or ""):
        raise NotYourReport
    return found
