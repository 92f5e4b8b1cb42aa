"""售后服务报告单: the service report as the customer gets it, filled in or to be filled in by hand (3.6)."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from PIL import Image as Pictures
from PIL import ImageOps
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, Image, PageTemplate, Paragraph, Table, TableStyle

from services.dispatch.domain.names.report import CHANGED, PURPOSE, TRAINING
from services.dispatch.domain.report_content import NUMBERS, beyond
from shared.calendar import SHANGHAI
from shared.events.dispatch import (
    ItemAnswer,
    ItemKind,
    PartUsed,
    ReportChange,
    ReportContent,
    ReportForm,
    ReportItem,
    ReportVisit,
    TrainingOutcome,
)
from shared.typesetting import Type

TITLE = "售后服务报告单"
WIDTH = A4[0] - 30 * mm
LABEL = 28 * mm
BLANK_PARTS = 4
"""Rows for material on a form that is filled in by hand."""
PICTURES_IN_A_ROW = 4
PIXELS = 900
"""The longer side of a photo in print; the original is kept."""
MOST_PIXELS = 60_000_000
"""Of a photo that is opened to be made small."""
SHADE = "#f0f0f0"
MANY = 300
"""Characters in a cell from which on it counts as long."""
STRUCK = "／"
"""Stands where nothing was said."""
TICKED = 43 * mm
"""What is ticked is named in so much."""
_IN_PAIRS = (ItemKind.CHECK, ItemKind.COUNT, ItemKind.MEASUREMENT)
_TICKS: Mapping[ItemKind, Mapping[str, str]] = {
    ItemKind.CHECK: {"done": "完成", "not_done": "未完成", "not_applicable": "不适用"},
    ItemKind.DEMONSTRATED: {"shown": "能", "not_shown": "不能"},
}
"""Shorter than on screens."""
_TITLED = TableStyle([("SPAN", (0, 0), (-1, 0)), ("BACKGROUND", (0, 0), (-1, 0), SHADE)])
"""A table whose first row is its title."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What the customer gave."""

    at: datetime
    image: bytes | None
    """PNG; None where it was erased."""
    name: str | None
    """None where it was erased."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What a version corrects: both are shown."""

    corrects: int
    settled: str
    """How the corrected version was settled, in words."""
    reason: str
    changes: Sequence[ReportChange]


@dataclass(frozen=True, slots=True)
class ReportPaper:
    """All that stands on a report. Without ``content`` it is the form, to be filled in by hand."""

    company: str
    telephone: str
    form: ReportForm
    content: ReportContent | None = None
    content_hash: str | None = None
    state: str = ""
    """Said large where it isn't settled: 草稿, 待签字."""
    signature: Signature | None = None
    refused: tuple[datetime, str] | None = None
    """When and why the customer didn't sign."""
    training: TrainingOutcome | None = None
    correction: Correction | None = None
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    """The contents of photos by their fingerprint, as far as they are at hand."""


def printed(paper: ReportPaper, type_: Type) -> bytes:
    """The PDF; the same paper always gives the same bytes. Takes some 100 ms: call it beside the event loop."""
    made, pages = _built(paper, type_, 1)
    return made if pages == 1 else _built(paper, type_, pages)[0]


def _built(paper: ReportPaper, type_: Type, total: int) -> tuple[bytes, int]:
    """The PDF that says it has ``total`` pages, and how many it has."""
    made = io.BytesIO()
    document = BaseDocTemplate(made, pagesize=A4, title=TITLE, author=paper.company, invariant=1)
    frame = Frame(15 * mm, 16 * mm, WIDTH, A4[1] - 28 * mm, 0, 0, 0, 0)
    document.addPageTemplates(PageTemplate(frames=[frame], onPage=partial(_edges, paper, type_, total)))
    document.build(list(_Sheet(paper, type_).parts()))
    return made.getvalue(), document.page


