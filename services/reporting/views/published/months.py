"""Of the monthly reports: how far each is."""

from psycopg.sql import SQL

from shared.decider import Words
from shared.published import Column, Published

REPORT_STATUS = Published(
    name="report_status",
    about=Words("各月的统计报告与事项报告进行到哪一步。", "How far each month's reports are."),
    columns=(
        Column("number", "text", Words("报告编号，如 TJ-2026-10", "the report's number")),
        Column("report", "uuid", Words("报告的标识", "id of the report")),
        Column("kind", "text", Words("statistics 统计，items 事项", "statistics or items")),
        Column("period", "text", Words("统计月，如 2026-10", "the month")),
        Column("status", "text", Words("状态，如 OPEN、ISSUED、ACKNOWLEDGED", "state")),
        Column("due", "timestamptz", Words("应签发时间（D22）", "when it is due (D22)")),
        Column("late", "boolean", Words("是否超期未签发", "whether it was not issued in time")),
        Column("issued", "text", Words("最近签发的编号", "number under which it was last issued")),
        Column("issued_at", "timestamptz", Words("最近签发时间", "when it was last issued")),
        Column("fingerprint", "text", Words("数据与文件的 SHA-256", "SHA-256 over data and files")),
        Column("restating", "boolean", Words("是否有更正在进行", "whether a restatement is being made")),
        Column("unacknowledged", "integer", Words("尚未签收的收件方数", "recipients that haven't acknowledged yet")),
    ),
    key=("number",),
    query=SQL("SELECT *, cardinality(waiting_for) AS unacknowledged FROM reports"),
)
