"""From two final fines to the payroll file, and from a reversal to the next month's negative line (D8)."""

import asyncio
import csv
import hashlib
import io
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from openpyxl import load_workbook

from services.penalties.domain import penalty
from shared.events.penalties import PenaltyStatus
from shared.verify import views_equal_rebuild
from tests.integration.penalties.conftest import PenaltiesOffice, code, open_now
from tests.integration.penalties.finals import engineer, final, imposed, status

pytestmark = pytest.mark.asyncio(loop_scope="module")


def month(office: PenaltiesOffice) -> str:
    return f"{office.clock.now():%Y-%m}"


def to_next_month(office: PenaltiesOffice) -> str:
    """The clock moves to the second day of the next month; returns the month that is over."""
    now, over = office.clock.now(), month(office)
    following = datetime(now.year + now.month // 12, now.month % 12 + 1, 2, 1, tzinfo=UTC)
    office.later(seconds=(following - now).total_seconds())
    return over


async def pays(office: PenaltiesOffice, period: str, **wages: str) -> None:
    said = [{"engineer": who, "wage": wage, "minimum_wage": "0.00"} for who, wage in wages.items()]
    await office.hr.do("/penalties/wages", {"period": period, "wages": said})


async def test_two_fines_a_list_a_reversal_and_the_next_list(office: PenaltiesOffice) -> None:
    # given two engineers with a fine each that is final, and the month is over
    one, two = await engineer(office), await engineer(office)
    first, second = await imposed(office, one), await imposed(office, two)
    await final(office, first, second)
    assert code(await office.hr.refused(f"/penalties/payroll/{month(office)}/export")) == "month-not-over"
    period = to_next_month(office)

    # when nobody has recorded a wage, the list is refused and names both; with one, the other
    refusal = await office.finance.refused(f"/penalties/payroll/{period}/export")
    assert code(refusal) == "wage-missing"
    assert one in refusal["detail"]
    assert two in refusal["detail"]
    await pays(office, period, **{one: "5000.00"})
    refusal = await office.finance.refused(f"/penalties/payroll/{period}/export")
    assert one not in refusal["detail"]
    assert two in refusal["detail"]
    await pays(office, period, **{two: "150.00"})
    preview = await office.finance.read(f"/penalties/payroll/{period}/preview")
    assert (preview["total"], open_now(preview)) == ("80.00", {"export"})

    # when two export it at the same time, and one of them again
    path = f"/penalties/payroll/{period}/export"
    done, same = await asyncio.gather(office.finance.do(path), office.hr.do(path))
    again = await office.finance.do(path)

    # then it is one list; of the small wage a fifth is taken, and the rest is dropped
    assert done == same == again
    assert (done["number"], done["total"], done["lines"]) == (f"GZ-{period}", "80.00", 2)
    shown = await office.hr.read(f"/penalties/payroll/{period}")
    lines = {line["engineer"]: line for line in shown["lines"]}
    assert (lines[one]["taken"], lines[two]["taken"], lines[two]["dropped"]) == ("50.00", "30.00", "20.00")
    assert (lines[two]["dropped_for"], lines[two]["dropped_for_words"]) == ("cap", "超出当月扣款上限")
    for id in (first, second):
        await status(office, id, PenaltyStatus.EXECUTED)

    # and the files are the same whenever they are fetched; the event has the hash of the CSV
    files = [await office.finance.send("GET", f"/penalties/payroll/{period}.{kind}") for kind in ("csv", "xlsx")]
    office.later(hours=5)
    later = [await office.hr.send("GET", f"/penalties/payroll/{period}.{kind}") for kind in ("csv", "xlsx")]
    assert [file.content for file in files] == [file.content for file in later]
    assert hashlib.sha256(files[0].content).hexdigest() == done["sha256"]
    assert files[0].headers["etag"] == f'"{done["sha256"]}"'
    rows = list(csv.reader(io.StringIO(files[0].content.decode("utf-8-sig"))))
    assert [row[7] for row in rows[1:]] == [*(lines[who]["taken"] for who in sorted(lines)), "80.00"]
    cells = load_workbook(io.BytesIO(files[1].content)).worksheets[0]
    assert cells.cell(4, 8).value == 80
    assert [cells.cell(1, place).value for place in range(1, len(rows[0]) + 1)] == rows[0]

    # when one of them is reversed, and of two fines that are final in the next month one is under review
    third, doubted = await imposed(office, two), await imposed(office, one)
    await office.general_manager.do(f"/penalties/{first}/reverse", {"reasons": "劳动仲裁裁决"})
    await final(office, third, doubted)
    following = to_next_month(office)
    await office.reconsidered(doubted)
    await pays(office, following, **{two: "5000.00"})
    assert (await office.hr.read(f"/penalties/payroll/{period}"))["total"] == "80.00"

    # then it comes back on the next list, as a negative line; and nothing is taken for what is under review
    done = await office.finance.do(f"/penalties/payroll/{following}/export")
    shown = await office.hr.read(f"/penalties/payroll/{following}")
    assert sorted((line["engineer"], line["taken"]) for line in shown["lines"]) == sorted(
        [(one, "-50.00"), (two, "50.00")]
    )
    assert (done["total"], shown["number"]) == ("0.00", f"GZ-{following}")
    earlier = await office.finance.refused("/penalties/payroll/2026-09/export")
    assert code(earlier) == "later-list-exists"
    everything = await office.finance.read("/penalties/payroll")
    assert [each["period"] for each in everything][:2] == [following, period]

    # and the ledger's balances are what the streams say, to the cent
    await office.seen()
    await status(office, doubted, PenaltyStatus.FINAL)
    balance = {who: await total(office, who) for who in (one, two)}
    assert balance == {one: Decimal("50.00"), two: Decimal("80.00")}
    assert balance == {who: await stands(office, who, first, second, third, doubted) for who in (one, two)}


async def total(office: PenaltiesOffice, who: str) -> Decimal:
    """What the ledger's months of an engineer come to."""
    rows = await office.hr.read("/penalties/ledger/balances", engineer=who)
    return sum((Decimal(row["balance"]) for row in rows), Decimal(0))


async def stands(office: PenaltiesOffice, who: str, *ids: str) -> Decimal:
    """What the streams of these penalties say that an engineer has to pay."""
    sum_ = Decimal(0)
    for id in ids:
        state, _ = await office.penalties.log.load(penalty, UUID(id))
        assert state.raised
        if state.raised.engineer == who and state.stands:
            sum_ += state.executed.taken if state.executed else state.amount
    return sum_


async def test_the_views_are_what_a_rebuild_makes_of_the_log(office: PenaltiesOffice) -> None:
    """As ``shouhou verify`` looks at it, after all that has happened above."""
    await office.seen()
    found = [finding async for finding in views_equal_rebuild(office.penalties)]
    assert {finding.what.partition(".")[0] for finding in found} >= {"ledger", "measures", "statistics"}
    assert [finding for finding in found if not finding.ok] == []
