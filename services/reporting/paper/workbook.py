"""A report as a workbook: real tables, number formats, a chart; the same report always gives the same bytes."""

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.chart.data_source import StrRef
from openpyxl.chart.series import SeriesLabel
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from services.reporting.paper.document import Cell, Document, Form, Section, local
from shared.spreadsheet.writing import put

_FORMATS = {
    Form.TEXT: "General",
    Form.COUNT: "#,##0",
    Form.MONEY: "#,##0.00",
    Form.SHARE: "+0.0%;-0.0%;0.0%",
    Form.MOMENT: "yyyy-mm-dd hh:mm",
}
_WIDTH = 13.0
"""Characters of a column of weight 1."""
_TOP = 3
"""The row of the first table's titles; above it stands what the sheet is."""
_MOMENT = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip can say: when a file was packed is no part of it."""


def as_workbook(document: Document) -> bytes:
    """XLSX."""
    book = Workbook()
    book.properties.title = f"{document.title} {document.number}"
    book.properties.creator = document.company or None
    for number, section in enumerate(document.sections):
        page = book.worksheets[0] if number == 0 else book.create_sheet()
        _fill(page, section, number, document)
    _tell_about(book.create_sheet("说明"), document)
    buffer = io.BytesIO()
    book.save(buffer)
    return _without_time(buffer.getvalue())


def _fill(page: Worksheet, section: Section, number: int, document: Document) -> None:
    page.title = section.title[:31]
    page.sheet_view.showGridLines = False
    put(page, 1, 1, f"{document.title}　{section.title}　{document.number}").font = Font(bold=True, size=14)
    for place, column in enumerate(section.columns, start=1):
        page.column_dimensions[get_column_letter(place)].width = _WIDTH * column.weight
        title = put(page, _TOP, place, column.title)
        title.font = Font(bold=True, color="FFFFFF")
        title.alignment = Alignment(wrap_text=True, vertical="center")
        for below, row in enumerate(section.rows, start=_TOP + 1):
            cell = put(page, below, place, _shown(row[place - 1]))
            cell.number_format = _FORMATS[Form.COUNT] if isinstance(row[place - 1], int) else _FORMATS[column.form]
            cell.alignment = Alignment(vertical="top", wrap_text=column.form is Form.TEXT)
    if section.rows:
        _make_table(page, section, number)
        page.freeze_panes = f"B{_TOP + 1}"
    if section.chart and section.rows:
        _draw(page, section)
    _prepare_print(page)


def _shown(value: Cell) -> Cell:
    return local(value) if isinstance(value, datetime) else value


def _make_table(page: Worksheet, section: Section, number: int) -> None:
    last = f"{get_column_letter(len(section.columns))}{_TOP + len(section.rows)}"
    table = Table(displayName=f"T{number + 1}", ref=f"A{_TOP}:{last}")
    table.tableStyleInfo = TableStyleInfo(name="TableStyleMedium2", showRowStripes=True)
    page.add_table(table)


def _draw(page: Worksheet, section: Section) -> None:
    """Groups of bars, right of the table."""
    assert section.chart
    chart = BarChart()
    chart.type, chart.title, chart.height, chart.width = "col", section.chart.title, 9, 18
    first, last = _TOP + 1 + section.chart.rows[0], _TOP + 1 + section.chart.rows[-1]
    for column in section.chart.columns:
        values = Reference(page, min_col=column + 1, min_row=first, max_row=last)
        chart.add_data(values, titles_from_data=False)
        _name(chart, page, column)
    chart.set_categories(Reference(page, min_col=1, min_row=first, max_row=last))
    page.add_chart(chart, f"A{_TOP + len(section.rows) + 3}")


def _name(chart: BarChart, page: Worksheet, column: int) -> None:
    letter = get_column_letter(column + 1)
    chart.series[-1].tx = SeriesLabel(strRef=StrRef(f"'{page.title}'!${letter}${_TOP}"))


def _prepare_print(page: Worksheet) -> None:
    """A4 across, as wide as the sheet, the titles on every page."""
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", 9
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_title_rows = f"{_TOP}:{_TOP}"
    page.HeaderFooter.oddFooter = HeaderFooterItem(center=_HeaderFooterPart("第 &P 页 共 &N 页"))


def _tell_about(page: Worksheet, document: Document) -> None:
    page.column_dimensions["A"].width = 110
    notes = [f"{section.title}：{section.note}" for section in document.sections if section.note]
    lines: Sequence[str] = [
        f"{document.company}　{document.title}　{document.number}",
        *document.about,
        *notes,
        f"数据 SHA-256：{document.sha256}",
    ]
    for row, text in enumerate(lines, start=1):
        put(page, row, 1, text).alignment = Alignment(wrap_text=True, vertical="top")


def _without_time(made: bytes) -> bytes:
    """Packed anew, without the moment at which it was made."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _MOMENT.sub(rb"\g<1>1980-01-01T00:00:00Z", content)
            new.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
