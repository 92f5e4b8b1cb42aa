"""The payroll lists, a month each: what is taken, what is paid back. One stream for all, so that no amount is on two.

A list is closed when it is made: the same month again gives the same list; whatever changes later goes on the next.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import assert_never
from uuid import UUID

from pydantic import ConfigDict

from services.penalties.domain.deduction import NOTHING, Deduction, Due, Wage, deduct, without_wage
from services.penalties.domain.payroll_file import sha256_of
from shared.calendar import Period
from shared.decider import Command, DeadlineChange, Refused, Words
from shared.events.penalties import DropCause, PayrollExported, PayrollLine
from shared.refusal import why_not

STREAM = "payroll"

# --- commands ---------------------------------------------------------------------------------------------------------


class ExportPayroll(Command):
    """Close a month's list."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    period: str
    dues: tuple[Due, ...]
    """What was final before the month was over, and on no list yet or carried over."""
    reversed: frozenset[UUID]
    """The penalties on earlier lists that were reversed before the month was over."""
    wages: dict[str, Wage]
    position: int
    """The log's, up to which that is known."""


PayrollCommand = ExportPayroll
PayrollEvent = PayrollExported

# --- state ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Listed:
    """What the lists say of one penalty so far."""

    number: str
    engineer: str
    rule: str
    allowance: bool
    visit: UUID | None
    taken: Decimal
    """Of all lists, what was paid back subtracted."""
    left: Decimal
    """Carried over to the next list."""
    dropped_for: DropCause | None
    """Why something of it will never be taken."""


@dataclass(frozen=True, slots=True)
class Closed:
    """A list as it was closed."""

    period: str
    number: str
    lines: int
    total: Decimal
    sha256: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Payroll:
    lists: tuple[Closed, ...] = ()
    """Oldest first."""
    listed: Mapping[UUID, Listed] = field(default_factory=dict)
    """By penalty; without those that were paid back."""

    def closed(self, period: str) -> Closed | None:
        """The list of that month, if there is one."""
        return next((each for each in self.lists if each.period == period), None)


NEW = Payroll()


def evolve(payroll: Payroll, event: PayrollEvent) -> Payroll:
    listed = dict(payroll.listed)
    for line in event.lines:
        if line.due < 0:
            listed.pop(line.penalty, None)
        else:
            listed[line.penalty] = _with(listed.get(line.penalty), line)
    closed = Closed(event.period, event.number, len(event.lines), event.total, event.sha256, event.at)
    return Payroll((*payroll.lists, closed), listed)


def _with(before: Listed | None, line: PayrollLine) -> Listed:
    about = (line.number, line.engineer, line.rule, line.allowance, line.visit)
    if before is None:
        return Listed(*about, line.taken, line.carried, line.dropped_for)
    why = line.dropped_for or before.dropped_for
    return replace(before, taken=before.taken + line.taken, left=line.carried, dropped_for=why)


def deadlines(event: PayrollEvent) -> Sequence[DeadlineChange]:
    """None."""
    return []


# --- decisions --------------------------------------------------------------------------------------------------------


def decide(command: PayrollCommand, payroll: Payroll) -> Sequence[PayrollEvent]:
    """The list that ``command`` closes; none where that month's is closed already. Raises ``Refused``."""
    match command:
        case ExportPayroll():
            return _export(command, payroll)
        case _:
            assert_never(command)


def available(payroll: Payroll, period: str, at: datetime) -> dict[str, Words | None]:
    """Whether the list of ``period`` can be closed at ``at``, otherwise why not."""

    def guard() -> None:
        if payroll.closed(period):
            raise Refused(
                "list_is_closed",
                f"{period} 的清单已导出；以后的变动列入下一清单。",
                f"The list of {period} is closed; what changes later goes on the next one.",
            )
        check_open(payroll, period, at)

    return {"export": why_not(guard)}


