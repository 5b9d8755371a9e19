"""Who may look at how the installation fares."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from app.identity.actor import Actor
from app.identity.guards import Requires
from app.identity.permissions import Verb

Keeper = Annotated[Actor, Depends(Requires(Verb.UPKEEP_READ))]
