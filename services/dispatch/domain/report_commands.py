"""What is wished of a service report (3.6)."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.decider import Command
from shared.events.dispatch.report import ItemAnswer, ReportAttachment, ReportJob
from shared.events.dispatch.report_form import ReportForm
from shared.text import Name, Sha256, Text

Quantity = Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=3)]
Version = Annotated[int, Field(ge=1, le=10_000)]


class Answer(BaseModel):
    """What was found of one item of the form."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    item: Annotated[str, Field(max_length=40)]
    value: Annotated[str, Field(max_length=4000)]
    note: Annotated[str, Field(max_length=1000)] = ""

    def kept(self) -> ItemAnswer:
        return ItemAnswer(**dict(self))


class Part(BaseModel):
    """Material or a part that stays with the customer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    quantity: Quantity
    unit: Annotated[str, Field(min_length=1, max_length=10)] = "件"
    product: UUID | None = None
    lot: Name | None = None
    request: UUID | None = None


class DraftReport(Command):
    report: UUID
    job: ReportJob
    form: ReportForm


class FillReport(Command):
    """Answers go in place of earlier ones of the same items; the rest stays."""

    answers: Annotated[tuple[Answer, ...], Field(max_length=200)] = ()
    emptied: Annotated[tuple[Name, ...], Field(max_length=200)] = ()
    parts: Annotated[tuple[Part, ...], Field(max_length=100)] | None = None
    """All that was used; None: as it was."""


class AttachToReport(Command):
    attachment: ReportAttachment


class DetachFromReport(Command):
    sha256: Sha256


class SubmitReport(Command):
    """``job``: the work as its order tells of it now."""

    job: ReportJob


class RecallReport(Command):
    reason: Text


class SignReport(Command):
    version: Version
    """The one that the customer saw."""
    signature: Sha256
    signer: UUID


class RefuseSignature(Command):
    version: Version
    reason: Text


class BeginCorrection(Command):
    reason: Text


class DropCorrection(Command):
    reason: Text


class EraseSigner(Command):
    """D13. What stands beside the log is deleted in the same transaction."""

    version: Version
    reason: Text


ReportCommand = (
    DraftReport
    | FillReport
    | AttachToReport
    | DetachFromReport
    | SubmitReport
    | RecallReport
    | SignReport
    | RefuseSignature
    | BeginCorrection
    | DropCorrection
    | EraseSigner
)
