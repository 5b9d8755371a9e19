"""One clue's whole way, without script: a citizen's form, the desk, the letter, the one-time link, the answer read by code."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.evidence import jobs as evidence_jobs
from app.evidence import service as evidence_service
from app.evidence.imaging import Darkroom
from app.main import create_app
from app.platform.jobs import run_one
from app.wiring import tools_of
from tests import cast, photos
from tests.conftest import HouseClient, make_settings
from tests.journeys.walker import Walker

JPEG = "image/jpeg"


@pytest.fixture(scope="module")
def darkroom() -> Iterator[Darkroom]:
    with Darkroom() as opened:
        yield opened


@pytest.fixture
def walker(database_url: str, tmp_path: Path, darkroom: Darkroom) -> Iterator[Walker]:
    app = create_app(make_settings(database_url, tmp_path))
    with HouseClient(app) as client:
        made = Walker(client)
        handlers = {evidence_service.DEVELOP: evidence_jobs.develop_with(darkroom)}

        def work() -> None:
            while run_one(tools_of(app.state.house), handlers):
                pass

        made.work = work
        yield made


def code_on(walker: Walker) -> str:
    found = re.search(r"(?:[0-9A-HJKMNP-TV-Z]{4}\s+){4}[0-9A-Z]{2}\b", walker.text)
    assert found, walker.text
    return re.sub(r"\s", "", found.group(0))


def open_clue(walker: Walker, who: str = "prosecutor_chen") -> str:
    cast.sign_in(walker.client, who)
    found = re.search(r"/desk/clues/([0-9a-f-]{36})", walker.go("/desk").html)
    assert found, walker.text
    walker.go("/desk/clues/" + found.group(1))
    return found.group(1)


def register_and_evaluate(walker: Walker) -> None:
    walker.send("/registration")
    assert "松检公线〔" in walker.text
    walker.send(
        "/evaluation", truth="3", check_object="3", check_fact="3", check_conditions="2", harm="2",
        duty_failure="2", is_ours="yes", is_public="yes",
    )  # fmt: skip


def transfer_and_send(walker: Walker, clue_id: str) -> str:
    """Draft as suggested, review by the head, signature by the chief, dispatch; returns the transfer's path."""
    walker.go(f"/desk/clues/{clue_id}/transfers").send("/transfers")
    path = walker.path.split("?")[0]
    walker.send("/submission", is_checked="yes")
    cast.sign_in(walker.client, "head_lin")
    walker.go(path).send("/review")
    cast.sign_in(walker.client, "chief_zhou")
    walker.go(path).send("/signature")
    assert re.search(r"哈松检公移〔\d{4}〕1号", walker.text)
    cast.sign_in(walker.client, "prosecutor_chen")
    walker.go(path).send("/dispatch")
    return path


def read_by_code(walker: Walker, code: str) -> Walker:
    cast.sign_out(walker.client)
    walker.client.cookies.clear()
    return walker.go("/track").send("/track", code=code)


def test_a_missing_aed_from_the_phone_to_the_agency_and_back(walker: Walker) -> None:
    first = photos.small_photo(orientation=6)
    second = photos.small_photo(orientation=6, seed=2)
    walker.go("/report/aed_missing").send(
        "/report/aed_missing",
        files=[("photos", ("张三的照片.jpg", first, JPEG)), ("photos", ("IMG_2.jpg", second, JPEG))],
        q_venue_type="mall", q_venue_name="万象汇", place_words="正门左侧",
        contact_phone="13812345678", contact_consent="yes",
    )  # fmt: skip
    assert walker.path == "/receipt"
    code = code_on(walker)
    walker.work()

    clue_id = open_clue(walker)
    assert "13812345678" not in walker.html
    assert "万象汇" in walker.text
    register_and_evaluate(walker)
    path = transfer_and_send(walker, clue_id)

    walker.send("/links", link_contact="郑敏")
    link = re.search(r"/t/[A-Za-z0-9_-]{20,}", walker.text)
    pin = re.search(r"(\d{4})\s+(\d{4})", walker.text)
    assert link
    assert pin
    cast.sign_out(walker.client)
    walker.client.cookies.clear()
    walker.go(link.group(0)).send(link.group(0), code=pin.group(1) + pin.group(2))
    for secret in ("13812345678", "张三", "IMG_2"):
        assert secret not in walker.html
    walker.send("/acknowledgement")
    walker.go("/answer").send(
        "/reply", files=[("photos", ("after.jpg", photos.small_photo(seed=3), JPEG))],
        reply_words="已在一层服务台旁安装AED一台，并培训工作人员6名。",
    )  # fmt: skip
    walker.work()

    read_by_code(walker, code)
    assert "已转交" in walker.text

    cast.sign_in(walker.client, "prosecutor_chen")
    walker.go(path)
    assert "已在一层服务台旁安装AED一台" in walker.text
    closing = walker.form("/closure")
    assert closing.names
    public = next(name for name in sorted(closing.names) if "public" in name or "answer" in name)
    ticks = {name: "yes" for name in closing.names if name.startswith("is_") or name.endswith("_kept")}
    walker.send("/closure", **{public: "商场已经在一层服务台旁装好了AED，工作人员也学会了使用。"}, **ticks)

    read_by_code(walker, code)
    assert "商场已经在一层服务台旁装好了AED" in walker.text


