"""The composition root: what this service is made of."""

from services.dispatch import api, places, requests, signers, staff
from services.dispatch.domain import (
    claim,
    duty,
    duty_policy,
    engineer,
    expense_policy,
    fraud_record,
    invoice,
    part,
    part_request,
    parts_policy,
    programme,
    proposal_policy,
    report,
    report_form,
    roster,
    schedule,
    spending,
    stock,
    supplier_claim,
    trip,
    visit,
    visit_policy,
    work_order,
)
from services.dispatch.reactions import REACTIONS, on_deadline
from services.dispatch.views import VIEWS
from shared.decider import Words
from shared.service import Service

service = Service(
    name="dispatch",
    title=Words("调度", "Dispatch"),
    about=Words(
        "人员与排班、派工、上门、服务报告、值守、出差与报销、配件。",
        "Engineers and rosters, work orders, visits, service reports, phone duty, trips and expenses, spare parts.",
    ),
    routes=api.routes,
    deciders=(
        claim,
        duty,
        duty_policy,
        engineer,
        expense_policy,
        fraud_record,
        invoice,
        part,
        part_request,
        parts_policy,
        programme,
        proposal_policy,
        report,
        report_form,
        roster,
        schedule,
        spending,
        stock,
        supplier_claim,
        trip,
        visit,
        visit_policy,
        work_order,
    ),
    views=VIEWS,
    reactions=REACTIONS,
    on_deadline=on_deadline,
    tables=places.TABLES + requests.TABLES + signers.TABLES + staff.TABLES,
)
