"""Of what the months' figures are made of: the figures of every month, and the satisfaction surveys.

The figures are those of ``domain.figures``, which is the rule; a test holds both side by side.
"""

from psycopg.sql import SQL, Composable, Composed

from shared.decider import Words
from shared.published import Column, Published

_KNOWN = SQL("""
    LEFT JOIN LATERAL (SELECT * FROM orders x WHERE x.work_order = e.work_order
        ORDER BY x.position DESC LIMIT 1) o ON true
    LEFT JOIN LATERAL (SELECT * FROM tickets x WHERE x.ticket = coalesce(o.ticket, e.ticket)
        ORDER BY x.position DESC LIMIT 1) t ON true
    LEFT JOIN LATERAL (SELECT * FROM coverages x WHERE x.ticket = coalesce(o.ticket, e.ticket)
        ORDER BY x.position DESC LIMIT 1) v ON true
    LEFT JOIN LATERAL (SELECT * FROM customers x WHERE x.customer = coalesce(o.customer, t.customer)
        ORDER BY x.position DESC LIMIT 1) c ON true
    LEFT JOIN LATERAL (SELECT * FROM products x WHERE x.product = coalesce(o.product, t.product)
        ORDER BY x.position DESC LIMIT 1) p ON true
""")
"""What is known now of the work of a row ``e``, as ``statistics_reading.KNOWN`` says it of a cut-off."""
_SUBJECT = SQL("""
    coalesce(o.product::text, t.product::text, o.product_name, t.product_name) AS product,
    coalesce(p.name, o.product_name, t.product_name) AS product_name,
    coalesce(o.region, c.region) AS region,
    coalesce(o.customer::text, t.customer::text, o.customer_name, t.customer_name) AS customer,
    coalesce(c.name, o.customer_name, t.customer_name) AS customer_name,
    o.purpose,
    coalesce(v.verdict, nullif(o.coverage, 'unknown'), t.coverage, 'unknown') AS warranty,
    (o.contract IS NOT NULL OR coalesce(v.by_contract, false)) AS contract
""")

_CONTRIBUTIONS = SQL("""
    SELECT e.month, e.work_order, CASE WHEN e.source <> 'dispatch' THEN e.ticket END AS ticket,
        CASE WHEN e.kind = 'visit' THEN e.engineer END AS engineer, CASE WHEN e.kind = 'visit' THEN e.day END AS day,
        sum(e.quantity) FILTER (WHERE e.kind = 'visit' AND e.engineer IS NOT NULL) AS times,
        sum(e.amount) FILTER (WHERE e.kind = 'people') AS people,
        sum(e.amount) FILTER (WHERE e.kind = 'travel') AS travel,
        sum(e.amount) FILTER (WHERE e.kind = 'material') AS material,
        sum(e.amount) FILTER (WHERE e.kind = 'freight') AS freight
    FROM entries e WHERE e.kind IN ('visit', 'people', 'travel', 'material', 'freight') AND {}
    GROUP BY 1, 2, 3, 4, 5
""")
_GROUPS = SQL("""
    CROSS JOIN LATERAL (VALUES
        ('all', '', NULL), ('product', coalesce(s.product, '-'), s.product_name),
        ('region', coalesce(s.region, '-'), s.region), ('customer', coalesce(s.customer, '-'), s.customer_name),
        ('purpose', coalesce(s.purpose, '-'), NULL), ('warranty', s.warranty, NULL)
    ) AS g(split, group_key, group_name)
""")


