"""The penalty policy: drafts, adoption, what binds whom since when, and its calendar."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as some

from services.penalties.domain import policy
from services.penalties.domain.first_policy import VERSION_1
from services.penalties.domain.policy import Binding, PolicyBook, binding, due, in_force, terms_of, to_acknowledge
from shared.decider import Refused
from shared.events import penalties as fact
from shared.events.penalties import PolicyTerms, Span, SpanUnit
from tests.unit.penalties.policies import HR, MANAGER, adopt, adopted, at, change, dates, draft, drop, fined
from tests.unit.tickets.story import given

DEARER = fined("4.5", "80.00")
NORTH = VERSION_1.model_copy(update={"scope": ("华北",)})
DAY = timedelta(days=1)


# --- drafts and adoption ----------------------------------------------------------------------------------------------


def test_version_1_comes_as_a_draft_that_anybody_with_the_right_adopts() -> None:
    given(policy).when(adopt()).then(fact.PolicyAdopted).saying(
        version=1, terms=VERSION_1, valid_from=at(2), adopted_by=MANAGER, document=None
    )


def test_a_draft_binds_nobody() -> None:
    assert binding(given(policy).now(), {1: at(1)}, None, at(9)) is None


def test_a_new_version_is_made_from_another() -> None:
    given(policy, adopt()).when(draft()).then(fact.PolicyDrafted).saying(version=2, based_on=1, terms=VERSION_1)


def test_a_draft_made_from_what_isnt_there_is_refused() -> None:
    given(policy).when(draft(based_on=7)).refused("policy_version_unknown")


def test_numbers_are_never_used_again() -> None:
    story = given(policy, draft(), drop(2))
    story.when(draft()).then(fact.PolicyDrafted).saying(version=3)


def test_a_draft_can_be_changed_and_told_again_changes_nothing() -> None:
    given(policy, change(1, DEARER)).when(change(1, DEARER)).then()
    assert terms_of(given(policy, change(1, DEARER)).now(), 1) == DEARER


def test_terms_that_cant_be_are_no_draft() -> None:
    nothing = VERSION_1.model_copy(update={"rules": ()})
    given(policy).when(draft(terms=nothing)).refused("rules_missing")
    given(policy).when(change(1, nothing)).refused("rules_missing")


def test_what_was_adopted_is_never_changed() -> None:
    story = given(policy, adopt())
    story.when(change(1, DEARER)).refused("policy_adopted")
    story.when(drop(1)).refused("policy_adopted")
    story.when(adopt(by=HR)).refused("policy_adopted")
    story.when(adopt()).then()  # told again


def test_whoever_worked_on_a_draft_doesnt_adopt_it() -> None:
    # given a draft of one person, changed by another
    story = given(policy, draft(by=HR), change(2, DEARER, by="li.na"))

    # then neither of them adopts it, and a third does
    story.when(adopt(2, by=HR)).refused("adopter_drafted")
    story.when(adopt(2, by="li.na")).refused("adopter_drafted")
    story.when(adopt(2, by=MANAGER)).then(fact.PolicyAdopted).saying(terms=DEARER, drafted_by="li.na")


def test_nothing_is_adopted_for_a_time_that_is_over() -> None:
    given(policy).when(adopt(day=2, valid_from=at(2) - timedelta(seconds=1))).refused("policy_binds_the_past")


def test_what_is_open_now() -> None:
    assert policy.available(policy.NEW)["adopt"] is None
    shut = policy.available(given(policy, adopt()).now())
    assert [name for name, reason in shut.items() if reason] == ["change", "drop", "adopt"]


# --- what binds -------------------------------------------------------------------------------------------------------

BOOK = PolicyBook(adopted=(adopted(1, at(2)), adopted(2, at(10), DEARER)), drafts=())


def test_an_older_version_goes_on_binding_until_the_newer_one_is_acknowledged() -> None:
    acknowledged = {1: at(3), 2: at(15)}
    bound = [binding(BOOK, acknowledged, "华北", at(day)) for day in (2, 3, 12, 15)]
    assert bound == [None, Binding(1, VERSION_1), Binding(1, VERSION_1), Binding(2, DEARER)]


def test_a_version_acknowledged_before_it_holds_binds_from_then_on() -> None:
    bound = [binding(BOOK, {1: at(3), 2: at(4)}, None, at(day)) for day in (9, 10)]
    assert [found and found.version for found in bound] == [1, 2]


def test_a_version_binds_in_its_regions_only() -> None:
    book = PolicyBook(adopted=(adopted(1, at(2)), adopted(2, at(10), NORTH)), drafts=())
    acknowledged = {1: at(3), 2: at(4)}
    bound = {region: binding(book, acknowledged, region, at(11)) for region in ("华北", "华南", None)}
    assert {region: found and found.version for region, found in bound.items()} == {"华北": 2, "华南": 1, None: 1}


def test_of_two_versions_the_one_that_began_later_holds() -> None:
    book = PolicyBook(adopted=(adopted(1, at(2)), adopted(2, at(20), DEARER), adopted(3, at(10))), drafts=())
    assert [(found := in_force(book, at(day))) and found.version for day in (1, 5, 10, 20)] == [None, 1, 3, 2]


def test_an_engineer_has_to_acknowledge_what_holds_and_what_will() -> None:
    def asked(day: int, *acknowledged: int, region: str | None = None, book: PolicyBook = BOOK) -> list[int]:
        return [version.version for version in to_acknowledge(book, acknowledged, region, at(day))]

    assert asked(5) == [1, 2]
    assert asked(12) == [2]  # the first one is over
    assert asked(5, 1) == [2]
    assert asked(12, 2) == []
    assert asked(12, book=PolicyBook(adopted=(adopted(1, at(2), NORTH),), drafts=()), region="华南") == []


VERSIONS = some.lists(some.tuples(some.integers(1, 28), some.sampled_from([VERSION_1, NORTH])), max_size=4)
MOMENTS = some.integers(1, 28).map(at)


@for_all(VERSIONS, some.dictionaries(some.integers(1, 6), MOMENTS), some.sampled_from(["华北", "华南", None]), MOMENTS)
def test_no_version_ever_binds_that_wasnt_adopted_and_acknowledged(
    begun: list[tuple[int, PolicyTerms]], acknowledged: dict[int, datetime], region: str | None, happened_at: datetime
) -> None:
    # given any versions, and anything that an engineer has acknowledged, drafts and dropped ones included
    versions = [adopted(number, at(day), terms) for number, (day, terms) in enumerate(begun, 1)]
    book = PolicyBook(adopted=tuple(versions))

    # when something happens
    found = binding(book, acknowledged, region, happened_at)

    # then what binds was adopted, held, was known to the engineer and is meant for them; and nothing newer was
    def could(version: fact.PolicyAdopted) -> bool:
        known = acknowledged.get(version.version)
        meant = version.terms.scope == () or region == "华北"
        return meant and version.valid_from <= happened_at and known is not None and known <= happened_at

    able = [version for version in versions if could(version)]
    assert (found is None) == (not able)
    if found:
        assert found.version in {version.version for version in able}
        own = next(version for version in able if version.version == found.version)
        assert all((other.valid_from, other.version) <= (own.valid_from, own.version) for other in able)


# --- the calendar -----------------------------------------------------------------------------------------------------

FIVE = Span(amount=5, unit=SpanUnit.WORKDAYS)


def test_hours_elapse_and_workdays_are_counted_by_chinas_calendar() -> None:
    calendar = policy.calendar(policy.NEW)
    assert due(Span(amount=24, unit=SpanUnit.HOURS), at(1, "10:00"), calendar) == at(2, "10:00")
    # 1–7 October are holidays, 10 October is worked: the 8th, 9th, 10th, 12th, 13th
    assert due(FIVE, at(1, "10:00"), calendar) == at(14, "00:00")


def test_dates_that_were_recorded_count() -> None:
    book = given(policy, dates(holidays=(date(2026, 10, 9),), workdays=(date(2026, 10, 11),))).now()
    assert due(FIVE, at(1), policy.calendar(book)) == at(14, "00:00")
    book = given(policy, dates(holidays=(date(2026, 10, 9),))).now()
    assert due(FIVE, at(1), policy.calendar(book)) == at(15, "00:00")


def test_where_the_holidays_of_a_year_arent_known_no_workday_is_counted() -> None:
    new_year = at(31, month=12).replace(year=2035)
    with pytest.raises(Refused) as refusal:
        due(FIVE, new_year, policy.calendar(policy.NEW))
    assert refusal.value.code == "calendar_unknown"
    known = given(policy, dates(complete_years=(2035, 2036))).now()
    assert due(FIVE, new_year, policy.calendar(known)) > new_year


def test_dates_told_again_change_nothing_and_the_last_word_counts() -> None:
    day = date(2026, 12, 31)
    story = given(policy, dates(holidays=(day,)))
    story.when(dates(holidays=(day,))).then()
    story.when(dates(workdays=(day,))).then(fact.CalendarDatesRecorded)
    assert (story.now().holidays, story.now().workdays) == (frozenset(), {day})
    story.when(dates(holidays=(day,), workdays=(day,))).refused("date_both")
