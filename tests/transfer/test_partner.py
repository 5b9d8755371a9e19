"""The doors of those with an account: agencies, the military liaison, volunteers. What is not theirs does not exist."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from app.clues.models import Clue
from app.identity import queries as identity_queries
from app.identity.models import Account
from app.identity.terms import CompartmentKind
from app.intake.models import Report
from app.platform import clock, ids
from app.transfer.terms import TransferState as S
from tests import cast
from tests.transfer import scenes
from tests.transfer.doors import Sent, sent

if TYPE_CHECKING:
    from tests.conftest import HouseClient

pytestmark = pytest.mark.app
WORDS = "已经处理，附照片。<b>'\"🙂"


def say(case: Sent, act: str, version: int | None = None, **typed: Any) -> Any:
    files = typed.pop("files", None)
    return case.client.post(
        case.client.to("partner:say", transfer_id=case.id, act=act),
        data={"version": str(case.row.version if version is None else version), **typed},
        files=files,
    )


def own(client: HouseClient, case: Sent, account_id: str | None, **values: Any) -> str:
    """Make the case's report this person's own; return the report's id."""
    house = client.app.state.house  # type: ignore[attr-defined]
    with house.database.write_session() as session:
        session.execute(
            update(Report).where(Report.clue_id == case.clue_id).values(account_id=account_id, **values)
        )
        return session.execute(select(Report.id).where(Report.clue_id == case.clue_id)).scalar_one()


def move(case: Sent, who: str) -> None:
    """Send the transfer to this person's own organisation."""
    with case.house.database.read_session() as session:
        unit = session.execute(select(Account.org_unit_id).where(Account.login == who)).scalar_one()
    case.set(receiver_id=unit)


# -- the inbox --------------------------------------------------------------------------------------------------
def test_the_inbox_holds_what_was_sent_to_them_and_nothing_else(client: HouseClient):
    mine, theirs = sent(client), sent(client, to="water")
    draft = sent(client)
    draft.set(sent_at=None, state=S.SIGNED.value)
    cast.sign_in(client, "agency_health")
    page = client.get(client.to("partner:inbox")).text
    assert client.to("partner:transfer", transfer_id=mine.id) in page
    assert theirs.id not in page
    assert draft.id not in page
    assert client.to("intake:pick") in page
    assert "新到，请接收" in page
    for case in (theirs, draft):
        assert client.get(client.to("partner:transfer", transfer_id=case.id)).status_code == 404


def test_open_ones_come_first_by_their_day_and_answered_ones_below(client: HouseClient):
    late, soon, over = sent(client), sent(client), sent(client, state=S.REPLIED)
    today = clock.office_date(clock.now())
    late.set(due_on=today - timedelta(days=2))
    soon.set(due_on=today + timedelta(days=1))
    cast.sign_in(client, "agency_health")
    page = client.get(client.to("partner:inbox")).text
    at = [page.index(case.id) for case in (late, soon, over)]
    assert at == sorted(at)
    assert "已过 2 天" in page
    assert "还有 1 天" in page


def test_their_own_reports_with_the_public_status_and_nothing_of_the_clue(client: HouseClient):
    case, other = sent(client), sent(client, to="water")
    account = cast.sign_in(client, "agency_water")
    report_id = own(client, case, account, words="小区北门的消防通道被堵了")
    own(client, other, None)
    page = client.get(client.to("partner:inbox")).text
    assert "小区北门的消防通道被堵了" in page
    assert "已移送" in page or "转交" in page
    for inner in (case.clue_id, "松检公线", "商场没有AED", scenes.SECRET_NAME, "transfer_out"):
        assert inner not in page
    opened = client.post(client.to("partner:open_report", report_id=report_id))
    assert opened.headers["location"] == client.to("intake:track")
    assert client.get(opened.headers["location"]).status_code == 200


def test_nobody_opens_the_report_of_another(client: HouseClient):
    case = sent(client)
    report_id = own(client, case, cast.sign_in(client, "agency_water"))
    for who in ("agency_health", "volunteer_li", "liaison_zhao"):
        cast.sign_in(client, who)
        assert client.post(client.to("partner:open_report", report_id=report_id)).status_code == 404
        for junk in (ids.new(), "x", "%00"):
            assert client.post(client.to("partner:open_report", report_id=junk)).status_code == 404
    anonymous = own(client, case, None)
    assert client.post(client.to("partner:open_report", report_id=anonymous)).status_code == 404


def test_a_volunteer_sees_own_reports_only(client: HouseClient):
    case = sent(client)
    account = cast.sign_in(client, "volunteer_li")
    move(case, "volunteer_li")
    own(client, case, account, words="江边有一堆建筑垃圾")
    page = client.get(client.to("partner:inbox")).text
    assert "江边有一堆建筑垃圾" in page
    assert "等您单位办理" not in page
    assert case.id not in page
    assert client.get(client.to("partner:transfer", transfer_id=case.id)).status_code == 403


