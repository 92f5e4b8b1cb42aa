"""The composition root: what this service is made of."""

from services.reporting import api
from services.reporting.views import VIEWS
from shared.decider import Words
from shared.service import Service

service = Service(
    name="reporting",
    title=Words("统计", "Reporting"),
    about=Words(
        "服务请求看板、月度统计与月报，由各服务的事件汇成。",
        "The ticket board, the monthly figures and reports, made from the services' events.",
    ),
    routes=api.routes,
    views=VIEWS,
)