def test_a_polluted_river_with_position_text_and_an_answer_on_paper(walker: Walker) -> None:
    walker.go("/report/water_pollution").send(
        "/report/water_pollution", words="河水发黑，桥下有一根管子一直在排水，味道很大。",
        q_water_body="ditch", q_discharging_now="yes", q_dead_fish="yes",
        place_pasted="45.8021, 126.5432", place_datum="gcj02", place_words="大耿家桥下",
    )  # fmt: skip
    code = code_on(walker)
    clue_id = open_clue(walker)
    assert "紧急" in walker.text
    register_and_evaluate(walker)
    path = transfer_and_send(walker, clue_id)
    walker.go(path).send(
        "/paper-answers", paper_kind="replied", paper_words="排口已封堵，正在清淤。", paper_signer="何川",
        paper_document_number="松水函〔2026〕8号", paper_received_on=time.strftime("%Y-%m-%d"),
    )  # fmt: skip
    assert "排口已封堵" in walker.text
    read_by_code(walker, code)
    assert "45.80" not in walker.html


def test_the_tiger_park_forwarded_by_the_partner_agency(walker: Walker) -> None:
    cast.sign_in(walker.client, "agency_forestry")
    walker.go("/partner").go("/report/tiger_park_env").send(
        "/report/tiger_park_env", words="园区东侧围墙外又堆了建筑垃圾，去年清理过一次。",
        q_zone="surrounding", q_problem=["waste"], q_relapse="yes", place_words="东侧围墙外",
    )  # fmt: skip
    walker.go("/partner")
    assert "虎林园" in walker.text
    cast.sign_in(walker.client, "agency_water")
    assert "虎林园" not in walker.go("/partner").text
    open_clue(walker)
    assert "协作单位" in walker.text
    assert "林业和草原" in walker.text


def test_a_facility_clue_keeps_words_only_and_exists_for_members_only(walker: Walker) -> None:
    photo = photos.small_photo()
    form = walker.go("/report/mil_facility_env").form("/report/mil_facility_env")
    assert not form.files
    response = walker.client.post(
        form.action,
        data={name: found[0] for name, found in form.values.items()}
        | {"place_town": "songpu", "q_coarse_area": "songpu", "q_nature": "pollution", "words": "附近有人倾倒垃圾，气味很大，影响周边。",
           "place_lat": "45.81", "place_lon": "126.53", "place_pasted": "45.81,126.53"},
        files=[("photos", ("IMG.jpg", photo, JPEG))],
    )  # fmt: skip
    assert response.status_code == 303, response.text
    walker.go(response.headers["location"])
    code = code_on(walker)
    house = walker.client.app.state.house  # type: ignore[attr-defined]
    assert list(house.store.digests()) == []
    cast.sign_in(walker.client, "prosecutor_chen")
    assert not re.search(r"/desk/clues/[0-9a-f-]{36}", walker.go("/desk").html)
    clue_id = open_clue(walker, "head_lin")
    assert "45.81" not in walker.html
    cast.sign_in(walker.client, "prosecutor_chen")
    assert walker.client.get(walker.client.to("desk:clue", clue_id=clue_id)).status_code == 404
    read_by_code(walker, code)
    assert "已转专门渠道" in walker.text


def test_a_clue_of_another_district_does_not_exist(walker: Walker) -> None:
    walker.go("/report/other").send(
        "/report/other", words="这里有一个说不清归哪类的公共问题。", place_words="松北大道"
    )
    clue_id = open_clue(walker)
    cast.sign_in(walker.client, "prosecutor_wu")
    assert clue_id not in walker.go("/desk").html
    assert walker.client.get(walker.client.to("desk:clue", clue_id=clue_id)).status_code == 404
