"""How much of something, and where it lies."""

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints


def plain(quantity: Decimal) -> Decimal:
    """Without idle zeros, so that equal quantities are also written alike: 20.000 is 20, and 1E+2 is 100."""
    return quantity.quantize(Decimal(1)) if quantity == quantity.to_integral_value() else quantity.normalize()


Quantity = Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=3, allow_inf_nan=False), AfterValidator(plain)]
Counted = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=3, allow_inf_nan=False), AfterValidator(plain)]
"""There may be none of it."""

NONE = Decimal(0)

WAREHOUSE = "warehouse"
QUARANTINE = "quarantine"
"""Where lies what the inspection found bad; nothing goes from there to a customer (0.2)."""

Warehouse = Annotated[str, StringConstraints(pattern=r"^warehouse(:[A-Za-z0-9_-]{1,40})?$")]
"""``warehouse``, ``warehouse:JN``."""
Van = Annotated[str, StringConstraints(pattern=r"^van:[A-Za-z0-9_.-]{1,40}$")]
"""``van:E04``: an engineer's."""
Location = Annotated[
    str, StringConstraints(pattern=r"^(warehouse(:[A-Za-z0-9_-]{1,40})?|van:[A-Za-z0-9_.-]{1,40}|quarantine)$")
]


def van_of(engineer: str) -> str:
    return f"van:{engineer}"


def engineer_of(location: str) -> str | None:
    """Whose van it is; None for any other place."""
    kind, _, engineer = location.partition(":")
    return engineer if kind == "van" else None