@pytest.mark.parametrize("who", ["prosecutor_chen", "sysadmin", "secadmin", "auditor", "leader_tang"])
def test_the_partners_door_is_for_partners(client: HouseClient, who: str):
    cast.sign_in(client, who)
    assert client.get(client.to("partner:inbox")).status_code == 403


def test_strangers_are_sent_to_sign_in(client: HouseClient):
    case = sent(client)
    for path in (client.to("partner:inbox"), client.to("partner:transfer", transfer_id=case.id)):
        assert client.get(path).headers["location"].startswith(client.to("identity:sign_in"))


# -- one transfer -----------------------------------------------------------------------------------------------
def test_another_agencys_transfer_does_not_exist_by_any_address(client: HouseClient):
    case = sent(client)
    cast.sign_in(client, "agency_water")
    for name in ("transfer", "letter", "letter_docx", "letter_pdf"):
        assert client.get(client.to(f"partner:{name}", transfer_id=case.id)).status_code == 404, name
    picture = client.to("partner:picture", transfer_id=case.id, attachment_id=case.attachment_id)
    assert client.get(picture).status_code == 404
    for act in ("acknowledgement", "refusal", "reply", "promise", "question", "dispute"):
        typed = {
            "refusal_reason": "other",
            "refusal_words": WORDS,
            "reply_words": WORDS,
            "question_words": WORDS,
        }
        answer = say(case, act, promised_on="2099-01-01", dispute_words=WORDS, **typed)
        assert answer.status_code == 404, act
    for junk in ("x", "%00", ids.new()):
        assert client.get(client.to("partner:transfer", transfer_id=junk)).status_code == 404
    assert case.answers() == []


def test_a_picture_belongs_to_its_own_transfer(client: HouseClient):
    case, other = sent(client), sent(client)
    cast.sign_in(client, "agency_health")
    found = client.get(client.to("partner:picture", transfer_id=case.id, attachment_id=case.attachment_id))
    assert found.headers["content-type"] == "image/jpeg"
    crossed = client.to("partner:picture", transfer_id=case.id, attachment_id=other.attachment_id)
    assert client.get(crossed).status_code == 404


def test_only_what_was_disclosed_is_shown(client: HouseClient):
    case = sent(client)
    case.set(summary="草稿里的话，改了没有发")
    cast.sign_in(client, "agency_health")
    for name in ("transfer", "letter"):
        text = client.get(client.to(f"partner:{name}", transfer_id=case.id)).text
        secrets = [
            scenes.SECRET_NAME, "王小明", scenes.SECRET_PLATE, "13904511234", "IMG_", "草稿里的话", "45.81",
            "商场没有AED", case.clue_id, "陈明远", "周正",
        ]  # fmt: skip
        assert [secret for secret in secrets if secret in text] == [], name
        assert "某商场一至五层未见自动体外除颤器" in text, name


def test_both_doors_show_the_same(client: HouseClient):
    case = sent(client)
    case.enter()
    by_link = client.get(client.to("link:show")).text
    cast.sign_in(client, "agency_health")
    by_account = client.get(client.to("partner:transfer", transfer_id=case.id)).text

    def inner(text: str) -> str:
        part = text[text.index('<div class="answer') : text.index("办到哪一步")]
        return re.sub(r'(?:href|src|action)="[^"]*"', "", part)

    assert inner(by_link) == inner(by_account)


def test_every_act_leaves_one_journal_row(client: HouseClient):
    case = sent(client)
    account = cast.sign_in(client, "agency_health")
    day = (clock.office_date(clock.now()) + timedelta(days=3)).isoformat()
    acts = [
        ("acknowledgement", {}, "transfer.acknowledged", S.ACKNOWLEDGED),
        ("promise", {"promised_on": day}, "transfer.promised", S.ACKNOWLEDGED),
        ("question", {"question_words": "哪一层？"}, "transfer.asked", S.ACKNOWLEDGED),
        ("reply", {"reply_words": WORDS}, "transfer.replied", S.REPLIED),
    ]
    for act, typed, verb, state in acts:
        before, version = case.verbs(), case.row.version
        done = say(case, act, **typed)
        assert done.headers["location"] == client.to("partner:transfer", transfer_id=case.id), act
        assert case.verbs() == [*before, verb]
        assert case.row.state == state.value
        assert say(case, act, version, **typed).status_code == 409
        assert case.verbs() == [*before, verb]
    page = client.get(client.to("partner:transfer", transfer_id=case.id)).text
    assert "&lt;b&gt;" in page
    assert {(row.way, row.account_id, row.signer) for row in case.answers()} == {("account", account, "郑敏")}


