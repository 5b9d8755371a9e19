"""What the tests of this room share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import cast
from tests.transfer import scenes
from tests.transfer.listener import Listener, listening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.platform.db import Database
    from app.platform.storage import BlobStore


@pytest.fixture
def clue_id(database: Database, store: BlobStore) -> str:
    """A clue under evaluation with two pictures."""
    with database.write_session() as session:
        cast.people(session)
        made = scenes.clue(session)
        scenes.photo(session, store, made)
        scenes.photo(session, store, made, colour="#a33")
    return made


@pytest.fixture
def partner() -> Iterator[Listener]:
    """The system of a partner, listening on this machine."""
    with listening() as found:
        yield found
