"""Reference data: recorded, imported, found by Chinese text; persons found by who calls, and erased without a trace."""

import io
from typing import Any

import pytest
from openpyxl import Workbook
from psycopg.rows import dict_row

from tests.integration.tickets.conftest import CALL, Office, code, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHEETS: dict[str, list[list[Any]]] = {
    "customers": [
        ["客户单位", "编码", "地区", "重点客户"],
        ["明水小学", "C-1", "章丘", "是"],
        ["龙山粮站", "C-2", "章丘", "否"],
    ],
    "sites": [["客户", "服务地点", "城市"], ["明水小学", "食堂", "济南"], ["没有的单位", "食堂", "济南"]],
    "persons": [["客户", "联系人", "电话", "地址"], ["明水小学", "周老师", "13800001201", "明水路 1 号"]],
    "products": [
        ["名称", "编码", "耗材", "保修期(月)", "保质期"],
        ["灭鼠毒饵", "DS", "是", 6, "2年"],
        ["驱鼠器", "QS", "否", "12个月", ""],
        ["坏行", "X", "是", "半年", ""],
    ],
    "lots": [["产品", "批号", "生产日期"], ["灭鼠毒饵", "DS260801", "2026-08-01"], ["没有的产品", "X1", ""]],
    "units": [
        ["客户", "产品", "批号", "序列号", "交付日期", "地点"],
        ["明水小学", "灭鼠毒饵", "DS260801", "", "2026年9月1日", "食堂"],
        ["明水小学", "驱鼠器", "", "", "2026-09-01", ""],
    ],
}
"""What a branch office keeps, with a bad row here and there."""
RECORDED = {"customers": 2, "sites": 1, "persons": 1, "products": 2, "lots": 1, "units": 1}


def xlsx(rows: list[list[Any]]) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def csv(rows: list[list[Any]]) -> bytes:
    return "\n".join(",".join(map(str, row)) for row in rows).encode("gb18030")


async def imported(office: Office, kind: str, form: str = "xlsx") -> dict[str, Any]:
    content = xlsx(SHEETS[kind]) if form == "xlsx" else csv(SHEETS[kind])
    response = await office.desk.upload(f"/tickets/{kind}/import", f"{kind}.{form}", content)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def test_every_kind_is_imported_and_importing_again_changes_nothing(office: Office) -> None:
    for kind, rows in SHEETS.items():
        # given a file with good rows and bad ones
        expected, bad = RECORDED[kind], len(rows) - 1 - RECORDED[kind]

        # when it is imported as XLSX, and again as CSV in the encoding that Excel writes here
        first, head = await imported(office, kind), 0
        head = await office.tickets.log.head()
        again = await imported(office, kind, "csv")

        # then good rows are in, bad ones say why, and the second time nothing is recorded
        assert first["counts"] == {"recorded": expected, "unchanged": 0, "refused": bad}, (kind, first)
        assert again["counts"] == {"recorded": 0, "unchanged": expected, "refused": bad}, (kind, again)
        assert all(row["reason"] for row in first["rows"] if row["result"] == "refused")
        assert await office.tickets.log.head() == head
    reasons = {row["reason"] for row in (await imported(office, "sites"))["rows"] if row["result"] == "refused"}
    assert reasons == {"没有这个客户，请先登记客户。"}


async def test_a_file_of_another_kind_says_which_columns_it_needs(office: Office) -> None:
    response = await office.desk.upload("/tickets/lots/import", "x.csv", "甲,乙\n1,2\n".encode())
    assert (response.status_code, code(response.json())) == (422, "no-header")
    assert "产品、批号" in response.json()["detail"]


