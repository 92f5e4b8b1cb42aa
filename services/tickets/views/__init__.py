"""What is read: projections of the log. Each file holds a view's tables, how events change them, and its queries."""

from services.tickets.views.desk import DESK
from services.tickets.views.reference import REFERENCE

__all__ = ["DESK", "REFERENCE"]
