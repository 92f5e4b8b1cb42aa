"""Many who assign, move, refuse and abort the same visits at the same moment: the engineers' time is what their visits
are, on real PostgreSQL, whoever comes first."""

import asyncio
from itertools import pairwise
from random import Random
from typing import Any
from uuid import UUID

import pytest

from services.dispatch.domain import schedule, visit
from services.dispatch.domain.identity import schedule_id
from services.dispatch.domain.schedule import Schedule
from shared.calendar import day_of
from shared.eventlog import StreamNotFound
from tests.integration.dispatch.conftest import DispatchOffice, code
from tests.integration.dispatch.visiting import TALKED, Visiting, visiting

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROUNDS, ABREAST = 8, 12


async def booked(team: Visiting, engineer: str) -> Schedule:
    """The engineer's time today, by the log."""
    stream = schedule_id(engineer, day_of(team.now))
    try:
        found, _ = await team.office.dispatch.log.load(schedule, stream)
    except StreamNotFound:
        return schedule.NEW
    return found


async def test_of_several_engineers_who_are_sent_at_once_one_has_the_time(office: DispatchOffice) -> None:
    # given a visit, and four who could go
    team = await visiting(office)
    others = [(await visiting(office)).code for _ in range(3)]
    there = await team.visit()
    instruction = team.instruction()

    # when each is sent by somebody else at the same moment
    answers = await asyncio.gather(
        *(
            team.dispatcher.post(f"/dispatch/visits/{there}/assign", instruction | {"engineer": who})
            for who in (team.code, *others)
        )
    )

    # then the last word counts, and nobody else's time is taken
    assert 200 in {answer.status_code for answer in answers} <= {200, 409}
    goes = (await team.shown(there))["engineer"]
    busy = {who: set((await booked(team, who)).slots) for who in (team.code, *others)}
    assert busy == {who: ({UUID(there)} if who == goes else set()) for who in busy}


async def test_whatever_happens_at_once_the_engineers_time_is_what_their_visits_are(office: DispatchOffice) -> None:
    # given three engineers, and six visits on one day
    team = await visiting(office)
    engineers = [team.code, *[(await visiting(office)).code for _ in range(2)]]
    order = await team.order()
    visits = [await team.visit(order) for _ in range(6)]
    chance = Random(7)

    # when everybody does something to them at the same moment, again and again
    refusals: set[str] = set()
    for _ in range(ROUNDS):
        wishes = [_wish(team, chance, chance.choice(visits), chance.choice(engineers)) for _ in range(ABREAST)]
        answers = await asyncio.gather(*(team.dispatcher.post(path, said) for path, said in wishes))
        assert {answer.status_code for answer in answers} <= {200, 409}
        refusals |= {code(answer.json()) for answer in answers if answer.status_code == 409}

        # then every visit that somebody is to make has its time in that engineer's day, and nothing else is there
        wanted: dict[str, dict[UUID, tuple[Any, Any]]] = {engineer: {} for engineer in engineers}
        for each in visits:
            state, _ = await team.office.dispatch.log.load(visit, UUID(each))
            if state.engineer and not state.aborted:
                wanted[state.engineer][UUID(each)] = (state.starts_at, state.ends_at)
        for engineer in engineers:
            slots = (await booked(team, engineer)).slots
            assert {key: (slot.starts_at, slot.ends_at) for key, slot in slots.items()} == wanted[engineer]
            _apart(list(slots.values()))

    # and the rules were tried: times that were taken, visits that were over
    assert {"slot-taken", "visit-aborted"} <= refusals


def _wish(team: Visiting, chance: Random, there: str, engineer: str) -> tuple[str, dict[str, Any]]:
    """Most of the time somebody is sent or the visit is moved to one of five hours; rarely it is over."""
    hour = team.soon(hours=chance.randint(1, 5))
    moving = {"new_arrival": hour, "reason": "客户改期", "consent": TALKED}
    sending = team.instruction(hour, engineer=engineer)
    if chance.random() < 0.5:
        sending |= {"agreed_arrival": None, "instruction": f"第 {chance.random()} 次"}
    action, said = chance.choices(
        [("assign", sending), ("reschedule", moving), ("refuse", {"reason": "不去"}), ("abort", {"reason": "取消"})],
        [10, 6, 2, 0.5],
    )[0]
    return f"/dispatch/visits/{there}/{action}", said


def _apart(slots: list[Any]) -> None:
    """No two at the same time: nobody gave a reason for that."""
    slots.sort(key=lambda slot: slot.starts_at)
    for earlier, later in pairwise(slots):
        assert earlier.ends_at <= later.starts_at
