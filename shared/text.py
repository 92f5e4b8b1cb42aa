"""What people write into commands."""

import unicodedata
from typing import Annotated

from pydantic import StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
"""Something was said; blanks around it are dropped."""

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
"""Of an organisation, a product, a lot, an account."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""The fingerprint of a document, hexadecimal."""


def folded(text: str) -> str:
    """For comparing: full-width and half-width, upper and lower case are the same, and spaces don't count."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