def figures(which: Composable) -> Composed:
    """The figures (5.4) of the contributions ``e`` of which ``which`` holds, by month and split, over the tables of the
    view ``statistics``."""
    sums = _CONTRIBUTIONS.format(which)
    return SQL("""
        SELECT f.*, people + travel + material + freight AS total FROM (
            SELECT month, split, group_key, max(group_name) AS group_name,
                count(DISTINCT engineer) FILTER (WHERE times > 0) AS persons,
                coalesce(sum(times), 0) AS person_times,
                count(*) FILTER (WHERE times > 0) AS person_days,
                coalesce(sum(people), 0) AS people, coalesce(sum(travel), 0) AS travel,
                coalesce(sum(material), 0) AS material, coalesce(sum(freight), 0) AS freight,
                coalesce(sum(memo), 0) AS memo
            FROM (
                SELECT s.month, g.split, g.group_key, max(g.group_name) AS group_name, s.engineer, s.day,
                    sum(s.times) AS times,
                    sum(s.people) FILTER (WHERE NOT s.excluded) AS people,
                    sum(s.travel) FILTER (WHERE NOT s.excluded) AS travel,
                    sum(s.material) FILTER (WHERE NOT s.excluded) AS material,
                    sum(s.freight) FILTER (WHERE NOT s.excluded) AS freight,
                    sum(coalesce(s.people, 0) + coalesce(s.travel, 0) + coalesce(s.material, 0)
                        + coalesce(s.freight, 0)) FILTER (WHERE s.excluded) AS memo
                FROM (
                    SELECT k.*, contract
                        AND coalesce(purpose IN ('installation_guidance', 'commissioning'), false) AS excluded
                    FROM (SELECT e.month, e.engineer, e.day, e.times, e.people, e.travel, e.material, e.freight,
                        {subject} FROM ({sums}) e {known}) k
                ) s {groups}
                GROUP BY s.month, g.split, g.group_key, s.engineer, s.day
            ) d GROUP BY month, split, group_key
        ) f WHERE split = 'all' OR (persons, person_times, person_days) <> (0, 0, 0)
            OR (people, travel, material, freight, memo) <> (0, 0, 0, 0, 0)
    """).format(subject=_SUBJECT, sums=sums, known=_KNOWN, groups=_GROUPS)


MONTH_FIGURES = Published(
    name="month_figures",
    about=Words(
        "各统计月的数字（5.4），按现在所知，为草稿；签发的月报以报告为准。请按 month 筛选。",
        "The figures of each month (5.4) as they are known now: a draft; what was issued stands in the reports. "
        "Ask for the months that you need.",
    ),
    columns=(
        Column("month", "date", Words("统计月的第一天", "first day of the month")),
        Column("split", "text", Words("细分：all product region customer purpose warranty", "by what it is split")),
        Column(
            "group_key", "text", Words("组的标识，空串为全部，- 为不明", "the group's key; empty: all; -: not known")
        ),
        Column("group_name", "text", Words("组的名称", "the group's name")),
        Column("persons", "bigint", Words("人数", "persons")),
        Column("person_times", "bigint", Words("人次", "person-times: one visit is one")),
        Column("person_days", "bigint", Words("人天", "person-days")),
        Column("people", "numeric(14,2)", Words("人员费用，元", "cost of people, CNY")),
        Column("travel", "numeric(14,2)", Words("差旅费用，元", "cost of travel, CNY")),
        Column("material", "numeric(14,2)", Words("材料费用，元", "cost of material, CNY")),
        Column("freight", "numeric(14,2)", Words("运费，元", "freight, CNY")),
        Column("total", "numeric(14,2)", Words("合计，元，不含合同内的安装指导与调试", "total, CNY, without memo")),
        Column(
            "memo", "numeric(14,2)", Words("合同内的安装指导与调试，元（D25）", "what a contract covers (D25), CNY")
        ),
    ),
    key=("month", "split", "group_key"),
    query=figures(SQL("true")),
)

SATISFACTION = Published(
    name="satisfaction",
    about=Words(
        "满意度调查的答复与谢绝，不含文字意见。",
        "Satisfaction surveys that were answered or declined; without the words.",
    ),
    columns=(
        Column("position", "bigint", Words("在服务请求日志中的位置", "place in the log of tickets")),
        Column("month", "date", Words("统计月的第一天", "first day of the month")),
        Column("at", "timestamptz", Words("答复或谢绝的时间", "when it was answered or declined")),
        Column("outcome", "text", Words("answered 已答，declined 谢绝", "answered or declined")),
        Column("score", "integer", Words("得分 1 至 5，谢绝为空", "score, 1 to 5; null: declined")),
        Column("ticket", "uuid", Words("服务请求的标识", "id of the request")),
        Column("customer", "text", Words("客户标识或名称", "id or name of the customer")),
        Column("customer_name", "text", Words("客户名称", "name of the customer")),
        Column("product", "text", Words("产品标识或名称", "id or name of the product")),
        Column("product_name", "text", Words("产品名称", "name of the product")),
        Column("region", "text", Words("区域", "region")),
    ),
    key=("position",),
    query=SQL("""
        SELECT e.position, e.month, e.at, CASE e.kind WHEN 'survey' THEN 'answered' ELSE 'declined' END AS outcome,
            (e.facts ->> 'score')::integer AS score, e.ticket, {subject}
        FROM entries e {known} WHERE e.kind IN ('survey', 'survey_declined')
    """).format(subject=_SUBJECT, known=_KNOWN),
)
