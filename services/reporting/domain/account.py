"""A month's figures with all that stands beside them, and as the data of its report (5.4.1-4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import pydantic_core
from pydantic import BaseModel, ConfigDict

from services.reporting.domain.cuts import Cuts
from services.reporting.domain.figures import Figures, Named, Split, Statistics
from shared.calendar import Period


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Late(_Data):
    """An entry of an earlier month that became known only now: the reason of an adjustment."""

    month: date
    kind: str
    source: str
    position: int
    event: str
    happened_at: datetime
    recorded_at: datetime
    work_order: UUID | None
    quantity: int
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Account:
    """A month's figures, and what they are compared with."""

    period: Period
    cuts: Cuts
    month: Statistics
    adjustments: Statistics
    """By how much what was learned since the last cut-off changes the months before."""
    late: Sequence[Late]
    previous: Statistics
    last_year: Statistics


class GroupData(_Data):
    """The figures of a product, a region, a customer …, beside those of the month before and of a year before."""

    key: str | None
    name: str | None
    month: Figures
    adjustments: Figures
    previous: Figures
    last_year: Figures


class StatisticsData(_Data):
    """The figures of a month, in the order and the names in which they are kept for ever."""

    period: str
    cut_off: dict[str, int]
    since: dict[str, int] | None
    month: Figures
    adjustments: Figures
    reported: Figures
    """The month's own figures and the adjustments of earlier months."""
    previous_period: str
    previous: Figures
    last_year_period: str
    last_year: Figures
    by: dict[Split, tuple[GroupData, ...]]
    late: tuple[Late, ...]


def statistics_data(account: Account) -> StatisticsData:
    """The largest group first; groups that cost the same by their keys."""
    cuts = account.cuts
    return StatisticsData(
        period=str(account.period),
        cut_off=dict(cuts.at),
        since=dict(cuts.since) if cuts.since else None,
        month=account.month.all,
        adjustments=account.adjustments.all,
        reported=account.month.all + account.adjustments.all,
        previous_period=str(account.period.previous),
        previous=account.previous.all,
        last_year_period=str(year_before(account.period)),
        last_year=account.last_year.all,
        by={split: _groups(account, split) for split in Split},
        late=tuple(account.late),
    )


def _groups(account: Account, split: Split) -> tuple[GroupData, ...]:
    """A group is known by its key; it is called as it was at the latest cut-off."""
    columns = [account.month, account.adjustments, account.previous, account.last_year]
    by_key = [{group.key: figures for group, figures in column.by[split].items()} for column in columns]
    names = {group.key: group for column in reversed(columns) for group in column.by[split]}
    found = [_group(names[key], [column.get(key, Figures()) for column in by_key]) for key in names]
    return tuple(sorted(found, key=lambda group: (-group.month.total, -group.month.person_times, group.key or "")))


def _group(group: Named, columns: Sequence[Figures]) -> GroupData:
    month, adjustments, previous, last_year = columns
    return GroupData(
        key=group.key,
        name=group.name,
        month=month,
        adjustments=adjustments,
        previous=previous,
        last_year=last_year,
    )


def year_before(period: Period) -> Period:
    """The same month of the year before."""
    return Period(period.year - 1, period.month)


def canonical(data: BaseModel) -> bytes:
    """The bytes that are hashed: JSON in UTF-8, keys in the order of the model's fields, no blanks, exact amounts as
    strings, moments in UTC."""
    return pydantic_core.to_json(data.model_dump(mode="json"))
