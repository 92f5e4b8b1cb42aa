"""The commitment report as a document: what a bidder shows in a tender, and an auditor makes again."""

from decimal import Decimal

from services.reporting.paper.document import Column, Document, Form, Section
from services.reporting.views.commitments_reading import CommitmentData

_EXCUSE = {"customer": "客户原因", "weather": "天气", "safety": "安全"}
_NOTE = (
    "履约率 = 履约 ÷（履约 + 违约）。豁免：因客户、天气或安全未能按时，不计入履约率，原因见各条。"
    "未完：尚未到期或尚无结果。"
    "承诺计入其约定或到期之日。"
)


def commitment_document(data: CommitmentData, company: str, sha256: str) -> Document:
    """The report on paper."""
    whose = data.customer_name or data.customer if data.customer else "全部客户"
    positions = "，".join(f"{source} {position:,}" for source, position in data.positions.items())
    measured = [line for line in data.clauses if line.measured]
    return Document(
        company=company,
        title="售后服务承诺履行报告",
        number=f"{data.first}—{data.last}",
        about=(
            f"期间：{data.first} 至 {data.last}（北京时间）　对象：{whose}",
            f"依据：各服务事件日志，截至位置 {positions}；规则版本 {data.rules}",
        ),
        sections=[
            Section(
                "履行情况",
                [
                    Column("条款", weight=0.5),
                    Column("承诺", weight=1.4),
                    Column("计法", weight=3.2),
                    *(Column(name, Form.COUNT, 0.6) for name in ("应履行", "履约", "违约", "豁免", "未完", "取消")),
                    Column("履约率", weight=0.7),
                    Column("豁免原因", weight=1.1),
                ],
                [
                    (
                        line.clause,
                        line.title,
                        line.about,
                        line.promised,
                        line.kept,
                        line.missed,
                        line.excused,
                        line.open,
                        line.dropped,
                        _share(line.kept_percent),
                        "、".join(f"{_EXCUSE.get(code, code)} {many}" for code, many in line.excuses.items()),
                    )
                    for line in measured
                ],
                note=_NOTE,
            ),
            Section(
                "不计次数的条款",
                [Column("条款", weight=0.5), Column("承诺", weight=2), Column("原因", weight=6)],
                [(line.clause, line.title, line.about) for line in data.clauses if not line.measured],
            ),
        ],
        sha256=sha256,
    )


def _share(percent: Decimal | None) -> str:
    return "—" if percent is None else f"{percent} %"
