"""Of the ticket board: the tickets, and what each day brought."""

from psycopg.sql import SQL

from shared.decider import Words
from shared.published import Column, Published

TICKETS = Published(
    name="tickets",
    about=Words(
        "全部服务请求，含已结的；每行为一个请求的当前状态。",
        "All service requests, those that have ended included; a row is how one stands now.",
    ),
    columns=(
        Column("ticket", "uuid", Words("请求的标识", "id of the request")),
        Column("number", "text", Words("编号，如 SQ-20261003-7F3KQ2", "its number")),
        Column("channel", "text", Words("渠道：phone letter walk_in email im portal survey", "channel")),
        Column("customer", "uuid", Words("客户标识，空为不明", "id of the customer; null: not known")),
        Column("customer_name", "text", Words("客户名称", "name of the customer")),
        Column("product", "uuid", Words("产品标识，空为不明", "id of the product; null: not known")),
        Column("product_name", "text", Words("产品名称", "name of the product")),
        Column("status", "text", Words("状态，如 OPEN、TRIAGED、CLOSED", "state, such as OPEN, TRIAGED, CLOSED")),
        Column("open", "boolean", Words("是否未结", "whether it hasn't ended")),
        Column("escalated", "boolean", Words("是否已上报总部、待答复", "whether headquarters has been asked")),
        Column("received_at", "timestamptz", Words("收到时间", "when it was received")),
        Column("asked_at", "timestamptz", Words("从何时起等待首次答复", "from when the first answer is awaited")),
        Column("answer_due", "timestamptz", Words("首次答复时限（3.4）", "when the first answer is due (3.4)")),
        Column("answered_at", "timestamptz", Words("首次答复时间，空为未答复", "when it was answered; null: not yet")),
        Column(
            "late_minutes", "integer", Words("答复超时的分钟数，0 为按时", "minutes the answer was late; 0: in time")
        ),
        Column(
            "answer",
            "text",
            Words(
                "首次答复：awaited 待答复，overdue 已超时未答复，in_time 按时，late 超时",
                "the first answer: awaited, overdue (awaited, and too late), in_time, late",
            ),
        ),
        Column("reopenings", "integer", Words("重新打开的次数", "how often it was reopened")),
    ),
    key=("ticket",),
    query=SQL("""
        SELECT *, CASE
            WHEN answered_at IS NULL AND answer_due > now() THEN 'awaited'
            WHEN answered_at IS NULL THEN 'overdue'
            WHEN late_minutes > 0 THEN 'late'
            ELSE 'in_time' END AS answer
        FROM tickets
    """),
)

DAYS = Published(
    name="ticket_days",
    about=Words(
        "每日的服务请求数，上海时间；没有事情的日子没有行。", "Counts per day, Asia/Shanghai; no row for an empty day."
    ),
    columns=(
        Column("day", "date", Words("日期", "the day")),
        Column("opened", "bigint", Words("受理", "requests that were opened")),
        Column("answered_in_time", "bigint", Words("24 小时内首次答复", "first answers in time")),
        Column("answered_late", "bigint", Words("超时的首次答复", "first answers that were late")),
        Column("overdue", "bigint", Words("到期未答复", "answers that became overdue")),
        Column("closed", "bigint", Words("关闭", "requests that were closed")),
        Column("complaints", "bigint", Words("投诉", "complaints that were lodged")),
    ),
    key=("day",),
    query=SQL("""
        SELECT day, sum(opened) AS opened, sum(answered_in_time) AS answered_in_time,
            sum(answered_late) AS answered_late, sum(overdue) AS overdue, sum(closed) AS closed,
            sum(complaints) AS complaints
        FROM days GROUP BY day
    """),
)