class _Sheet:
    """The parts of the sheet, from top to bottom."""

    def __init__(self, paper: ReportPaper, type_: Type) -> None:
        self.paper = paper
        self.content = paper.content
        self.type = type_
        self.answers = {answer.item: answer for answer in paper.content.answers} if paper.content else {}

    def parts(self) -> Iterator[Flowable]:
        yield _Heading(self.paper, self.type)
        yield self._job()
        yield from self._items()
        if self.paper.form.parts:
            yield self._material()
        if self.content and self.content.attachments:
            yield self._photos(self.content)
        if self.content is None and (wanted := self._photos_wanted()):
            yield wanted
        if self.paper.correction:
            yield from self._correction(self.paper.correction)
        yield from self._signing()

    def _job(self) -> Flowable:
        job = self.content.job if self.content else None
        site = "　".join(part for part in (job.city, job.site_name) if part) if job else ""
        rows = [
            ("客户名称", job.customer_name if job else "", "服务类别", PURPOSE[self.paper.form.purpose].zh),
            ("服务地点", site, "派工单号", job.number if job else ""),
            ("产品名称", job.product_name if job else "", "产品批次", job.lot if job else ""),
        ]
        visits: Sequence[ReportVisit | None] = job.visits if job and job.visits else (None,)
        rows += [("服务人员", visit.engineer if visit else "", "到场 / 完成", _times(visit)) for visit in visits]
        cells = [[self._label(a), self._text(b), self._label(c), self._text(d)] for a, b, c, d in rows]
        half = WIDTH / 2 - LABEL
        return self._grid(cells, [LABEL, half, LABEL, half], labels=(0, 2))

    def _items(self) -> Iterator[Flowable]:
        """What is told in words or chosen, a row each; what is ticked or counted, two in a row."""
        words = [item for item in self.paper.form.items if item.kind is ItemKind.TEXT]
        chosen = [item for item in self.paper.form.items if item.kind is ItemKind.CHOICE]
        marks = [item for item in self.paper.form.items if item.kind in _IN_PAIRS]
        shown = [item for item in self.paper.form.items if item.kind is ItemKind.DEMONSTRATED]
        if words:
            rows = [[self._label(item.zh), self._text(self._told(item))] for item in words]
            heights = None if self.content else [self._room(item) for item in words]
            yield self._grid(rows, [LABEL, WIDTH - LABEL], labels=(0,), heights=heights)
        if marks:
            yield self._pairs("检查与测量", marks)
        if shown:
            yield self._pairs("培训考核：客户独立演示", shown)
        if chosen:
            rows = [[self._label(item.zh), self._text(self._marked(item))] for item in chosen]
            yield self._grid(rows, [LABEL, WIDTH - LABEL], labels=(0,))

    def _pairs(self, title: str, items: Sequence[ReportItem]) -> Flowable:
        cells = [(self._text(item.zh), self._text(self._marked(item))) for item in items]
        if len(cells) % 2:
            cells.append((self._text(""), self._text("")))
        rows = [[*cells[n], *cells[n + 1]] for n in range(0, len(cells), 2)]
        ticks = WIDTH / 2 - TICKED
        table = self._grid([[self._label(title), "", "", ""], *rows], [TICKED, ticks] * 2)
        table.setStyle(_TITLED)
        return table

    def _marked(self, item: ReportItem) -> str:
        """The answer, or the room for it, with its note."""
        answer = self.answers.get(item.key)
        note = f"（{answer.note}）" if answer and answer.note else ""
        if item.kind in NUMBERS:
            return f"{_number(item, answer)}{note}" if answer else self._blank(_room_for(item))
        said = answer.value if answer else None
        choices = {choice.key: choice.zh for choice in item.choices} or _TICKS[item.kind]
        return "　".join(f"{'■' if key == said else '□'}{zh}" for key, zh in choices.items()) + note

    def _told(self, item: ReportItem) -> str:
        answer = self.answers.get(item.key)
        return answer.value if answer else self._blank("")

    def _blank(self, room: str) -> str:
        """What was left out is struck once it is submitted, so that nobody writes into it afterwards."""
        return STRUCK if self.content and self.content.version else room

    def _room(self, item: ReportItem) -> float:
        """For handwriting."""
        return (24 if item.required else 15) * mm

    def _material(self) -> Flowable:
        head = [self._label(title) for title in ("序号", "使用材料与配件", "批次", "数量", "单位")]
        used: Sequence[PartUsed | None] = self.content.parts if self.content else [None] * BLANK_PARTS
        rows = [self._part(number, part) for number, part in enumerate(used, 1)]
        widths = [12 * mm, WIDTH - 86 * mm, 38 * mm, 20 * mm, 16 * mm]
        table = self._grid([head, *(rows or [[self._text(text) for text in ("", "无", "", "", "")]])], widths, heads=1)
        table.setStyle(TableStyle([("BACKGROUND", (0, 0), (-1, 0), SHADE)]))
        return table

    def _part(self, number: int, part: PartUsed | None) -> list[Flowable]:
        said = [part.name, part.lot or "", f"{part.quantity:f}", part.unit] if part else ["", "", "", ""]
        return [self._text(text) for text in (str(number), *said)]

    def _photos(self, content: ReportContent) -> Flowable:
        """Small, so that a usual job stays on one sheet; each with its fingerprint's beginning."""
        width = WIDTH / PICTURES_IN_A_ROW
        cells: list[Any] = [self._picture(each.title, each.sha256, width) for each in content.attachments]
        cells += [""] * (-len(cells) % PICTURES_IN_A_ROW)
        rows = [cells[n : n + PICTURES_IN_A_ROW] for n in range(0, len(cells), PICTURES_IN_A_ROW)]
        title: list[Any] = [self._label("照片与附件"), "", "", ""]
        table = self._grid([title, *rows], [width] * PICTURES_IN_A_ROW, whole=True)
        table.setStyle(_TITLED)
        table.setStyle(TableStyle([("ALIGN", (0, 1), (-1, -1), "CENTER")]))
        return table

    def _photos_wanted(self) -> Flowable | None:
        """What is to be photographed, on a form that is filled in by hand."""
        photos = [item for item in self.paper.form.items if item.kind is ItemKind.PHOTO]
        said = [
            f"□{item.zh}（{f'不少于 {item.at_least or 1} 张' if item.required else '可选'}），已拍 ____ 张"
            for item in photos
        ]
        rows = [[self._label("拍照"), self._text("\n".join(said))]]
        return self._grid(rows, [LABEL, WIDTH - LABEL], labels=(0,)) if said else None

    def _picture(self, title: str, sha256: str, width: float) -> list[Flowable]:
        caption = self.type.line(f"{title}　{sha256[:8]}", 7.5, centred=True)
        image = _image(self.paper.pictures.get(sha256), width - 4 * mm, 27 * mm)
        return [image, caption] if image else [caption]

    def _correction(self, correction: Correction) -> Iterator[Flowable]:
        """3.6: a correction shows what was, and what is."""
        titles = {item.key: item.zh for item in self.paper.form.items} | {key: w.zh for key, w in CHANGED.items()}
        about = f"本版更正第 {correction.corrects} 版（{correction.settled}）。更正原因：{correction.reason}"
        yield self._grid([[self._text(about)]], [WIDTH])
        head = [self._label(text) for text in ("更正项目", "原内容", "现内容")]
        rows = [
            [self._text(text) for text in (titles[change.item], change.before or "（空）", change.after or "（空）")]
            for change in correction.changes
        ]
        table = self._grid([head, *rows], [30 * mm, *[(WIDTH - 30 * mm) / 2] * 2], heads=1)
        table.setStyle(TableStyle([("BACKGROUND", (0, 0), (-1, 0), SHADE)]))
        yield table

    def _signing(self) -> Iterator[Flowable]:
        """What the customer confirms, and how; the reason where they don't."""
        words = ["客户确认：上述服务已完成，内容属实。请您填写满意度调查，您的意见帮助我们改进。"]
        if self.paper.training:
            words.append(f"培训结论：{TRAINING[self.paper.training].zh}。")
        engineers = sorted({visit.engineer for visit in self.content.job.visits}) if self.content else []
        by = "、".join(engineers)
        rows: list[list[Any]] = [
            [self._text("".join(words)), "", "", ""],
            [self._label("客户签字"), self._signature(), self._label("服务人员签字"), self._text(by)],
            [self._label("签字时间"), self._text(self._signed_at()), self._label("公司盖章"), ""],
        ]
        name = (self.paper.signature.name or "") if self.paper.signature else ""
        room = None if len(name) > 20 or len(by) > 60 else 19 * mm
        half = WIDTH / 2 - LABEL
        table = self._grid(rows, [LABEL, half, LABEL, half], heights=[None, room, 10 * mm], whole=True)
        shades = [("BACKGROUND", (c, 1), (c, 2), SHADE) for c in (0, 2)]
        table.setStyle(TableStyle([("SPAN", (0, 0), (-1, 0)), ("NOSPLIT", (0, 0), (-1, -1)), *shades]))
        yield table
        if self.paper.refused or self.content is None:
            reason = self.paper.refused[1] if self.paper.refused else "（客户拒绝签字时填写）"
            rows, room = [[self._label("拒签原因"), self._text(reason)]], None if self.content else 10 * mm
            yield self._grid(rows, [LABEL, WIDTH - LABEL], labels=(0,), heights=[room])

    def _signature(self) -> Any:
        if self.paper.refused:
            return self._text("客户拒绝签字")
        signature = self.paper.signature
        if signature is None:
            return ""
        name = self.type.line(signature.name or "（签字人信息已删除）", 8)
        image = _image(signature.image, WIDTH / 2 - LABEL - 6 * mm, 12.5 * mm)
        return [image, name] if image else [name]

    def _signed_at(self) -> str:
        settled = self.paper.signature.at if self.paper.signature else None
        if self.paper.refused:
            settled = self.paper.refused[0]
        if settled:
            return _moment(settled)
        return "　　　　年　　月　　日　　时　　分"

    # -- cells -----------------------------------------------------------------------------------------------------

    def _label(self, text: str) -> Flowable:
        return self.type.line(text)

    def _text(self, text: str | None) -> Flowable:
        return self.type.line(text or "")

    def _grid(
        self,
        rows: list[list[Any]],
        widths: Sequence[float],
        *,
        labels: Sequence[int] = (),
        heights: Sequence[float | None] | None = None,
        whole: bool = False,
        heads: int = 0,
    ) -> Table:
        """``whole``: rows don't go on over the page. ``heads``: rows that are said again on each page."""
        table = Table(
            rows, colWidths=widths, rowHeights=heights, splitInRow=int(not whole), repeatRows=heads, spaceAfter=-0.5
        )
        style: list[Any] = [
            ("GRID", (0, 0), (-1, -1), 0.5, "#333333"),
            ("LINEBELOW", (0, "splitlast"), (-1, "splitlast"), 0.5, "#333333"),
            ("LINEABOVE", (0, "splitfirst"), (-1, "splitfirst"), 0.5, "#333333"),
            ("VALIGN", (0, 0), (-1, -1), "TOP" if _long(rows) else "MIDDLE"),
            ("TOPPADDING", (0, 0), (-1, -1), 2.6),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3.4),
            ("LEFTPADDING", (0, 0), (-1, -1), 4),
            ("RIGHTPADDING", (0, 0), (-1, -1), 4),
            *(("BACKGROUND", (column, 0), (column, -1), SHADE) for column in labels),
        ]
        table.setStyle(TableStyle(style))
        return table


