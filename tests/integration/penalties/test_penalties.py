"""Penalties by the clock and the real timers."""

from uuid import UUID

import pytest

from services.penalties.domain import penalty
from shared.events.penalties import PenaltyStatus
from tests.integration.penalties.conftest import PenaltiesOffice, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_what_nobody_tells_the_engineer_in_time_is_waived(office: PenaltiesOffice) -> None:
    await office.policy("E04")
    id = await office.suspected("E04")
    office.later(days=7)

    async def waived() -> bool:
        state, _ = await office.penalties.log.load(penalty, UUID(id))
        return state.status is PenaltyStatus.WAIVED

    await until(waived)
