"""Writes tests/triage/pairs.jsonl: pairs of reports that are, or are not, the same matter. `python -m tests.triage.make_pairs`

Each scene below is one real-looking matter told by three people in their own words. A pair of two tellings of one
scene is the same matter, a few metres and days apart, sometimes with slips of the pen or without a position. The other
pairs are traps: the next matter of its kind down the road, another matter at the same spot, the same sentence about
another branch of a shop, the same spot a year later. The seed is fixed: the file is data, not chance.
"""

from __future__ import annotations

import json
from math import cos, radians
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

FILE: Final = Path(__file__).with_name("pairs.jsonl")
HERE: Final = (45.8021, 126.5432)


class Scene(NamedTuple):
    """One matter: its category, what its place is called, what three people say of it."""

    key: str
    category: str
    places: tuple[str, str, str]
    told: tuple[str, str, str]


SCENES: Final = (
    Scene("outfall_bridge", "water_pollution", ("松浦大桥北侧桥墩下", "松浦大桥下面", "大桥北头河边"), (
        "岸边一根水泥管一直往外流黑水，味道很大，下游二三十米水面都发黑。",
        "桥墩旁边有个排水口，排出来的水是黑的，臭得站不住人。",
        "遛弯看见桥底下有管子排黑水进江，水面上一层黑沫子。")),
    Scene("outfall_milk", "water_pollution", ("三电街排水沟", "三电街西头沟渠", "三电菜市场后面的沟"), (
        "早上沟里的水变成乳白色，漂着一层泡沫，中午还是这样。",
        "排水沟的水白得像牛奶，起泡沫，怀疑有厂子偷排。",
        "菜市场后面的水沟里全是白水和泡沫，孩子都在旁边玩。")),
    Scene("oil_bay", "water_pollution", ("船口村河湾", "船口江湾", "船口村江边"), (
        "河湾里漂着一层油花，太阳一照五颜六色，钓鱼的人都不敢下竿。",
        "江湾水面上有油污，一大片，闻着像柴油。",
        "船口那边的江面漂油，岸边石头上都粘着黑油。")),
    Scene("rubble_road", "solid_waste", ("世茂大道东段路边空地", "世茂大道路东空地", "世茂大道旁边荒地"), (
        "路边空地堆了一大片装修垃圾，越堆越高，刮风满天灰。",
        "有人夜里往空地上倒建筑垃圾，砖头瓦块堆得像小山。",
        "荒地被当成垃圾场了，都是装修拆下来的东西，没人管。")),
    Scene("drums_ditch", "solid_waste", ("五间房村头沟", "五间房村东头", "五间房屯东沟边"), (
        "村头沟里有人倒了几桶不认识的废液，桶上有骷髅头标志。",
        "沟边扔着几个化工桶，桶漏了，流出来的东西冒烟。",
        "屯东边的沟里有带危险标志的铁桶，里面是黑色的液体。")),
    Scene("tires_belt", "solid_waste", ("对青山镇林带", "对青山二道岗林带", "二道岗子林子里"), (
        "林带里倒了两车旧轮胎和废塑料，夜里还有人来烧。",
        "防护林里面堆着废轮胎，烧过的痕迹很明显，黑烟熏了树。",
        "有人在林子里烧轮胎，味呛人，地上还剩一大堆。")),
    Scene("aed_mall", "aed_missing", ("世茂百货一层", "世茂百货", "世茂百货服务台"), (
        "商场六层楼，问了服务台说没有除颤器，每天人很多。",
        "逛了一圈没找到AED，保安说从来没见过这东西。",
        "这么大的百货没有自动体外除颤器，万一有人晕倒怎么办。")),
    Scene("aed_gym", "aed_missing", ("江北体育馆", "江北体育馆东门", "江北体育馆羽毛球厅"), (
        "体育馆里天天有人打球，没有配急救设备。",
        "羽毛球厅上周有人突然倒下，馆里没有AED。",
        "问了馆里工作人员，说没装除颤器，只有创可贴。")),
    Scene("aed_locked", "aed_unusable", ("松北客运站候车厅", "松北客运站", "客运站二楼候车厅"), (
        "AED的柜子锁着，要找保安拿钥匙，保安不在。",
        "候车厅的除颤器上了锁，旁边没有人能打开。",
        "机器锁在柜里，标签写着找值班室，值班室没人。")),
    Scene("blind_path", "barrier_free", ("祥安大街人行道", "祥安大街农贸市场门前", "祥安大街路西盲道"), (
        "盲道中间停满了共享单车，有一段直接断在电线杆前面。",
        "市场门口的盲道被电动车占满了，盲人根本没法走。",
        "人行道上的盲道走着走着就是电线杆，还停着车。")),
    Scene("ramp", "barrier_free", ("世茂大道地铁口", "世茂大道站2号口", "地铁世茂大道站出口"), (
        "地铁口的坡道太陡，轮椅自己上不去。",
        "推老人坐轮椅出站，坡道特别陡，差点翻了。",
        "出口的无障碍坡道坡度不对，轮椅根本推不上去。")),
    Scene("manhole", "public_safety", ("中源大道加油站西侧", "中源大道加油站旁边", "中源大道油站门口人行道"), (
        "人行道上的井盖没了，插了根树枝，晚上根本看不见。",
        "加油站旁边少了个井盖，有老人差点掉进去。",
        "路边一个井没有盖子，就立了根棍子，太危险。")),
    Scene("soil_night", "black_soil_dig", ("糖坊村稻田南边", "糖坊村南", "糖坊屯南头地里"), (
        "地里的黑土被挖走一大片，坑有一人多深，拉土的车夜里来。",
        "村南的黑土地夜里有钩机挖土，翻斗车一车一车往外拉。",
        "南头那块地让人挖了个大坑，黑土全卖了。")),
    Scene("yard_field", "farmland_occupy", ("前进村三组", "前进村三组地头", "前进三组大道边"), (
        "好好的旱田上铺了石子和硬化路面，停满了大货车。",
        "三组的耕地变成停车场了，地面都打了水泥。",
        "基本农田上修了货场，全是大车，没见审批牌子。")),
    Scene("trees", "forest_land", ("后万宝屯东林带", "万宝镇后万宝东边", "后万宝屯东头"), (
        "防护林被放倒了三十多棵，树桩还是新的，已经翻地准备种苞米。",
        "屯东林带的杨树让人砍了一片，剩下都是树墩子。",
        "有人砍林带种地，三十来棵大树没了。")),
    Scene("owl", "wildlife", ("祥安农贸市场", "祥安市场后门", "祥安农贸市场鸟市"), (
        "市场里有人用笼子装着猫头鹰在卖，用布盖着。",
        "后门有个摊偷偷卖猫头鹰，一只要八百。",
        "看见卖鸟的笼子里有猫头鹰，盖着黑布，问才拿出来。")),
    Scene("fence", "tiger_park_env", ("虎林园西侧围栏", "虎林园西墙", "东北虎林园西边铁丝网"), (
        "园区西侧铁丝围栏有一处被压弯了，旁边就是人行小路。",
        "虎林园西边的网坏了，弯了一大截，看着害怕。",
        "西墙铁丝网塌了一块，离老虎活动的地方不远。")),
    Scene("ski_belt", "ice_venue", ("江畔滑雪场", "江畔滑雪场魔毯", "江畔雪场初级道"), (
        "滑雪场的魔毯上没看到检验合格标志，防护网也断了一截。",
        "初级道边上的防护网断了，差点冲出去。",
        "魔毯没有检验标志，工作人员说还没来得及贴。")),
    Scene("river_ice", "ice_venue", ("太阳桥下冰面", "太阳桥东侧江面", "太阳桥底下野冰"), (
        "野冰面上有人拉雪圈收钱，没有护栏也没有人看着。",
        "桥下的冰上有人用摩托拉孩子玩雪圈，冰面已经有裂缝。",
        "江面上私人收费拉雪圈，一点防护都没有。")),
    Scene("bulk_cake", "food_bulk", ("枫林商业街糕点铺", "枫林街好味糕点", "枫林商业街中段点心店"), (
        "散装的糕点没有标签，问什么时候做的，说刚做的。",
        "点心都敞着卖，没有生产日期，买回家发霉了。",
        "糕点铺的散装点心没写保质期，吃着有哈喇味。")),
    Scene("drug_shelf", "drug_expired", ("顺安大药房", "松祥路顺安药店", "顺安大药房松祥路店"), (
        "药店里的感冒药过期两个月还在货架上。",
        "买的氨酚烷胺九月就过期了，店员说忘了下架。",
        "货架上好几种药都过期了，拿给店员看才收起来。")),
    Scene("id_board", "pi_public_leak", ("春江苑三期公示栏", "春江苑物业公示栏", "春江苑三期南门公告栏"), (
        "公示栏里的名单把身份证号和电话都写全了，几十个人。",
        "小区公告栏贴的业主名单有身份证号，一个字没遮。",
        "物业把欠费业主的姓名电话身份证都贴出来了。")),
    Scene("wages", "wage_arrears", ("科技创新城二期工地", "创新城二期项目部", "科创城二期工地南门"), (
        "工地三个月没发工资，二十多个工友都没拿到，门口也没有公示牌。",
        "干了一夏天没给钱，二十多人找项目部，说再等等。",
        "二期项目拖欠农民工工资，维权告示牌都没有。")),
    Scene("dust_site", "air_noise_dust", ("龙川路小学北侧工地", "龙川路工地", "龙川路小学旁边施工"), (
        "工地一直没有围挡喷淋，大车一过全是土，阳台擦了又脏。",
        "学校边上的工地尘土飞扬，孩子上学都得捂着嘴。",
        "施工的地方不洒水，一刮风教室里全是灰。")),
)  # fmt: skip

