"""The expense policy: the company has one, in versions (4.3, 5.1)."""

from collections.abc import Callable
from typing import Any

from services.dispatch.domain import expense_policy
from services.dispatch.domain.identity import EXPENSE_POLICY
from shared.eventlog import Streams


async def adopt(streams: Streams, wish: Callable[..., Any], version: int | None) -> dict[str, Any]:
    """A new version, from a day on."""
    await streams.expect(expense_policy, EXPENSE_POLICY, version)
    await streams.handle(expense_policy, EXPENSE_POLICY, wish(policy=EXPENSE_POLICY))
    policy = await streams.load(expense_policy, EXPENSE_POLICY, required=False)
    latest = policy.versions[-1]
    return {
        "policy_version": latest.version,
        "valid_from": str(latest.valid_from) if latest.valid_from else None,
        "version": streams.version(EXPENSE_POLICY),
    }
