"""What dispatch tells becomes facts and suspicions: over HTTP, through PostgreSQL and NATS."""

from contextlib import suppress
from hashlib import sha256
from typing import Any

import pytest

from services.penalties.domain import conduct
from services.penalties.domain.identity import conduct_id
from shared.eventlog import StreamNotFound
from tests.integration.penalties.conftest import PenaltiesOffice, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def facts_of(office: PenaltiesOffice, engineer: str, reports: int = 1) -> list[dict[str, Any]]:
    """As HR sees them, when so much was heard of the first."""

    async def there() -> list[dict[str, Any]]:
        found = await office.hr.list("/penalties/facts", engineer=engineer)
        return found if found and found[0]["reports"] >= reports else []

    found: list[dict[str, Any]] = await until(there)
    return found


async def test_a_late_visit_is_a_fact_with_evidence_and_a_suspicion(office: PenaltiesOffice) -> None:
    team = await office.team()
    visit = await office.late(team)
    (listed,) = await facts_of(office, team.code)
    assert (listed["kind"], listed["rule"], listed["visit"]) == ("lateness", "4.5", visit)
    fact = await office.hr.read(f"/penalties/facts/{listed['fact']}")
    assert fact["key"] == f"lateness:{visit}:{team.code}"
    assert fact["says"]["late"] is True
    assert (fact["charge"]["penalty"], fact["charge"]["amount"]) == (listed["penalty"], "50.00")
    (report,) = fact["reports"]
    evidence = report["evidence"]
    (published,) = await office.dispatch.log.read(int(evidence["event"].removeprefix("dispatch-")) - 1, 1)
    assert published.topic == evidence["topic"] == "dispatch.VisitLate"
    assert evidence["sha256"] == sha256(published.state).hexdigest()
    recorded = office.dispatch.log.recorded(published)
    suspicion = await office.hr.read(f"/penalties/{listed['penalty']}")
    assert suspicion["status"] == "SUSPECTED"
    history = await office.hr.read(f"/penalties/facts/{listed['fact']}/history")
    assert [each["event"] for each in history] == ["FactReported", "FactCharged"]
    assert {each["causation_id"] for each in history} == {evidence["event"]}
    assert {str(each["correlation_id"]) for each in history} == {str(recorded.meta.correlation_id)}


async def test_an_arrival_that_is_told_late_takes_the_suspicion_back(office: PenaltiesOffice) -> None:
    team = await office.team()
    visit = await office.late(team)
    (before,) = await facts_of(office, team.code)
    await team.act(visit, "check-in", {"at": team.ago(hours=1, minutes=30), "offline": True})
    (listed,) = await facts_of(office, team.code, reports=2)
    assert listed["penalty"] is None
    assert listed["suspicions"] == 1
    assert (await office.hr.read(f"/penalties/{before['penalty']}"))["status"] == "WITHDRAWN"
    assert await office.hr.list("/penalties/facts", engineer=team.code, charged=True) == []
    uncharged = await office.hr.list("/penalties/facts", engineer=team.code, charged=False, kind="lateness")
    assert [each["fact"] for each in uncharged] == [listed["fact"]]


async def test_engineers_see_only_what_was_heard_of_themselves(office: PenaltiesOffice) -> None:
    team, other = await office.team(), await office.team()
    await office.late(team)
    (listed,) = await facts_of(office, team.code)
    assert [each["fact"] for each in await team.engineer.list("/penalties/facts")] == [listed["fact"]]
    assert await other.engineer.list("/penalties/facts") == []
    for path in ("", "/history"):
        response = await other.engineer.send("GET", f"/penalties/facts/{listed['fact']}{path}")
        assert response.status_code == 403


async def test_an_engineer_becomes_known_with_their_region(office: PenaltiesOffice) -> None:
    code = await office.recorded("E77", region="西南")

    async def known() -> bool:
        with suppress(StreamNotFound):
            record, _ = await office.penalties.log.load(conduct, conduct_id(code))
            return record.region == "西南"
        return False

    await until(known)
