"""What the dispatch service tells the others, one module per subject; import everything from here.

No event holds a person's name, telephone number or address: engineers and staff are accounts, customers' persons are
ids. Moments are UTC, amounts Decimal CNY.
"""

from shared.events.dispatch.values import DispatchEvent

__all__ = ["DispatchEvent"]
