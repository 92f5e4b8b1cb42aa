"""OFD (GB/T 33190-2016), the national format of electronic invoices: a zip of XML; the invoice's fields stand in the
document's information as custom data."""

import io
import zipfile
import zlib

from services.dispatch.invoices.electronic import parsed
from services.dispatch.invoices.fields import facts_of
from shared.events.dispatch import InvoiceFacts

_NAMES = {
    "发票代码": "code",
    "发票号码": "number",
    "校验码": "check_code",
    "开票日期": "issued",
    "合计金额": "net",
    "合计税额": "tax",
    "价税合计": "total",
    "销售方名称": "seller",
    "销售方纳税人识别号": "seller_tax_id",
    "购买方纳税人识别号": "buyer_tax_id",
}
_MOST_BYTES = 2_000_000
"""Of OFD.xml unpacked: a real one has a few thousand."""


def read_ofd(content: bytes) -> InvoiceFacts | None:
    """None for what is no invoice."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("OFD.xml") as file:
            entry = file.read(_MOST_BYTES + 1)
    except (zipfile.BadZipFile, KeyError, OSError, RuntimeError, NotImplementedError, zlib.error, EOFError):
        return None
    root = parsed(entry) if len(entry) <= _MOST_BYTES else None
    if root is None:
        return None
    fields = {
        _NAMES[name]: node.text
        for node in root.iter("{*}CustomData")
        if (name := (node.get("Name") or "").strip()) in _NAMES
    }
    return facts_of(fields)
