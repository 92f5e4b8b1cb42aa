"""A report on paper: A4 across, Chinese, titles on every page; the same report always gives the same bytes."""

import io
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any

from reportlab.graphics.charts.barcharts import VerticalBarChart
from reportlab.graphics.charts.legends import Legend
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import HexColor, white
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    LongTable,
    PageTemplate,
    Spacer,
    TableStyle,
)

from services.reporting.paper.document import Cell, Column, Document, Form, Section, written
from shared.typesetting import Type

PAGE = landscape(A4)
EDGE = 14 * mm
WIDTH = PAGE[0] - 2 * EDGE
SMALL = 8.5
"""Points of the text in tables."""
_HEAD, _STRIPE, _LINE = HexColor("#1f4e79"), HexColor("#f2f6fa"), HexColor("#c8d2dc")
_BARS = tuple(map(HexColor, ("#1f4e79", "#7ba7cc", "#c9b27c")))
_NUMBERS = frozenset({Form.COUNT, Form.MONEY, Form.SHARE})
_NOTHING = "本月无"


def as_paper(document: Document, type_: Type) -> bytes:
    """PDF. Takes some 100 ms: call it beside the event loop."""
    made, pages = _built(document, type_, 1)
    return made if pages == 1 else _built(document, type_, pages)[0]


def _built(document: Document, type_: Type, total: int) -> tuple[bytes, int]:
    """The PDF that says it has ``total`` pages, and how many it has."""
    made = io.BytesIO()
    pages = BaseDocTemplate(made, pagesize=PAGE, title=document.title, author=document.company, invariant=1)
    frame = Frame(EDGE, 14 * mm, WIDTH, PAGE[1] - 26 * mm, 0, 0, 0, 0)
    pages.addPageTemplates(PageTemplate(frames=[frame], onPage=partial(_edges, document, type_, total)))
    pages.build(list(_parts(document, type_)))
    return made.getvalue(), pages.page


def _parts(document: Document, type_: Type) -> Iterator[Flowable]:
    if document.company:
        yield type_.line(document.company, 12, centred=True)
    yield type_.line(document.title, 19, centred=True)
    yield Spacer(1, 2 * mm)
    for text in document.about:
        yield type_.line(text, 9, centred=True)
    for section in document.sections:
        yield CondPageBreak(45 * mm)
        yield Spacer(1, 4 * mm)
        yield type_.line(section.title, 12)
        if section.note:
            yield type_.line(section.note, 8)
        yield Spacer(1, 1.5 * mm)
        yield _table(section, type_) if section.rows else type_.line(_NOTHING, SMALL)
        if section.chart and section.rows:
            yield Spacer(1, 4 * mm)
            yield type_.line(section.chart.title, 9)
            yield _bars(section, type_)


def _table(section: Section, type_: Type) -> Flowable:
    total = sum(column.weight for column in section.columns)
    widths = [WIDTH * column.weight / total for column in section.columns]
    head = [type_.line(column.title, SMALL, right=column.form in _NUMBERS, colour=white) for column in section.columns]
    rows = [
        [_cell(value, column, type_) for value, column in zip(row, section.columns, strict=True)]
        for row in section.rows
    ]
    table = LongTable([head, *rows], colWidths=widths, repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, 0), _HEAD),
                ("ROWBACKGROUNDS", (0, 1), (-1, -1), [white, _STRIPE]),
                ("LINEBELOW", (0, 0), (-1, -1), 0.3, _LINE),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
                ("LEFTPADDING", (0, 0), (-1, -1), 3),
                ("RIGHTPADDING", (0, 0), (-1, -1), 3),
            ]
        )
    )
    return table


def _cell(value: Cell, column: Column, type_: Type) -> Flowable:
    return type_.line(written(value, column.form), SMALL, right=column.form in _NUMBERS)


def _bars(section: Section, type_: Type) -> Flowable:
    """Groups of bars, as the workbook has them."""
    assert section.chart
    drawing = Drawing(WIDTH, 62 * mm)
    bars = VerticalBarChart()
    bars.x, bars.y, bars.width, bars.height = 57, 28, round(WIDTH - 70 * mm), 130
    chosen = [section.rows[row] for row in section.chart.rows]
    bars.data = [[_number(row[column]) for row in chosen] for column in section.chart.columns]
    bars.categoryAxis.categoryNames = [str(row[0]) for row in chosen]
    bars.categoryAxis.labels.fontName = bars.valueAxis.labels.fontName = type_.font
    bars.categoryAxis.labels.fontSize = bars.valueAxis.labels.fontSize = 8
    bars.valueAxis.valueMin = min(0.0, *(value for values in bars.data for value in values))
    bars.valueAxis.labelTextFormat = "{:,.0f}".format
    legend = Legend()
    legend.x, legend.y, legend.fontName, legend.fontSize = round(WIDTH - 42 * mm), 142, type_.font, 8
    legend.colorNamePairs = []
    for place, column in enumerate(section.chart.columns):
        bars.bars[place].fillColor = _BARS[place]
        bars.bars[place].strokeColor = None
        legend.colorNamePairs.append((_BARS[place], section.columns[column].title))
    drawing.add(bars)
    drawing.add(legend)
    return drawing


def _number(value: Cell) -> float:
    return float(value) if isinstance(value, Decimal | int) else 0.0


def _edges(document: Document, type_: Type, total: int, canvas: Canvas, _: Any) -> None:
    """What stands at the edges of each page."""
    canvas.saveState()
    canvas.setFont(type_.font, 8)
    canvas.drawRightString(PAGE[0] - EDGE, 7 * mm, f"第 {canvas.getPageNumber()} 页　共 {total} 页")
    canvas.drawString(EDGE, PAGE[1] - 9 * mm, type_.plain(f"编号：{document.number}"))
    if canvas.getPageNumber() > 1:
        canvas.drawRightString(PAGE[0] - EDGE, PAGE[1] - 9 * mm, type_.plain(document.title))
    canvas.setFont("Courier", 6.5)
    canvas.drawString(EDGE, 7 * mm, f"SHA-256 {document.sha256}")
    canvas.restoreState()
