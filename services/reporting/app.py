"""The composition root: what this service is made of."""

from services.reporting import api
from services.reporting.views import BOARD
from shared.decider import Words
from shared.service import Service

service = Service(
    name="reporting",
    title=Words("统计", "Reporting"),
    about=Words(
        "服务请求看板：未结、时限、超时与每日数字，由各服务的事件汇成。",
        "The ticket board: what is open, due and overdue, and what each day brought, made from the services' events.",
    ),
    routes=api.routes,
    views=(BOARD,),
)