async def test_entries_are_found_by_any_part_of_their_names(office: Office) -> None:
    # given what was imported, and a customer recorded by hand, in full width
    for kind in SHEETS:
        await imported(office, kind)
    await office.desk.do("/tickets/customers", {"name": "幼儿园（西区）", "region": "历下"})
    await office.seen()

    async def found(kind: str, q: str, **more: Any) -> list[str]:
        rows = await office.desk.list(f"/tickets/{kind}", q=q, **more)
        return [row.get("name") or row.get("lot") or row["product_name"] for row in rows]

    # when they are looked for by parts of names, codes and lots, in whatever width or case
    # then they are found
    assert await found("customers", "明水") == ["明水小学"]
    assert await found("customers", "水小") == ["明水小学"]
    assert await found("customers", "小水") == []
    assert await found("customers", "幼儿园(西") == ["幼儿园（西区）"]
    assert sorted(await found("customers", "章丘")) == ["明水小学", "龙山粮站"]
    assert await found("lots", "ds2608") == ["DS260801"]
    assert await found("products", "毒") == ["灭鼠毒饵"]
    assert await found("sites", "食堂") == ["食堂"]
    customer = (await office.desk.list("/tickets/customers", q="明水"))[0]["customer"]
    assert len(await office.desk.list("/tickets/units", customer=customer)) == 1
    shown = await office.desk.read(f"/tickets/customers/{customer}")
    assert (shown["code"], shown["key_customer"]) == ("C-1", True)
    assert (await office.desk.send("GET", f"/tickets/lots/{customer}")).status_code == 404


async def test_a_name_in_another_width_is_the_same_customer(office: Office) -> None:
    # given a customer with brackets in its name
    made = await office.desk.do("/tickets/customers", {"name": "机关食堂（北院）"})

    # when reception types them otherwise
    ticket = await office.ticket(customer_name="机关食堂(北院)")

    # then it is the same one, under the name as recorded
    assert (await office.desk.read(f"/tickets/{ticket}"))["customer"] == {
        "customer": made["id"],
        "name": "机关食堂（北院）",
    }


async def test_what_an_entry_belongs_to_has_to_be_there(office: Office) -> None:
    nobody = "6f1f7a9e-3c52-4b8e-9a57-5a1e1c3f7a11"
    customer = (await office.desk.do("/tickets/customers", {"name": "城东物业"}))["id"]
    site = await office.desk.refused("/tickets/sites", {"customer": nobody, "name": "西门"})
    lot = await office.desk.refused("/tickets/lots", {"product": nobody, "lot": "1"})
    unit = await office.desk.refused("/tickets/units", {"product": nobody, "customer": customer, "lot": "1"})
    person = await office.desk.refused("/tickets/persons", {"person": {"name": "王"}, "customer": nobody})
    assert [code(each) for each in (site, lot, unit, person)] == [
        "customer-unknown",
        "product-unknown",
        "product-unknown",
        "customer-unknown",
    ]


async def test_who_calls_is_found_by_the_number_however_it_is_typed(office: Office) -> None:
    # given two persons on one extension line, one at another number
    customer = (await office.desk.do("/tickets/customers", {"name": "东湖居委会"}))["id"]
    for name, phone in (("钱主任", "0531-83001208-12"), ("孙会计", "053183001208转13"), ("李四", "13800009999")):
        await office.desk.do("/tickets/persons", {"person": {"name": name, "phone": phone}, "customer": customer})

    async def called(phone: str) -> set[str]:
        found = await office.desk.send("POST", "/tickets/persons/search", json={"phone": phone})
        return {row["name"] for row in found.json()}

    # when somebody calls from those
    # then all who can be meant are listed
    assert await called("0531-83001208") == {"钱主任", "孙会计"}
    assert await called("1380000 9999") == {"李四"}
    assert await called("%%%%") == set()
    named = await office.desk.send("POST", "/tickets/persons/search", json={"name": "主任", "customer": customer})
    assert [row["name"] for row in named.json()] == ["钱主任"]
    neither = await office.desk.send("POST", "/tickets/persons/search", json={})
    assert neither.status_code == 422
    two = {"person": {"name": "x", "phone": "13800001111/13800002222"}}
    assert (await office.desk.post("/tickets/persons", two)).json()["errors"][0]["pointer"] == "#/person/phone"


async def test_a_caller_whom_nothing_identifies_keeps_their_name_all_the_same(office: Office) -> None:
    ticket = await office.ticket(customer_name=None, person={"name": "一位老大爷"})
    assert (await office.desk.read(f"/tickets/{ticket}"))["person"]["name"] == "一位老大爷"


async def test_only_those_who_need_it_see_who_the_caller_is(office: Office) -> None:
    # given a ticket of a named caller
    ticket = await office.ticket()

    # when reception and quality read it
    seen = (await office.desk.read(f"/tickets/{ticket}"))["person"]
    hidden = (await office.caller("quality").read(f"/tickets/{ticket}"))["person"]

    # then quality sees a pseudonym only
    assert seen["name"] == "王主任"
    assert hidden == seen["person"]


