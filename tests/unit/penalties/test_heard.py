"""What other services' events say about facts."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from services.penalties.domain.fields import FIELDS
from services.penalties.domain.heard import TOLD, UnclearReport, heard
from shared.events import dispatch, tickets
from shared.events.base import PUBLISHED, Event
from shared.events.penalties import Evidence, FactKind, FactReported
from shared.events.tickets import ComplaintCategory
from tests.unit.penalties import told
from tests.unit.penalties.told import COMPLAINT, DELIVERED, VISIT

EVIDENCE = Evidence(
    event="dispatch-7", topic="dispatch.VisitLate", sha256="0" * 64, occurred_at=told.NOW, recorded_at=told.NOW
)
LATENESS = f"lateness:{VISIT}:E04"

EVERY: list[tuple[Event, str]] = [
    (told.late(), LATENESS),
    (told.not_late(), LATENESS),
    (told.arrived(), LATENESS),
    (told.adjudicated(40), LATENESS),
    (told.substantiated(), LATENESS),
    (told.substantiated(visit=None), f"conduct:{COMPLAINT}"),
    (told.substantiated(ComplaintCategory.QUARREL), f"conduct:{COMPLAINT}"),
    (told.left(), f"leaving:{VISIT}:E04"),
    (told.reported_in_time(), f"leaving:{VISIT}:E04"),
    (told.checked_out(60), f"leaving:{VISIT}:E04"),
    (told.called_late(25), f"leaving:{VISIT}:E04"),
    (told.phone(), "phone:E04:2026-10-10"),
    (told.phone_settled(), "phone:E04:2026-10-10"),
    (told.refused(), f"instruction:{VISIT}:E04:{DELIVERED.isoformat()}"),
    (told.unanswered(), f"instruction:{VISIT}:E04:{DELIVERED.isoformat()}"),
    (told.answered(), f"instruction:{VISIT}:E04:{DELIVERED.isoformat()}"),
    (told.fraud(), f"fraud:{told.CLAIM}"),
    (told.rejected_line(), f"expense_line:{told.CLAIM}:{told.an_id('line')}"),
]


def hear(event: Event, actor: str = "timer:deadlines") -> FactReported:
    report = heard(event, actor, EVIDENCE, 7)
    assert report, "it says something"
    return report


@pytest.mark.parametrize(("event", "key"), EVERY, ids=lambda each: each.TOPIC if isinstance(each, Event) else "")
def test_the_key_is_the_same_whoever_tells_it(event: Event, key: str) -> None:
    report = hear(event)
    assert (report.key, report.engineer, report.at) == (key, "E04", event.at)
    assert report.evidence == EVIDENCE


@pytest.mark.parametrize(("event", "key"), EVERY, ids=lambda each: each.TOPIC if isinstance(each, Event) else "")
def test_a_report_says_only_what_rules_can_read(event: Event, key: str) -> None:
    report = hear(event)
    fields = FIELDS[report.kind]
    for name, value in report.says.items():
        assert name in fields
        if fields[name] is Decimal:
            assert value is None or Decimal(str(value)) >= 0
        elif value is not None:
            assert type(value) is fields[name]


def test_every_event_that_is_listened_to_was_tried() -> None:
    assert {type(event) for event, _ in EVERY} == TOLD
    assert {hear(event).kind for event, _ in EVERY} == set(FactKind)


def test_other_events_say_nothing() -> None:
    for cls in set(PUBLISHED.values()) - TOLD:
        assert heard(cls.model_construct(at=told.NOW), "li.na", EVIDENCE, 1) is None


SILENT: dict[str, Event] = {
    "nobody was to go": told.late(engineer=None),
    "in time": told.arrived(10),
    "left in time": told.checked_out(0),
    "nobody knows when the work ended": told.checked_out(None),
    "nobody in particular is blamed": told.substantiated(engineer=None),
    "nobody was to go, corrected": told.not_late(engineer=None),
}


@pytest.mark.parametrize("event", SILENT.values(), ids=SILENT.keys())
def test_what_concerns_nobody_says_nothing(event: Event) -> None:
    assert heard(event, "timer:deadlines", EVIDENCE, 1) is None


def test_a_lateness_says_what_the_system_saw_and_what_was_told() -> None:
    assert hear(told.late()).says == {
        "late": True,
        "minutes": 15,
        "arrived": False,
        "known_causes": ("unanswered",),
        "told_causes": ("traffic",),
    }


@pytest.mark.parametrize(
    ("event", "actor", "involved"),
    [
        (told.late(), "timer:deadlines", ("li.na",)),
        (told.late(), "reaction:calls", ("li.na",)),
        (told.arrived(), "wang.fang", ("wang.fang",)),
        (told.substantiated(), "zhou.jie", ("zhou.jie",)),
        (told.substantiated(prepared_by=("import:register", "sun.li")), "zhou.jie", ("sun.li", "zhou.jie")),
        (told.fraud(), "qian.li", ("qian.li",)),
        (told.fraud(opened_by="sun.jie"), "qian.li", ("qian.li", "sun.jie")),
        (told.refused(), "E04", ("E04", "li.na")),
    ],
)
def test_whoever_reported_ordered_or_found_it_is_involved(event: Event, actor: str, involved: tuple[str, ...]) -> None:
    assert hear(event, actor).involved == involved


@pytest.mark.parametrize(
    ("event", "happened_at"),
    [
        (told.late(), told.LATE),
        (told.substantiated(), told.at(10, "10:30")),
        (told.fraud(), told.at(7, "09:00")),
        (told.not_late(), None),
        (told.arrived(), None),
    ],
)
def test_it_happened_when_it_was_done_not_when_it_was_found(event: Event, happened_at: datetime | None) -> None:
    assert hear(event).happened_at == happened_at


def test_an_instruction_that_was_never_delivered_is_known_by_when_it_was_given() -> None:
    report = hear(told.refused(delivered_at=None))
    assert report.key == f"instruction:{VISIT}:E04:{told.at(10, '08:00').isoformat()}"
    assert report.says["delivered"] is False


def test_a_correction_that_does_not_say_of_what_is_left_to_somebody() -> None:
    with pytest.raises(UnclearReport):
        heard(told.answered(delivered_at=None), "timer:deadlines", EVIDENCE, 1)


def test_no_free_text_is_copied() -> None:
    """What people wrote (instructions, reasons) stays where it is."""
    said: list[Any] = [told.CUSTOMER, "带两箱粘鼠板", "太远", "通话录音", "同一发票", "不在行程内", "门禁记录"]
    for event, _ in EVERY:
        assert not [text for text in said if text in hear(event).model_dump_json()]


def test_events_of_both_services_are_listened_to() -> None:
    assert {cls.SERVICE for cls in TOLD} == {dispatch.VisitLate.SERVICE, tickets.ComplaintSubstantiated.SERVICE}
