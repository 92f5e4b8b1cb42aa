"""What the figures of 5.4 count, and what they leave out."""

from datetime import date
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from services.reporting.domain.figures import (
    Attendance,
    Cost,
    Figures,
    Named,
    Split,
    Subject,
    statistics,
)
from shared.events.dispatch import CostKind
from shared.events.tickets import CoverageVerdict, Purpose


def subject(purpose: Purpose | None = Purpose.REPAIR, region: str = "华北", *, contract: bool = False) -> Subject:
    return Subject(
        product=Named("p1", "粘鼠板"),
        region=Named(region, region),
        customer=Named("c1", "光明物业"),
        purpose=purpose,
        warranty=CoverageVerdict.IN_WARRANTY,
        contract=contract,
    )


def cost(kind: CostKind, amount: str, of: Subject | None = None) -> Cost:
    return Cost(of or subject(), kind, Decimal(amount))


def attended(engineer: str, day: int, times: int = 1, of: Subject | None = None) -> Attendance:
    return Attendance(of or subject(), engineer, date(2026, 10, day), times)


def test_persons_person_times_and_person_days_are_three_figures() -> None:
    """D24."""
    # given two engineers; one goes to three customers on one day, and to one on the next
    found = statistics([], [attended("E01", 5, 3), attended("E01", 6), attended("E02", 5)])

    # then
    assert (found.all.persons, found.all.person_times, found.all.person_days) == (2, 5, 3)


def test_a_person_in_two_regions_is_one_person_altogether() -> None:
    north, south = subject(region="华北"), subject(region="华南")

    found = statistics([], [attended("E01", 5, of=north), attended("E01", 5, of=south)])

    assert found.all.persons == 1
    assert found.all.person_days == 1
    assert {group.key: f.persons for group, f in found.by[Split.REGION].items()} == {"华北": 1, "华南": 1}


def test_an_arrival_that_was_taken_back_leaves_nothing() -> None:
    found = statistics([], [attended("E01", 5), attended("E01", 5, -1)])

    assert found.all == Figures()
    assert found.by[Split.REGION] == {}


def test_what_a_contract_covers_of_guidance_and_commissioning_is_a_memo_and_not_in_the_costs() -> None:
    """D25: excluded only where a contract covers it, and only these two."""
    covered = subject(Purpose.INSTALLATION_GUIDANCE, contract=True)
    commissioned = subject(Purpose.COMMISSIONING, contract=True)
    paid = subject(Purpose.INSTALLATION_GUIDANCE)
    repaired = subject(Purpose.REPAIR, contract=True)

    found = statistics(
        [
            cost(CostKind.PEOPLE, "100.00", covered),
            cost(CostKind.FREIGHT, "7.00", commissioned),
            cost(CostKind.PEOPLE, "30.00", paid),
            cost(CostKind.MATERIAL, "5.00", repaired),
        ],
        [attended("E01", 5, of=covered)],
    )

    assert found.all.memo == Decimal("107.00")
    assert (found.all.people, found.all.material, found.all.freight) == (Decimal(30), Decimal(5), Decimal(0))
    assert found.all.total == Decimal("35.00")
    assert found.all.persons == 1, "people were dispatched, whoever pays"


@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(CostKind)),
            st.decimals(-1000, 1000, places=2),
            st.sampled_from([*Purpose, None]),
            st.booleans(),
        ),
        max_size=30,
    ),
    st.randoms(),
)
def test_the_costs_of_a_split_add_up_to_the_whole_whatever_the_order(
    told: list[tuple[CostKind, Decimal, Purpose | None, bool]], chance: Random
) -> None:
    costs = [Cost(subject(purpose, contract=contract), kind, amount) for kind, amount, purpose, contract in told]
    mixed = list(costs)
    chance.shuffle(mixed)

    found = statistics(costs, [])

    assert statistics(mixed, []) == found
    assert found.all.total + found.all.memo == sum((c.amount for c in costs), Decimal(0))
    for split in Split:
        groups = found.by[split].values()
        assert sum((f.total for f in groups), Decimal(0)) == found.all.total
        assert sum((f.memo for f in groups), Decimal(0)) == found.all.memo
