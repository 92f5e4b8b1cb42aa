"""The path of a new user through dispatch: a ticket becomes a signed, verified, posted work order with a paid claim.

Everybody has an account of their own with the one role that their part needs, and speaks HTTP; nothing is looked up in
a database. The two services hear of each other by events alone.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

import httpx
import pytest

from shared.calendar import SHANGHAI
from tests.e2e.conftest import System, command, done, wait_for
from tests.pdf import pages
from tests.unit.dispatch.invoice_files import an_ofd
from tests.unit.dispatch.pictures import photo, signature

PEOPLE = {
    "li.na": "reception",
    "zhao.lei": "dispatcher",
    "wang.hong": "service_manager",
    "he.ping": "hq_verifier",
    "qian.yu": "finance",
    "wu.jun": "finance",
}
SITE = {"latitude": 31.2989, "longitude": 120.5853}
AT_THE_DOOR = {"position": {"latitude": 31.2990, "longitude": 120.5860, "accuracy_m": 20}}
TALKED = {"kind": "call", "call_id": "1696321200.17", "direction": "outbound", "seconds": 95}
FOUND = {
    "situation": "仓库东侧粘鼠板失去粘性",
    "cause": "use",
    "work": "更换粘鼠板 20 张",
    "tested": "done",
    "tidy": "done",
    "result": "solved",
    "survey": "done",
}


@dataclass(frozen=True)
class Office:
    """Everybody, each with a token of their own."""

    reception: httpx.Client
    dispatcher: httpx.Client
    manager: httpx.Client
    verifier: httpx.Client
    finance: httpx.Client
    cashier: httpx.Client
    engineer: httpx.Client
    stranger: httpx.Client


@pytest.fixture(scope="module")
def office(system: System) -> Iterator[Office]:
    clients = [system.caller(role, subject=name) for name, role in PEOPLE.items()]
    clients += [system.caller("engineer", subject=f"engineer.{code}", engineer=code) for code in ("E04", "E05")]
    yield Office(*clients)
    for client in clients:
        client.close()


def read(client: httpx.Client, path: str, **query: str) -> Any:
    return client.get(path, params=query).raise_for_status().json()


def send(client: httpx.Client, path: str, filename: str, content: bytes, **data: str) -> dict[str, Any]:
    """A file that has to be taken."""
    response = client.post(path, files={"file": (filename, content)}, data=data)
    assert response.is_success, response.text
    answer: dict[str, Any] = response.json()
    return answer


def there(client: httpx.Client, path: str, **facts: Any) -> Callable[[], dict[str, Any] | None]:
    """Gives what is shown at ``path`` as soon as it is there, and is so."""

    def look() -> dict[str, Any] | None:
        answer = client.get(path)
        if answer.status_code == 404:
            return None
        shown: dict[str, Any] = answer.raise_for_status().json()
        return shown if all(shown[name] == value for name, value in facts.items()) else None

    return look


def today() -> date:
    return datetime.now(SHANGHAI).date()


def the_site(office: Office) -> dict[str, str]:
    """A customer with a site that the map knows, and the engineers who may go there."""
    customer = done(office.reception, "/tickets/customers", {"name": "光明物业", "region": "华东"})["id"]
    site = done(office.reception, "/tickets/sites", {"customer": customer, "name": "西门店", "city": "苏州"})["id"]
    done(office.dispatcher, "/dispatch/places", {"site": site} | SITE)
    for code in ("E04", "E05"):
        done(office.dispatcher, "/dispatch/engineers", {"engineer": code, "skills": ["灭鼠"], "base_city": "上海"})
    return {"customer": customer, "site": site}


def a_call_becomes_a_work_order(office: Office, place: dict[str, str]) -> tuple[str, str]:
    """Reception takes down a call and answers it; the dispatcher sends somebody: ticket and work order."""
    call = {"channel": "phone", "product_name": "大号粘鼠板", "summary": "粘不住,老鼠跑了"} | place
    call |= {"person": {"name": "王主任", "phone": "138-0000-0067"}}
    ticket = done(office.reception, "/tickets", call)["ticket"]
    done(office.reception, f"/tickets/{ticket}/triage", {"product_unknown": "包装已丢弃"} | place)
    done(office.reception, f"/tickets/{ticket}/answer", {"proof": TALKED})
    asked = {"purpose": "repair", "note": "带备用粘鼠板 20 张"}
    order = done(office.dispatcher, f"/tickets/{ticket}/dispatch", asked)["work_order"]
    wait_for(there(office.dispatcher, f"/dispatch/work-orders/{order}", status="QUALIFIED", ticket=ticket))
    return ticket, order


def the_visit_is_made(office: Office, order: str) -> str:
    """Planned, assigned in writing, accepted, made and reported."""
    visit = done(office.dispatcher, f"/dispatch/work-orders/{order}/plan-visit", {"minutes": 60})["visit"]
    path = f"/dispatch/visits/{visit}"
    agreed = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    instruction = {"engineer": "E04", "instruction": "更换粘鼠板 20 张", "agreed_arrival": agreed}
    done(office.dispatcher, f"{path}/assign", instruction)
    assert command(office.stranger, f"{path}/accept").status_code == 403
    for step, said in (
        ("confirm-delivery", {"way": "app"}),
        ("accept", {}),
        ("depart", {}),
        ("check-in", AT_THE_DOOR),
        ("start-work", {}),
        ("finish", {"result": "已更换粘鼠板 20 张"}),
        ("check-out", {"way": "app"}),
    ):
        last = done(office.engineer, f"{path}/{step}", said)
    assert (last["status"], last["late"]) == ("CHECKED_OUT", False)
    arrival = read(office.engineer, path)["arrival"]
    assert arrival["grade"] == "geofence_ok"
    assert read(office.dispatcher, f"/dispatch/work-orders/{order}")["status"] == "WORK_DONE"
    return visit


def the_report_is_signed(office: Office, order: str) -> None:
    """3.6: filled in on the form of the purpose, shown to the customer, signed; and on paper."""
    report = done(office.engineer, "/dispatch/reports", {"work_order": order})["report"]
    path = f"/dispatch/reports/{report}"
    early = command(office.engineer, f"{path}/submit")
    assert early.status_code == 409
    assert "处理过程" in early.json()["detail"]
    answers = [{"item": item, "value": value} for item, value in FOUND.items()]
    parts = [{"name": "大号粘鼠板", "quantity": "20", "unit": "张", "lot": "NSD260948"}]
    done(office.engineer, f"{path}/fill", {"answers": answers, "parts": parts})
    send(office.engineer, f"{path}/attachments", "after.jpg", photo(), title="更换后", item="photo_after")
    submitted = done(office.engineer, f"{path}/submit")
    send(office.engineer, f"{path}/sign", "sign.png", signature(), version="1", name="王小明")

    # what was signed is what was shown, and the paper says so
    (version,) = read(office.engineer, path)["versions"]
    assert (version["content_hash"], version["intact"]) == (submitted["content_hash"], True)
    sheet = "".join(pages(office.engineer.get(f"{path}/report.pdf").raise_for_status().content))
    for text in ("售后服务报告单", "光明物业", "■已解决", "NSD260948", "王小明", submitted["content_hash"]):
        assert text in sheet
    kept = office.engineer.get(f"{path}/attachments/{sha256(photo()).hexdigest()}").raise_for_status()
    assert kept.content == photo()
    assert office.stranger.get(path).status_code == 403
    wait_for(there(office.dispatcher, f"/dispatch/work-orders/{order}", status="REPORTED"))


def the_claim_is_paid(office: Office, order: str, visit: str) -> str:
    """4.3, 5.1: the trip, its digital invoice, checks, two decisions, the payment. The claim."""
    day = today()
    trip = {"engineer": "E04", "starts": str(day), "ends": str(day), "visits": [visit]}
    made = done(office.dispatcher, "/dispatch/trips", trip)["trip"]
    claim = done(office.engineer, "/dispatch/claims", {"trip": made})["claim"]
    path = f"/dispatch/claims/{claim}"
    invoice = an_ofd(开票日期=f"{day:%Y年%m月%d日}")
    receipt = send(office.engineer, "/dispatch/claims/receipts", "hotel.ofd", invoice)
    assert receipt["invoice"]["total"] == "300.00"
    line = {"kind": "lodging", "spent_on": str(day), "city": "苏州", "amount": "300.00", "work_order": order}
    done(office.engineer, f"{path}/lines", line | {"receipts": [receipt["sha256"]]})
    submitted = done(office.engineer, f"{path}/submit")
    assert (submitted["status"], submitted["failed_lines"]) == ("CHECKED", []), read(office.engineer, path)["lines"]
    assert command(office.engineer, f"{path}/approve").status_code == 403
    done(office.manager, f"{path}/approve")
    done(office.finance, f"{path}/approve-finance")
    paid = done(office.cashier, f"{path}/pay", {"paid_on": str(day), "reference": "YH-0031"})
    assert paid["status"] == "PAID"
    return str(claim)


def the_work_order_is_posted(office: Office, order: str) -> None:
    """Verified by somebody who had no part in it, then its costs are frozen."""
    path = f"/dispatch/work-orders/{order}"
    done(office.verifier, f"{path}/verify", {"note": "电话回访，客户满意"})
    posted = done(office.finance, f"{path}/post")
    assert posted["status"] == "POSTED"
    totals = read(office.dispatcher, path)["totals"]
    assert Decimal(totals["travel"]) == Decimal(300)
    assert Decimal(totals["total"]) == Decimal(totals["people"]) + 300
    cost = {"kind": "material", "amount": "10.00", "cause": "粘鼠板"}
    assert command(office.finance, f"{path}/add-cost", cost).status_code == 409


def the_ticket_is_closed(office: Office, ticket: str, order: str) -> None:
    """It knows by itself that its work order is verified, asks the customer, and closes."""
    events = [line["event"] for line in read(office.reception, f"/tickets/{ticket}/history")]
    assert "VisitReported" in events, events
    path = f"/tickets/{ticket}"
    done(office.reception, f"{path}/resolve", {"resolution": "已更换"})
    link = done(office.reception, f"{path}/survey", {"channel": "im"})["link"]
    assert "已收到您的评价" in httpx.post(link, data={"score": "5", "text": "很好"}).text
    assert done(office.reception, f"{path}/close")["status"] == "CLOSED"


def test_a_ticket_becomes_a_signed_verified_posted_work_order_with_a_paid_claim(office: Office) -> None:
    # given a customer's site, and those who serve it
    place = the_site(office)

    # when a call is taken, and everybody does their part
    ticket, order = a_call_becomes_a_work_order(office, place)
    visit = the_visit_is_made(office, order)
    the_report_is_signed(office, order)
    claim = the_claim_is_paid(office, order, visit)
    the_work_order_is_posted(office, order)

    # then all has come to its end, and each tells its story in plain words
    wait_for(lambda: "TicketWorkOrderVerified" in _events(office.reception, f"/tickets/{ticket}/history"))
    the_ticket_is_closed(office, ticket, order)
    assert _events(office.dispatcher, f"/dispatch/work-orders/{order}/history")[-1] == "WorkOrderPosted"
    assert _events(office.finance, f"/dispatch/claims/{claim}/history")[-1] == "ExpensePaid"


def _events(client: httpx.Client, path: str) -> list[str]:
    lines = read(client, path)
    assert all(line["words"] and line["actor"] for line in lines)
    return [line["event"] for line in lines]


def test_nothing_personal_stands_in_the_logs(system: System, office: Office) -> None:
    # given the story above
    assert read(office.dispatcher, "/dispatch/work-orders")["items"]

    # when both logs are read from the first event to the last
    logs = [system.run("events", service).stdout for service in ("tickets", "dispatch")]

    # then neither the caller, nor who signed, nor where the site is stands in them (D13)
    assert all(log.strip() for log in logs)
    for personal in ("王主任", "0000-0067", "13800000067", "王小明", "31.2989", "31.299", "120.586"):
        assert not any(personal in log for log in logs), personal


def test_everything_proves_to_be_as_the_logs_say(system: System) -> None:
    verified = system.run("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
