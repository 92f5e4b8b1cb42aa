"""Every lifecycle of every service declares which events it knows, as the log and ``shouhou verify`` read it."""

from typing import get_type_hints

import pytest

from shared.assembly import installed
from shared.decider import Decider
from shared.events.base import Event
from shared.verify import known_events

DECIDERS = [(name, decider) for name, service in installed().items() for decider in service.deciders]


@pytest.mark.parametrize(("service", "decider"), DECIDERS, ids=lambda each: getattr(each, "STREAM", each))
def test_a_lifecycle_declares_the_events_that_it_knows(service: str, decider: Decider[object]) -> None:
    # when its events are asked for, as for evolving a state
    events = known_events(decider)
    _, of_event, *_ = get_type_hints(decider.evolve).values()

    # then they are events, and the same that change its state
    assert events == of_event
    assert all(issubclass(each, Event) for each in getattr(events, "__args__", (events,)))
