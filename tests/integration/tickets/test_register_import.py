"""A reception's spreadsheet becomes tickets (E): with its own times, once, added to by later versions, never over what
people have recorded meanwhile."""

import csv
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from openpyxl import load_workbook

from tests.conftest import ServerAddresses, emptied_nats, fresh_database
from tests.integration.tickets.conftest import TALKED, Office, code, opened

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOT = Path(__file__).parents[3]
OCTOBER = ROOT / "samples" / "register-2026-10.xlsx"
BRANCH = ROOT / "samples" / "register-2026-09-branch.csv"
TITLES = ("日期", "时间", "渠道", "客户单位", "联系人", "电话", "产品", "批号", "问题", "首次答复时间", "答复方式",
          "约定到场", "实际到场", "完成时间", "工程师", "满意度")  # fmt: skip


def expected(sheet: Path) -> dict[int, dict[str, Any]]:
    """What a careful reader takes from a sample, by row."""
    found = json.loads((ROOT / "tests" / "data" / f"{sheet.stem}.expected.json").read_text())
    return {row["row"]: row for row in found}


def sheet(*rows: dict[str, str], titles: tuple[str, ...] = TITLES) -> bytes:
    """A register of one's own."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, titles)
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()


async def imported(office: Office, content: bytes, name: str = "register.csv", **query: Any) -> dict[str, Any]:
    reception = office.caller("reception")
    where = "/tickets/register-imports" + ("?dry_run=true" if query.get("dry_run") else "")
    response = await reception.upload(where, name, content)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def ticket_of(office: Office, number: str) -> dict[str, Any]:
    await office.seen()
    (row,) = await office.desk.list("/tickets", q=number)
    found: dict[str, Any] = await office.desk.read(f"/tickets/{row['ticket']}")
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(servers: ServerAddresses, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """An office at the end of the month whose registers are taken over."""
    async with fresh_database(servers) as database_url:
        nats_url = await emptied_nats(servers)
        async with opened(database_url, nats_url, tmp_path_factory.mktemp("office")) as office:
            office.later(days=40)
            yield office


@pytest.mark.parametrize("sample", [OCTOBER, BRANCH], ids=["october", "branch"])
async def test_a_sample_becomes_tickets_as_a_careful_reader_takes_them(office: Office, sample: Path) -> None:
    # given a sheet, first only checked
    head = await office.tickets.log.head()
    content = sample.read_bytes()  # noqa: ASYNC240 - a small file
    dry = await imported(office, content, sample.name, dry_run=True)
    assert (dry["dry_run"], dry["import"], await office.tickets.log.head()) == (True, None, head)

    # when it is imported
    done = await imported(office, content, sample.name)

    # then every row has a result, and each entry a ticket that judges the past as the reader does
    careful = expected(sample)
    entries = {row["row"]: row for row in done["rows"] if row["kind"] == "entry"}
    assert entries.keys() == {row for row, said in careful.items() if "received_at" in said}
    assert {row["row"] for row in done["rows"] if row["kind"] == "problem"} == {
        row for row, said in careful.items() if said.get("error")
    }
    assert done["counts"]["imported"] == len(entries)
    for row, entry in entries.items():
        await _judged(office, row, entry["ticket"], careful[row])


async def _judged(office: Office, row: int, number: str, careful: dict[str, Any]) -> None:
    found = await ticket_of(office, number)
    answer = found["answer"]
    in_time = answer["given_at"] is not None and answer["late_minutes"] == 0
    assert in_time == careful["answered_within_24h"], row
    assert answer["overdue"] == (not in_time), row
    late = [visit["late_minutes"] for visit in found["visits"]]
    assert late == [careful["late_minutes"]] or (careful["late_minutes"] is None and late in ([], [None])), row
    assert (found["survey"] or {}).get("score") == careful["score"], row
    if careful["channel"]:
        assert found["channel"] == careful["channel"], row
    assert found["product"]["lot"] == careful["lot"], row
    poor = careful["score"] is not None and careful["score"] <= 2
    complaints = await office.desk.list("/tickets/complaints", ticket=found["ticket"])
    assert any(complaint["channel"] == "survey" for complaint in complaints) == poor, row


async def test_importing_again_changes_nothing_whatever_the_file_is_called(office: Office) -> None:
    # given a sheet that was imported, and what became overdue meanwhile
    await imported(office, BRANCH.read_bytes(), BRANCH.name)
    await office.seen()
    head = await office.tickets.log.head()

    # when the same rows are imported again
    again = await imported(office, BRANCH.read_bytes(), "复制.csv")

    # then nothing is recorded
    assert await office.tickets.log.head() == head
    assert again["counts"]["unchanged"] == again["counts"]["entries"]
    assert (again["counts"]["imported"], again["counts"]["added"]) == (0, 0)


FIRST = {"日期": "2026-10-20", "时间": "9:00", "渠道": "电话", "客户单位": "百脉酒店", "电话": "13800001209",
         "产品": "粘鼠板", "批号": "NS260804", "问题": "粘不住"}  # fmt: skip
LATER = FIRST | {"首次答复时间": "2026-10-20 10:00", "答复方式": "电话", "约定到场": "2026-10-21 9:00",
                 "实际到场": "2026-10-21 9:20", "完成时间": "2026-10-21 10:00", "工程师": "E04",
                 "满意度": "2分"}  # fmt: skip


async def test_a_later_version_of_the_sheet_is_added_to_the_ticket(office: Office) -> None:
    # given a row that had no answer yet, then an agreed visit
    first = await imported(office, sheet(FIRST))
    number = first["rows"][-1]["ticket"]
    agreed = FIRST | {name: LATER[name] for name in ("首次答复时间", "答复方式", "约定到场", "工程师")}
    second = await imported(office, sheet(agreed))

    # when the sheet of the next day knows the rest
    third = await imported(office, sheet(LATER))

    # then the ticket has it all, once
    assert [each["counts"]["added"] for each in (first, second, third)] == [0, 1, 1]
    assert {each["rows"][-1]["ticket"] for each in (first, second, third)} == {number}
    found = await ticket_of(office, number)
    assert (found["status"], found["answer"]["late_minutes"], found["answer"]["overdue"]) == ("RESOLVED", 0, False)
    assert [(visit["engineer"], visit["late_minutes"]) for visit in found["visits"]] == [("E04", 20)]
    assert found["survey"]["score"] == 2
    assert (await imported(office, sheet(LATER)))["counts"]["unchanged"] == 1


async def test_what_people_have_recorded_meanwhile_stays(office: Office) -> None:
    # given an imported ticket, on which somebody went on working: an answer, an order, a survey
    row = FIRST | {"日期": "2026-10-25", "客户单位": "官庄商店"}
    number = (await imported(office, sheet(row)))["rows"][-1]["ticket"]
    ticket = (await ticket_of(office, number))["ticket"]
    await office.desk.do(f"/tickets/{ticket}/answer", {"proof": TALKED, "at": "2026-10-25T09:30:00+08:00"})
    await office.desk.do(f"/tickets/{ticket}/dispatch", {"purpose": "repair"})
    await office.desk.do(f"/tickets/{ticket}/resolve", {"resolution": "已更换"})
    await office.desk.do(f"/tickets/{ticket}/survey/answer", {"channel": "phone", "score": 5, "proof": TALKED})
    before = await office.desk.read(f"/tickets/{ticket}")

    # when a later sheet says something else
    said = {name: LATER[name].replace("2026-10-2", "2026-10-3") for name in ("约定到场", "实际到场", "完成时间")}
    later = row | said | {"首次答复时间": "2026-10-25 11:00", "工程师": "E09", "满意度": "1分"}
    done = await imported(office, sheet(later))

    # then nothing of theirs is changed, and the row says what isn't in
    assert done["counts"]["unchanged"] == 1
    after = await office.desk.read(f"/tickets/{ticket}")
    assert {k: v for k, v in after.items() if k != "answer"} == {k: v for k, v in before.items() if k != "answer"}
    assert after["answer"]["given_at"] == "2026-10-25T01:30:00+00:00"
    reason = done["rows"][-1]["reason"]
    for what in ("答复没有导入", "派工与上门没有导入", "完成没有导入", "满意度没有导入"):
        assert what in reason, reason


async def test_nothing_is_assumed_in_silence(office: Office) -> None:
    # given a sheet without a channel, whose clerk is named and who remarks something
    titles = (*(title for title in TITLES if title != "渠道"), "登记人", "备注")
    row = {k: v for k, v in FIRST.items() if k != "渠道"} | {"日期": "2026-10-26", "登记人": "小刘", "备注": "加急"}

    # when it is imported
    done = await imported(office, sheet(row, titles=titles))

    # then it is a call, and the result says that this was assumed; the remark is kept, the clerk isn't
    entry = done["rows"][-1]
    assert "没有写明渠道，按电话登记。" in entry["reason"]
    found = await ticket_of(office, entry["ticket"])
    assert (found["channel"], found["summary"]) == ("phone", "粘不住（备注：加急）")
    assert any("登记人一列没有导入" in notice for notice in done["notices"])


async def test_a_purchase_counts_as_the_delivery_where_nothing_else_is_known(office: Office) -> None:
    # given a product with its terms and a lot, and a row that says when it was bought
    product = await office.desk.do(
        "/tickets/products", {"name": "登记表毒饵", "consumable": True, "warranty_months": 6, "shelf_life_months": 24}
    )
    await office.desk.do("/tickets/lots", {"product": product["id"], "lot": "DB1", "manufactured": "2026-01-01"})
    row = FIRST | {"日期": "2026-10-27", "产品": "登记表毒饵", "批号": "DB1", "购买日期": "2026-06-01"}

    # when it is imported
    done = await imported(office, sheet(row, titles=(*TITLES, "购买日期")))

    # then the dates decide
    coverage = (await ticket_of(office, done["rows"][-1]["ticket"]))["coverage"]
    assert (coverage["verdict"], coverage["until"]) == ("in_warranty", "2026-12-01")


async def test_progress_comes_line_by_line_and_the_result_is_kept(office: Office) -> None:
    # given more rows than are worked on at once
    rows = [
        FIRST | {"时间": f"{8 + n // 60}:{n % 60:02}", "日期": "2026-10-28", "客户单位": f"单位{n}"} for n in range(230)
    ]
    reception = office.caller("reception")

    # when they are imported by one who asks for progress
    response = await reception.upload(
        "/tickets/register-imports", "many.csv", sheet(*rows), headers={"Accept": "application/x-ndjson"}
    )

    # then it is told by and by, and the result stays to be fetched, as JSON and as a spreadsheet
    lines = [json.loads(line) for line in response.text.splitlines()]
    assert response.headers["content-type"].startswith("application/x-ndjson")
    assert [line["done"] for line in lines[:-1]] == [100, 200, 230]
    kept = await reception.read(f"/tickets/register-imports/{lines[-1]['import']}")
    assert kept["counts"]["imported"] == 230
    assert kept["rows"] == lines[-1]["rows"]
    book = await reception.send("GET", f"/tickets/register-imports/{lines[-1]['import']}/result.xlsx")
    table = load_workbook(io.BytesIO(book.content)).worksheets[0]
    assert table.max_row == 1 + len(kept["rows"])
    assert [cell.value for cell in table[3]][2:4] == ["已导入", "imported"]
    assert not [row for row in table.iter_rows(values_only=True) if "13800001209" in str(row)]


async def test_a_file_that_is_no_register_says_what_is_missing(office: Office) -> None:
    files: dict[str, tuple[bytes, str]] = {
        "notes.csv": (b"a,b\n1,2\n", "no-header"),
        "empty.csv": (b"", "empty"),
        "broken.xlsx": (b"PK\x03\x04broken", "damaged"),
    }
    for name, (content, why) in files.items():
        response: httpx.Response = await office.caller("reception").upload("/tickets/register-imports", name, content)
        assert (response.status_code, code(response.json())) == (422, why), name


async def test_histories_of_imported_tickets_say_that_they_were_imported(office: Office) -> None:
    done = await imported(office, sheet(FIRST | {"日期": "2026-10-29"}))
    ticket = (await ticket_of(office, done["rows"][-1]["ticket"]))["ticket"]
    lines = await office.desk.read(f"/tickets/{ticket}/history")
    assert (lines[0]["when"], lines[0]["who"], lines[0]["from"]) == ("2026-10-29 09:00", "reception", "导入")
