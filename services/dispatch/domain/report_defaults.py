"""The forms that come with the system, by purpose: data, to be replaced by editions of the company's own."""

from collections.abc import Mapping
from decimal import Decimal
from functools import partial

from shared.events.dispatch.report_form import ItemChoice, ItemKind, ReportForm, ReportItem
from shared.events.tickets import Purpose

_text = partial(ReportItem, kind=ItemKind.TEXT)
_check = partial(ReportItem, kind=ItemKind.CHECK)
_shown = partial(ReportItem, kind=ItemKind.DEMONSTRATED)
_count = partial(ReportItem, kind=ItemKind.COUNT, at_least=Decimal(0))
_measured = partial(ReportItem, kind=ItemKind.MEASUREMENT)
_photo = partial(ReportItem, kind=ItemKind.PHOTO, at_least=Decimal(1))


def _choice(key: str, zh: str, en: str, *choices: tuple[str, str, str], required: bool = True) -> ReportItem:
    known = tuple(ItemChoice(key=k, zh=z, en=e) for k, z, e in choices)
    return ReportItem(key=key, kind=ItemKind.CHOICE, zh=zh, en=en, choices=known, required=required)


_SITUATION = _text(key="situation", zh="现场情况", en="What was found")
_WORK = _text(key="work", zh="处理过程", en="What was done")
_RESULT = _choice(
    "result",
    "服务结果",
    "Result",
    ("solved", "已解决", "solved"),
    ("partly", "部分解决", "partly solved"),
    ("unsolved", "未解决", "not solved"),
)
_REMAINING = _text(key="remaining", zh="遗留问题及建议", en="What remains, and advice", required=False)
_OPINION = _text(key="opinion", zh="客户意见", en="What the customer says", required=False)
_SURVEY = _check(
    key="survey",
    zh="已请客户填写满意度调查",
    en="The customer was asked to fill in the survey",  # 3.6
)
_TIDY = _check(key="tidy", zh="现场已清理", en="The place was left tidy")
_ENDING = (_REMAINING, _OPINION, _SURVEY)
_SAFETY = _check(
    key="safety", zh="已说明用药安全与急救方法", en="Safe use and first aid were explained", required=False
)

