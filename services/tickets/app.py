"""The composition root: what this service is made of."""

from services.tickets import api, imports, persons
from services.tickets.domain import case_file, complaint, contact, quote, reference, survey, ticket
from services.tickets.reactions import REACTIONS, on_deadline
from services.tickets.views import DESK, REFERENCE
from shared.decider import Words
from shared.service import Service

service = Service(
    name="tickets",
    title=Words("受理", "Tickets"),
    about=Words(
        "来电来函、服务请求、首次答复、报价、投诉、满意度、服务档案。",
        "Calls and letters, tickets, first answers, quotes, complaints, surveys, case files.",
    ),
    routes=api.routes,
    deciders=(contact, ticket, quote, complaint, survey, case_file, reference),
    views=(DESK, REFERENCE),
    reactions=REACTIONS,
    on_deadline=on_deadline,
    tables=persons.TABLES + imports.TABLES,
)
