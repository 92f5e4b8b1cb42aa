"""The composition root: what this service is made of."""

from services.penalties import api, wages
from services.penalties.commands.chain import record_head
from services.penalties.domain import chain, conduct, fact, measure, payroll, penalty, policy, wage
from services.penalties.reactions import REACTIONS, on_deadline
from services.penalties.views import VIEWS
from shared.decider import Words
from shared.service import Service

service = Service(
    name="penalties",
    title=Words("处罚", "Penalties"),
    about=Words(
        "处罚制度、疑似违规、告知、陈述、决定、申诉、台账与工资清单。",
        "The penalty policy, suspicions, notices, statements, decisions, appeals, the ledger and the payroll list.",
    ),
    routes=api.routes,
    deciders=(
        chain,
        conduct,
        fact,
        measure,
        payroll,
        penalty,
        policy,
        wage,
    ),
    views=VIEWS,
    reactions=REACTIONS,
    on_deadline=on_deadline,
    record_head=record_head,
    tables=wages.TABLES,
)
