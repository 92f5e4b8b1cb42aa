"""A file of engineers, their duty and their leave is taken over: the good rows go in, the bad ones are told."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from psycopg_pool import AsyncConnectionPool

from services.dispatch.commands import engineers, rosters
from services.dispatch.domain.roster import GrantLeave
from services.dispatch.staff import Contacts, Staff, contacts_of
from services.dispatch.staff_sheet import EngineerSaid, StaffRow
from shared.decider import Refused, Words
from shared.eventlog import ConcurrencyConflict, Context, EventLog, Streams

AT_ONCE = 50
"""Engineers whose rows are taken over side by side; those of one engineer go one after the other."""

TERMS_ARE_OTHERS = Words(
    "电话补贴与工资档没有导入：须由人事导入。", "Phone allowance and wage band are not in: HR imports them."
)
LEAVE_IS_OTHERS = Words("准假须由经理或人事导入。", "Leave is imported by the manager or HR.")
_OTHERS_WORK_ON_IT = Words(
    "有人同时在更改；请再导入一次。", "Somebody changes the same at this moment; import the file again."
)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the caller may import besides engineers and duty."""

    terms: bool
    leave: bool


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a row."""

    row: StaffRow
    result: Literal["recorded", "unchanged", "refused"]
    reason: Words | None = None


class StaffImport:
    """Takes files over for one caller."""

    def __init__(self, log: EventLog, pool: AsyncConnectionPool, known: Staff, allowed: Allowed) -> None:
        self._log = log
        self._pool = pool
        self._known = known
        self._allowed = allowed

    async def run(self, rows: Sequence[StaffRow], context: Context) -> list[Imported]:
        """Every row in a transaction of its own; the results in the rows' order."""
        groups = list(_by_engineer(rows))
        done: list[Imported] = []
        for start in range(0, len(groups), AT_ONCE):
            taken = await asyncio.gather(*(self._all_of(group, context) for group in groups[start : start + AT_ONCE]))
            done += [each for group in taken for each in group]
        return _in_order(rows, done)

    async def try_out(self, rows: Sequence[StaffRow]) -> list[Imported]:
        """What would become of the rows; nothing is recorded."""
        done: list[Imported] = []

        async def work(streams: Streams) -> None:
            for group in _by_engineer(rows):
                for row in group:
                    try:
                        done.append(await self._take_over(streams, row))
                    except Refused as refused:
                        done.append(Imported(row, "refused", refused.words))

        await self._log.look(work)
        return _in_order(rows, done)

    async def _all_of(self, rows: Sequence[StaffRow], context: Context) -> list[Imported]:
        return [await self._one(row, context) for row in rows]

    async def _one(self, row: StaffRow, context: Context) -> Imported:
        done: list[Imported] = []

        async def work(streams: Streams) -> None:
            done.append(await self._take_over(streams, row))

        try:
            await self._log.execute(work, context)
        except Refused as refused:
            return Imported(row, "refused", refused.words)
        except ConcurrencyConflict:
            return Imported(row, "refused", _OTHERS_WORK_ON_IT)
        return done[-1]

    async def _take_over(self, streams: Streams, row: StaffRow) -> Imported:
        """Raises ``Refused``."""
        match row.said:
            case None:
                return Imported(row, "refused", row.problem)
            case GrantLeave() if not self._allowed.leave:
                return Imported(row, "refused", LEAVE_IS_OTHERS)
            case EngineerSaid() as said:
                terms = said.terms if self._allowed.terms else None
                contacts = await self._whole(said)
                changed = await engineers.take_over(streams, self._known, said.record, said.spoken, contacts, terms)
                return _result(row, changed, TERMS_ARE_OTHERS if said.terms and not terms else None)
            case command:
                return _result(row, (await rosters.handle(streams, command))["changed"])

    async def _whole(self, said: EngineerSaid) -> Contacts | None:
        """The contacts, with what is known already of the fields for which the table has no column."""
        if said.contacts is None or not said.silent:
            return said.contacts
        known = await contacts_of(self._pool, said.record.engineer)
        kept = {field: known[field] for field in said.silent} if known else {}
        return said.contacts.model_copy(update=kept | ({"phones": tuple(kept["phones"])} if "phones" in kept else {}))


def _result(row: StaffRow, changed: bool, note: Words | None = None) -> Imported:
    return Imported(row, "recorded" if changed else "unchanged", note)


def _by_engineer(rows: Sequence[StaffRow]) -> Iterator[list[StaffRow]]:
    """Who somebody is goes before their duty, on whatever sheet it stands."""
    groups: dict[str | None, list[StaffRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: not isinstance(row.said, EngineerSaid)):
        groups[row.engineer].append(row)
    yield from groups.values()


def _in_order(rows: Sequence[StaffRow], done: Sequence[Imported]) -> list[Imported]:
    found = {(each.row.sheet, each.row.row): each for each in done}
    return [found[row.sheet, row.row] for row in rows]
