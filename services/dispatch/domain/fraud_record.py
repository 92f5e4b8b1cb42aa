"""An engineer's frauds with receipts, remembered so that the next one counts as repeated (4.3, D16)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.decider import Command, DeadlineChange
from shared.events.dispatch import EngineerFraudRecorded
from shared.facts import tell

STREAM = "fraud_record"


class RecordEngineerFraud(Command):
    engineer: str
    claim: UUID


@dataclass(frozen=True, slots=True)
class FraudRecord:
    claims: frozenset[UUID] = frozenset()


NEW = FraudRecord()


def evolve(record: FraudRecord, event: EngineerFraudRecorded) -> FraudRecord:
    return FraudRecord(record.claims | {event.claim})


def deadlines(_: EngineerFraudRecorded) -> Sequence[DeadlineChange]:
    return []


def decide(command: RecordEngineerFraud, record: FraudRecord) -> Sequence[EngineerFraudRecorded]:
    """A claim counts once."""
    return [] if command.claim in record.claims else [tell(EngineerFraudRecorded, command)]
