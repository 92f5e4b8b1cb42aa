"""Who there is: customers with their sites, products with their lots, engineers and the office."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

ENGINEERS = ("E01", "E02", "E03", "E04", "E05", "E06", "E07", "E08")

CITIES = {
    "上海": (31.2304, 121.4737, "上海"),
    "苏州": (31.2990, 120.5853, "江苏"),
    "杭州": (30.2741, 120.1551, "浙江"),
    "南京": (32.0603, 118.7969, "江苏"),
    "宁波": (29.8683, 121.5440, "浙江"),
    "合肥": (31.8206, 117.2272, "安徽"),
    "无锡": (31.4912, 120.3119, "江苏"),
    "嘉兴": (30.7461, 120.7555, "浙江"),
    "南通": (31.9802, 120.8943, "江苏"),
    "芜湖": (31.3525, 118.4331, "安徽"),
}
"""With the middle of each (latitude, longitude) and its province, the region of its customers."""
HOMES = ("上海", "苏州", "杭州", "南京", "宁波", "合肥")
"""Where engineers live."""

_TRADES = ("物业", "食品厂", "学校", "医院", "酒店", "粮库", "超市", "幼儿园", "餐饮", "仓储")
_NAMES = ("光明", "和谐", "永安", "华联", "金穗", "绿洲", "东湖", "星河", "惠民", "瑞丰", "明珠", "春晖")
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗"
_GIVEN = ("敏", "伟", "芳", "强", "磊", "静", "军", "洋", "艳", "勇", "杰", "娟", "涛", "超", "霞", "平")

PRODUCTS = (
    ("ZSB-L", "大号粘鼠板"),
    ("ZSB-S", "小号粘鼠板"),
    ("ZZW-1", "蟑螂粘板"),
    ("MYF-5", "灭蚁粉剂"),
    ("SCJ-2", "杀虫气雾剂"),
    ("MFL-9", "灭蝇灯"),
)


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer with one site, and who picks up the phone there."""

    code: str
    name: str
    city: str
    province: str
    latitude: float
    longitude: float
    person: str
    phone: str


@dataclass(frozen=True, slots=True)
class Lot:
    product: str
    """Its code."""
    number: str
    made: date


@dataclass(frozen=True, slots=True)
class Company:
    customers: tuple[Customer, ...]
    lots: tuple[Lot, ...]
    engineers: dict[str, tuple[str, str]]
    """Code → name, home city."""


def company(chance: random.Random) -> Company:
    """The company of one seed: 40 customers, 8 engineers, a lot of each product in each of the last 3 months."""
    return Company(
        tuple(_customer(chance, n) for n in range(1, 41)),
        tuple(
            Lot(code, f"{code[:3]}{made:%y%m}{chance.randrange(10, 99)}", made)
            for code, _ in PRODUCTS
            for made in (date(2026, 7, 1) + timedelta(days=31 * month) for month in range(3))
        ),
        {code: (_person(chance), city) for code, city in zip(ENGINEERS, _homes(chance), strict=True)},
    )


def _customer(chance: random.Random, n: int) -> Customer:
    city = chance.choice(list(CITIES))
    latitude, longitude, province = CITIES[city]
    return Customer(
        code=f"K{n:03}",
        name=f"{city}{_NAMES[n % len(_NAMES)]}{_TRADES[n % len(_TRADES)]}",
        city=city,
        province=province,
        latitude=round(latitude + chance.uniform(-0.08, 0.08), 5),
        longitude=round(longitude + chance.uniform(-0.08, 0.08), 5),
        person=_person(chance),
        phone=f"139{chance.randrange(10**8):08}",
    )


def _person(chance: random.Random) -> str:
    return chance.choice(_SURNAMES) + chance.choice(_GIVEN)


def _homes(chance: random.Random) -> list[str]:
    """Two engineers in Shanghai, one in each other city, and one anywhere."""
    return ["上海", *HOMES, chance.choice(HOMES)]
