"""What stands on a PDF, read by a program that didn't write it."""

import pypdfium2


def pages(pdf: bytes) -> list[str]:
    """The text of each page, without blanks and line ends."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return ["".join(page.get_textpage().get_text_bounded().split()) for page in document]
    finally:
        document.close()
