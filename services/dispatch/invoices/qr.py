"""The QR code on an invoice, as a telephone reads it: ``01,<kind>,<code>,<number>,<amount>,<day>,<check code>,…``."""

from services.dispatch.invoices.fields import facts_of
from shared.events.dispatch import InvoiceFacts

_DIGITAL = frozenset({"31", "32"})
"""Kinds of fully digital invoices, whose QR code gives the total with tax."""


def read_qr(text: str) -> InvoiceFacts | None:
    """None for another QR code. On an older invoice the amount is the one without tax, so there a total is missing and
    nothing is read: a person types it."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) < 7 or parts[0] != "01":
        return None
    kind, code, number, amount, issued, check_code = parts[1:7]
    total = amount if kind in _DIGITAL else None
    return facts_of(
        {
            "code": code,
            "number": number,
            "total": total,
            "issued": issued,
            "check_code": check_code if code else None,
        }
    )
