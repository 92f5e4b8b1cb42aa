"""The penalty policy: the company has one, in versions; and what engineers acknowledge of it."""

from collections.abc import Callable
from typing import Any

from services.penalties.domain import conduct, policy
from services.penalties.domain.conduct import AcknowledgePolicy
from services.penalties.domain.identity import POLICY, conduct_id
from services.penalties.domain.policy import AdoptPolicy, PolicyBook
from shared.eventlog import Streams
from shared.events.penalties import PolicyAdopted, PolicyDrafted


async def book(streams: Streams) -> PolicyBook:
    """The policy as it is."""
    return await streams.load(policy, POLICY, required=False)


async def act(streams: Streams, wish: Callable[..., Any], version: int | None) -> dict[str, Any]:
    """A step with drafts, or the calendar's dates. ``policy_version``: the draft it was about, if it made one."""
    await streams.expect(policy, POLICY, version)
    events = await streams.handle(policy, POLICY, wish(policy=POLICY))
    made = [event.version for event in events if isinstance(event, PolicyDrafted)]
    return {"policy_version": made[0] if made else None, "version": streams.version(POLICY)}


async def adopt(streams: Streams, command: AdoptPolicy, version: int | None) -> dict[str, Any]:
    """A draft becomes a version that can bind people."""
    await streams.expect(policy, POLICY, version)
    await streams.handle(policy, POLICY, command)
    found = next(each for each in (await book(streams)).adopted if each.version == command.version)
    return shown(found) | {"version": streams.version(POLICY)}


async def acknowledge(streams: Streams, command: AcknowledgePolicy) -> dict[str, Any]:
    """An engineer has read a version; only what was adopted can be."""
    stream = conduct_id(command.engineer)
    await streams.look_up([(policy, POLICY), (conduct, stream)])
    policy.check_adopted(await book(streams), command.version)
    await streams.handle(conduct, stream, command)
    known = await streams.load(conduct, stream)
    return {
        "policy_version": command.version,
        "acknowledged_at": known.acknowledged[command.version].isoformat(),
        "version": streams.version(stream),
    }


def shown(adopted: PolicyAdopted) -> dict[str, Any]:
    """Which version it is and since when."""
    return {"policy_version": adopted.version, "valid_from": adopted.valid_from.isoformat()}
