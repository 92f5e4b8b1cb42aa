"""The PDF of a digital invoice: its properties, and where those say nothing, the text of its first page."""

import io
import re

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from services.dispatch.invoices.fields import facts_of
from shared.events.dispatch import InvoiceFacts

_PROPERTIES = {
    "number": "/InvoiceNumber",
    "issued": "/IssueTime",
    "net": "/TotalAmWithoutTax",
    "tax": "/TotalTaxAm",
    "total": "/TotalTax-includedAmount",
    "seller_tax_id": "/SellerIdNum",
    "buyer_tax_id": "/BuyerIdNum",
}
"""As the tax platform writes them."""

_LABELLED = {
    "code": re.compile(r"发票代码\s*[:：]\s*(\d{10,12})(?!\d)"),
    "number": re.compile(r"发票号码\s*[:：]\s*(\d{20}|\d{8})(?!\d)"),
    "check_code": re.compile(r"校\s*验\s*码\s*[:：]\s*((?:\d\s?){20})"),
    "issued": re.compile(r"开票日期\s*[:：]\s*(\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日)"),
    "total": re.compile(r"[(（]\s*小写\s*[)）]\s*[¥￥]?\s*([\d,]+\.\d{2})"),
}


def read_pdf(content: bytes) -> InvoiceFacts | None:
    """None for what is no invoice, or a scan: there a person types what stands on it."""
    try:
        reader = PdfReader(io.BytesIO(content))
        properties = dict(reader.metadata or {})
        found = facts_of({name: _said(properties.get(key)) for name, key in _PROPERTIES.items()})
        return found or _from_text(reader.pages[0].extract_text())
    except (PyPdfError, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError, OSError):
        return None  # what pypdf raises for files that are damaged or made to do damage


def _from_text(text: str) -> InvoiceFacts | None:
    return facts_of({name: m[1] if (m := pattern.search(text)) else None for name, pattern in _LABELLED.items()})


def _said(value: object) -> str | None:
    return None if value is None else str(value)
