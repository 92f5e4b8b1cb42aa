"""What a digital invoice says of itself: read from the XML, OFD or PDF that the seller gave, or from its QR code.

Only facts of the invoice are taken; names of buyers and passengers are left where they are.
"""

from services.dispatch.invoices.qr import read_qr
from services.dispatch.invoices.reading import read_invoice

__all__ = ["read_invoice", "read_qr"]
