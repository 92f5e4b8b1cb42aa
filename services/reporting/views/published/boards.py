"""Of the small boards: visits, claims, part requests, penalties by stage; and the promises of the commitment."""

from psycopg.sql import SQL, Composed, Identifier

from shared.decider import Words
from shared.published import Column, Published


def _facts(*columns: Column, key: str) -> Composed:
    """The columns out of a line's facts; the key is the line's id."""
    taken = [
        SQL("id AS {}").format(Identifier(c.name))
        if c.name == key
        else SQL("(facts ->> {})::{} AS {}").format(c.name, SQL(c.type), Identifier(c.name))
        for c in columns
        if c.name not in ("open", "day")
    ]
    return SQL("SELECT {}, open, day FROM lines").format(SQL(", ").join(taken))


_VISITS = (
    Column("visit", "uuid", Words("上门的标识", "id of the visit")),
    Column("number", "text", Words("编号", "its number")),
    Column("work_order", "uuid", Words("派工单的标识", "id of the work order")),
    Column("purpose", "text", Words("服务类别", "what it is for")),
    Column("customer_name", "text", Words("客户名称", "name of the customer")),
    Column("city", "text", Words("城市", "city")),
    Column("region", "text", Words("区域", "region")),
    Column("engineer", "text", Words("服务人员编号，空为无人", "who goes; null: nobody")),
    Column("status", "text", Words("状态，如 ASSIGNED、ARRIVED", "state, such as ASSIGNED, ARRIVED")),
    Column("agreed_arrival", "timestamptz", Words("约定到场时间（3.4b）", "when the customer expects it (3.4b)")),
    Column("late_after", "timestamptz", Words("晚于此刻即迟到", "when an arrival is late")),
    Column("arrived_at", "timestamptz", Words("到场时间", "when the engineer arrived")),
    Column("late_minutes", "integer", Words("超过约定的分钟数", "minutes after the agreed arrival")),
    Column("late", "boolean", Words("是否到场逾期", "whether it is late")),
    Column("grade", "text", Words("到场的证据等级（D5）", "how sure the arrival is (D5)")),
    Column("finished_at", "timestamptz", Words("完工时间", "when the job was done")),
    Column("left_at", "timestamptz", Words("离场报告时间", "when headquarters was told of the leaving")),
    Column("unreported", "boolean", Words("是否离场未报（4.4）", "whether headquarters wasn't told in time (4.4)")),
    Column("open", "boolean", Words("是否未完成", "whether it is not done")),
    Column("day", "date", Words("约定之日，上海时间", "the agreed day, Asia/Shanghai")),
)
VISITS = Published(
    name="visits",
    about=Words("全部上门的当前状态。", "All visits as they stand."),
    columns=_VISITS,
    key=("visit",),
    query=_facts(*_VISITS, key="visit"),
)

_EXPENSES = (
    Column("claim", "uuid", Words("报销单的标识", "id of the claim")),
    Column("number", "text", Words("编号", "its number")),
    Column("engineer", "text", Words("服务人员编号", "who claims")),
    Column("trip_number", "text", Words("出差编号", "number of the trip")),
    Column("status", "text", Words("状态，如 SUBMITTED、PAID", "state, such as SUBMITTED, PAID")),
    Column("since", "timestamptz", Words("何时进入该状态", "since when")),
    Column("submitted_at", "timestamptz", Words("提交时间", "when it was handed in")),
    Column("total", "numeric(14,2)", Words("金额，元", "amount, CNY")),
    Column("failed", "integer", Words("未通过的核对项", "checks that failed")),
    Column("open", "boolean", Words("是否未结", "whether it is not settled")),
    Column("day", "date", Words("付款日，未付为空", "day of the payment; null: not paid")),
)
EXPENSES = Published(
    name="expenses",
    about=Words("全部报销单的当前状态（5.1）。", "All claims as they stand (5.1)."),
    columns=_EXPENSES,
    key=("claim",),
    query=_facts(*_EXPENSES, key="claim"),
)

_PARTS = (
    Column("request", "uuid", Words("配件申请的标识", "id of the request")),
    Column("number", "text", Words("编号", "its number")),
    Column("part_code", "text", Words("配件编码", "code of the part")),
    Column("part_name", "text", Words("配件名称", "name of the part")),
    Column("quantity", "numeric", Words("数量", "quantity")),
    Column("unit", "text", Words("单位", "unit")),
    Column("supply", "text", Words("来源：made 自制，bought 外购", "made or bought")),
    Column("engineer", "text", Words("服务人员编号，空为客户", "for whom; null: for the customer")),
    Column("needed_by", "date", Words("需用日期", "by when it is needed")),
    Column("due", "date", Words("生产或采购的约定日期", "when it will be made, or come")),
    Column("status", "text", Words("状态，如 REQUESTED、SHIPPED", "state, such as REQUESTED, SHIPPED")),
    Column("since", "timestamptz", Words("何时进入该状态", "since when")),
    Column("refused", "integer", Words("质检不合格次数", "how often inspection refused it")),
    Column("open", "boolean", Words("是否未办结", "whether it is not closed")),
    Column("day", "date", Words("需用日期", "by when it is needed")),
)
PARTS = Published(
    name="parts",
    about=Words("全部配件申请的当前状态（5.2）。", "All part requests as they stand (5.2)."),
    columns=_PARTS,
    key=("request",),
    query=_facts(*_PARTS, key="request"),
)

PENALTIES = Published(
    name="penalties_by_stage",
    about=Words(
        "各阶段、各规则的处罚数量；不含人员、金额与个案。", "How many penalties are at each stage, by rule; no persons."
    ),
    columns=(
        Column("rule", "text", Words("规则，如 4.5", "the rule, such as 4.5")),
        Column("status", "text", Words("阶段，如 SUSPECTED、FINAL", "the stage, such as SUSPECTED, FINAL")),
        Column("month", "date", Words("最近一步所在月的第一天", "first day of the month of the last step")),
        Column("penalties", "bigint", Words("数量", "how many")),
        Column("open", "bigint", Words("其中未结束", "of which have not ended")),
    ),
    key=("rule", "status", "month"),
    query=SQL("""
        SELECT facts ->> 'rule' AS rule, facts ->> 'status' AS status, date_trunc('month', day)::date AS month,
            count(*) AS penalties, count(*) FILTER (WHERE open) AS open
        FROM lines GROUP BY 1, 2, 3
    """),
)

COMMITMENTS = Published(
    name="commitment_marks",
    about=Words(
        "每个事件对承诺的说明：承诺、履约、违约、豁免、取消；结果取最后一个，以承诺履行报告为准。",
        "What each event says of a promise; what became of it, the commitment report says.",
    ),
    columns=(
        Column("source", "text", Words("服务", "the service")),
        Column("position", "bigint", Words("在其日志中的位置", "place in its log")),
        Column("part", "integer", Words("同一事件的第几项", "which of an event's")),
        Column("clause", "text", Words("条款，如 3.4a", "the clause")),
        Column("subject", "text", Words("哪一个承诺", "which promise")),
        Column("mark", "text", Words("promised kept done corrected missed excused dropped", "what is said")),
        Column("at", "timestamptz", Words("何时", "when")),
        Column("code", "text", Words("豁免原因", "why it is excused")),
        Column("event", "text", Words("事件名", "name of the event")),
    ),
    key=("source", "position", "part"),
    query=SQL("SELECT source, position, part, clause, subject, mark, at, code, event FROM marks"),
)
