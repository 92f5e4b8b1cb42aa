"""Charts as SVG, drawn by reportlab on the server.

Colours are the style sheet's (``--series-1`` …), so that a chart is right in light and in dark; letters are the page's.
What a chart shows, its caption and a table beside it say as well: that is the template's business.
"""

import re
from collections.abc import Sequence
from itertools import count
from typing import Any

from markupsafe import Markup, escape
from reportlab.graphics import renderSVG
from reportlab.graphics.charts.barcharts import HorizontalBarChart, VerticalBarChart
from reportlab.graphics.charts.linecharts import HorizontalLineChart
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import Color

_SERIES = tuple(Color(0.01 * n, 0.5, 0.25) for n in range(1, 9))
_INK, _GRID = Color(0.01, 0.02, 0.03), Color(0.03, 0.02, 0.01)
_AS_VARIABLE = {
    **{f"rgb({n}%,50%,25%)": f"var(--series-{n})" for n in range(1, 9)},
    "rgb(1%,2%,3%)": "var(--muted)",
    "rgb(3%,2%,1%)": "var(--line)",
}
"""reportlab knows colours and no variables: these stand for them."""
_numbers = count(1)


def bars(
    groups: Sequence[str],
    series: Sequence[Sequence[float]],
    *,
    label: str,
    stacked: bool = False,
    width: int = 640,
    height: int = 180,
) -> Markup:
    """Upright bars: for each group one bar of each series, or one of all. ``label`` says what it shows."""
    chart = VerticalBarChart()
    chart.categoryAxis.style = "stacked" if stacked else "parallel"
    chart.barSpacing, chart.groupSpacing = (0, 4) if stacked else (1, 8)
    _dress(series, chart.bars, "fillColor")
    return _drawn(chart, chart.categoryAxis, chart.valueAxis, groups, series, label, (width, height))


def flat_bars(groups: Sequence[str], values: Sequence[float], *, label: str, width: int = 640) -> Markup:
    """Lying bars, the first at the top."""
    chart = HorizontalBarChart()
    chart.categoryAxis.reverseDirection = 1
    _dress([values], chart.bars, "fillColor")
    size = (width, 28 * max(1, len(groups)) + 24)
    return _drawn(chart, chart.categoryAxis, chart.valueAxis, groups, [values], label, size, left=130)


def lines(
    groups: Sequence[str], series: Sequence[Sequence[float]], *, label: str, width: int = 640, height: int = 180
) -> Markup:
    """Lines over the same points."""
    chart = HorizontalLineChart()
    _dress(series, chart.lines, "strokeColor")
    for n in range(len(series)):
        chart.lines[n].strokeWidth = 2.5 if n == 0 else 1.5
    return _drawn(chart, chart.categoryAxis, chart.valueAxis, groups, series, label, (width, height))


def _dress(series: Sequence[Sequence[float]], parts: Any, field: str) -> None:
    for n in range(len(series)):
        part = parts[n]
        if field == "fillColor":
            part.strokeColor = None
        setattr(part, field, _SERIES[n % len(_SERIES)])


def _drawn(
    chart: Any,
    categories: Any,
    values: Any,
    groups: Sequence[str],
    series: Sequence[Sequence[float]],
    label: str,
    size: tuple[int, int],
    left: int = 34,
) -> Markup:
    if not groups:
        return Markup("")
    width, height = size
    chart.x, chart.y, chart.width, chart.height = left, 20, width - left - 6, height - 30
    chart.data = [[float(value) for value in row] for row in series]
    every = max(1, len(groups) // 12)
    categories.categoryNames = [name if n % every == 0 else "" for n, name in enumerate(groups)]
    values.valueMin = min(0.0, *(value for row in chart.data for value in row))
    values.visibleGrid, values.gridStrokeColor, values.visibleAxis, values.visibleTicks = 1, _GRID, 0, 0
    categories.visibleTicks, categories.strokeColor = 0, _GRID
    for axis in (categories, values):
        axis.labels.fillColor, axis.labels.fontSize = _INK, 11
    drawing = Drawing(width, height)
    drawing.add(chart)
    return _page_ready(renderSVG.drawToString(drawing), label)


_HEAD = re.compile(r"^.*?<svg[^>]*?viewBox=\"([^\"]*)\"[^>]*>", re.DOTALL)
_SUPERFLUOUS = re.compile(
    r"<clipPath.*?</clipPath>|style=\"clip-path: url\(#clip\)\"|id=\"group\"|<title>.*?</desc>|(?<=>)\s+(?=<)",
    re.DOTALL,
)
_FONT = re.compile(r"font-family: [^;]*;")


def _page_ready(svg: str, label: str) -> Markup:
    """Without what belongs to a file of its own: ids that would be there twice, fonts, a fixed size."""
    name = f"chart-{next(_numbers)}"
    head = f'<svg class="chart" viewBox="\\1" role="img" aria-labelledby="{name}"><title id="{name}">'
    body = _SUPERFLUOUS.sub("", _HEAD.sub(lambda found: found.expand(head) + str(escape(label)) + "</title>", svg))
    for colour, variable in _AS_VARIABLE.items():
        body = body.replace(colour, variable)
    return Markup(_FONT.sub("", body))  # noqa: S704 - numbers and escaped labels of reportlab's