class _Heading(Flowable):
    """The company, the title, the number."""

    def __init__(self, paper: ReportPaper, type_: Type) -> None:
        super().__init__()
        self.paper, self.type = paper, type_
        self.width, self.height = WIDTH, 23 * mm

    def wrap(self, *_: Any) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        canvas, content = self.canv, self.paper.content
        centre = self.width / 2
        canvas.setFont(self.type.font, 12)
        canvas.drawCentredString(centre, 16.5 * mm, self.type.plain(self.paper.company))
        _bold(canvas, self.type.font, 19, centre, 7.5 * mm, TITLE)
        canvas.setFont(self.type.font, 9)
        edition = f"样式：{PURPOSE[self.paper.form.purpose].zh}（{_edition(self.paper.form)}）"
        canvas.drawString(0, 1.8 * mm, f"第 {content.version} 版" if content and content.version else edition)
        number = content.number if content else "____________________"
        canvas.drawRightString(self.width, 1.8 * mm, f"编号：{number}")


def _edition(form: ReportForm) -> str:
    return f"第 {form.edition} 版" if form.edition else "基本样式"


def _edges(paper: ReportPaper, type_: Type, total: int, canvas: Canvas, _: BaseDocTemplate) -> None:
    """What stands at the edges of each page."""
    canvas.saveState()
    canvas.setFont(type_.font, 8)
    canvas.drawRightString(A4[0] - 15 * mm, 8 * mm, f"第 {canvas.getPageNumber()} 页　共 {total} 页")
    if paper.content and canvas.getPageNumber() > 1:
        version = f"　第 {paper.content.version} 版" if paper.content.version else ""
        canvas.drawString(15 * mm, A4[1] - 9.5 * mm, f"{TITLE}　编号：{paper.content.number}{version}")
    if paper.telephone:
        canvas.drawString(15 * mm, 11.5 * mm, type_.plain(f"服务与投诉电话：{paper.telephone}"))
    if paper.content_hash:
        canvas.setFont("Courier", 6.5)
        canvas.drawString(15 * mm, 8 * mm, f"SHA-256 {paper.content_hash}")
    if paper.state:
        canvas.setFillColor("#c8c8c8", alpha=0.45)
        canvas.setFont(type_.font, 90)
        canvas.translate(A4[0] / 2, A4[1] / 2)
        canvas.rotate(40)
        canvas.drawCentredString(0, -20, paper.state)
    canvas.restoreState()


