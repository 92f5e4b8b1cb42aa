"""Money: exact decimal amounts in CNY, to the fen."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import AfterValidator, Field

FEN = Decimal("0.01")


def to_fen(amount: Decimal) -> Decimal:
    """Rounded half up to two places, so that equal amounts are also written alike; there is no ``-0.00``."""
    return amount.quantize(FEN, ROUND_HALF_UP) + 0


Money = Annotated[Decimal, Field(max_digits=14, decimal_places=2, allow_inf_nan=False), AfterValidator(to_fen)]
"""An amount in CNY as a field. More than two places are refused, not rounded. In JSON it is a string."""

NonNegativeMoney = Annotated[Money, Field(ge=0)]


def yuan(amount: Decimal) -> str:
    """For people: ``¥1,234.50``, ``-¥50.00``."""
    amount = to_fen(amount)
    return f"{'-' if amount < 0 else ''}¥{abs(amount):,}"
