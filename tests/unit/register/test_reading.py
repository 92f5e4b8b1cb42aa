"""From rows to entries, problems, doubles and what is skipped."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from services.tickets.register import Register, RegisterEntry, SkipReason, read_register
from shared.clock import SHANGHAI
from tests.unit.register.making import HEADER, at, entry, problem, read, row, saved, xlsx
from tests.unit.register.test_moments import CLOCKS, DAYS
from tests.unit.register.test_values import MOBILE


def shown(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.astimezone(SHANGHAI):%m-%d %H:%M}"


def zh(one: RegisterEntry) -> str:
    return "".join(words.zh for words in one.notes)


def skipped(register: Register) -> dict[int, str]:
    return {one.row: one.reason.value for one in register.skipped}


# ── one contact, however it is written ──

moments = st.datetimes(datetime(2001, 1, 1), datetime(2098, 12, 31)).map(  # noqa: DTZ001 — a wall clock
    lambda moment: moment.replace(second=0, microsecond=0)
)


@settings(max_examples=60, deadline=None)
@given(
    moments.filter(lambda moment: moment.time() != time()),
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.sampled_from(sorted(DAYS)),
    st.sampled_from(sorted(CLOCKS)),
    st.sampled_from(sorted(MOBILE)),
)
def test_one_contact_is_the_same_in_every_form(moment: datetime, phone: str, day: str, clock: str, form: str) -> None:
    plain = row(日期=f"{moment:%Y-%m-%d}", 时间=f"{moment:%H:%M}", 电话=phone)
    other = row(日期=DAYS[day](moment.date()), 时间=CLOCKS[clock](moment.time()), 电话=MOBILE[form](phone))

    register = read(plain, other)

    assert register.entries[0].received_at == moment.replace(tzinfo=SHANGHAI)
    assert register.entries[0].phone == phone
    assert [(one.row, one.duplicate_of, one.differs) for one in register.doubled] == [(4, 3, ())]
    assert read(other).entries[0].fingerprint == register.entries[0].fingerprint


def test_reading_twice_gives_the_same() -> None:
    data = xlsx(("a", [HEADER, row(), row(日期="10月32日"), row(客户="乙", 日期="次日")], []))

    assert read_register(data, "2026.xlsx") == read_register(data, "2026.xlsx")


# ── another reception ──

BRANCH_HEADER = [
    "序号",
    "客户名称",
    "手机",
    "联系人",
    "品名",
    "生产批号",
    "反映内容",
    "接入",
    "来电时间",
    "回复时间",
    "预约上门",
    "到达时间",
    "评分",
]


def branch(number: int, **cells: Any) -> list[Any]:
    return [number, *(cells.get(title) for title in BRANCH_HEADER[1:])]


def test_a_sheet_of_another_reception_with_other_titles_order_and_forms() -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    december = book.create_sheet("12月")
    for cells in (["历下分公司售后服务台账"], ["2026年12月", None, "填表人:小赵"], [], BRANCH_HEADER):
        december.append(cells)
    christmas = datetime(2026, 12, 25, 10, 55)  # noqa: DTZ001 — a spreadsheet's wall clock
    for cells in (
        branch(
            1,
            客户名称="甲",
            手机=13800003780,
            品名="粘鼠板",
            接入="热线",
            来电时间=christmas,
            回复时间="12-26 9:00",
            评分="5分",
        ),
        branch(
            2,
            客户名称="同上",
            手机="〃",
            品名="″",
            反映内容="又问",
            接入="〃",
            来电时间="12月25日 下午3点半",
            回复时间="16:30",
        ),
        branch(3, 客户名称="乙", 手机="无", 反映内容="漏液", 接入="QQ", 来电时间=46387.5, 回复时间="次日 8点"),
        ["合计", None, None, None, None, None, "3条"],
        BRANCH_HEADER,
        branch(
            4,
            客户名称="丙",
            手机="0531-86006769-803",
            反映内容="漏",
            接入="上门",
            来电时间="12/31 23:50",
            回复时间="0:10",
        ),
        branch(
            5,
            客户名称="丁",
            反映内容="漏",
            接入="公函",
            来电时间="1月1日 9:00",
            预约上门="1-2 9:00-11:00",
            到达时间="11:20",
        ),
        branch(6),
        ["制表:小赵", None, None, "审核:老王"],
    ):
        december.append(cells)
    january = book.create_sheet("2027年1月")
    for cells in (BRANCH_HEADER, branch(1, 客户名称="戊", 反映内容="漏", 接入="网站", 来电时间="3日 8:05")):
        january.append(cells)
    book.create_sheet("产品").append(["品名", "生产批号"])

    register = read_register(saved(book), "台账.xlsx")

    assert register.sheets == ("12月", "2027年1月")
    assert at(register) == [
        "2026-12-25 10:55",
        "2026-12-25 15:30",
        "2026-12-31 12:00",
        "2026-12-31 23:50",
        "2027-01-01 09:00",
        "2027-01-03 08:05",
    ]
    assert [(one.sheet, one.row) for one in register.entries][3:] == [("12月", 10), ("12月", 11), ("2027年1月", 2)]
    assert [one.channel for one in register.entries] == ["phone", "phone", "im", "walk_in", "letter", "portal"]
    assert [one.customer for one in register.entries] == ["甲", "甲", "乙", "丙", "丁", "戊"]
    assert [one.phone for one in register.entries][:4] == ["13800003780", "13800003780", None, "053186006769,803"]
    assert [shown(one.answered_at) for one in register.entries] == [
        "12-26 09:00",
        "12-25 16:30",
        "01-01 08:00",
        "01-01 00:10",
        None,
        None,
    ]
    assert register.entries[4].late_minutes == 20
    reasons = [one.reason for one in register.skipped if one.sheet == "12月"]
    assert reasons == [*["title"] * 2, "blank", "header", "total", "header", "blank", "note"]
    assert "产品" in register.notices[0].zh


def test_an_english_sheet() -> None:
    lines = [
        ["After-sales register"],
        ["No.", "Date", "Time", "Channel", "Customer", "Phone", "Lot No.", "Problem", "Answered at", "Satisfaction"],
        [
            1,
            "10/01/2026",
            "9:05 AM",
            "Phone",
            "Blue Sky Hotel",
            "+86 138 0000 1111",
            "ns 1",
            "no glue",
            "2:15 PM",
            "declined",
        ],
        [2, "ditto", "5:55 PM", "Walk-in", "ditto", "n/a", "unknown", "leaks", "Oct 2, 2026 9:00", "4 stars"],
        [3, "10/13/2026", "17:00", "WeChat", "Green Park", "0531-86006769 ext. 803", "-", "smell", None, "satisfied"],
        ["Total", 3],
    ]

    register = read_register(xlsx(("Oct", lines, [])), "x.xlsx")

    assert at(register) == ["2026-10-01 09:05", "2026-10-01 17:55", "2026-10-13 17:00"]
    assert [(one.channel, one.customer, one.phone) for one in register.entries] == [
        ("phone", "Blue Sky Hotel", "13800001111"),
        ("walk_in", "Blue Sky Hotel", None),
        ("im", "Green Park", "053186006769,803"),
    ]
    assert [one.answered_within_24h for one in register.entries] == [True, True, False]
    assert [(one.score, one.verdict, one.survey_declined) for one in register.entries] == [
        (None, None, True),
        (4, None, False),
        (None, "satisfied", False),
    ]


# ── days ──


def test_the_same_as_above_holds_for_every_column_and_over_rows_that_are_none() -> None:
    register = read(
        row(日期="10月5日", 时间="9:00", 来源="微信", 批号="A1"),
        [],
        ["小计", None, None, "1"],
        row(日期="同上", 时间="〃", 来源="″", 客户="同前", 电话="〃", 产品="同上", 批号="同上", 问题="另一件事"),
    )

    first, second = register.entries
    assert (second.row, second.received_at) == (6, first.received_at)
    assert (second.channel, second.customer, second.phone) == (first.channel, first.customer, first.phone)
    assert (second.product, second.lot) == (first.product, "A1")


def test_the_same_as_above_copies_what_a_problem_says() -> None:
    register = read(
        row(日期="10月32日", 客户="铁路招待所"), row(日期="10月31日", 客户="同上"), row(日期="同上", 时间="10:00")
    )

    assert [(one.row, one.customer) for one in register.entries] == [(4, "铁路招待所"), (5, "食品二厂")]


def test_the_same_as_above_without_anything_above_is_no_value() -> None:
    assert "照抄" in problem(客户="同上").words.zh
    assert "照抄" in problem(日期="同上").words.zh
    assert "照抄" in zh(entry(批号="同上"))


def test_the_same_as_above_may_have_a_word_beside_it() -> None:
    _, second = read(row(客户="甲"), row(客户="同上（加急）", 问题="同上，又有异味")).entries

    assert (second.customer, second.problem) == ("甲", "同上，又有异味")
    assert second.raw["客户"] == "同上（加急）"


def test_merged_cells_hold_for_all_their_rows_but_make_no_entry() -> None:
    blank = [None] * len(HEADER)
    register = read(
        row(日期="10月5日", 客户="甲"),
        row(日期=None, 客户=None, 时间="10:00"),
        blank,
        row(日期=None, 时间="11:00", 客户="乙"),
        merged=["A3:A6", "D3:D4"],
    )

    assert at(register) == ["2026-10-05 09:00", "2026-10-05 10:00", "2026-10-05 11:00"]
    assert [one.customer for one in register.entries] == ["甲", "甲", "乙"]
    assert skipped(register) == {1: "title", 2: "header", 5: "blank"}


def test_a_line_with_nothing_but_a_date_holds_for_the_rows_below() -> None:
    register = read(["10月5日 星期一"], row(日期=None), row(日期=None, 时间="10:00"), ["10月6日"], row(日期=None))

    assert at(register) == ["2026-10-05 09:00", "2026-10-05 10:00", "2026-10-06 09:00"]
    assert skipped(register)[3] == "date"


def test_an_empty_day_is_a_problem_and_not_guessed() -> None:
    register = read(row(), row(日期=None, 客户="乙"))

    assert [fault.column for fault in register.problems[0].faults] == ["日期"]


def test_the_year_comes_from_title_sheet_or_file_name() -> None:
    rows = [HEADER, row(日期="10月3日")]

    for title, sheet, file in (("2026年", "a", "b"), ("登记表", "2026.10", "b"), ("登记表", "10月", "来电-2026")):
        register = read_register(xlsx((sheet, [[title], *rows], [])), f"{file}.xlsx")
        assert at(register) == ["2026-10-03 09:00"], (title, sheet, file)
    answered = read_register(xlsx(("a", [HEADER, row(日期="10月3日", 答复时间="2026-10-03 10:00")], [])), "b.xlsx")
    assert at(answered) == ["2026-10-03 09:00"]


def test_without_any_year_a_row_is_a_problem_that_says_so() -> None:
    register = read_register(xlsx(("a", [HEADER, row(日期="10月3日")], [])), "b.xlsx")

    assert "年份" in register.problems[0].words.zh
    assert "不是有效的日期" in problem(日期="2月29日").words.zh, "there is none near October 2026"


def test_a_year_that_is_far_off_is_noted() -> None:
    register = read(row(), row(日期="2062-10-04"), row(日期="10月5日"))

    assert ["核对" in zh(one) for one in register.entries] == [False, True, False]
    assert at(register)[2] == "2026-10-05 09:00"


@pytest.mark.parametrize("day", ["10月32日", "昨天", "2026-02-30", "明天", "=TODAY()"])
def test_a_day_that_is_none_is_a_problem(day: str) -> None:
    found = problem(日期=day)

    assert [fault.column for fault in found.faults] == ["日期"]
    assert found.raw["日期"] == day


# ── times ──


def test_a_sheet_without_times_counts_from_midnight_and_says_so() -> None:
    lines = [["登记表 2026年10月"], ["日期", "客户", "问题", "答复时间"], ["10-3", "甲", "漏", "10-4 9:00"]]

    (only,) = read_register(xlsx(("a", lines, [])), "x.xlsx").entries

    assert shown(only.received_at) == "10-03 00:00"
    assert not only.answered_within_24h
    assert "00:00" in zh(only)


def test_where_others_have_a_time_one_without_is_a_problem() -> None:
    lines = [["日期时间", "客户", "问题"], ["2026-10-03 9:00", "甲", "漏"], ["2026-10-03", "乙", "漏"]]

    register = read_register(xlsx(("a", lines, [])), "x.xlsx")

    assert at(register) == ["2026-10-03 09:00"]
    assert "09:30" in register.problems[0].words.zh
    assert [fault.column for fault in problem(日期="10月3日 上午", 时间=None).faults] == ["时间"]
    assert [fault.column for fault in problem(时间=None).faults] == ["时间"]


def test_day_and_time_may_lie_in_either_column() -> None:
    assert shown(entry(日期="2026-10-03 10:55", 时间=None).received_at) == "10-03 10:55"
    assert shown(entry(日期=None, 时间="2026-10-03 10:55").received_at) == "10-03 10:55"
    both = entry(日期="2026-10-03", 时间="2026-10-04 10:55")
    assert shown(both.received_at) == "10-03 10:55"
    assert "不一致" in zh(both)


def test_midnight_belongs_to_the_next_day() -> None:
    assert shown(entry(时间="24:00").received_at) == "10-04 00:00"


# ── what was done ──


NOTED = ("当天", "10-04 上午", "10-03 下午", "10-04 8:50已回复", "10-04", "立即", "未答复", "10-02 10:00", "10月40日")


@pytest.mark.parametrize(
    ("written", "answered", "in_time"),
    [
        ("10-03 10:00", "10-03 10:00", True),
        ("10-04 9:00", "10-04 09:00", True),
        ("10-04 9:01", "10-04 09:01", False),
        ("14:30", "10-03 14:30", True),
        ("8:30", "10-04 08:30", True),
        ("9:00", "10-03 09:00", True),
        ("次日9点", "10-04 09:00", True),
        ("第三天8:00", "10-05 08:00", False),
        ("当天", "10-03 23:59", True),
        ("10-04 上午", "10-04 12:00", False),
        ("10-03 下午", "10-03 18:00", True),
        ("10-04 8:50已回复", "10-04 08:50", True),
        ("10-04", "10-04 23:59", False),
        ("立即", "10-03 09:00", True),
        (46299.375, "10-04 09:00", True),
        (time(14, 30), "10-03 14:30", True),
        (datetime(2026, 10, 3, 14, 30), "10-03 14:30", True),  # noqa: DTZ001 — a spreadsheet's wall clock
        (None, None, False),
        ("/", None, False),
        ("未答复", None, False),
        ("10-02 10:00", None, False),
        ("10月40日", None, False),
    ],
)
def test_an_answer_is_understood_from_the_request(written: Any, answered: str | None, in_time: bool) -> None:
    found = entry(答复时间=written)

    assert shown(found.answered_at) == answered
    assert found.answered_within_24h is in_time
    assert bool(found.notes) == (written in NOTED)


def test_within_one_minute_the_order_is_kept() -> None:
    found = entry(时间="9:00:30", 答复时间="9:00", 实际到场="10-03 9:00")

    assert found.answered_at == found.arrived_at == found.received_at


def test_a_step_without_a_time_on_the_day_of_the_request_is_not_before_it() -> None:
    found = entry(实际到场="10-03")

    assert found.arrived_at == found.received_at
    assert "00:00" in zh(found)


def test_an_answer_after_new_year_is_in_the_next_year() -> None:
    found = entry(日期="2026-12-31", 时间="23:50", 答复时间="1-1 0:10")

    assert found.answered_at == datetime(2027, 1, 1, 0, 10, tzinfo=SHANGHAI)


def test_an_answer_in_two_columns() -> None:
    lines = [
        ["日期", "时间", "客户", "问题", "答复日期", "答复时间"],
        ["2026-10-03", "9:00", "甲", "漏", "10.5", "8点半"],
    ]

    assert shown(read_register(xlsx(("a", lines, [])), "x.xlsx").entries[0].answered_at) == "10-05 08:30"


@pytest.mark.parametrize(
    ("agreed", "arrived", "late"),
    [
        ("10-05 10:00", "10-05 10:10", 10),
        ("10-05 10:00", "9:50", 0),
        ("10-05 10:00", "10-06 9:00", 1380),
        ("10-05 9:00-11:00", "10-05 11:20", 20),
        ("10-05 9:00-11:00", "10-05 10:50", 0),
        ("15:00", "15:45", 45),
        ("10-05", "10-05 16:00", 0),
        ("10-05 上午", "10-05 13:10", 70),
        ("10-03 15:00", "10-03 下午", 0),
        ("10-03 15:00前", "10-03 15:20", 20),
        ("10-05 10:00", "10-05", 0),
        ("10-05 10:00", None, None),
        (None, "10-05 10:00", None),
        ("待定", "10-05 10:00", None),
    ],
)
def test_minutes_late(agreed: str | None, arrived: str | None, late: int | None) -> None:
    assert entry(约定到场=agreed, 实际到场=arrived).late_minutes == late


def test_what_was_done_before_the_request_is_dropped_with_a_note() -> None:
    found = entry(约定到场="10-02 10:00", 实际到场="10-02 10:00")

    assert shown(found.agreed_arrival) == "10-02 10:00", "an appointment may be older than the complaint about it"
    assert found.arrived_at is None
    assert "实际到场" in zh(found)


# ── who, what, how ──


def test_an_unreadable_optional_cell_loses_no_row() -> None:
    found = entry(电话="1380000", 批号="见包装", 满意度=7, 答复时间="一会儿", 来源="托人带话")

    assert (found.phone, found.lot, found.score, found.answered_at, found.channel) == (None, None, None, None, None)
    for column, text in (
        ("电话", "1380000"),
        ("批号", "见包装"),
        ("满意度", "7"),
        ("答复时间", "一会儿"),
        ("来源", "托人带话"),
    ):
        assert f"「{column}」列“{text}”" in zh(found)
        assert any(f"“{column}”" in words.en for words in found.notes)


def test_further_numbers_are_noted() -> None:
    found = entry(电话="13800001111/0531-86006769", 批号="DS1、DS2")

    assert (found.phone, found.lot) == ("13800001111", "DS1")
    assert [words.zh for words in found.notes] == ["「电话」列还有号码 053186006769。", "「批号」列还有批号 DS2。"]


def test_customer_and_problem_or_product_are_needed() -> None:
    assert [fault.column for fault in problem(客户="/").faults] == ["客户"]
    assert [fault.column for fault in problem(问题=None, 产品="无").faults] == ["问题"]
    assert entry(问题=None).problem is None
    assert entry(产品=None).product is None


def test_all_faults_of_a_row_are_told_at_once() -> None:
    found = problem(日期="10月32日", 时间="25:70", 客户=None)

    assert [fault.column for fault in found.faults] == ["日期", "时间", "客户"]
    assert found.words.zh.count("。") == 3


def test_where_no_column_names_the_customer_the_caller_is_the_customer() -> None:
    lines = [["日期", "时间", "来电人/电话", "内容"], ["2026-10-03", "9:00", "李女士 13800001111", "漏"]]

    (only,) = read_register(xlsx(("a", lines, [])), "x.xlsx").entries

    assert (only.customer, only.contact, only.phone) == ("李女士", "李女士", "13800001111")


def test_two_columns_for_the_telephone_count_together() -> None:
    lines = [["日期", "时间", "客户", "手机", "座机", "问题"]]
    lines += [["2026-10-03", "9:00", "甲", None, "0531-86006769", "漏"]]
    lines += [["2026-10-03", "9:00", "乙", 13800001111, "0531-86006769", "漏"]]

    register = read_register(xlsx(("a", lines, [])), "x.xlsx")

    assert [one.phone for one in register.entries] == ["053186006769", "13800001111"]


def test_score_and_verdict_in_two_columns() -> None:
    lines = [["日期", "时间", "客户", "问题", "评分", "满意度"], ["2026-10-03", "9:00", "甲", "漏", 4, "满意"]]

    (only,) = read_register(xlsx(("a", lines, [])), "x.xlsx").entries

    assert (only.score, only.verdict, only.survey_declined) == (4, "满意", False)


def test_a_score_is_an_answer_even_beside_a_refusal() -> None:
    lines = [["日期", "时间", "客户", "问题", "评分", "满意度"], ["2026-10-03", "9:00", "甲", "漏", 4, "拒填"]]

    (only,) = read_register(xlsx(("a", lines, [])), "x.xlsx").entries

    assert (only.score, only.survey_declined) == (4, False)


def test_formulas_without_a_result_are_told() -> None:
    assert "公式" in problem(客户='="甲"&"乙"').words.zh
    assert "公式" in zh(entry(批号="=A1"))


def test_the_purchase_lies_before_the_request() -> None:
    lines = [["日期", "时间", "客户", "问题", "购买日期"]]
    days = ("2025.4.25", "12月8日", "9/30", "2026-10-04", "去年", date(2025, 1, 1))
    lines += [["2026-10-03", "9:00", f"客户{index}", "漏", day] for index, day in enumerate(days)]

    register = read_register(xlsx(("a", lines, [])), "x.xlsx")

    assert [str(one.purchased_on) for one in register.entries] == [
        "2025-04-25",
        "2025-12-08",
        "2026-09-30",
        "None",
        "None",
        "2025-01-01",
    ]
    assert [bool(one.notes) for one in register.entries] == [False, True, True, True, True, False]


def test_columns_that_mean_nothing_known_are_kept_and_told_of() -> None:
    lines = [["日期", "时间", "客户", "问题", "处理情况", None], ["2026-10-03", "9:00", "甲", "漏", "已换货", "x"]]

    register = read_register(xlsx(("a", lines, [])), "x.xlsx")

    assert register.entries[0].raw == {
        "日期": "2026-10-03",
        "时间": "9:00",
        "客户": "甲",
        "问题": "漏",
        "处理情况": "已换货",
        "F": "x",
    }
    assert "处理情况" in register.notices[0].zh


# ── rows that are no entries ──


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (["合计", None, None, "167 条"], "total"),
        (["小 计", None, None, None, "3"], "total"),
        (["本月合计：35条"], "total"),
        (["总计35次"], "total"),
        (["Total", 35], "total"),
        (["10月份小计", 5], "total"),
        (["填表人：小刘", None, None, "审核：王主任"], "note"),
        (["注：时间一律24小时制"], "note"),
        (["以下空白"], "title"),
        (["售后服务登记表（续）"], "title"),
        (["例：2026-10-01", "9:00", "电话", "某单位"], "note"),
        ([str(number) for number in range(1, 13)], "header"),
        (["/", "/", "/", "/"], "blank"),
        ([None, "  "], "blank"),
        (HEADER, "header"),
    ],
)
def test_rows_that_are_no_entries(cells: list[Any], reason: str) -> None:
    register = read(row(), cells, row(客户="乙"))

    assert skipped(register)[4] == reason
    assert register.counts == {"entries": 2, "problems": 0, "doubled": 0, "skipped": 3}


def test_an_entry_that_begins_like_a_total_is_an_entry() -> None:
    assert entry(客户="合计食品公司", 问题="共计少了两箱").customer == "合计食品公司"


def test_a_row_with_only_a_problem_is_a_problem() -> None:
    register = read(row(), [None] * 7 + ["只有问题,没有别的"])

    assert [one.row for one in register.problems] == [4]


def test_a_repeated_header_forgets_nothing() -> None:
    header = ["日期", "时间", "客户", "问题", "接入"]
    usual = [["2026-10-03", f"9:{minute}", "甲", "漏", "热线"] for minute in range(10, 15)]
    unusual = ["2026-10-03", "9:30", "乙", "漏", "托人"]

    register = read_register(xlsx(("a", [header, *usual, header, unusual], [])), "x.xlsx")

    assert [one.channel for one in register.entries] == ["phone"] * 5 + [None]
    assert "托人" in zh(register.entries[-1])


def test_a_second_table_below_may_have_other_columns() -> None:
    register = read(row(), ["客户单位", "来电时间", "反映内容", "手机"], ["乙", "10月4日 8:00", "漏", 13800001111])

    assert [(one.customer, one.phone) for one in register.entries] == [
        ("食品二厂", "13800000001"),
        ("乙", "13800001111"),
    ]
    assert register.skipped[-1].reason is SkipReason.HEADER


# ── rows that say it again ──


def test_the_same_facts_in_another_sheet_are_one_contact() -> None:
    rows = [["2026年10月"], HEADER, row()]
    again = row(日期="10月3日", 时间="上午9点", 来源="来电", 电话="+86 13800000001", 批号="ns 260001")

    register = read_register(xlsx(("a", rows, []), ("b", [*rows[:2], again], [])), "x.xlsx")

    (double,) = register.doubled
    assert (double.sheet, double.row, double.of_sheet, double.duplicate_of) == ("b", 3, "a", 3)
    assert "“a”" in double.words.zh


def test_what_a_double_says_in_addition_is_told() -> None:
    register = read(row(), row(答复时间="10:00", 满意度=5), row())

    assert [one.duplicate_of for one in register.doubled] == [3, 3]
    assert [words.zh for words in register.doubled[0].differs] == ["答复时间", "评分"]
    assert read(row(满意度=5), row()).doubled[0].differs == (), "what it leaves out is no contradiction"
    assert "核对" in register.doubled[0].words.zh


@pytest.mark.parametrize("cells", [{"时间": "9:01"}, {"客户": "乙"}, {"电话": None}, {"问题": "异味"}, {"批号": "X1"}])
def test_another_fact_is_another_contact(cells: dict[str, Any]) -> None:
    register = read(row(), row(**cells))

    assert len(register.entries) == 2
    assert register.entries[0].fingerprint != register.entries[1].fingerprint


def test_the_24_hours_are_elapsed_hours() -> None:
    found = entry(答复时间="10-04 9:00")

    assert found.answered_at is not None
    assert found.answered_at - found.received_at == timedelta(hours=24)
    assert found.answered_within_24h