def _bold(canvas: Canvas, font: str, size: float, x: float, y: float, text: str) -> None:
    """Centred, and emboldened by its outline: the built-in font has one weight."""
    line = canvas.beginText()
    line.setTextOrigin(x - canvas.stringWidth(text, font, size) / 2, y)
    line.setFont(font, size)
    line.setTextRenderMode(2)
    canvas.setLineWidth(0.45)
    line.textOut(text)
    line.setTextRenderMode(0)
    canvas.drawText(line)


def reduced(content: bytes) -> bytes | None:
    """A photo as it is printed, small; None where it is no picture that can be read. Call it beside the event loop."""
    try:
        with Pictures.open(io.BytesIO(content)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return None
            picture.draft("RGB", (PIXELS, PIXELS))
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((PIXELS, PIXELS))
            flat = _on_white(upright)
    except (OSError, SyntaxError, ValueError):  # what Pillow raises for what is broken, or unknown to it
        return None
    kept = io.BytesIO()
    flat.save(kept, "JPEG", quality=80)
    return kept.getvalue()


def _image(content: bytes | None, width: float, height: float) -> Flowable | None:
    """A picture that fits; None where there is none that can be printed."""
    small = None if content is None else reduced(content)
    if small is None:
        return None
    with Pictures.open(io.BytesIO(small)) as picture:
        scale = min(width / picture.width, height / picture.height)
        return Image(io.BytesIO(small), picture.width * scale, picture.height * scale)


def _on_white(picture: Pictures.Image) -> Pictures.Image:
    """Without transparency, which would print black."""
    if picture.mode in ("L", "RGB"):
        return picture.copy()
    layered = picture.convert("RGBA")
    white = Pictures.new("RGBA", layered.size, "white")
    white.alpha_composite(layered)
    return white.convert("RGB")


def _long(rows: Sequence[Sequence[Any]]) -> bool:
    """Whether a row may go on over the page: what stands beside it belongs at its top then."""
    return any(isinstance(cell, Paragraph) and len(cell.getPlainText()) > MANY for row in rows for cell in row)


def _number(item: ReportItem, answer: ItemAnswer) -> str:
    wrong = "，超出要求" if beyond(item, answer) else ""
    return f"{answer.value} {item.unit}{_limits(item)}{wrong}"


def _room_for(item: ReportItem) -> str:
    return f"________{item.unit}{_limits(item)}"


def _limits(item: ReportItem) -> str:
    low, high = item.at_least, item.at_most
    if low is not None and high is not None:
        return f"（要求 {low:f}–{high:f}）"
    if high is not None:
        return f"（不大于 {high:f}）"
    return f"（不小于 {low:f}）" if low else ""


def _times(visit: ReportVisit | None) -> str:
    if visit is None:
        return ""
    arrived = _moment(visit.arrived_at) if visit.arrived_at else "　　"
    if not visit.finished_at:
        return f"{arrived} 至 　"
    same_day = visit.arrived_at and _day(visit.arrived_at) == _day(visit.finished_at)
    until = f"{visit.finished_at.astimezone(SHANGHAI):%H:%M}" if same_day else _moment(visit.finished_at)
    return f"{arrived} 至 {until}"


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d}"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
