"""The XML of a fully digital invoice (数电票), as the tax platform delivers it."""

from lxml import etree

from services.dispatch.invoices.fields import facts_of
from shared.events.dispatch import InvoiceFacts

_PLACES = {
    "number": "TaxSupervisionInfo/InvoiceNumber",
    "issued": "TaxSupervisionInfo/IssueTime",
    "net": "EInvoiceData/BasicInformation/TotalAmWithoutTax",
    "tax": "EInvoiceData/BasicInformation/TotalTaxAm",
    "total": "EInvoiceData/BasicInformation/TotalTax-includedAmount",
    "seller": "EInvoiceData/SellerInformation/SellerName",
    "seller_tax_id": "EInvoiceData/SellerInformation/SellerIdNum",
    "buyer_tax_id": "EInvoiceData/BuyerInformation/BuyerIdNum",
}


def parsed(content: bytes) -> etree._Element | None:
    """The root of an XML document; None for what is none. Nothing is fetched, no entity is put in."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def read_xml(content: bytes) -> InvoiceFacts | None:
    """None for what is no invoice."""
    root = parsed(content)
    if root is None or root.tag != "EInvoice":
        return None
    return facts_of({name: root.findtext(place) for name, place in _PLACES.items()})
