"""What stands in the monthly item report (5.4.5), for each audience its cut."""

from collections.abc import Callable, Mapping, Sequence

from services.reporting.domain.items import ItemData, ItemsData, ItemsSummary
from services.reporting.domain.names import AUDIENCE, CATEGORY, ENTRY, KEPT, PURPOSE, REPORT_KIND, WARRANTY
from services.reporting.paper.document import Cell, Column, Document, Form, Section
from services.reporting.paper.statistics import positions
from shared.events.reporting import Audience, ReportKind

Take = Callable[[ItemData], Cell]

_COLUMNS: Mapping[str, tuple[Column, Take]] = {
    "number": (Column("编号", weight=1.7), lambda item: item.number),
    "customer": (Column("客户", weight=1.4), lambda item: item.customer),
    "region": (Column("区域", weight=0.7), lambda item: item.region),
    "product": (Column("产品", weight=1.2), lambda item: item.product),
    "lot": (Column("批次", weight=1.1), lambda item: item.lot),
    "warranty": (Column("保内外", weight=0.7), lambda item: WARRANTY[item.warranty].zh),
    "purposes": (Column("类别", weight=0.9), lambda item: "、".join(PURPOSE[each].zh for each in item.purposes)),
    "summary": (Column("事由", weight=2.2), lambda item: item.summary),
    "answer": (Column("24 小时答复", weight=1.0), lambda item: KEPT[item.answer].zh if item.answer else None),
    "arrivals": (Column("约定到场", weight=1.0), lambda item: _arrivals(item)),
    "visits": (Column("上门", Form.COUNT, 0.6), lambda item: item.visits),
    "reopened": (Column("重开", Form.COUNT, 0.6), lambda item: item.reopened),
    "resolution": (Column("处理结果", weight=2.0), lambda item: item.resolution),
    "people": (Column("人工费", Form.MONEY, 0.9), lambda item: item.people),
    "travel": (Column("差旅费", Form.MONEY, 0.9), lambda item: item.travel),
    "material": (Column("材料费", Form.MONEY, 0.9), lambda item: item.material),
    "freight": (Column("运费", Form.MONEY, 0.9), lambda item: item.freight),
    "total": (Column("费用合计", Form.MONEY), lambda item: item.total),
    "score": (Column("满意度", Form.COUNT, 0.7), lambda item: item.score),
    "complaints": (Column("投诉", weight=1.5), lambda item: _complaints(item)),
    "findings": (Column("质量问题", weight=2.0), lambda item: "；".join(item.findings)),
}
_CUTS: Mapping[Audience, Sequence[str]] = {
    Audience.QUALITY: (
        *("number", "product", "lot", "warranty", "purposes", "summary", "resolution", "reopened"),
        *("complaints", "findings"),
    ),
    Audience.TECHNOLOGY: (
        *("number", "product", "lot", "purposes", "summary", "resolution", "visits", "reopened", "material"),
        "findings",
    ),
    Audience.MARKETING: (
        *("number", "customer", "region", "product", "purposes", "answer", "arrivals", "score", "complaints"),
        "total",
    ),
    Audience.MANAGEMENT: (
        *("number", "customer", "purposes", "answer", "arrivals", "people", "travel", "material", "freight"),
        *("total", "score", "complaints", "findings"),
    ),
}
"""What each audience is told of an item."""
_WITH_LOTS = frozenset({Audience.QUALITY, Audience.TECHNOLOGY})


def items_document(data: ItemsData, audience: Audience | None, company: str, number: str, sha256: str) -> Document:
    """The report as ``audience`` reads it, in Chinese; None: everything of every item."""
    whom = f"·{AUDIENCE[audience].zh}" if audience else ""
    names = _CUTS[audience] if audience else tuple(_COLUMNS)
    rows = [[_COLUMNS[name][1](item) for name in names] for item in data.items]
    items = Section("服务事项", [_COLUMNS[name][0] for name in names], rows)
    lots = [_lots(data)] if audience is None or audience in _WITH_LOTS else []
    year, month = data.period.split("-")
    return Document(
        company=company,
        title=f"{REPORT_KIND[ReportKind.ITEMS].zh}{whom}（{year} 年 {int(month)} 月）",
        number=number,
        about=(f"截数位置：{positions(data.cut_off)}；金额单位：元。",),
        sections=(_summary(data.summary), *lots, items, _late(data)),
        sha256=sha256,
    )


