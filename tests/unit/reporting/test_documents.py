"""The documents of the monthly reports: what stands in them, and that the same data always give the same bytes."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from openpyxl import load_workbook

from services.reporting.domain.account import GroupData, Late, StatisticsData, canonical
from services.reporting.domain.cuts import Cuts
from services.reporting.domain.figures import Figures, Named, Split, Subject
from services.reporting.domain.items import Fact, ItemsData, items_data
from services.reporting.paper.document import Document, as_csv, written
from services.reporting.paper.items import items_document
from services.reporting.paper.printed import as_paper
from services.reporting.paper.statistics import statistics_document
from services.reporting.paper.workbook import as_workbook
from shared.calendar import Period
from shared.events.reporting import Audience
from shared.events.tickets import CoverageVerdict, Purpose
from shared.typesetting import Type
from tests.pdf import pages

SHA = "9f" * 32
ONE = UUID(int=1)


def figures(total: str, times: int = 1) -> Figures:
    return Figures(
        persons=1, person_times=times, person_days=1, travel=Decimal(total), total=Decimal(total), memo=Decimal("8.00")
    )


def group(key: str | None, total: str) -> GroupData:
    then = figures("50.00")
    return GroupData(key=key, name=key, month=figures(total), adjustments=Figures(), previous=then, last_year=Figures())


def data(groups: int = 3) -> StatisticsData:
    by = {split: tuple(group(f"{split}{n}", f"{n}.25") for n in range(groups)) for split in Split}
    by[Split.PURPOSE] = (group("repair", "125.50"), group(None, "1.00"))
    by[Split.WARRANTY] = (group("in_warranty", "125.50"),)
    by[Split.CUSTOMER] = (group("=HYPERLINK(1)", "125.50"), *by[Split.CUSTOMER])
    late = Late(
        month=date(2026, 9, 1),
        kind="freight",
        source="dispatch",
        position=812,
        event="CostAdded",
        happened_at=datetime(2026, 9, 30, 2, tzinfo=UTC),
        recorded_at=datetime(2026, 10, 5, 2, tzinfo=UTC),
        work_order=ONE,
        quantity=1,
        amount=Decimal("11.00"),
    )
    return StatisticsData(
        period="2026-10",
        cut_off={"dispatch": 900, "tickets": 4711},
        since={"dispatch": 800, "tickets": 4000},
        month=figures("1234567.50", 12),
        adjustments=figures("11.00"),
        reported=figures("1234578.50", 13),
        previous_period="2026-09",
        previous=figures("617283.75"),
        last_year_period="2025-10",
        last_year=Figures(),
        by=by,
        late=(late,),
    )


@pytest.fixture
def document() -> Document:
    return statistics_document(data(), "洁安公司", "TJ-2026-10", SHA)


def fact(kind: str, item: int = 1, quantity: int = 1, amount: str | None = None, **facts: object) -> Fact:
    visit = facts.pop("visit", None)
    return Fact(
        item=UUID(int=item),
        number=f"SQ-{item}",
        subject=Subject(
            Named("p", "粘鼠板"),
            Named("华北", "华北"),
            Named("c", "光明物业"),
            Purpose.REPAIR,
            CoverageVerdict.IN_WARRANTY,
            contract=False,
        ),
        lot="NSD260948",
        kind=kind,
        source="tickets",
        position=len(facts) + 1,
        event="Something",
        month=date(2026, 10, 1),
        at=datetime(2026, 10, 5, 2, tzinfo=UTC),
        recorded_at=datetime(2026, 10, 5, 2, tzinfo=UTC),
        visit=UUID(int=int(str(visit))) if visit else None,
        engineer="E01",
        quantity=quantity,
        amount=Decimal(amount) if amount else None,
        facts=facts,
    )


def items() -> ItemsData:
    facts = [
        fact("opened", summary="粘不住，老鼠跑了"),
        fact("answered", late_minutes=0),
        fact("visit", visit=1, late_minutes=0),
        fact("visit", visit=2, late_minutes=12),
        fact("late", visit=2, minutes=12),
        fact("late", visit=3, minutes=9),
        fact("late", visit=3, quantity=-1),
        fact("travel", amount="380.00"),
        fact("survey", score=4),
        fact("resolved", resolution="已更换"),
        fact("opened", 2, summary="数量不足"),
        fact("answer_overdue", 2),
        fact("answered", 2, late_minutes=30),
        fact("complaint", 2, category="4.2.3", summary="迟到"),
        fact("complaint_found", 2, category="4.2.3"),
        fact("quality", 3, part_name="锁扣", lots=["HD-1"], findings="断裂"),
        fact("survey", 2, score=1),
    ]
    return items_data(Period(2026, 10), Cuts({"dispatch": 1, "tickets": 1}), facts, [fact("freight", amount="3.00")])


def test_an_item_tells_of_times_kept_and_missed() -> None:
    """3.4a, 3.4b: a visit that was late and came is one miss; what was corrected is none."""
    one, two, _ = items().items

    assert (one.answer, one.visits, one.arrivals_kept, one.arrivals_missed) == ("kept", 2, 1, 1)
    assert (two.answer, two.answer_late_minutes) == ("missed", 30)
    assert (one.total, one.score, one.resolution) == (Decimal("380.00"), 4, "已更换")
    assert (two.complaints, two.complaints_substantiated, two.complaint_categories) == (1, 1, ("4.2.3",))


def test_the_summary_and_the_lots_add_up() -> None:
    found = items()

    assert (found.summary.items, found.summary.answers_kept, found.summary.answers_missed) == (3, 1, 1)
    assert (found.summary.score, found.summary.findings, found.summary.total) == (Decimal("2.50"), 1, Decimal("380.00"))
    lots = {lot.lot: (lot.items, lot.complaints, lot.findings) for lot in found.lots}
    assert lots["NSD260948"] == (3, 1, 0)
    assert lots["HD-1"] == (0, 0, 1)


def test_each_audience_gets_its_cut() -> None:
    columns = {
        audience: {c.title for s in items_document(items(), audience, "", "SX", SHA).sections for c in s.columns}
        for audience in Audience
    }

    assert "按批次" in {section.title for section in items_document(items(), Audience.QUALITY, "", "SX", SHA).sections}
    assert "质量问题" in columns[Audience.QUALITY]
    assert "满意度" in columns[Audience.MARKETING]
    assert "费用合计" in columns[Audience.MANAGEMENT]
    assert "费用合计" not in columns[Audience.TECHNOLOGY]
    assert "客户" not in columns[Audience.QUALITY]


def test_the_same_data_give_the_same_bytes_of_every_document(document: Document) -> None:
    again = statistics_document(StatisticsData.model_validate_json(canonical(data())), "洁安公司", "TJ-2026-10", SHA)

    assert canonical(StatisticsData.model_validate_json(canonical(data()))) == canonical(data())
    assert as_workbook(again) == as_workbook(document)
    assert as_paper(again, Type()) == as_paper(document, Type())
    assert as_csv(again) == as_csv(document)


def test_the_workbook_has_real_tables_numbers_and_a_chart_and_no_formula(document: Document) -> None:
    book = load_workbook(io.BytesIO(as_workbook(document)))

    assert book.sheetnames == [*(section.title for section in document.sections), "说明"]
    totals = book["总表"]
    assert len(totals.tables) == 1
    assert len(totals._charts) == 1
    row = next(row for row in totals.iter_rows(min_row=4) if row[0].value == "合计")
    assert (row[1].value, row[1].number_format) == (1234567.5, "#,##0.00")
    assert (row[5].value, row[5].number_format) == (1, "+0.0%;-0.0%;0.0%")
    times = next(row for row in totals.iter_rows(min_row=4) if row[0].value == "派出人次")
    assert (times[1].value, times[1].number_format) == (12, "#,##0")
    cells = [cell for sheet in book.worksheets for line in sheet.iter_rows() for cell in line]
    assert {cell.data_type for cell in cells if cell.value is not None} <= {"s", "n", "d"}
    assert "=HYPERLINK(1)" in {cell.value for cell in cells}
    late = [cell.value for cell in book["以前月份调整明细"][4]]
    assert f"{late[4]:%Y-%m-%d %H:%M}" == "2026-09-30 10:00"


def test_the_paper_tells_the_figures_in_chinese_and_titles_repeat_on_every_page() -> None:
    made = pages(as_paper(statistics_document(data(120), "洁安公司", "TJ-2026-10", SHA), Type()))

    assert len(made) > 3
    assert "售后服务月度统计（2026年10月）" in made[0]
    assert "1,234,567.50" in made[0]
    assert f"SHA-256{SHA}" in made[0]
    assert all("编号：TJ-2026-10" in page for page in made)
    assert all(f"第{n}页共{len(made)}页" in page for n, page in enumerate(made, start=1))
    assert sum("派出人次" in page for page in made) >= len(made) - 1


def test_csv_is_for_spreadsheet_programs_and_starts_no_formula(document: Document) -> None:
    content = as_csv(document)

    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert ["总表", "合计", "1234567.50", "11.00", "1234578.50", "617283.75", "1.0000", "0.00", ""] in rows
    assert "'=HYPERLINK(1)" in {value for row in rows for value in row}


def test_what_isnt_there_is_written_as_nothing() -> None:
    assert (
        written(None, document_form := list(statistics_document(data(), "", "", "").sections[0].columns)[5].form) == ""
    )
    assert written(Decimal("-0.25"), document_form) == "-25.0%"
