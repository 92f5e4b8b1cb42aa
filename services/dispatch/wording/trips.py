"""Trips in plain sentences."""

from decimal import Decimal
from typing import assert_never

from services.dispatch.domain.trip import TripEvent
from shared.decider import Words
from shared.events import dispatch as fact
from shared.events.base import Event
from shared.money import yuan


def trip_in_words(event: Event) -> Words | None:
    """None for another subject's event."""
    if not isinstance(event, TripEvent):
        return None
    match event:
        case fact.TripPlanned():
            days = f"{event.starts} – {event.ends}"
            places = [stop.city for stop in event.stops]
            return Words(
                f"计划出差 {event.number}：{event.engineer}，{days}，{'、'.join(places) or event.home}。",
                f"Trip {event.number} planned: {event.engineer}, {days}, {', '.join(places) or event.home}.",
            )
        case fact.TripChanged():
            days = f"{event.starts} – {event.ends}"
            return Words(f"出差变更为 {days}：{event.reason}", f"Trip changed to {days}: {event.reason}")
        case fact.TripEnded():
            return Words(f"出差于 {event.ends} 结束。", f"The trip ended on {event.ends}.")
        case fact.TripCancelled():
            return Words(f"出差取消：{event.reason}", f"Trip cancelled: {event.reason}")
        case fact.TripExpensesClaimed():
            total = yuan(sum((use.amount for use in event.uses), Decimal(0)))
            return Words(f"报销占用限额 {total}。", f"A claim uses {total} of the trip's caps.")
        case fact.TripExpensesReleased():
            return Words("报销作废，限额释放。", "A claim came to nothing; its part of the caps is free again.")
        case _:
            assert_never(event)
