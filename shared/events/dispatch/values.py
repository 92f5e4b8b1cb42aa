"""The words that the events of dispatch are made of."""

from typing import ClassVar

from shared.events.base import Event


class DispatchEvent(Event):
    """A fact of the dispatch service. ``engineer`` is an account's code (``E04``), never a person's name."""

    SERVICE: ClassVar[str] = "dispatch"
