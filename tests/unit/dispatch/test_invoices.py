"""Digital invoices are read from XML, OFD, PDF and QR codes; what can't be read is left to people."""

import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter

from services.dispatch.invoices import read_invoice, read_qr
from shared.events.dispatch import InvoiceFacts
from tests.unit.dispatch.invoice_files import BUYER, NUMBER, SELLER, a_pdf, an_ofd, an_xml, zipped

XML, OFD, PDF = "application/xml", "application/ofd", "application/pdf"


def facts(**more: object) -> InvoiceFacts:
    said = {
        "code": None,
        "number": NUMBER,
        "check_code": None,
        "issued": date(2026, 10, 9),
        "net": Decimal("283.02"),
        "tax": Decimal("16.98"),
        "total": Decimal("300.00"),
        "seller": "杭州测试酒店",
        "seller_tax_id": None,
        "buyer_tax_id": BUYER,
    }
    return InvoiceFacts.model_validate(said | more)


def test_the_tax_platforms_xml() -> None:
    assert read_invoice(an_xml(), XML) == facts(seller_tax_id=SELLER)


def test_an_ofd_of_which_the_total_is_net_and_tax_together() -> None:
    assert read_invoice(an_ofd(), OFD) == facts()


def test_an_older_ofd_with_code_and_check_code() -> None:
    more = {"发票代码": "033002600111", "校验码": "12345 67890 12345 67890", "价税合计": "300.00"}
    found = read_invoice(an_ofd("01234567", **more), OFD)
    assert found == facts(number="01234567", code="033002600111", check_code="12345678901234567890")


def test_who_bought_or_sold_as_a_person_is_left_out() -> None:
    """Their identity number stands in place of a tax id: the example of GB 11643 itself, nobody's."""
    citizen = "11010519491231002x"
    assert read_invoice(an_ofd(购买方纳税人识别号=citizen), OFD) == facts(buyer_tax_id=None)
    assert read_invoice(an_ofd(销售方纳税人识别号=citizen), OFD) == facts(seller=None)


def test_the_properties_of_a_pdf() -> None:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_metadata(
        {
            "/InvoiceNumber": NUMBER,
            "/IssueTime": "2026-10-09",
            "/TotalTax-includedAmount": "300.00",
            "/BuyerIdNum": BUYER,
        }
    )
    buffer = io.BytesIO()
    writer.write(buffer)
    assert read_invoice(buffer.getvalue(), PDF) == facts(net=None, tax=None, seller=None)


def test_the_text_of_a_pdf() -> None:
    page = a_pdf("电子发票(普通发票)", f"发票号码:{NUMBER}", "开票日期:2026年10月09日", "(小写) ¥300.00")
    expected = facts(net=None, tax=None, seller=None, buyer_tax_id=None)
    assert read_invoice(page, PDF) == expected
    wide = a_pdf(f"发票号码：{NUMBER}", "开票日期：2026年10月09日", "价税合计（大写）叁佰圆整 （小写）￥300.00")
    assert read_invoice(wide, PDF) == expected


def test_a_qr_code_gives_the_total_only_of_a_digital_invoice() -> None:
    found = read_qr(f"01,32,,{NUMBER},300.00,20261009,,A1B2")
    assert found == facts(net=None, tax=None, seller=None, buyer_tax_id=None)
    assert read_qr("01,04,033002600111,01234567,283.02,20261009,12345678901234567890,A1B2") is None
    assert read_qr("https://example.com/a,b,c,d,e,f,g") is None


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"<?xml version='1.0'?><Other/>", XML),
        (b"<?xml version='1.0'?><EInvoice>", XML),
        (an_xml(number="no number"), XML),
        (an_xml(total="viel", net="", tax=""), XML),
        (b"PK\x03\x04 broken OFD.xml", OFD),
        (zipped({"Other.xml": b"<a/>"}), OFD),
        (zipped({"OFD.xml": b" " * 3_000_000}), OFD),
        (a_pdf("收据"), PDF),
        (b"%PDF-1.7 broken", PDF),
        (b"\xff\xd8\xff", "image/jpeg"),
    ],
)
def test_what_is_no_digital_invoice_is_left_to_people(content: bytes, kind: str) -> None:
    assert read_invoice(content, kind) is None


def test_no_entity_is_put_in_and_nothing_is_fetched() -> None:
    bomb = b"""<?xml version="1.0"?><!DOCTYPE EInvoice [<!ENTITY a "99999"><!ENTITY f SYSTEM "file:///etc/hostname">]>
<EInvoice><EInvoiceData><BasicInformation><TotalTax-includedAmount>1.00</TotalTax-includedAmount></BasicInformation>
<SellerInformation><SellerName>&f;</SellerName></SellerInformation></EInvoiceData>
<TaxSupervisionInfo><InvoiceNumber>2633&a;</InvoiceNumber></TaxSupervisionInfo></EInvoice>"""
    found = read_invoice(bomb, XML)
    assert found is None or (found.seller is None and "99999" not in found.number)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([XML, OFD, PDF]), st.booleans())
def test_damaged_files_raise_nothing(noise: bytes, kind: str, tail: bool) -> None:
    whole = {XML: an_xml(), OFD: an_ofd(), PDF: a_pdf("发票")}[kind]
    read_invoice(whole[: len(whole) // 2] + noise + (whole[len(whole) // 2 :] if tail else b""), kind)