# Two matters that a hurried reader would take for one: (what the first says, what the second says).
TRAPS: Final = (
    ("water_pollution", "松浦大桥北侧桥墩下", "桥墩旁边有个排水口，排出来的水是黑的，臭得站不住人。",
     "water_pollution", "松浦大桥北侧浅滩", "浅滩上漂着一层死鱼，小的有手指长，大的半尺多。"),
    ("solid_waste", "世茂大道东段路边空地", "有人夜里往空地上倒建筑垃圾，砖头瓦块堆得像小山。",
     "solid_waste", "世茂大道小区垃圾站", "垃圾站一周没清运，厨余流了一地，招苍蝇。"),
    ("aed_missing", "世茂百货一层", "商场六层楼，问了服务台说没有除颤器，每天人很多。",
     "aed_unusable", "世茂百货负一层超市", "超市里的AED指示灯是红的，电极片标签过期半年。"),
    ("barrier_free", "祥安大街人行道", "市场门口的盲道被电动车占满了，盲人根本没法走。",
     "barrier_free", "祥安大街农贸市场卫生间", "无障碍卫生间锁着，里面放清洁工具。"),
    ("public_safety", "中源大道加油站西侧", "加油站旁边少了个井盖，有老人差点掉进去。",
     "public_safety", "中源大道加油站对面楼", "对面高层外墙的瓷砖松了，上周掉下来一块。"),
    ("black_soil_dig", "糖坊村南", "村南的黑土地夜里有钩机挖土，翻斗车一车一车往外拉。",
     "farmland_occupy", "糖坊村南", "村南的地里盖起一排彩钢房，没有审批的牌子。"),
    ("ice_venue", "江畔滑雪场", "滑雪场的魔毯上没看到检验合格标志，防护网也断了一截。",
     "ice_venue", "江畔滑雪场餐厅", "雪场餐厅没有亮证照，后厨地上全是水，饭有馊味。"),
    ("food_bulk", "枫林商业街糕点铺", "糕点铺的散装点心没写保质期，吃着有哈喇味。",
     "food_bulk", "枫林商业街熟食店", "熟食敞着卖，没有罩子，苍蝇落在猪头肉上。"),
    ("drug_expired", "顺安大药房", "药店里的感冒药过期两个月还在货架上。",
     "drug_rx", "顺安大药房", "没有处方就卖了头孢，一句话都没问。"),
    ("tiger_park_env", "虎林园西侧围栏", "虎林园西边的网坏了，弯了一大截，看着害怕。",
     "tiger_park_env", "虎林园停车场西侧", "停车场边上堆着游客扔的垃圾，塑料袋挂在网上。"),
)  # fmt: skip
SLIPS: Final = {
    "的": "得",
    "在": "再",
    "臭": "嗅",
    "像": "象",
    "没": "木",
    "账": "帐",
    "堆": "推",
    "垃圾": "拉圾",
    "盖": "蓋",
}
RADIUS_M: Final = 60