_ITEMS: Mapping[Purpose, tuple[ReportItem, ...]] = {
    Purpose.REPAIR: (
        _SITUATION,
        _choice(
            "cause",
            "故障原因",
            "Cause",
            ("manufacture", "制造", "manufacture"),
            ("assembly", "装配", "assembly"),
            ("material", "材料", "material"),
            ("use", "使用或保管", "use or storage"),
            ("wear", "自然损耗", "wear"),
            ("other", "其他", "other"),
        ),
        _WORK,
        _check(key="tested", zh="已试用，效果正常", en="Tried out, works"),
        _TIDY,
        _measured(key="test_minutes", zh="试用时间", en="Tried out for", unit="分钟", required=False),
        _photo(key="photo_after", zh="处理后照片", en="Photo after the work"),
        _RESULT,
        *_ENDING,
    ),
    Purpose.REPLACEMENT: (
        _SITUATION,
        _WORK,
        _check(key="old_taken_back", zh="旧品已回收", en="The old goods were taken back"),
        _check(key="lot_checked", zh="新品批次、保质期已核对", en="Lot and shelf life of the new goods checked"),
        _SAFETY,
        _photo(key="photo_after", zh="更换后照片", en="Photo after the replacement"),
        _RESULT,
        *_ENDING,
    ),
    Purpose.DELIVERY: (
        _check(key="goods_match", zh="品名、规格、数量与订单一致", en="Goods as ordered"),  # 0.1
        _check(key="packaging", zh="包装完好", en="Packaging intact"),
        _check(key="released", zh="附质检合格证明", en="With proof of quality release"),  # 0.2
        _check(key="shelf_life", zh="在保质期内", en="Within shelf life"),
        _count(key="packages", zh="件数", en="Packages", unit="件"),
        _photo(key="photo_goods", zh="货物及送货单照片", en="Photo of goods and delivery note"),
        _text(key="situation", zh="交付情况", en="How it was delivered", required=False),
        *_ENDING,
    ),
    Purpose.PLACEMENT: (
        _text(key="situation", zh="现场虫鼠害情况", en="Pests on site"),
        _WORK,
        _count(key="points", zh="布放点数", en="Points", unit="处"),
        _measured(
            key="spacing", zh="最大布放间距", en="Greatest spacing", unit="米", at_most=Decimal(15), required=False
        ),
        _check(key="out_of_reach", zh="儿童、宠物不可触及，远离食品", en="Out of reach, away from food"),
        _check(key="labelled", zh="布放点已贴警示标识", en="Points carry warning labels"),
        _check(key="explained", zh="已向客户讲解使用方法", en="Its use was explained"),  # 0.3
        _SAFETY,
        _photo(key="photo_points", zh="布放点照片", en="Photo of the points"),
        _RESULT,
        *_ENDING,
    ),
    Purpose.TRAINING: (
        _count(key="attendees", zh="参加人数", en="Attended by", unit="人"),
        _measured(key="hours", zh="培训时间", en="Lasted", unit="小时", at_least=Decimal("0.5")),
        _text(key="contents", zh="培训内容", en="What was taught"),
        _check(key="understood", zh="成分、用途、注意事项已讲解", en="Composition, use and precautions explained"),
        _shown(key="choose_place", zh="能选择合适的布放位置", en="Chooses the right places"),
        _shown(key="use_product", zh="能正确打开、布放产品", en="Opens and places the product"),
        _shown(key="protect", zh="能正确使用防护用品", en="Wears protection"),
        _shown(key="dispose", zh="能正确处置废弃物和捕获物", en="Disposes of waste and catches"),
        _shown(key="first_aid", zh="能说明误触、误食的急救方法", en="Knows first aid"),
        _photo(key="photo_attendance", zh="签到表照片", en="Photo of the attendance sheet"),
        *_ENDING,
    ),
    Purpose.INSTALLATION_GUIDANCE: (
        _SITUATION,
        _text(key="work", zh="指导内容", en="What was shown how to do"),
        _check(key="position", zh="安装位置符合要求", en="Position as required"),
        _check(key="fastened", zh="固定牢固", en="Firmly fixed"),
        _check(key="power", zh="供电、接地符合要求", en="Power and earth as required"),
        _check(key="explained", zh="已讲解使用与维护方法", en="Use and care explained"),
        _photo(key="photo_after", zh="安装后照片", en="Photo after the installation"),
        _RESULT,
        *_ENDING,
    ),
    Purpose.COMMISSIONING: (
        _SITUATION,
        _text(key="work", zh="调试过程", en="What was done"),
        _measured(key="voltage", zh="工作电压", en="Voltage", unit="V", at_least=Decimal(198), at_most=Decimal(242)),
        _measured(key="run_minutes", zh="连续运行时间", en="Ran for", unit="分钟", at_least=Decimal(30)),
        _check(key="functions", zh="各项功能正常", en="All functions work"),
        _check(key="protection", zh="安全保护动作正常", en="Safety devices work"),
        _check(key="explained", zh="已讲解操作方法", en="Operation explained"),
        _photo(key="photo_after", zh="运行照片", en="Photo of it running", required=False),
        _RESULT,
        *_ENDING,
    ),
    Purpose.ROUTINE_VISIT: (
        _text(key="use", zh="产品使用情况", en="How the products are used"),  # 2.3
        _text(key="opinions", zh="客户意见与建议", en="The customer's opinions"),  # 2.3
        _choice(
            "effect",
            "防治效果",
            "Effect",
            ("good", "良好", "good"),
            ("fair", "一般", "fair"),
            ("poor", "较差", "poor"),
        ),
        _check(key="inspected", zh="布放点已巡查", en="The points were inspected"),
        _check(key="introduced", zh="已介绍公司产品", en="The company's products were introduced"),  # 2.4
        _text(key="leads", zh="新需求", en="New needs", required=False),  # 2.4
        _photo(key="photo_site", zh="现场照片", en="Photo of the site", required=False),
        _REMAINING,
        _SURVEY,
    ),
}

_WITHOUT_PARTS = (Purpose.TRAINING, Purpose.ROUTINE_VISIT)

DEFAULT_FORMS: Mapping[Purpose, ReportForm] = {
    purpose: ReportForm(purpose=purpose, edition=0, items=items, parts=purpose not in _WITHOUT_PARTS)
    for purpose, items in _ITEMS.items()
}
