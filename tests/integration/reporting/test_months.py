"""Months from their first day to the acknowledged report, over HTTP, and what becomes of what is learned later.

One office, whose clock goes from month to month: the tests follow each other, each with a month of its own.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

import orjson
import pytest
import pytest_asyncio

from shared.verify import verify
from tests.conftest import ServerAddresses, emptied_nats, fresh_database
from tests.integration.dispatch.conftest import Caller, DispatchOffice, code, open_now, until
from tests.integration.dispatch.visiting import Visiting, visiting
from tests.integration.tickets.conftest import opened

pytestmark = pytest.mark.asyncio(loop_scope="module")

OCTOBER = "/reporting/months/TJ-2026-10"
NOVEMBER = "/reporting/months/TJ-2026-11"
DECEMBER = "/reporting/months/TJ-2026-12"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(servers: ServerAddresses, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DispatchOffice]:
    """An office of this file's own, for its clock goes far."""
    async with fresh_database(servers) as database_url:
        nats_url = await emptied_nats(servers)
        async with opened(database_url, nats_url, tmp_path_factory.mktemp("office"), DispatchOffice) as office:
            yield office


def drafter(office: DispatchOffice) -> Caller:
    return office.caller("service_manager", subject="zhao.min")


def reviewer(office: DispatchOffice) -> Caller:
    return office.caller("finance", subject="wu.jun")


def boss(office: DispatchOffice) -> Caller:
    return office.caller("general_manager", subject="chen.gm")


async def month_opened(office: DispatchOffice, number: str = "TJ-2026-10") -> dict[str, Any]:
    async def found() -> Any:
        answer = await boss(office).send("GET", f"/reporting/months/{number}")
        return answer.json() if answer.status_code == 200 else None

    month: dict[str, Any] = await until(found)
    return month


async def recipients(office: DispatchOffice) -> None:
    """Two offices that get the reports."""
    for name, audience, accounts in (("quality", "quality", ["qian.zhi"]), ("board", "management", [])):
        said = {"recipient": name, "title": f"{name} 部", "audience": audience, "accounts": accounts, "means": []}
        await drafter(office).do("/reporting/recipients", said)

    async def listed() -> bool:
        return len(await drafter(office).read("/reporting/recipients")) == 2

    await until(listed)


async def issued(office: DispatchOffice, path: str = OCTOBER) -> dict[str, Any]:
    """Cut off, drafted, reviewed by another, issued."""
    await drafter(office).do(f"{path}/cut-off")
    await drafter(office).do(f"{path}/draft")
    await reviewer(office).do(f"{path}/review", {"note": "核对一致"})
    return await boss(office).do(f"{path}/issue")


async def data(office: DispatchOffice, number: str, name: str = "") -> dict[str, Any]:
    answer = await boss(office).send("GET", f"/reporting/months/{number}/files/{name or number}-data.json")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = orjson.loads(answer.content)
    return found


async def seen_freight(office: DispatchOffice, period: str, amount: str) -> None:
    """Until the figures know of it."""

    async def known() -> bool:
        found = await boss(office).read(f"/reporting/statistics/{period}")
        return found["month"]["freight"] == amount or found["adjustments"]["freight"] == amount

    await until(known)


async def worked(office: DispatchOffice) -> tuple[Visiting, str]:
    """A visit, with freight."""
    team = await visiting(office)
    order = await team.order()
    await team.done(order)
    await add_freight(team, order, "23.00")
    return team, order


async def add_freight(team: Visiting, order: str, amount: str, **said: Any) -> None:
    body = {"kind": "freight", "amount": amount, "cause": f"parcel:{amount}", "note": "顺丰"} | said
    await team.finance.do(f"/dispatch/work-orders/{order}/add-cost", body)


