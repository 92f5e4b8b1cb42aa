"""Titles that receptions give their columns, and headers made of them."""

import pytest

from services.tickets.register.columns import find_header
from services.tickets.register.titles import Field, field_of
from shared.spreadsheet.sheet import Cell, SheetRow

TITLES = {
    Field.SERIAL: "序号 编号 No.",
    Field.RECEIVED_DAY: "日期 登记日期 受理日期 来电日期 接报日期 日\u3000期 登记日期* Date",
    Field.RECEIVED: "时间 登记时间 受理时间 来电时间 日期时间 日期/时间 来电来函时间 时间(24小时制) DateTime",
    Field.CHANNEL: "来源 渠道 方式 受理方式 来源渠道 受理渠道 来电/来函 途径 Channel",
    Field.CUSTOMER: "客户单位 客户 单位名称 客户名称 单位 用户单位 客户名 报修单位 客户(单位) Customer 客户Customer",
    Field.CONTACT: "联系人 姓名 来电人 联系人姓名 反映人 Contact",
    Field.PHONE: "联系电话 电话 手机 手机号 手机/电话 来电号码 联系方式 联系人电话 联系电话1 ＴＥＬ Phone",
    Field.CONTACT_AND_PHONE: "联系人及电话 联系人/电话 姓名、手机 联系人和联系方式",
    Field.ADDRESS: "地址 客户地址 联系地址 Address",
    Field.PRODUCT: "产品名称 品名 产品 商品名称 产品名称及规格 Product",
    Field.LOT: "批号 批次 生产批号 产品批号 LOT号 Batch",
    Field.PURCHASED_ON: "购买日期 采购时间 购货日期",
    Field.POSTMARKED_ON: "邮戳日期",
    Field.PROBLEM: "问题描述 问题 反映内容 来电内容 投诉/咨询内容 情况描述 客户诉求 内容 产品问题 Problem",
    Field.TAKEN_BY: "受理人 接听人 经办人 登记人 值班员 记录人",
    Field.ANSWERED: "答复时间 回复时间 首次回复时间 首次答复 回电时间 答复客户时间 响应时间",
    Field.ANSWERED_DAY: "答复日期 回复日期",
    Field.ANSWER_MEANS: "答复方式 回复方式",
    Field.ENGINEER: "派工 工程师 派工人员 上门人员 处理人 维修师傅",
    Field.AGREED: "约定到场 约定时间 预约上门 预约时间 约定上门时间 承诺到场时间 上门预约时间 应到时间",
    Field.ARRIVED: "实际到场 到场时间 到达时间 上门时间 实际到场时间 实到时间",
    Field.FINISHED: "完成时间 完工时间 办结时间 处理完成时间",
    Field.SCORE: "评分 满意度评分 得分 客户打分",
    Field.VERDICT: "满意度 客户满意度 满意度(1-5) 客户评价 是否满意",
    Field.REMARKS: "备注 说明 备\u3000注",
}


@pytest.mark.parametrize(("field", "titles"), TITLES.items(), ids=[field.value for field in TITLES])
def test_titles(field: Field, titles: str) -> None:
    shown = [title for title in titles.split(" ") if title]

    assert {title: field_of(title) for title in shown} == dict.fromkeys(shown, field)


@pytest.mark.parametrize(
    "title", ["生产日期", "处理情况", "数量", "规格", "业务员", "来电登记表", "2026年10月", "合计", "工程师电话"]
)
def test_titles_that_name_nothing_we_know(title: str) -> None:
    assert field_of(title) is None


def rows(*texts: str) -> list[SheetRow]:
    return [SheetRow(number, tuple(part or None for part in text.split("|"))) for number, text in enumerate(texts, 1)]


def places(*texts: str) -> dict[str, int]:
    found = find_header(rows(*texts))
    assert found is not None
    return {field.value: columns[0] for field, columns in found[1].places.items()}


def test_the_header_is_found_below_titles() -> None:
    found = find_header(rows("登记表", "", "日期|客户|电话|问题", "10-1|甲|138|坏了"))

    assert found is not None
    assert (found[0], found[1].rows) == (2, (3,))


def test_a_header_of_two_rows_is_put_together() -> None:
    assert places(
        "2026年登记表",
        "登记||客户|||产品|||答复||到场||备注",
        "日期|时间|单位|联系人|电话|名称|批号|问题|时间|方式|约定|实际|",
    ) == {
        "received_day": 0,
        "received": 1,
        "customer": 2,
        "contact": 3,
        "phone": 4,
        "product": 5,
        "lot": 6,
        "problem": 7,
        "answered": 8,
        "answer_means": 9,
        "agreed": 10,
        "arrived": 11,
        "remarks": 12,
    }


def test_the_second_bare_way_is_that_of_the_answer() -> None:
    found = places("日期|方式|客户|问题|答复时间|方式")

    assert (found["channel"], found["answer_means"]) == (1, 5)


def test_the_customer_is_not_the_unit_of_goods() -> None:
    assert places("日期|产品|数量|单位|客户名称|问题")["customer"] == 4
    assert places("日期|单位|产品|问题")["customer"] == 1


@pytest.mark.parametrize(
    "text", ["客户|联系人|电话|地址", "产品名称|批号|生产日期", "日期|金额|客户|经手人", "日期|时间|问题|备注", ""]
)
def test_other_lists_are_no_registers(text: str) -> None:
    assert find_header(rows("清单", text, "a|b|c|d")) is None


def test_cells_that_are_no_texts_make_no_header() -> None:
    cells: tuple[Cell, ...] = (1.0, None, True, 46296.0)

    assert find_header([SheetRow(1, cells)]) is None
