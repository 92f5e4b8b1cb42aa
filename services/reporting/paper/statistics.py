"""What stands in the monthly statistics (5.4.1-4)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from services.reporting.domain.account import GroupData, StatisticsData
from services.reporting.domain.figures import AMOUNTS, COUNTED, FIGURES, Figures, Split
from services.reporting.domain.names import ENTRY, FIGURE, REPORT_KIND, SPLIT, group_name
from services.reporting.paper.document import Cell, Chart, Column, Document, Form, Section
from shared.events.reporting import ReportKind

_BY = {
    Split.PRODUCT: "按产品",
    Split.REGION: "按区域",
    Split.CUSTOMER: "按客户",
    Split.PURPOSE: "按服务类别",
    Split.WARRANTY: "按保内保外",
}
_SHORT = {"memo": "合同内（不计入合计）"}
_DEFINED = (
    "一次有到场的上门计一人次；人数按人员去重，人天按人员与日期去重（上海时间）；"
    "合同范围内的安装指导与调试费用不计入合计，另行列示；金额单位：元。"
)
_DISTINCT = "同一人员可服务于多个分组，各组人数、人天之和可大于总数。"


def statistics_document(data: StatisticsData, company: str, number: str, sha256: str) -> Document:
    """The report as it is read by people, in Chinese."""
    return Document(
        company=company,
        title=f"{REPORT_KIND[ReportKind.STATISTICS].zh}（{_month(data.period)}）",
        number=number,
        about=(f"截数位置：{positions(data.cut_off)}", _DEFINED),
        sections=(_totals(data), *(_split(data, split) for split in Split), _late(data)),
        sha256=sha256,
    )


def positions(cut: Mapping[str, int]) -> str:
    """How far into the logs is looked, in words."""
    names = {"dispatch": "调度", "tickets": "受理"}
    return "，".join(f"{names.get(source, source)}日志第 {at} 条" for source, at in sorted(cut.items()))


def _totals(data: StatisticsData) -> Section:
    columns = (
        Column("指标", weight=2.2),
        Column("本月", Form.MONEY),
        Column("以前月份调整", Form.MONEY),
        Column("报送数", Form.MONEY),
        Column(f"上月（{data.previous_period}）", Form.MONEY, 1.2),
        Column("较上月", Form.SHARE),
        Column(f"去年同月（{data.last_year_period}）", Form.MONEY, 1.3),
        Column("较去年同月", Form.SHARE),
    )
    rows = [_total(data, name) for name in FIGURES]
    kinds = [FIGURES.index(name) for name in ("people", "travel", "material", "freight")]
    return Section("总表", columns, rows, chart=Chart("各项费用（元）", (1, 4, 6), kinds))


def _total(data: StatisticsData, name: str) -> Sequence[Cell]:
    month, previous, last_year = (getattr(part, name) for part in (data.month, data.previous, data.last_year))
    return (
        FIGURE[name].zh,
        month,
        getattr(data.adjustments, name),
        getattr(data.reported, name),
        previous,
        _change(month, previous),
        last_year,
        _change(month, last_year),
    )


def _change(now: Decimal | int, then: Decimal | int) -> Decimal | None:
    """As a part of what it was; None where it was nothing."""
    return (Decimal(now - then) / Decimal(then)).quantize(Decimal("0.0001")) if then else None


def _split(data: StatisticsData, split: Split) -> Section:
    columns = (
        Column(SPLIT[split].zh, weight=2.2),
        *(Column(FIGURE[name].zh, Form.COUNT, 0.8) for name in COUNTED),
        *(Column(_SHORT.get(name, FIGURE[name].zh), Form.MONEY, 1.1) for name in AMOUNTS),
        Column("调整", Form.MONEY),
        Column("上月合计", Form.MONEY, 1.1),
        Column("去年同月合计", Form.MONEY, 1.1),
    )
    rows = [_group(split, group) for group in data.by[split]]
    return Section(_BY[split], columns, rows, note=_DISTINCT)


def _group(split: Split, group: GroupData) -> Sequence[Cell]:
    name = group_name(split, group.key, group.name).zh
    figures: Figures = group.month
    return (
        name,
        *(getattr(figures, each) for each in FIGURES),
        group.adjustments.total,
        group.previous.total,
        group.last_year.total,
    )


def _late(data: StatisticsData) -> Section:
    columns = (
        Column("所属月份", weight=0.8),
        Column("内容"),
        Column("数量", Form.COUNT, 0.6),
        Column("金额", Form.MONEY),
        Column("发生时间", Form.MOMENT, 1.3),
        Column("登记时间", Form.MOMENT, 1.3),
        Column("依据（日志与位置）", weight=1.8),
    )
    rows = [
        (
            f"{late.month:%Y-%m}",
            ENTRY[late.kind].zh,
            late.quantity,
            late.amount,
            late.happened_at,
            late.recorded_at,
            f"{late.source}-{late.position} {late.event}",
        )
        for late in data.late
    ]
    note = "上次截数之后才得知的以前月份的事项；已签发的数字不改变，差额在此列示。"
    return Section("以前月份调整明细", columns, rows, note=note)


def _month(period: str) -> str:
    year, month = period.split("-")
    return f"{year} 年 {int(month)} 月"
