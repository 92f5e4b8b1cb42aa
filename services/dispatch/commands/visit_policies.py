"""The terms of visits, adopted in versions."""

from collections.abc import Callable
from typing import Any

from services.dispatch.domain import visit_policy
from services.dispatch.domain.identity import VISIT_POLICY
from shared.eventlog import Streams


async def adopt(streams: Streams, wish: Callable[..., Any], version: int | None) -> dict[str, Any]:
    """Terms that hold from their day on."""
    await streams.expect(visit_policy, VISIT_POLICY, version)
    await streams.handle(visit_policy, VISIT_POLICY, wish())
    policy = await streams.load(visit_policy, VISIT_POLICY)
    last = policy.versions[-1]
    return {"policy_version": last.version, "valid_from": last.valid_from.isoformat(), "version": len(policy.versions)}