def _moved(rng: Random, metres: float) -> tuple[float, float]:
    angle = rng.uniform(0, 6.283)
    north, east = metres * cos(angle), metres * cos(angle - 1.5708)
    return round(HERE[0] + north / 111_320, 6), round(HERE[1] + east / (111_320 * cos(radians(HERE[0]))), 6)


def _slipped(rng: Random, text: str) -> str:
    """Write as people do on a phone: a wrong sign, a sentence left out, an opening of one's own."""
    for right, wrong in SLIPS.items():
        if rng.random() < 0.35:
            text = text.replace(right, wrong, 1)
    if rng.random() < 0.3 and "，" in text:
        parts = text.split("，")
        parts.pop(rng.randrange(len(parts)))
        text = "，".join(parts)
    return rng.choice(("", "", "", "您好，", "想反映一下，", "请问有人管吗？")) + text


def _report(
    rng: Random, category: str, place: str, words: str, *, metres: float, day: int, has_place: bool = True
) -> dict[str, Any]:
    lat, lon = _moved(rng, metres) if has_place else (None, None)
    return {
        "category": category, "place": place, "words": _slipped(rng, words), "lat": lat, "lon": lon, "day": day,
        "town": "songpu", "pictures": [],
    }  # fmt: skip


def _pictured(rng: Random, one: dict[str, Any], other: dict[str, Any], *, is_alike: bool) -> None:
    first = rng.getrandbits(63)
    flipped = first
    for _ in range(rng.randrange(7) if is_alike else 0):
        flipped ^= 1 << rng.randrange(63)
    one["pictures"], other["pictures"] = [first], [flipped if is_alike else rng.getrandbits(63)]


