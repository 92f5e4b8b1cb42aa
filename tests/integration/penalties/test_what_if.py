"""What a draft would have meant, over HTTP, of facts that dispatch has told; and that nothing is written."""

from typing import Any

import httpx
import pytest

from shared.what_if import Refusal, asked
from tests.integration.dispatch.visiting import visiting
from tests.integration.penalties.conftest import PenaltiesOffice, until
from tests.integration.penalties.test_policy import drafted

pytestmark = pytest.mark.asyncio(loop_scope="module")

WHAT_IF = "/penalties/what-if"
OCTOBER = {"first": "2026-10-01", "last": "2026-10-31"}


async def late_engineers(office: PenaltiesOffice) -> tuple[str, str]:
    """Two who came late: the first is bound by version 1, the second has never acknowledged it. Their codes."""
    bound, free = await office.team(), await visiting(office)
    for team in (bound, free):
        await office.late(team)

    async def heard() -> bool:
        told = await answer(office, 1, as_if_acknowledged=True)
        return {bound.code, free.code} <= {case["engineer"] for case in told["cases"]}

    await until(heard)
    return bound.code, free.code


async def answer(office: PenaltiesOffice, version: int, **more: Any) -> dict[str, Any]:
    response = await office.hr.send("POST", WHAT_IF, json={"version": version, **OCTOBER, **more})
    assert response.is_success, response.text
    found: dict[str, Any] = response.json()
    return found


async def test_a_draft_side_by_side_with_what_happened(office: PenaltiesOffice) -> None:
    # given two late engineers, of whom version 1 binds one, and a draft that is dearer
    bound, free = await late_engineers(office)
    number = await drafted(office, "80.00")
    head = await office.penalties.log.head()

    # when it is asked what the draft would have meant
    found = await answer(office, number)

    # then both would have been affected, and one was
    cases = {case["engineer"]: case for case in found["cases"]}
    assert (cases[bound]["happened"]["rule"], cases[bound]["happened"]["amount"]) == ("4.5", "50.00")
    assert (cases[bound]["happened"]["status"], cases[bound]["happened"]["decided"]) == ("SUSPECTED", "0.00")
    assert cases[free]["happened"] is None
    assert {cases[code]["then"]["amount"] for code in (bound, free)} == {"80.00"}
    rule = next(row for row in found["summary"]["rules"] if row["rule"] == "4.5")
    assert (rule["happened"]["at_stake"], rule["then"]["at_stake"]) == ("50.00", "160.00")
    assert found["summary"]["as_if_acknowledged"] is True

    # and as it was acknowledged, the draft would have meant nothing, version 1 what it did
    nothing = await answer(office, number, as_if_acknowledged=False)
    assert nothing["summary"]["then"]["suspected"] == 0
    same = await answer(office, 1, only_differing=True)
    assert (same["cases"], same["summary"]["then"]["at_stake"]) == ([], "50.00")

    # and nothing was written
    assert await office.penalties.log.head() == head


async def test_progress_comes_line_by_line_and_the_sums_at_last(office: PenaltiesOffice) -> None:
    # given facts
    await late_engineers(office)
    client = office.hr
    headers = {"Authorization": f"Bearer {client.token}", "Accept": "application/x-ndjson"}
    moved: list[tuple[int, int]] = []
    cases: list[dict[str, Any]] = []

    def move(done: int, total: int) -> None:
        moved.append((done, total))

    # when the terminal's client asks
    transport = httpx.ASGITransport(office.gateway)
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.test", headers=headers) as http:
        summary = await asked(http, {"version": 1, **OCTOBER, "as_if_acknowledged": True}, move, cases.append)

        # then it hears how far it is, each case, and the sums; and why, where it is refused
        assert moved[-1][0] == moved[-1][1] > 0
        assert summary["then"]["suspected"] == len([case for case in cases if case["then"]]) > 0
        with pytest.raises(Refusal, match="99"):
            await asked(http, {"version": 99, **OCTOBER}, move, cases.append)
        with pytest.raises(Refusal, match="起始日"):
            await asked(http, {"version": 1, "first": "2026-10-02", "last": "2026-10-01"}, move, cases.append)


async def test_only_the_period_counts(office: PenaltiesOffice) -> None:
    await late_engineers(office)
    found = await office.hr.send("POST", WHAT_IF, json={"version": 1, "first": "2026-09-01", "last": "2026-09-30"})
    assert (found.json()["cases"], found.json()["summary"]["facts"]) == ([], 0)
