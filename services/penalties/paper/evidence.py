"""处罚证据材料: the evidence of a penalty on paper, made of the JSON bundle alone, whose fingerprint it names."""

import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Spacer, Table, TableStyle

from services.penalties.domain.names.policy import VALUE
from shared.calendar import SHANGHAI
from shared.history import who
from shared.typesetting import Type

TITLE = "处罚证据材料"
WIDTH = A4[0] - 30 * mm
LABEL = 30 * mm
SHADE = "#f0f0f0"
SMALL = 8.0
"""Points: of fingerprints and other long words of machines."""

Document = Mapping[str, Any]


def printed(document: Document, sha256: str, company: str, type_: Type) -> bytes:
    """The PDF; the same bundle always gives the same bytes. Takes some 100 ms: call it beside the event loop."""
    made, pages = _built(document, sha256, company, type_, 1)
    return made if pages == 1 else _built(document, sha256, company, type_, pages)[0]


def _built(document: Document, sha256: str, company: str, type_: Type, total: int) -> tuple[bytes, int]:
    """The PDF that says it has ``total`` pages, and how many it has."""
    made = io.BytesIO()
    paper = BaseDocTemplate(made, pagesize=A4, title=TITLE, author=company, invariant=1)
    frame = Frame(15 * mm, 16 * mm, WIDTH, A4[1] - 30 * mm, 0, 0, 0, 0)
    edges = partial(_edges, document["penalty"]["number"], sha256, type_, total)
    paper.addPageTemplates(PageTemplate(frames=[frame], onPage=edges))
    paper.build(list(_Sheets(document, sha256, company, type_).parts()))
    return made.getvalue(), paper.page


