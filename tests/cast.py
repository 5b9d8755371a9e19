"""The people of the tests: the development cast, signed in without the slow part (Argon2id).

`people(session)` gives account ids by name; `sign_in(client, "prosecutor_chen")` gives the client that person's
cookie. Names: prosecutor_chen, assistant_wang, clerk_liu, head_lin, deputy_gao, chief_zhou, complaints_sun,
case_mgmt_qian, leader_tang, prosecutor_wu (another district: must see nothing), liaison_zhao, agency_water,
agency_health, agency_forestry, volunteer_li, sysadmin, secadmin, auditor.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from app.identity import cast, guards, service
from app.identity.actor import Actor
from app.identity.queries.person import actor_by_token
from app.platform import clock
from app.platform.settings import Settings

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from app.platform.db import WriteSession
    from app.platform.web.given import House

NAMES = tuple(member.login for member in cast.MEMBERS)


def people(session: WriteSession, settings: Settings | None = None) -> dict[str, str]:
    """Load the cast where it is missing; account ids by name."""
    return cast.load(session, settings or Settings(), now=clock.now())


def sign_in(client: TestClient, who: str, *, ago: timedelta | None = None) -> str:
    """Give the client this person's session (a name of the cast, or an account id); return the account id.

    Opens its own write session: call it while no write session of the test has work that is not committed.
    """
    house: House = client.app.state.house  # type: ignore[attr-defined]
    now = clock.now() - ago if ago else clock.now()
    with house.database.write_session() as session:
        account_id = people(session, house.settings).get(who, who)
        token = service.start_session(
            session, account_id, device="tests", hours=house.settings.session_hours, now=now
        )
    name = guards.SESSION_COOKIE
    client.cookies.set(f"__Host-{name}" if house.settings.is_https else name, token)
    return account_id


def actor(session: WriteSession, who: str, settings: Settings | None = None) -> Actor:
    """The frozen person that services and queries take, without a page."""
    now = clock.now()
    account_id = people(session, settings).get(who, who)
    token = service.start_session(session, account_id, device="tests", hours=1, now=now)
    found = actor_by_token(session, token, now=now, idle=timedelta(hours=1))
    assert found is not None
    return found[0]


def sign_out(client: TestClient) -> None:
    """Forget every cookie of the client."""
    client.cookies.clear()
