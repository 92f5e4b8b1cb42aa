"""The commitment report over HTTP, made of what the services really told."""

from typing import Any

import openpyxl
import pytest

from tests.integration.dispatch.conftest import Caller, DispatchOffice, until
from tests.integration.dispatch.visiting import visiting
from tests.pdf import pages

pytestmark = pytest.mark.asyncio(loop_scope="module")
REPORT = "/reporting/commitment"


def bidder(office: DispatchOffice) -> Caller:
    return office.caller("contract_manager", subject="wu.min")


async def line(office: DispatchOffice, clause: str, **query: str) -> dict[str, Any]:
    data = await bidder(office).read(REPORT, **query)
    found: dict[str, Any] = next(each for each in data["clauses"] if each["clause"] == clause)
    return found


async def test_a_customers_promises_are_counted_with_the_events_behind_them(office: DispatchOffice) -> None:
    # given a customer's visit that was in time, and one of another customer
    team, other = await visiting(office), await visiting(office)
    await team.done()
    await other.done()

    # when the report is asked for, for that customer
    async def told() -> bool:
        return bool((await line(office, "3.4b", customer=team.customer))["kept"])

    await until(told)
    ours = await line(office, "3.4b", customer=team.customer)
    everybodys = await line(office, "3.4b")
    assert (ours["promised"], ours["kept"], ours["kept_percent"]) == (1, 1, "100.0")
    assert everybodys["promised"] >= 2

    # then each promise leads to its events, and nothing of the other customer is told
    (promise,) = await bidder(office).list(f"{REPORT}/entries", customer=team.customer, clause="3.4b")
    assert [each["event"] for each in promise["evidence"]][:1] == ["VisitAssigned"]
    assert "VisitArrived" in [each["event"] for each in promise["evidence"]]
    assert promise["customer"] == team.customer
    assert "engineer" not in promise, "no person is named"


async def test_a_late_answer_is_a_promise_missed(office: DispatchOffice) -> None:
    before = (await line(office, "3.4a"))["missed"]
    ticket = await office.ticket()
    office.later(hours=24, minutes=1)
    await office.told(ticket, "AnswerOverdue")

    async def missed() -> bool:
        return bool((await line(office, "3.4a"))["missed"] > before)

    await until(missed)


async def test_the_same_question_at_the_same_positions_has_the_same_answer(office: DispatchOffice) -> None:
    first = await bidder(office).read(REPORT)
    positions = ",".join(f"{source}:{position}" for source, position in first["positions"].items())
    team = await visiting(office)
    await team.done()

    async def moved() -> bool:
        return bool((await bidder(office).read(REPORT))["positions"] != first["positions"])

    await until(moved)
    again = await bidder(office).read(REPORT, positions=positions, **{"from": first["first"], "to": first["last"]})
    assert again == first


async def test_it_can_be_printed_and_calculated_with(office: DispatchOffice, tmp_path: Any) -> None:
    pdf = await bidder(office).send("GET", f"{REPORT}/report.pdf")
    data = await bidder(office).read(REPORT)
    text = "".join(pages(pdf.content)).replace("\n", "").replace(" ", "")
    assert "售后服务承诺履行报告" in text
    assert "24小时内答复" in text
    assert data["sha256"][:16] in text
    workbook = await bidder(office).send("GET", f"{REPORT}/report.xlsx")
    (tmp_path / "x.xlsx").write_bytes(workbook.content)
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx").worksheets[0]
    assert sheet.tables
    page = await bidder(office).send("GET", "/reporting/screens/commitment")
    assert "按约定时间到场" in page.text


@pytest.mark.parametrize(
    "query",
    [{"from": "2026-11-02", "to": "2026-11-01"}, {"from": "2001-01-01"}, {"positions": "x"}, {"clause": "9.9"}],
)
async def test_a_wrong_question_is_told_so(office: DispatchOffice, query: dict[str, str]) -> None:
    path = f"{REPORT}/entries" if "clause" in query else REPORT
    assert (await bidder(office).send("GET", path, params=query)).status_code == 422