def _same(rng: Random) -> list[dict[str, Any]]:
    pairs = []
    for scene in SCENES:
        for a, b in ((0, 1), (0, 2), (1, 2), (0, 0), (1, 1)):
            far, gap = abs(rng.gauss(0, 25)), rng.choice((0, 0, 1, 2, 5, 9, 20))
            has_place = rng.random() > 0.15
            one = _report(rng, scene.category, scene.places[a], scene.told[a], metres=0, day=0)
            two = _report(
                rng, scene.category, scene.places[b], scene.told[b], metres=min(far, RADIUS_M), day=gap,
                has_place=has_place,
            )  # fmt: skip
            if rng.random() < 0.3:
                _pictured(rng, one, two, is_alike=True)
            elif rng.random() < 0.5:
                _pictured(rng, one, two, is_alike=False)
            pairs.append(
                {"same": True, "why": "told twice" if a == b else "told by two", "one": one, "two": two}
            )
    return pairs


def _different(rng: Random) -> list[dict[str, Any]]:
    pairs = []
    for at, scene in enumerate(SCENES):
        # The next one of its kind, down the road.
        one = _report(rng, scene.category, scene.places[0], scene.told[0], metres=0, day=0)
        two = _report(
            rng, scene.category, scene.places[2] + "往东", scene.told[2], metres=rng.uniform(220, 900), day=2
        )
        pairs.append({"same": False, "why": "its like elsewhere", "one": one, "two": two})
        # The very same sentence about another branch.
        two = _report(
            rng,
            scene.category,
            "另一处" + scene.places[1][::-1],
            scene.told[0],
            metres=rng.uniform(700, 4000),
            day=1,
        )
        pairs.append({"same": False, "why": "same words elsewhere", "one": one, "two": two})
        # The same spot, another matter.
        other = SCENES[(at + 7) % len(SCENES)]
        two = _report(rng, other.category, scene.places[1], other.told[1], metres=rng.uniform(0, 30), day=3)
        pairs.append({"same": False, "why": "another matter here", "one": one, "two": two})
        # Years later: a relapse is a new matter.
        two = _report(
            rng,
            scene.category,
            scene.places[0],
            scene.told[1],
            metres=rng.uniform(0, 30),
            day=rng.randrange(400, 800),
        )
        pairs.append({"same": False, "why": "long after", "one": one, "two": two})
    for category, place, words, other_category, other_place, other_words in TRAPS:
        for metres in (15.0, 40.0):
            one = _report(rng, category, place, words, metres=0, day=0)
            two = _report(rng, other_category, other_place, other_words, metres=metres, day=rng.randrange(5))
            pairs.append({"same": False, "why": "next to it, not it", "one": one, "two": two})
    return pairs


def pairs() -> list[dict[str, Any]]:
    """Every pair, in a fixed order."""
    rng = Random(20261125)
    return [*_same(rng), *_different(rng)]


if __name__ == "__main__":
    FILE.write_text("".join(json.dumps(pair, ensure_ascii=False) + "\n" for pair in pairs()), "utf-8")
