"""Every event, status, action and kind of visits and work orders is called something in both languages."""

from collections.abc import Mapping
from typing import Any, get_args

import pytest

from services.dispatch.domain import schedule, visit, work_order
from services.dispatch.domain.names import visits, work_orders
from services.dispatch.domain.schedule import ScheduleEvent
from services.dispatch.domain.visit_state import VisitEvent
from services.dispatch.domain.work_order_state import WorkOrderEvent
from services.dispatch.wording import in_words
from shared.catalogue.samples import sample
from shared.decider import Words
from shared.events import dispatch as fact
from shared.events.base import Event
from shared.events.tickets import Purpose

EVENTS = (*get_args(VisitEvent), *get_args(ScheduleEvent), *get_args(WorkOrderEvent), fact.VisitPolicyAdopted)


@pytest.mark.parametrize("kind", EVENTS, ids=[kind.__name__ for kind in EVENTS])
def test_an_event_is_told_in_both_languages(kind: type[Event]) -> None:
    words = in_words(sample(kind))
    assert any("\u4e00" <= character <= "\u9fff" for character in words.zh)
    assert words.en
    assert "None" not in words.zh + words.en


@pytest.mark.parametrize("kind", EVENTS, ids=[kind.__name__ for kind in EVENTS])
def test_what_may_be_unknown_is_not_told_as_none(kind: type[Event]) -> None:
    bare = {name: None for name, field in kind.model_fields.items() if _may_be_none(field.annotation)}
    words = in_words(sample(kind).model_copy(update=bare))
    assert "None" not in words.zh + words.en


def _may_be_none(annotation: Any) -> bool:
    return type(None) in get_args(annotation)


@pytest.mark.parametrize(
    ("kinds", "names"),
    [
        (fact.VisitStatus, visits.VISIT_STATUS),
        (fact.VisitStatus, visits.VISIT_HINT),
        (fact.ArrivalGrade, visits.ARRIVAL_GRADE),
        (fact.Delay, visits.DELAY),
        (fact.DeliveryWay, visits.DELIVERY_WAY),
        (fact.CheckOutWay, visits.CHECK_OUT_WAY),
        (fact.Claimant, visits.CLAIMANT),
        (fact.WorkOrderStatus, work_orders.WORK_ORDER_STATUS),
        (fact.WorkOrderStatus, work_orders.WORK_ORDER_HINT),
        (fact.Origin, work_orders.ORIGIN),
        (fact.VisitProgress, work_orders.VISIT_PROGRESS),
        (fact.CostKind, work_orders.COST_KIND),
        (Purpose, work_orders.PURPOSE),
    ],
)
def test_everything_has_a_name(kinds: Any, names: Mapping[Any, Words]) -> None:
    assert set(names) == set(kinds)
    assert all(words.zh and words.en for words in names.values())


def test_every_action_that_is_offered_has_a_name() -> None:
    assert set(visit.available(visit.NEW)) == set(visits.VISIT_ACTION)
    assert set(work_order.available(work_order.NEW)) | {"draft", "record_report"} == set(work_orders.WORK_ORDER_ACTION)
    assert schedule.NEW.slots == {}
