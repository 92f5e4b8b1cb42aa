"""An invoice, used once in the whole company (4.3, D17): ``free ⇄ used by one line of one claim``.

Its stream's id is made from code and number, so that two who use it at the same moment meet in the log.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never
from uuid import UUID

from shared.decider import Command, DeadlineChange, Refused
from shared.events.dispatch import InvoiceClaimed, InvoiceReleased
from shared.facts import tell

STREAM = "invoice"

InvoiceEvent = InvoiceClaimed | InvoiceReleased


class ClaimInvoice(Command):
    invoice: UUID
    code: str | None
    number: str
    claim: UUID
    claim_number: str
    line: UUID
    engineer: str


class ReleaseInvoice(Command):
    """What used it came to nothing."""

    claim: UUID
    line: UUID


InvoiceCommand = ClaimInvoice | ReleaseInvoice


@dataclass(frozen=True, slots=True)
class Invoice:
    used: InvoiceClaimed | None = None

    def free_for(self, claim: UUID, line: UUID) -> bool:
        """Nobody uses it, or this very line does."""
        return self.used is None or (self.used.claim, self.used.line) == (claim, line)


NEW = Invoice()


def evolve(_: Invoice, event: InvoiceEvent) -> Invoice:
    match event:
        case InvoiceClaimed():
            return Invoice(event)
        case InvoiceReleased():
            return Invoice()
        case _:
            assert_never(event)


def deadlines(_: InvoiceEvent) -> Sequence[DeadlineChange]:
    return []


def decide(command: InvoiceCommand, invoice: Invoice) -> Sequence[InvoiceEvent]:
    """None when the line uses it already, or no longer. Raises ``Refused`` where another uses it."""
    match command:
        case ClaimInvoice():
            if not invoice.free_for(command.claim, command.line):
                assert invoice.used
                by = invoice.used.claim_number
                raise Refused("invoice_used", f"该发票已在 {by} 中使用。", f"The invoice is used in {by} already.")
            return [] if invoice.used else [tell(InvoiceClaimed, command)]
        case ReleaseInvoice():
            if invoice.used is None or not invoice.free_for(command.claim, command.line):
                return []
            return [tell(InvoiceReleased, command, invoice=invoice.used.invoice)]
        case _:
            assert_never(command)
