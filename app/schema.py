"""Every table of the house in one metadata: for migrations and tests only."""

from __future__ import annotations

from sqlmodel import SQLModel

import app.clues.models
import app.evidence.models
import app.identity.models
import app.intake.models
import app.keeping.models
import app.platform.records
import app.reference.models
import app.transfer.hooks.models
import app.transfer.invitations.models
import app.transfer.jointly.models
import app.transfer.models
import app.triage.models  # noqa: F401

metadata = SQLModel.metadata