def check_open(payroll: Payroll, period: str, at: datetime) -> None:
    """Only of a month that is over, and in the order of the months. Raises ``Refused``."""
    if at < Period.parse(period).end:
        raise Refused(
            "month_not_over",
            f"{period} 尚未结束；次月 1 日起可以导出。",
            f"{period} isn't over: export it from the first of the next month.",
        )
    if payroll.lists and payroll.lists[-1].period > period:
        last = payroll.lists[-1].period
        raise Refused(
            "later_list_exists",
            f"{last} 的清单已导出，其中已含更早生效的处罚；请导出之后的月份。",
            f"The list of {last} is closed and holds what was final before; export a later month.",
        )


def pending(command: ExportPayroll, payroll: Payroll) -> list[Due]:
    """What is still due: what was settled on an earlier list isn't, and of what was carried over the rest is."""
    found = []
    for due in command.dues:
        listed = payroll.listed.get(due.penalty)
        if listed is None:
            found.append(due)
        elif listed.left:
            found.append(replace(due, amount=listed.left, carried=True))
    return found


def lines(command: ExportPayroll, payroll: Payroll) -> list[PayrollLine]:
    """The list as it would be now, by engineer. Raises ``Refused`` where a wage is missing."""
    dues = pending(command, payroll)
    if missing := without_wage(dues, command.wages):
        raise wages_missing(missing, command.period)
    back = [(penalty, payroll.listed[penalty]) for penalty in command.reversed if penalty in payroll.listed]
    gone = dict(back)
    before: dict[tuple[str, UUID], Decimal] = {}
    for penalty, each in payroll.listed.items():
        if each.visit and penalty not in gone:
            key = (each.engineer, each.visit)
            before[key] = before.get(key, NOTHING) + each.taken + each.left
    found = [_taken(each) for each in deduct(dues, command.wages, before)]
    found += [_paid_back(penalty, each) for penalty, each in back if each.taken]
    found.sort(key=lambda line: (line.engineer, line.due < 0, line.number, line.penalty))
    return [line.model_copy(update={"line": place}) for place, line in enumerate(found, start=1)]


def total(found: Iterable[PayrollLine]) -> Decimal:
    """What is taken altogether, what is paid back subtracted."""
    return sum((line.taken for line in found), NOTHING)


def payroll_number(period: str) -> str:
    """``GZ-2026-10``."""
    return f"GZ-{period}"


def wages_missing(engineers: Sequence[str], period: str) -> Refused:
    """Somebody has an amount on the list, and nobody knows how much of their wage may be taken."""
    named = "、".join(engineers)
    return Refused(
        "wage_missing",
        f"以下人员有应扣金额，但 {period} 的工资尚未登记：{named}。"
        "请人事或财务先登记其当月工资与最低工资标准，再导出。",
        f"These have an amount due, but no wage is recorded for {period}: {', '.join(engineers)}. HR or finance "
        "records their wage and the minimum wage of that month first; then export again.",
    )


def _export(command: ExportPayroll, payroll: Payroll) -> Sequence[PayrollEvent]:
    if payroll.closed(command.period):
        return []
    check_open(payroll, command.period, command.at)
    found = tuple(lines(command, payroll))
    number, sum_ = payroll_number(command.period), total(found)
    return [
        PayrollExported(
            at=command.at,
            period=command.period,
            number=number,
            lines=found,
            total=sum_,
            position=command.position,
            sha256=sha256_of(number, found, sum_),
            exported_by=command.by,
        )
    ]


def _taken(each: Deduction) -> PayrollLine:
    due = each.due
    return PayrollLine(
        line=1,
        engineer=due.engineer,
        penalty=due.penalty,
        number=due.number,
        rule=due.rule,
        allowance=due.allowance,
        visit=due.visit,
        due=due.amount,
        taken=each.taken,
        dropped=each.dropped,
        dropped_for=each.dropped_for,
        carried=each.carried,
        carried_for=each.carried_for,
    )


def _paid_back(penalty: UUID, listed: Listed) -> PayrollLine:
    return PayrollLine(
        line=1,
        engineer=listed.engineer,
        penalty=penalty,
        number=listed.number,
        rule=listed.rule,
        allowance=listed.allowance,
        visit=listed.visit,
        due=-listed.taken,
        taken=-listed.taken,
        dropped=NOTHING,
        dropped_for=None,
        carried=NOTHING,
        carried_for=None,
    )
