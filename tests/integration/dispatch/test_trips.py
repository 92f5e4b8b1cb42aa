"""Trips over HTTP: planned, changed, ended; their days on the engineer's roster."""

from uuid import UUID, uuid4

import pytest

from services.dispatch.domain import roster
from services.dispatch.domain.identity import roster_id
from tests.integration.dispatch.conftest import DispatchOffice, code, open_now
from tests.integration.dispatch.expenses import STOPS, people

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_its_days_are_on_the_roster_with_the_allowance(office: DispatchOffice) -> None:
    who = await people(office)
    terms = {"valid_from": "2026-10-01", "phone_allowance": "15.00", "wage_band": "C2"}
    await office.hr.do(f"/dispatch/engineers/{who.code}/record-terms", terms)
    trip = await who.trip()

    async def days() -> list[str]:
        state, _ = await office.dispatch.log.load(roster, roster_id(who.code))
        recorded = state.trips.get(UUID(trip))
        return [f"{day} {recorded.allowance_per_day}" for day in recorded.days] if recorded else []

    assert await days() == ["2026-10-05 15.00", "2026-10-06 15.00", "2026-10-07 15.00"]
    longer = {"starts": "2026-10-05", "ends": "2026-10-08", "stops": STOPS, "reason": "客户改期"}
    await who.dispatcher.do(f"/dispatch/trips/{trip}/change", longer)
    assert len(await days()) == 4
    await who.engineer.do(f"/dispatch/trips/{trip}/end", {"ends": "2026-10-06"})
    assert len(await days()) == 2
    other = await who.trip()
    await who.dispatcher.do(f"/dispatch/trips/{other}/cancel", {"reason": "客户取消"})
    state, _ = await office.dispatch.log.load(roster, roster_id(who.code))
    assert UUID(other) not in state.trips


async def test_what_is_said_of_a_trip(office: DispatchOffice) -> None:
    who = await people(office)
    trip = await who.trip()
    shown = await who.engineer.read(f"/dispatch/trips/{trip}")
    assert (shown["home"], shown["cities"]) == ("上海", ["杭州", "上海"])
    assert open_now(shown) == {"end", "draft-claim"}
    history = await who.engineer.read(f"/dispatch/trips/{trip}/history")
    assert history[0]["words"].startswith("计划出差 CC-")


async def test_its_phone_allowance_is_for_hr_and_finance(office: DispatchOffice) -> None:
    who = await people(office)
    trip = await who.trip()
    await office.seen()
    for caller in (office.hr, office.caller("finance")):
        assert (await caller.read(f"/dispatch/trips/{trip}"))["allowance_per_day"] == "10.00"
        rows = await caller.list("/dispatch/trips", engineer=who.code)
        assert [str(row["allowance_per_day"]) for row in rows] == ["10.00"]
    for caller in (who.dispatcher, who.engineer, office.manager, office.caller("general_manager")):
        shown = [
            await caller.read(f"/dispatch/trips/{trip}"),
            await caller.list("/dispatch/trips", engineer=who.code),
            await caller.read(f"/dispatch/trips/{trip}/history"),
        ]
        assert "allowance" not in str(shown)
        assert "10.00" not in str(shown)
    typed = {"engineer": who.code, "starts": "2026-10-05", "ends": "2026-10-07", "allowance_per_day": "99.00"}
    assert (await who.dispatcher.post("/dispatch/trips", typed)).status_code == 422


async def test_a_trip_needs_an_engineer_and_visits_of_theirs(office: DispatchOffice) -> None:
    who = await people(office)
    said = {"engineer": "E-nobody", "starts": "2026-10-05", "ends": "2026-10-07"}
    assert code(await who.dispatcher.refused("/dispatch/trips", said)) == "engineer-unknown"
    visits = said | {"engineer": who.code, "visits": [str(uuid4())]}
    assert code(await who.dispatcher.refused("/dispatch/trips", visits)) == "visit-not-theirs"
    stops = [STOPS[0] | {"work_order": str(uuid4())}]
    assert code(await who.dispatcher.refused("/dispatch/trips", said | {"engineer": who.code, "stops": stops})) == (
        "work-order-unknown"
    )
