"""The API docs: every route says in both languages what it is, and every example of a command really works."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from fastapi import params

from shared.api import Route, routes_of
from tests.integration.tickets.conftest import TALKED, Caller, Office

pytestmark = pytest.mark.asyncio(loop_scope="module")

ID = "6f1f7a9e-3c52-4b8e-9a57-5a1e1c3f7a11"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
OUT = {"decision": {"verdict": "out_of_warranty", "note": "已过保"}}


async def document(office: Office) -> dict[str, Any]:
    found: dict[str, Any] = await office.desk.read("/tickets/openapi.json")
    return found


def commands(office: Office) -> list[Route]:
    """The routes that take a JSON body."""
    routes = routes_of(office.gateway.apps["tickets"])
    return [r for r in routes if r.body_field and not isinstance(r.body_field.field_info, params.Form)]


async def test_every_route_has_a_title_and_a_description_in_both_languages(office: Office) -> None:
    wrong: list[str] = []
    for path, operations in (await document(office))["paths"].items():
        if path.startswith(("/health", "/metrics", "/parked")):
            continue
        for method, operation in operations.items():
            said = [operation.get("summary", ""), operation.get("description", "")]
            if not all("·" in text and CHINESE.search(text) and re.search("[A-Za-z]{3}", text) for text in said):
                wrong.append(f"{method} {path}: {said}")
    assert not wrong


async def test_operations_are_told_apart_by_their_ids(office: Office) -> None:
    paths = (await document(office))["paths"]
    ids = [operation["operationId"] for operations in paths.values() for operation in operations.values()]
    assert len(ids) == len(set(ids))


Given = Callable[[Office], Awaitable[dict[str, str]]]
"""Makes what an example is about; gives the path's parameters, and the ids that stand for the example's."""


async def a_ticket(office: Office) -> dict[str, str]:
    return {"ticket_id": await office.ticket()}


async def a_triaged(office: Office) -> dict[str, str]:
    return {"ticket_id": await office.triaged()}


async def a_resolved(office: Office) -> dict[str, str]:
    return {"ticket_id": await office.resolved()}


async def a_held(office: Office) -> dict[str, str]:
    ticket = await office.triaged()
    await office.desk.do(f"/tickets/{ticket}/hold", {"reason": "x"})
    return {"ticket_id": ticket}


async def an_escalated(office: Office) -> dict[str, str]:
    ticket = await office.triaged()
    await office.desk.do(f"/tickets/{ticket}/escalate", {"question": "x"})
    return {"ticket_id": ticket}


async def a_dispatched(office: Office) -> dict[str, str]:
    ticket = await office.triaged(at="2026-10-08T09:00:00+08:00")
    order = await office.desk.do(f"/tickets/{ticket}/dispatch", {"purpose": "repair"})
    return {"ticket_id": ticket, "work_order": order["work_order"]}


async def a_duplicate(office: Office) -> dict[str, str]:
    return {"ticket_id": await office.ticket(), "into": await office.ticket()}


async def a_chargeable(office: Office) -> dict[str, str]:
    ticket = await office.triaged()
    await office.desk.do(f"/tickets/{ticket}/decide-coverage", OUT)
    return {"ticket_id": ticket}


async def a_quoted(office: Office) -> dict[str, str]:
    given = await a_chargeable(office)
    line = {"kind": "travel", "description": "车费", "quantity": "1", "unit_price": "10"}
    await office.desk.do(f"/tickets/{given['ticket_id']}/quote", {"lines": [line]})
    return given


async def a_surveyed(office: Office) -> dict[str, str]:
    ticket = await office.resolved()
    await office.desk.do(f"/tickets/{ticket}/survey/answer", {"channel": "phone", "score": 5, "proof": TALKED})
    return {"ticket_id": ticket}


async def a_closed(office: Office) -> dict[str, str]:
    given = await a_surveyed(office)
    await office.desk.do(f"/tickets/{given['ticket_id']}/close")
    return given


async def a_contact(office: Office) -> dict[str, str]:
    said = {"channel": "phone", "summary": "x", "callback_needed": True, "abandoned": True}
    return {"contact_id": (await office.desk.do("/tickets/contacts", said))["contact"], "ticket": await office.ticket()}


async def a_complaint(office: Office, *steps: str) -> dict[str, str]:
    said = {"channel": "phone", "category": "4.2.1", "engineer": "E04", "summary": "x"}
    made = (await office.caller("reception").do("/tickets/complaints", said))["complaint"]
    bodies: dict[str, dict[str, str]] = {
        "start-investigation": {"investigator": "zhao.min"},
        "dismiss": {"finding": "UNSUBSTANTIATED", "reasons": "x"},
        "plan-remedy": {"remedy": "x", "responsible": "zhao.min"},
    }
    for step in steps:
        who = finder(office) if step == "dismiss" else office.caller("service_manager", subject="zhao.min")
        await who.do(f"/tickets/complaints/{made}/{step}", bodies.get(step, {}))
    return {"complaint_id": made}


async def an_acknowledged(office: Office) -> dict[str, str]:
    return await a_complaint(office, "acknowledge")


async def an_investigated(office: Office) -> dict[str, str]:
    return await a_complaint(office, "acknowledge", "start-investigation")


async def a_stated(office: Office) -> dict[str, str]:
    given = await an_investigated(office)
    path = f"/tickets/complaints/{given['complaint_id']}"
    await office.caller("engineer", engineer="E04").do(f"{path}/give-statement", {"statement": "x"})
    manager = office.caller("service_manager", subject="zhao.min")
    await manager.upload(f"{path}/add-evidence", "x.pdf", b"%PDF-1", data={"description": "x"})
    return given


async def a_dismissed(office: Office) -> dict[str, str]:
    return await a_complaint(office, "acknowledge", "start-investigation", "dismiss")


async def a_planned(office: Office) -> dict[str, str]:
    return await a_complaint(office, "acknowledge", "start-investigation", "dismiss", "plan-remedy")


async def a_person(office: Office) -> dict[str, str]:
    made = await office.desk.do("/tickets/persons", {"person": {"phone": "13800007777"}})
    return {"person": made["id"]}


async def goods(office: Office) -> dict[str, str]:
    customer = await office.desk.do("/tickets/customers", {"name": "光明物业"})
    product = await office.desk.do("/tickets/products", {"name": "粘鼠板", "consumable": True})
    return {"customer": customer["id"], "product": product["id"]}


async def nothing(office: Office) -> dict[str, str]:
    return {}


def finder(office: Office) -> Caller:
    return office.caller("hq_verifier", subject="qian.hua")


GIVEN: dict[str, Given] = {
    "": nothing,
    "/contacts": nothing,
    "/contacts/{contact_id}/open": a_contact,
    "/contacts/{contact_id}/link": a_contact,
    "/contacts/{contact_id}/call-back": a_contact,
    "/contacts/{contact_id}/dismiss": a_contact,
    "/{ticket_id:uuid}/triage": a_ticket,
    "/{ticket_id:uuid}/correct-triage": a_triaged,
    "/{ticket_id:uuid}/decide-coverage": a_triaged,
    "/{ticket_id:uuid}/answer": a_triaged,
    "/{ticket_id:uuid}/hold": a_triaged,
    "/{ticket_id:uuid}/resume": a_held,
    "/{ticket_id:uuid}/escalate": a_triaged,
    "/{ticket_id:uuid}/answer-escalation": an_escalated,
    "/{ticket_id:uuid}/dispatch": a_chargeable,
    "/{ticket_id:uuid}/cancel-work-order": a_dispatched,
    "/{ticket_id:uuid}/record-visit": a_dispatched,
    "/{ticket_id:uuid}/resolve": a_dispatched,
    "/{ticket_id:uuid}/reopen": a_resolved,
    "/{ticket_id:uuid}/merge": a_duplicate,
    "/{ticket_id:uuid}/cancel": a_triaged,
    "/{ticket_id:uuid}/close": a_surveyed,
    "/{ticket_id:uuid}/archive": a_closed,
    "/{ticket_id:uuid}/quote": a_chargeable,
    "/{ticket_id:uuid}/quote/accept": a_quoted,
    "/{ticket_id:uuid}/quote/decline": a_quoted,
    "/{ticket_id:uuid}/survey": a_resolved,
    "/{ticket_id:uuid}/survey/answer": a_resolved,
    "/{ticket_id:uuid}/survey/decline": a_resolved,
    "/complaints": nothing,
    "/complaints/{complaint_id}/acknowledge": a_complaint,
    "/complaints/{complaint_id}/start-investigation": an_acknowledged,
    "/complaints/{complaint_id}/name-subject": an_investigated,
    "/complaints/{complaint_id}/give-statement": an_investigated,
    "/complaints/{complaint_id}/substantiate": a_stated,
    "/complaints/{complaint_id}/dismiss": an_investigated,
    "/complaints/{complaint_id}/plan-remedy": a_dismissed,
    "/complaints/{complaint_id}/complete-remedy": a_planned,
    "/complaints/{complaint_id}/close": a_dismissed,
    "/complaints/{complaint_id}/withdraw": a_complaint,
    "/customers": nothing,
    "/sites": goods,
    "/products": nothing,
    "/lots": goods,
    "/units": goods,
    "/persons": nothing,
    "/persons/search": nothing,
    "/persons/{person:uuid}/erase": a_person,
}
"""In which state the example of each command is meant."""


async def test_every_command_is_tried(office: Office) -> None:
    tried = set(GIVEN)
    there = {route.path for route in commands(office) if not route.path.startswith("/parked")}
    assert there == tried


@pytest.mark.parametrize("path", list(GIVEN))
async def test_the_example_of_a_command_works_as_it_stands(office: Office, path: str) -> None:
    # given the moment of which the examples tell, and what the command is about
    if office.clock.now().hour < 6:
        office.later(hours=6)
    given = await GIVEN[path](office)
    route = next(route for route in commands(office) if route.path == path)
    assert route.body_field is not None
    model = route.body_field.field_info.annotation
    assert model is not None
    example = model.model_config["json_schema_extra"]["example"]

    # when the example is sent, with the ids of what is there in place of the example's
    body = {name: given.get(name, value) if value == ID else value for name, value in example.items()}
    where = path.replace(":uuid", "").format(**given)
    who = finder(office) if "/complaints/" in path else office.desk
    if path.endswith("give-statement"):
        who = office.caller("engineer", engineer="E04")
    elif path.endswith("withdraw"):
        who = office.desk
    elif path.endswith("/close") and "/complaints/" in path:
        who = office.caller("service_manager", subject="zhao.min")
    response = await who.post(f"/tickets{where}", body)

    # then it is granted
    assert ID not in str(body), "this example's id was not replaced"
    assert response.is_success, response.text
