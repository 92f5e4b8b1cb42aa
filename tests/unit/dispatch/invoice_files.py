"""Digital invoices as sellers give them, made up: no real number, name or amount."""

import io
import zipfile

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

NUMBER = "26332000000000000017"
SELLER, BUYER = "91330106TEST00017X", "91350100M000100Y43"


def an_xml(number: str = NUMBER, total: str = "300.00", net: str = "283.02", tax: str = "16.98") -> bytes:
    """As the tax platform delivers it."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<EInvoice><Header><EIid>{number}</EIid></Header><EInvoiceData>"
        f"<SellerInformation><SellerIdNum>{SELLER}</SellerIdNum><SellerName>杭州测试酒店</SellerName></SellerInformation>"
        f"<BuyerInformation><BuyerIdNum>{BUYER}</BuyerIdNum><BuyerName>某某</BuyerName></BuyerInformation>"
        f"<BasicInformation><TotalAmWithoutTax>{net}</TotalAmWithoutTax><TotalTaxAm>{tax}</TotalTaxAm>"
        f"<TotalTax-includedAmount>{total}</TotalTax-includedAmount></BasicInformation></EInvoiceData>"
        f"<TaxSupervisionInfo><InvoiceNumber>{number}</InvoiceNumber><IssueTime>2026-10-09</IssueTime>"
        "</TaxSupervisionInfo></EInvoice>"
    ).encode()


def an_ofd(number: str = NUMBER, **data: str) -> bytes:
    """A zip with the invoice's fields in OFD.xml."""
    said = {"发票号码": number, "合计金额": "283.02", "合计税额": "16.98", "开票日期": "2026年10月09日"}
    said |= {"购买方纳税人识别号": BUYER, "销售方名称": "杭州测试酒店", "购买方名称": "某某"} | data
    fields = "".join(f'<ofd:CustomData Name="{name}">{value}</ofd:CustomData>' for name, value in said.items())
    entry = (
        '<?xml version="1.0" encoding="UTF-8"?><ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" DocType="OFD">'
        f"<ofd:DocBody><ofd:DocInfo><ofd:CustomDatas>{fields}</ofd:CustomDatas></ofd:DocInfo></ofd:DocBody></ofd:OFD>"
    )
    return zipped({"OFD.xml": entry.encode()})


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def a_pdf(*lines: str) -> bytes:
    """A page with these lines of text."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    canvas.setFont("STSong-Light", 10)
    for place, line in enumerate(lines):
        canvas.drawString(60, 780 - 20 * place, line)
    canvas.save()
    return buffer.getvalue()