def test_a_refusal_comes_back_to_us_and_the_contact_may_still_read_it(client: HouseClient):
    case = sent(client)
    cast.sign_in(client, "agency_health")
    done = say(case, "refusal", refusal_reason="not_ours", refusal_words="应由水务部门办理")
    page = client.get(done.headers["location"])
    assert page.status_code == 200
    assert "应由水务部门办理" in page.text
    assert "已退回" in page.text
    with case.house.database.read_session() as session:
        assert session.execute(select(Clue.state).where(Clue.id == case.clue_id)).scalar_one() == "evaluating"
    late = say(case, "reply", reply_words="其实我们也能办，这句话要留住")
    assert late.status_code == 403
    assert "其实我们也能办，这句话要留住" in late.text


def test_a_withdrawn_transfer_says_so(client: HouseClient):
    case = sent(client, state=S.WITHDRAWN)
    cast.sign_in(client, "agency_health")
    page = client.get(client.to("partner:transfer", transfer_id=case.id)).text
    assert "检察院已撤回" in page
    assert client.to("partner:say", transfer_id=case.id, act="reply") not in page


@pytest.mark.parametrize("door", ["link", "partner"])
def test_a_procuratorate_cannot_return_but_may_dispute(client: HouseClient, door: str):
    case = sent(client)
    case.set(kind="procuratorate")
    if door == "link":
        case.enter()
        show, to = client.to("link:show"), {}
    else:
        cast.sign_in(client, "agency_health")
        to = {"transfer_id": case.id}
        show = client.to("partner:transfer", **to)
    page = client.get(show).text
    assert client.to(f"{door}:say", act="refusal", **to) not in page
    assert client.to(f"{door}:say", act="dispute", **to) in page
    version = str(case.row.version)
    refused = client.post(
        client.to(f"{door}:say", act="refusal", **to),
        data={"version": version, "refusal_reason": "not_ours", "refusal_words": "我们觉得不归我们管"},
    )
    assert refused.status_code == 403
    assert "我们觉得不归我们管" in refused.text
    done = client.post(
        client.to(f"{door}:say", act="dispute", **to),
        data={"version": version, "dispute_words": "管辖有争议"},
    )
    assert done.status_code == 303
    assert case.row.state == S.SENT.value
    assert case.verbs()[-1] == "transfer.disputed"
    assert "管辖有争议" in client.get(show).text


def test_an_agency_may_not_dispute_what_it_can_return(client: HouseClient):
    case = sent(client)
    cast.sign_in(client, "agency_health")
    assert say(case, "dispute", dispute_words="有异议").status_code == 403
    assert case.answers() == []


def test_the_military_liaison_answers_in_the_same_way(client: HouseClient):
    case = sent(client, compartment=CompartmentKind.MILITARY)
    account = cast.sign_in(client, "liaison_zhao")
    move(case, "liaison_zhao")
    assert case.id in client.get(client.to("partner:inbox")).text
    assert say(case, "acknowledgement").status_code == 303
    assert case.answers()[0].account_id == account
    cast.sign_in(client, "agency_health")
    assert client.get(client.to("partner:transfer", transfer_id=case.id)).status_code == 404


def test_reply_with_a_photo_and_junk_by_account(client: HouseClient):
    case = sent(client)
    cast.sign_in(client, "agency_health")
    for junk in ("", "x" * 9000, "'\"><svg onload=alert(1)>", "-1", "NaN", "\u202e🙂"):
        for act in ("acknowledgement", "refusal", "dispute", "reply", "promise", "question", "junk"):
            typed = dict.fromkeys(
                ("signer", "refusal_reason", "refusal_words", "reply_words", "promised_on"), junk
            )
            assert say(case, act, -1, question_words=junk, dispute_words=junk, **typed).status_code in {
                404,
                409,
                422,
            }
    files = [("photos", ("照片.jpg", scenes.picture(), "image/jpeg"))]
    assert say(case, "reply", reply_words=WORDS, files=files).status_code == 303
    assert "附 1 个文件" in client.get(client.to("partner:transfer", transfer_id=case.id)).text
    assert "照片.jpg" not in client.get(client.to("partner:transfer", transfer_id=case.id)).text


def test_the_cast_stands_where_these_tests_think(client: HouseClient):
    """The transfers above go to the cast's own organisations."""
    case = sent(client)
    cast.sign_in(client, "agency_health")
    with case.house.database.read_session() as session:
        unit = session.execute(
            select(Account.org_unit_id).where(Account.login == "agency_health")
        ).scalar_one()
        assert identity_queries.org_unit(session, unit).id == case.row.receiver_id
