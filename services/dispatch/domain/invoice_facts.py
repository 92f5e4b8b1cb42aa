"""What can be told of a Chinese invoice without asking anybody: its numbers, sums and tax ids (4.3)."""

import re
from datetime import date
from decimal import Decimal

from shared.decider import Words
from shared.events.dispatch import InvoiceFacts

_DIGITAL = re.compile(r"\d{20}")
"""数电票: the year, the region, a channel, a serial number."""
_PAPER = re.compile(r"\d{8}")
_CODE = re.compile(r"\d{10}|\d{12}")
_REGIONS = frozenset(
    (
        *("11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43"),
        *("44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "91", "92", "93", "94", "95"),
        *("96", "99"),
    )
)
"""Of provinces, of the cities that tax separately (大连 91 to 深圳 95), and of the head office."""
_CHECK_CODE = re.compile(r"\d{20}|\d{6}")
"""校验码: 20 digits, or the last six of them, which is what the tax platform asks for."""
_TAX_ID = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
_SYMBOLS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100-2015: 31 symbols, without I, O, S, V, Z."""
_CITIZEN_ID = re.compile(r"\d{6}((?:19|20)\d{6})\d{3}[\dX]")
"""GB 11643-1999: region, day of birth, a serial number, a check digit."""
_CENT = Decimal("0.01")


def receipt_fault(media_type: str) -> Words | None:
    """4.3: a receipt is an image, a PDF, an OFD or an XML file; why a file of another kind is none."""
    if media_type.startswith("image/") or media_type in _PAPERS:
        return None
    return Words(
        "票据须为图片、PDF、OFD 或 XML，不能是录音录像。", "A receipt is an image, PDF, OFD or XML; no recording."
    )


_PAPERS = frozenset({"application/pdf", "application/ofd", "application/xml"})


def number_fault(code: str | None, number: str) -> str | None:
    """Which part of the number can't be one's: ``number``, ``code`` or ``region``; None for a good one.

    A fully digital invoice has 20 digits and no code; another has 8, and a code of 10 or 12.
    """
    if _DIGITAL.fullmatch(number):
        if code:
            return "code"
        return None if number[2:4] in _REGIONS else "region"
    if not _PAPER.fullmatch(number) or not number.strip("0"):
        return "number"
    return None if code and _CODE.fullmatch(code) else "code"


def tax_id_valid(tax_id: str) -> bool:
    """GB 32100-2015: the last of 18 symbols checks the others. Older ids of 15 digits have nothing to check."""
    if re.fullmatch(r"\d{15}", tax_id):
        return True
    if not _TAX_ID.fullmatch(tax_id):
        return False
    total = sum(_SYMBOLS.index(symbol) * pow(3, place, 31) for place, symbol in enumerate(tax_id[:17]))
    return _SYMBOLS[-total % 31] == tax_id[17]


def is_citizen_id(tax_id: str) -> bool:
    """GB 11643: the number of a person's identity card, which stands in place of a tax id where a person sold or
    bought. A household's business has two more digits behind it."""
    found = _CITIZEN_ID.match(tax_id)
    if not found or len(tax_id) not in (18, 20):
        return False
    try:
        date.fromisoformat(f"{found[1][:4]}-{found[1][4:6]}-{found[1][6:]}")
    except ValueError:
        return False
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(tax_id[:17]))
    return "10X98765432"[total % 11] == tax_id[17]


def fault(invoice: InvoiceFacts, today: date) -> tuple[str, str] | None:
    """What can't be right of an invoice, as (expected, found); None where nothing speaks against it."""
    if wrong := number_fault(invoice.code, invoice.number):
        found = {"number": invoice.number, "code": invoice.code or "-", "region": invoice.number[2:4]}
        return f"valid_{wrong}", found[wrong]
    if invoice.check_code and not (invoice.code and _CHECK_CODE.fullmatch(invoice.check_code)):
        return ("valid_check_code" if invoice.code else "no_check_code"), invoice.check_code
    if invoice.issued and invoice.issued > today:
        return f"≤ {today}", str(invoice.issued)
    if invoice.issued and not invoice.code and invoice.number[:2] != f"{invoice.issued:%y}":
        return f"20{invoice.number[:2]}", str(invoice.issued)
    if invoice.net is not None and invoice.tax is not None and abs(invoice.net + invoice.tax - invoice.total) >= _CENT:
        return f"¥{invoice.net + invoice.tax:.2f}", f"¥{invoice.total:.2f}"
    if invoice.seller_tax_id and not tax_id_valid(invoice.seller_tax_id):
        return "valid_tax_id", invoice.seller_tax_id
    return None


def differences(typed: InvoiceFacts, read: InvoiceFacts) -> tuple[str, str] | None:
    """Where what was typed says otherwise than the file, as (the file's, the typed); None where they agree."""
    for name in ("number", "code", "total", "issued"):
        there, here = getattr(read, name), getattr(typed, name)
        if here is not None and there is not None and here != there:
            return f"{there}", f"{here}"
    if read.check_code and typed.check_code and read.check_code[-6:] != typed.check_code[-6:]:
        return read.check_code, typed.check_code
    return None
