"""A version that carries over what is above the cap, and takes only the highest of one visit (D8)."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.penalties.domain import penalty, policy
from services.penalties.domain.identity import POLICY
from services.penalties.domain.policy import DraftPolicy
from shared.eventlog import Streams
from shared.events.penalties import Consequence, ConsequenceKind, Cumulation, DropCause, PenaltyStatus
from tests.integration.penalties.conftest import PenaltiesOffice
from tests.integration.penalties.finals import final, imposed, status
from tests.integration.penalties.test_payroll import pays, to_next_month, total

pytestmark = pytest.mark.asyncio(loop_scope="module")


def fine(amount: str, visit: UUID) -> dict[str, Any]:
    money = Decimal(amount)
    consequence = Consequence(kind=ConsequenceKind.FINE, amount=money)
    return {"consequence": consequence, "amount": money, "visit": visit, "policy_version": 2}


async def carrying_over(office: PenaltiesOffice) -> str:
    """An engineer who is bound by such a version."""
    await office.policy()

    async def draft(streams: Streams) -> None:
        terms = policy.FIRST.terms.model_copy(update={"carry_over": True, "cumulation": Cumulation.HIGHEST_OF_VISIT})
        wish = DraftPolicy(
            policy=POLICY, based_on=1, terms=terms, reason="分月扣", at=office.clock.now(), by="sun.hong"
        )
        await streams.handle(policy, POLICY, wish)

    await office.record(draft)
    engineer = f"E{uuid4().int % 10**8}"
    await office.policy(engineer, version=2)
    return engineer


async def test_the_rest_is_taken_from_the_next_wage(office: PenaltiesOffice) -> None:
    # given fines of 50 and 100 for one visit, that are final
    who, visit = await carrying_over(office), uuid4()
    small, large = (
        await imposed(office, who, **fine("50.00", visit)),
        await imposed(office, who, **fine("100.00", visit)),
    )
    await final(office, small, large)

    # when the month's wage allows 30
    period = to_next_month(office)
    await pays(office, period, **{who: "150.00"})
    first = await office.finance.do(f"/penalties/payroll/{period}/export")

    # then 30 of the higher one are taken, and it waits with the rest; the lower one is done with
    assert first["total"] == "30.00"
    lines = (await office.finance.read(f"/penalties/payroll/{period}"))["lines"]
    assert {(line["due"], line["taken"], line["dropped"], line["carried"]) for line in lines} == {
        ("50.00", "0.00", "50.00", "0.00"),
        ("100.00", "30.00", "0.00", "70.00"),
    }
    await status(office, small, PenaltyStatus.EXECUTED)
    await status(office, large, PenaltyStatus.FINAL)

    # when the next wage allows more
    period = to_next_month(office)
    await pays(office, period, **{who: "5000.00"})
    second = await office.finance.do(f"/penalties/payroll/{period}/export")

    # then it is done as well, and the books say what was taken of both
    assert second["total"] == "70.00"
    done, _ = await office.penalties.log.load(penalty, UUID(large))
    dropped, _ = await office.penalties.log.load(penalty, UUID(small))
    assert done.executed is not None
    assert (done.executed.taken, done.executed.dropped_for, done.executed.period) == (Decimal("100.00"), None, period)
    assert dropped.executed is not None
    assert (dropped.executed.taken, dropped.executed.dropped_for) == (Decimal("0.00"), DropCause.CUMULATION)
    await office.seen()
    assert await total(office, who) == Decimal("100.00")
