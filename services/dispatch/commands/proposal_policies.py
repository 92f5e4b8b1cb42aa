"""The rules of proposals, adopted in versions."""

from collections.abc import Callable
from typing import Any

from services.dispatch.domain import proposal_policy
from services.dispatch.domain.identity import PROPOSAL_POLICY
from shared.eventlog import Streams


async def adopt(streams: Streams, wish: Callable[..., Any], version: int | None) -> dict[str, Any]:
    """Rules that hold from their day on."""
    await streams.expect(proposal_policy, PROPOSAL_POLICY, version)
    await streams.handle(proposal_policy, PROPOSAL_POLICY, wish())
    policy = await streams.load(proposal_policy, PROPOSAL_POLICY)
    last = policy.versions[-1]
    return {"policy_version": last.version, "valid_from": last.valid_from.isoformat(), "version": len(policy.versions)}
