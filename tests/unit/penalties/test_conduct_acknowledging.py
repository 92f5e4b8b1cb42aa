"""What is known of an engineer, and what they have read."""

from services.penalties.domain import conduct
from services.penalties.domain.conduct import AcknowledgePolicy, RecordSubject
from shared.events import penalties as fact
from tests.unit.penalties.policies import at
from tests.unit.tickets.story import given


def record(position: int, region: str = "华北", active: bool = True, day: int = 1) -> RecordSubject:
    return RecordSubject(at=at(day), by="reaction", engineer="E04", region=region, active=active, position=position)


def acknowledge(version: int, day: int) -> AcknowledgePolicy:
    return AcknowledgePolicy(at=at(day), by="E04", engineer="E04", version=version)


def test_what_dispatch_says_later_counts_in_whatever_order_it_is_heard() -> None:
    story = given(conduct, record(10), record(30, region="华东", active=False))
    story.when(record(20, region="华南")).then()
    story.when(record(30, region="华东", active=False)).then()
    assert (story.now().region, story.now().active) == ("华东", False)


def test_the_first_acknowledgement_counts() -> None:
    story = given(conduct, acknowledge(1, day=3))
    story.when(acknowledge(1, day=9)).then()
    story.when(acknowledge(2, day=9)).then(fact.PolicyAcknowledged)
    assert story.now().acknowledged == {1: at(3), 2: at(9)}


def test_what_was_read_stays_read_when_somebody_moves() -> None:
    assert given(conduct, acknowledge(1, day=3), record(10)).now().acknowledged == {1: at(3)}


def test_who_moves_takes_no_earlier_conduct_along() -> None:
    story = given(conduct, record(10, day=2), record(20, active=False, day=3), record(30, region="华南", day=9))
    where = [conduct.region_at(story.now(), at(day)) for day in (1, 2, 8, 9)]
    assert where == ["华北", "华北", "华北", "华南"]
    assert conduct.region_at(conduct.NEW, at(1)) is None
