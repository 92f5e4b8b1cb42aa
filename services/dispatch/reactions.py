"""What other services' events and passed deadlines make this service do."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from services.dispatch.commands import calls_home, requests
from services.dispatch.commands.duty import ended, record_call
from services.dispatch.commands.programmes import make_occurrence
from services.dispatch.domain import duty, part_request, programme, supplier_claim, visit, visit_state
from services.dispatch.domain.duty import ExpireCallBack
from services.dispatch.domain.part_request_commands import MarkOldPartOverdue
from services.dispatch.domain.supplier_claim import MarkSupplierClaimOverdue
from services.dispatch.domain.visit_commands import LapseAnswer, LapseArrival, LapseReport
from shared.deadlines import Due
from shared.decider import Command, Decider
from shared.eventlog import EventLog, Recorded, Streams
from shared.events.dispatch import SupplierStep
from shared.events.telephony import CallEnded
from shared.reaction import Reaction

TIMER = "timer:deadlines"

_LAPSES: dict[tuple[str, str], tuple[Decider[Any], type[Command]]] = {
    (part_request.STREAM, part_request.OLD_PART): (part_request, MarkOldPartOverdue),
    **{(supplier_claim.STREAM, step): (supplier_claim, MarkSupplierClaimOverdue) for step in SupplierStep},
    (duty.STREAM, duty.CALL_BACK): (duty, ExpireCallBack),
    (visit.STREAM, visit_state.ARRIVAL): (visit, LapseArrival),
    (visit.STREAM, visit_state.ANSWER): (visit, LapseAnswer),
    (visit.STREAM, visit_state.REPORT): (visit, LapseReport),
}
"""Which command a passed deadline becomes, by kind of stream and name."""


async def _judge_call(streams: Streams, recorded: Recorded[CallEnded]) -> str | None:
    """4.6: a call to or from an engineer may be a probe or a call-back. 4.4: one home may report a visit."""
    told = ended(recorded.event, by="reaction:calls")
    await calls_home.heard(streams, recorded.event, recorded.meta.recorded_at)
    return (await record_call(streams, told))["duty_day"] if told else None


_WORKS: dict[tuple[str, str], Callable[[Streams, UUID, datetime, str], Awaitable[int]]] = {
    (programme.STREAM, programme.OCCURRENCE): make_occurrence,
}
"""Of the deadlines that need more than their own stream: what is done, given the stream, the moment and the actor; it
returns how many events it caused."""

REACTIONS: tuple[Reaction, ...] = (
    Reaction("calls", ("telephony",), frozenset({CallEnded}), _judge_call, patient=True),
    Reaction("requests", ("tickets",), requests.TOLD, requests.hear),
)


def on_deadline(log: EventLog) -> Callable[[Due], Awaitable[bool]]:
    """The handler of passed deadlines; True when the log has recorded something."""

    async def lapse(due: Due) -> bool:
        async def work(streams: Streams) -> int:
            if more := _WORKS.get((due.kind, due.name)):
                return await more(streams, due.stream, log.clock.now(), TIMER)
            decider, command = _LAPSES[due.kind, due.name]
            return len(await streams.handle(decider, due.stream, command(at=log.clock.now(), by=TIMER)))

        return bool((await log.execute(work, due.context)).answer)

    return lapse