async def test_an_erased_person_is_nowhere_any_more(office: Office) -> None:
    # given a caller of a ticket, a complaint and a survey, whose name is said nowhere else
    name, phone, address = "欧阳小敏", "13912345678", "泉城路 99 号院"
    who = {"name": name, "phone": phone, "address": address, "email": "ouyang@example.com"}
    ticket = await office.resolved(person=who)
    link = (await office.desk.do(f"/tickets/{ticket}/survey", {"channel": "im"}))["link"]
    await office.http.post(link, data={"score": "1"})
    await office.seen()
    person = (await office.desk.read(f"/tickets/{ticket}"))["person"]["person"]

    # when they want to be forgotten
    await office.desk.do(f"/tickets/persons/{person}/erase", {"reason": "本人要求"})

    # then no table, no event and no message of the stream holds what they were called
    secrets = (name, phone, address, "ouyang@example.com")
    assert not _holding(await _all_rows(office), secrets)
    assert not _holding([event["state"] for event in await office.events()], secrets)
    assert not _holding(await _messages(office), secrets)
    shown = (await office.desk.read(f"/tickets/{ticket}"))["person"]
    assert (shown["name"], shown["phone"]) == (None, None)
    found = await office.desk.send("POST", "/tickets/persons/search", json={"phone": phone})
    assert found.json() == []

    # and who calls again is somebody new
    again = await office.ticket(person=who)
    assert (await office.desk.read(f"/tickets/{again}"))["person"]["person"] != person
    assert (await office.desk.post(f"/tickets/persons/{person}/erase", {"reason": "本人要求"})).status_code == 200
    nobody = "6f1f7a9e-3c52-4b8e-9a57-5a1e1c3f7a11"
    assert (await office.desk.post(f"/tickets/persons/{nobody}/erase", {"reason": "x"})).status_code == 404


def _holding(texts: list[str], secrets: tuple[str, ...]) -> list[str]:
    assert texts
    return [secret for secret in secrets if any(secret in text for text in texts)]


async def _all_rows(office: Office) -> list[str]:
    """Every row of every table of both services."""
    found: list[str] = []
    for runtime in office.runtimes:
        async with runtime.pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(
                "SELECT table_schema || '.' || table_name AS name FROM information_schema.tables "
                "WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'"
            )
            for table in await cursor.fetchall():
                await cursor.execute(f"SELECT * FROM {table['name']}")  # noqa: S608 - names from the catalogue
                found += [str(_readable(row)) for row in await cursor.fetchall()]
    return found


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    return {k: bytes(v).decode(errors="replace") if isinstance(v, bytes | memoryview) else v for k, v in row.items()}


async def _messages(office: Office) -> list[str]:
    """All that the stream holds, when the relay has sent everything."""
    nats = office.tickets.nats
    assert nats is not None
    head = await office.tickets.log.head()
    jetstream = (await nats.client()).jetstream()

    async def sent() -> bool:
        return (await jetstream.stream_info("EVENTS_TICKETS")).state.last_seq >= head

    await until(sent)
    state = (await jetstream.stream_info("EVENTS_TICKETS")).state
    raw = [await jetstream.get_msg("EVENTS_TICKETS", seq) for seq in range(state.first_seq, state.last_seq + 1)]
    return [f"{message.subject} {message.headers} {(message.data or b'').decode()}" for message in raw]


async def test_recording_the_same_again_is_no_event_and_if_match_guards_it(office: Office) -> None:
    # given a customer
    said = {"name": CALL["customer_name"] + "二部", "region": "济南"}
    made = await office.desk.post("/tickets/customers", said)

    # when it is recorded again, corrected, and corrected by somebody who hasn't seen that
    again = await office.desk.do("/tickets/customers", said)
    tag = {"If-Match": made.headers["etag"]}
    corrected = await office.desk.post("/tickets/customers", said | {"region": "章丘"}, headers=tag)
    stale = await office.desk.post("/tickets/customers", said | {"region": "莱芜"}, headers=tag)

    # then only the correction is an event
    assert (made.json()["changed"], again["changed"], again["version"]) == (True, False, 1)
    assert (corrected.json()["version"], stale.status_code, stale.json()["version"]) == (2, 412, 2)
