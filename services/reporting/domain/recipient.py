"""Who gets the monthly reports (D26): offices of the company, each with its ways and its accounts. One stream each;
the addresses lie beside the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from shared.decider import Command, DeadlineChange
from shared.events.reporting import Audience, DeliveryMeans, ReportKind, ReportRecipientRecorded
from shared.facts import repeats, tell
from shared.text import Name

STREAM = "report_recipient"


class RecordRecipient(Command):
    """An office as known from now on; reports that were issued keep their recipients."""

    recipient: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
    title: Name
    audience: Audience
    kinds: Annotated[tuple[ReportKind, ...], Field(min_length=1, max_length=2)] = tuple(ReportKind)
    means: Annotated[tuple[DeliveryMeans, ...], Field(max_length=3)] = (DeliveryMeans.FOLDER,)
    accounts: Annotated[tuple[Name, ...], Field(max_length=20)] = ()
    active: bool = True


@dataclass(frozen=True, slots=True)
class Recipient:
    recorded: ReportRecipientRecorded | None = None


NEW = Recipient()


def evolve(recipient: Recipient, event: ReportRecipientRecorded) -> Recipient:
    return Recipient(event)


def deadlines(event: ReportRecipientRecorded) -> Sequence[DeadlineChange]:
    """None."""
    return []


def decide(command: RecordRecipient, recipient: Recipient) -> Sequence[ReportRecipientRecorded]:
    """The event, unless it is known so already."""
    if repeats(command, recipient.recorded):
        return []
    return [tell(ReportRecipientRecorded, command)]