def _arrivals(item: ItemData) -> str | None:
    if item.arrivals_missed:
        return f"{item.arrivals_missed} 次未守时"
    return "守时" if item.arrivals_kept else None


def _complaints(item: ItemData) -> str | None:
    if not item.complaints and not item.complaints_substantiated:
        return None
    what = "、".join(CATEGORY.get(each, each) for each in item.complaint_categories)
    found = f"，查实 {item.complaints_substantiated} 件" if item.complaints_substantiated else ""
    return f"{item.complaints} 件（{what}）{found}" if item.complaints else f"查实 {item.complaints_substantiated} 件"


def _summary(found: ItemsSummary) -> Section:
    answered = found.answers_kept + found.answers_missed
    arrived = found.arrivals_kept + found.arrivals_missed
    rows: list[Sequence[Cell]] = [
        ("服务事项", f"{found.items} 项", "新受理", f"{found.opened} 项"),
        ("解决", f"{found.resolved} 项", "关闭", f"{found.closed} 项"),
        ("重开", f"{found.reopened} 项", "上报总部（3.2）", f"{found.escalated} 项"),
        ("24 小时内答复（3.4）", _share(found.answers_kept, answered), "未按时答复", f"{found.answers_missed} 项"),
        ("按约定时间到场（3.4）", _share(found.arrivals_kept, arrived), "未守时", f"{found.arrivals_missed} 次"),
        ("上门", f"{found.visits} 次", "离场未报告（4.4）", f"{found.left_unreported} 次"),
        ("满意度", _score(found), "拒答调查", f"{found.surveys_declined} 份"),
        ("投诉", f"{found.complaints} 件", "其中查实", f"{found.complaints_substantiated} 件"),
        ("质量问题", f"{found.findings} 项", "费用合计", f"{found.total:,.2f} 元"),
    ]
    return Section(
        "概况", [Column("项目", weight=1.5), Column("本月"), Column("项目", weight=1.5), Column("本月 ")], rows
    )


def _share(kept: int, of: int) -> str:
    return f"{kept} / {of}（{kept / of:.1%}）" if of else "—"


def _score(found: ItemsSummary) -> str:
    return f"{found.score} 分（{found.surveys} 份）" if found.score is not None else f"—（{found.surveys} 份）"


def _lots(data: ItemsData) -> Section:
    columns = (
        Column("产品或配件", weight=2),
        Column("批次", weight=1.5),
        *(Column(title, Form.COUNT) for title in ("服务事项", "维修更换", "投诉", "质检不合格", "外协索赔")),
    )
    rows = [
        (each.product, each.lot, each.items, each.repairs, each.complaints, each.findings, each.supplier_claims)
        for each in data.lots
    ]
    return Section("按批次", columns, rows)


def _late(data: ItemsData) -> Section:
    columns = (
        Column("编号", weight=1.6),
        Column("所属月份", weight=0.8),
        Column("内容"),
        Column("金额", Form.MONEY, 0.8),
        Column("发生时间", Form.MOMENT, 1.3),
        Column("登记时间", Form.MOMENT, 1.3),
        Column("依据（日志与位置）", weight=1.8),
    )
    rows = [
        (
            late.number,
            f"{late.month:%Y-%m}",
            ENTRY[late.kind].zh,
            late.amount,
            late.happened_at,
            late.recorded_at,
            f"{late.source}-{late.position} {late.event}",
        )
        for late in data.late
    ]
    return Section("以前月份补报", columns, rows, note="上次截数之后才得知的以前月份的事项。")