async def test_a_month_from_its_first_day_to_the_acknowledged_report(office: DispatchOffice) -> None:
    # given October, which opened by itself, with a visit
    month = await month_opened(office)
    assert (month["status"], month["due"]) == ("OPEN", "2026-11-03T16:00:00Z")
    await worked(office)
    await recipients(office)
    early = await drafter(office).refused(f"{OCTOBER}/cut-off")
    assert code(early) == "month-not-over"

    # when it is over, cut off and drafted
    office.clock.move_to(datetime(2026, 11, 2, 1, tzinfo=UTC))
    await drafter(office).do(f"{OCTOBER}/cut-off")
    await drafter(office).do(f"{OCTOBER}/draft")

    # then another person reviews it, and a third issues it
    assert code(await drafter(office).refused(f"{OCTOBER}/review")) == "drafter-cannot-review"
    assert "issue" not in open_now(await boss(office).read(OCTOBER))
    await reviewer(office).do(f"{OCTOBER}/review", {"note": "核对一致"})
    done = await boss(office).do(f"{OCTOBER}/issue")
    assert (done["status"], done["issued"], done["waiting_for"]) == ("ISSUED", "TJ-2026-10", ["board", "quality"])

    # and the document is what its hash says, and says what happened
    issue = (await boss(office).read(OCTOBER))["issues"][0]
    names = {each["name"].removeprefix("TJ-2026-10") for each in issue["files"]}
    assert names == {"-data.json", ".csv", ".xlsx", ".pdf"}
    found = await data(office, "TJ-2026-10")
    assert (found["month"]["person_times"], found["month"]["freight"]) == (1, "23.00")
    answer = await boss(office).send("GET", f"{OCTOBER}/files/TJ-2026-10-data.json")
    kept = next(each for each in issue["files"] if each["name"] == "TJ-2026-10-data.json")
    assert sha256(answer.content).hexdigest() == kept["sha256"]
    assert (await boss(office).read(f"{OCTOBER}/proof"))["same"] is True

    # and each recipient acknowledges
    qian, chen = office.caller("quality", subject="qian.zhi"), boss(office)
    assert code(await chen.refused(f"{OCTOBER}/acknowledge", {"recipient": "quality"})) == "not-for-this-account"
    await qian.do(f"{OCTOBER}/acknowledge", {"recipient": "quality"})
    assert (await chen.do(f"{OCTOBER}/acknowledge", {"recipient": "board"}))["status"] == "ACKNOWLEDGED"
    words = [line["words"] for line in await chen.read(f"{OCTOBER}/history")]
    assert any("签发 TJ-2026-10" in line for line in words)


async def test_what_is_learned_later_adjusts_the_next_month_and_october_stays_as_it_was(office: DispatchOffice) -> None:
    # given October, issued
    before = await data(office, "TJ-2026-10")
    await month_opened(office, "TJ-2026-11")

    # when a visit of October's end becomes known in November, and November is reported
    team, order = await worked(office)
    await add_freight(team, order, "11.00", at="2026-10-30T02:00:00Z")
    await seen_freight(office, "2026-11", "11.00")
    adjusting = await boss(office).list("/reporting/statistics/2026-11/entries", figure="freight", adjustments=True)
    assert [(entry["month"], entry["amount"]) for entry in adjusting] == [("2026-10-01", "11.00")]
    office.clock.move_to(datetime(2026, 12, 2, 1, tzinfo=UTC))
    await issued(office, NOVEMBER)

    # then October is as it was, also made again
    assert await data(office, "TJ-2026-10") == before
    assert (await boss(office).read(f"{OCTOBER}/proof"))["same"] is True

    # and November tells the adjustment, and by what
    november = await data(office, "TJ-2026-11")
    assert (november["month"]["freight"], november["adjustments"]["freight"]) == ("23.00", "11.00")
    assert november["previous"] == before["month"]
    (late,) = november["late"]
    assert (late["event"], late["happened_at"], late["amount"]) == ("CostAdded", "2026-10-30T02:00:00Z", "11.00")

    # and October can't be restated any more
    refused = await drafter(office).refused(f"{OCTOBER}/draft-restatement", {"reason": "漏计"})
    assert code(refused) == "followed-is-adjusted"