class _Sheets:
    """The parts, from top to bottom."""

    def __init__(self, document: Document, sha256: str, company: str, type_: Type) -> None:
        self.document = document
        self.sha256 = sha256
        self.company = company
        self.type = type_

    def parts(self) -> Iterator[Flowable]:
        if self.company:
            yield self.type.line(self.company, 11, centred=True)
        yield self.type.line(TITLE, 17, centred=True)
        yield Spacer(0, 4 * mm)
        yield from self._section("一、处罚", self._penalty())
        yield from self._section("二、制度条文", self._rule())
        yield from self._section("三、认定的事实", self._facts())
        yield from self._section("四、陈述、决定与申诉", self._said())
        yield from self._section("五、经过", self._steps())
        yield from self._section("六、文件", self._files())
        yield from self._section("七、日志链", self._chain())

    def _section(self, title: str, tables: Iterator[Flowable]) -> Iterator[Flowable]:
        yield Spacer(0, 3 * mm)
        heading = self.type.line(title, 11.5)
        heading.keepWithNext = 1
        yield heading
        yield Spacer(0, 1.2 * mm)
        yield from tables

    def _penalty(self) -> Iterator[Flowable]:
        about = self.document["penalty"]
        taken = f"，实扣 {about['taken']} 元" if about["taken"] is not None else ""
        review = "（复核中）" if about["under_review"] else ""
        yield self._pairs(
            ("编号", about["number"]),
            ("服务人员", about["engineer"]),
            ("类别", about["kind_words"]["zh"]),
            ("发生时间", _moment(about["happened_at"])),
            ("依据", f"制度第 {about['policy_version']} 版，{about['rule']}"),
            ("规定后果", about["at_stake"]["zh"]),
            ("现状", about["status_words"]["zh"] + review),
            ("金额与记分", f"{about['amount']} 元，{about['score']} 分{taken}"),
        )

    def _rule(self) -> Iterator[Flowable]:
        rule = self.document["rule"]
        adopted, read = rule.get("adopted"), rule["acknowledged"]
        rows = [("条文", (rule.get("text") or {}).get("zh") or "（版本未见于日志）"), ("所依条款", rule["clause"])]
        if adopted:
            rows += [
                ("通过", f"{_moment(adopted['at'])}，{adopted['by']}，{adopted['procedure']}（{adopted['event']}）"),
                ("施行", _moment(adopted["valid_from"])),
            ]
        rows += [("本人已阅", f"{_moment(read['at'])}（{read['event']}）" if read else "无记录")]
        yield self._pairs(*rows)

    def _facts(self) -> Iterator[Flowable]:
        """What the rule has read, and from which events of other services it is known."""
        read = [(each["words"]["zh"], _value(each["value"])) for each in self.document["read"]]
        yield self._pairs(*read, ("报告、派工的人", "、".join(self.document["involved"]) or "无"))
        rows = [
            [each["event"], each["topic"], _moment(each["occurred_at"]), _moment(each["recorded_at"]), each["sha256"]]
            for each in self.document["evidence"]
        ]
        head = ("来源事件", "类型", "发生时间", "记录时间", "已发布内容的 SHA-256")
        yield self._table(head, rows, (24, 32, 27, 27, 70))

    def _said(self) -> Iterator[Flowable]:
        rows = [
            ["\n".join((each["title"]["zh"], _moment(each["at"]), _people(each["by"]), each["event"])), each["words"]]
            for each in self.document["said"]
        ]
        yield self._table(("何事、何时、何人", "内容"), rows or [["无", ""]], (42, 138), small=())

    def _steps(self) -> Iterator[Flowable]:
        rows = [
            [each["event"], _moment(each["at"]), f"{each['who']['zh']}\n{each['from']['zh']}", each["words"]["zh"]]
            for each in self.document["events"]
        ]
        yield self._table(("事件", "发生时间（上海）", "何人、从何处", "何事"), rows, (26, 30, 30, 94), small=(0,))

    def _files(self) -> Iterator[Flowable]:
        rows = [[each["event"], each["sha256"]] for each in self.document["files"]]
        yield self._table(("出自", "文件的 SHA-256"), rows or [["无", ""]], (40, 140))

    def _chain(self) -> Iterator[Flowable]:
        """Each event's place in the log's chain, and the signature that covers them all."""
        rows = [
            [str(each["position"]), each["sha256"], each["entry"] or "尚未链接"] for each in self.document["events"]
        ]
        yield self._table(("位置", "事件内容的 SHA-256", "链值"), rows, (14, 83, 83), small=(0, 1, 2))
        yield Spacer(0, 2 * mm)
        head = self.document["chain"]["head"]
        if head is None:
            yield self._pairs(("链首签名", "尚无签名涵盖以上事件；每日结束后签名。"))
            return
        yield self._pairs(
            ("链首签名", f"{head['event']}，涵盖至位置 {head['position']}"),
            ("所签文字", head["text"]),
            ("公钥（Ed25519）", head["key"]),
            ("签名", head["signature"]),
            small=True,
        )

    # -- cells -----------------------------------------------------------------------------------------------------

    def _pairs(self, *rows: tuple[str, str], small: bool = False) -> Flowable:
        cells = [[self.type.line(name), self.type.line(text, SMALL if small else 10.0)] for name, text in rows]
        table = Table(cells, colWidths=[LABEL, WIDTH - LABEL], spaceAfter=1.5 * mm)
        table.setStyle(TableStyle([*_STYLE, ("BACKGROUND", (0, 0), (0, -1), SHADE)]))
        return table

    def _table(
        self,
        head: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths: Sequence[float],
        small: Sequence[int] | None = None,
    ) -> Flowable:
        """``widths`` in mm; ``small``: the columns in small type, by default all."""
        size = dict.fromkeys(range(len(head)) if small is None else small, SMALL)
        cells = [[self.type.line(text, 9) for text in head]]
        cells += [[self.type.line(text, size.get(n, 9.5)) for n, text in enumerate(row)] for row in rows]
        table = Table(cells, colWidths=[width * mm for width in widths], repeatRows=1, splitInRow=1)
        table.setStyle(TableStyle([*_STYLE, ("BACKGROUND", (0, 0), (-1, 0), SHADE)]))
        return table


_STYLE: list[Any] = [
    ("GRID", (0, 0), (-1, -1), 0.5, "#333333"),
    ("LINEBELOW", (0, "splitlast"), (-1, "splitlast"), 0.5, "#333333"),
    ("LINEABOVE", (0, "splitfirst"), (-1, "splitfirst"), 0.5, "#333333"),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ("LEFTPADDING", (0, 0), (-1, -1), 3),
    ("RIGHTPADDING", (0, 0), (-1, -1), 3),
]


def _edges(number: str, sha256: str, type_: Type, total: int, canvas: Canvas, _: BaseDocTemplate) -> None:
    """What stands at the edges of each page."""
    canvas.saveState()
    canvas.setFont(type_.font, 8)
    canvas.drawRightString(A4[0] - 15 * mm, 8 * mm, f"第 {canvas.getPageNumber()} 页　共 {total} 页")
    if canvas.getPageNumber() > 1:
        canvas.drawString(15 * mm, A4[1] - 10 * mm, f"{TITLE}　编号：{number}")
    canvas.setFont("Courier", 6.5)
    canvas.drawString(15 * mm, 8 * mm, f"evidence.json SHA-256 {sha256}")
    canvas.restoreState()


def _moment(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _people(accounts: Sequence[str]) -> str:
    return "、".join(who(each).zh for each in accounts)


def _value(value: Any) -> str:
    if value is None:
        return "未知"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list | tuple):
        return "、".join(_value(each) for each in value) or "无"
    text = str(value)
    return VALUE[text].zh if text in VALUE else text
