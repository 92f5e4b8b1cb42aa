"""Which reader an attached file needs."""

from collections.abc import Callable, Mapping

from services.dispatch.invoices.electronic import read_xml
from services.dispatch.invoices.ofd import read_ofd
from services.dispatch.invoices.pdf import read_pdf
from shared.events.dispatch import InvoiceFacts

_READERS: Mapping[str, Callable[[bytes], InvoiceFacts | None]] = {
    "application/xml": read_xml,
    "application/ofd": read_ofd,
    "application/pdf": read_pdf,
}


def read_invoice(content: bytes, media_type: str) -> InvoiceFacts | None:
    """What the file says; None where it is an image, or no digital invoice. Raises nothing for damaged files."""
    reader = _READERS.get(media_type)
    return reader(content) if reader else None