async def test_a_restatement_takes_two_people_tells_what_changes_and_isnt_adjusted_again(
    office: DispatchOffice,
) -> None:
    # given November, issued, and freight that was forgotten
    nothing = await drafter(office).refused(f"{NOVEMBER}/draft-restatement", {"reason": "复查"})
    assert code(nothing) == "nothing-to-restate"
    team, order = await worked(office)
    await add_freight(team, order, "7.00", at="2026-11-30T02:00:00Z")

    # when it is restated, as soon as that is heard of
    async def drafted() -> bool:
        answer = await drafter(office).post(f"{NOVEMBER}/draft-restatement", {"reason": "漏计一笔运费"})
        return answer.is_success

    await until(drafted)
    draft = (await boss(office).read(NOVEMBER))["restatement"]
    changed = {change["figure"]: (change["before"], change["after"]) for change in draft["changes"]}
    assert changed["month.freight"] == ("23.00", "30.00")
    assert code(await drafter(office).refused(f"{NOVEMBER}/restate")) == "drafter-cannot-restate"
    done = await boss(office).do(f"{NOVEMBER}/restate")

    # then both are kept
    assert done["issued"] == "TJ-2026-11-R1"
    assert (await data(office, "TJ-2026-11"))["month"]["freight"] == "23.00"
    assert (await data(office, "TJ-2026-11", "TJ-2026-11-R1"))["month"]["freight"] == "30.00"

    # and December has nothing to adjust
    found = await boss(office).read("/reporting/statistics/2026-12")
    assert Decimal(found["adjustments"]["total"]) == 0
    assert found["previous"]["freight"] == "30.00"


async def test_time_says_when_a_report_is_due_soon_and_late(office: DispatchOffice) -> None:
    month = await month_opened(office, "TJ-2026-12")

    async def told(event: str) -> Any:
        async def found() -> Any:
            lines = await boss(office).read(f"{DECEMBER}/history")
            return next((line for line in lines if line["event"] == event), None)

        return await until(found)

    office.clock.move_to(datetime.fromisoformat(month["due"]) - timedelta(hours=23))
    assert (await told("MonthlyReportDueSoon"))["at"] == "2027-01-02T16:00:00+00:00"
    office.clock.move_to(datetime.fromisoformat(month["due"]) + timedelta(hours=1))
    assert (await told("MonthlyReportLate"))["at"] == "2027-01-03T16:00:00+00:00"
    await office.seen("reporting")
    (row,) = [row for row in await boss(office).list("/reporting/months") if row["number"] == "TJ-2026-12"]
    assert row["late"] is True


async def test_months_open_by_themselves_also_those_that_were_missed(office: DispatchOffice) -> None:
    office.clock.move_to(datetime(2027, 4, 5, 1, tzinfo=UTC))

    for number in ("TJ-2027-01", "SX-2027-02", "TJ-2027-03", "SX-2027-04"):
        assert (await month_opened(office, number))["status"] == "OPEN"
    refused = await drafter(office).refused("/reporting/months/TJ-2027-02/cut-off")
    assert code(refused) == "month-before-open"


async def test_everything_is_as_the_log_says(office: DispatchOffice) -> None:
    await office.seen("reporting")

    findings = [finding async for finding in verify(office.runtime("reporting"))]

    assert [finding for finding in findings if not finding.ok] == []
    assert {"statistics.entries", "months.reports"} <= {finding.what for finding in findings}


async def test_a_month_that_is_none_isnt_found(office: DispatchOffice) -> None:
    for number in ("TJ-2026-13", "E01", "TJ-1999-01"):
        assert (await boss(office).send("GET", f"/reporting/months/{number}")).status_code == 404
        assert (await drafter(office).post(f"/reporting/months/{number}/cut-off")).status_code == 404
