"""Nothing personal where it could never be erased (D13, ADR 4): not in events, subjects, logs, addresses or views.

A story in which everybody says what is personal; then everything that the system has kept or told is looked through.
"""

import io
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import nats
import pytest
import pytest_asyncio
import structlog
from psycopg.sql import SQL, Identifier

from shared import logs
from shared.api import routes_of
from tests.conftest import ServerAddresses
from tests.integration.dispatch.conftest import DispatchOffice, until
from tests.integration.dispatch.expenses import a_number, people
from tests.integration.dispatch.test_reports import signed, submitted
from tests.integration.dispatch.visiting import visiting
from tests.unit.dispatch.invoice_files import an_ofd

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAME, SIGNER, BUYER = "欧阳测试", "司马签字", "某某"
PHONE, LANDLINE = "13800008888", "0531-86007788"
CITIZEN = "11010519491231002X"
"""The example of GB 11643 itself; nobody's."""
HOME = {"base_latitude": 36.654321, "base_longitude": 117.123456}
THERE = {"latitude": 31.298765, "longitude": 120.587654, "accuracy_m": 20}
WAGE = {"valid_from": "2026-10-01", "phone_allowance": "23.45", "wage_band": "QX7"}

PERSONAL = (
    *(NAME, SIGNER, BUYER, PHONE, "1380000", "0531", "86007788", CITIZEN, "654321", "123456", "31.2987", "120.5876"),
    "QX7",
)
BESIDE = {"engineer_contacts", "engineer_phones", "engineer_terms", "places", "report_signers"}
"""The tables beside the log: what lies there can be erased."""


@contextmanager
def logged() -> Iterator[io.BytesIO]:
    """All lines that are logged meanwhile."""
    before, out = structlog.get_config(), io.BytesIO()
    logs.configure("DEBUG", out)
    try:
        yield out
    finally:
        structlog.configure(**before)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told(office: DispatchOffice) -> AsyncIterator[str]:
    """The lines that were logged while everything personal was said."""
    with logged() as out:
        who = await people(office)
        contacts = {"name": NAME, "phones": [PHONE, LANDLINE], **HOME}
        await office.hr.do(f"/dispatch/engineers/{who.code}/record-contacts", contacts)
        await office.hr.do(f"/dispatch/engineers/{who.code}/record-terms", WAGE)
        wrong = await office.hr.post(
            f"/dispatch/engineers/{who.code}/record-contacts", contacts | {"phones": [PHONE + "0" * 9]}
        )
        assert wrong.status_code == 422
        await _spent(who)
        await _visited(office)
        report = (await submitted(office))["report"]
        assert (await signed(office, report, name=SIGNER)).status_code == 200
        await office.seen()
        yield out.getvalue().decode()


async def _spent(who: Any) -> None:
    """A digital invoice that was made out to a person."""
    claim = await who.claim(await who.trip())
    file = an_ofd(a_number(), 购买方名称=BUYER, 购买方纳税人识别号=CITIZEN)
    kept = (await who.engineer.upload("/dispatch/claims/receipts", f"{NAME}.ofd", file)).json()
    line = {"kind": "postage", "spent_on": "2026-10-05", "city": "杭州", "amount": "300.00"}
    await who.engineer.do(f"/dispatch/claims/{claim}/lines", line | {"receipts": [kept["sha256"]]})
    typed = {"number": a_number(), "total": "300.00", "seller_tax_id": CITIZEN}
    refused = await who.engineer.post(f"/dispatch/claims/{claim}/lines", line | {"invoice": typed})
    assert refused.status_code == 422
    assert CITIZEN not in refused.text
    await who.engineer.do(f"/dispatch/claims/{claim}/submit")


async def _visited(office: DispatchOffice) -> None:
    """Somebody checks in where their telephone says that they are."""
    who = await visiting(office)
    visit = await who.on_the_way()
    await who.act(visit, "check-in", {"position": THERE})


def found_in(text: str) -> list[str]:
    return [personal for personal in PERSONAL if personal in text]


async def test_no_event_says_it(office: DispatchOffice, told: str) -> None:
    for service in ("tickets", "dispatch"):
        for event in await office.events(service):
            stored = json.dumps(json.loads(event["state"]), ensure_ascii=False)
            assert not found_in(stored), event["topic"]


async def test_no_message_and_no_subject_says_it(office: DispatchOffice, told: str, servers: ServerAddresses) -> None:
    broker = await nats.connect(servers.nats_url)
    try:
        for service in ("tickets", "dispatch"):
            head = await office.runtime(service).log.head()
            stream, jetstream = f"EVENTS_{service.upper()}", broker.jetstream()

            async def all_there(stream: str = stream, head: int = head, jetstream: Any = jetstream) -> bool:
                return (await jetstream.stream_info(stream)).state.messages >= head

            await until(all_there)
            for sequence in range(1, head + 1):
                message = await jetstream.get_msg(stream, sequence)
                assert re.fullmatch(rf"events\.{service}\.\d+\.\w+", message.subject or "")
                assert not found_in(f"{message.headers} {(message.data or b'').decode()}"), message.subject
    finally:
        await broker.close()


async def test_no_log_line_says_it(told: str) -> None:
    assert '"event":"request"' in told
    assert not found_in(told)


async def test_only_the_tables_beside_the_log_say_it(office: DispatchOffice, told: str) -> None:
    """Nor do views, or the answers that are kept for retries: nobody would think of erasing them there."""
    assert {table for table, _ in await _saying(office)} <= BESIDE


async def _saying(office: DispatchOffice) -> set[tuple[str, str]]:
    """The tables of dispatch that hold something personal, and what."""
    found: set[tuple[str, str]] = set()
    async with office.dispatch.pool.connection() as connection:
        tables = await connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables"
            " WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'"
        )
        for schema, table in await tables.fetchall():
            rows = await connection.execute(SQL("SELECT * FROM {}").format(Identifier(schema, table)))
            for row in await rows.fetchall():
                text = " ".join(_text(value) for value in row)
                found |= {(table, personal) for personal in found_in(text)}
    return found


def _text(value: Any) -> str:
    return bytes(value).decode(errors="replace") if isinstance(value, bytes | memoryview) else str(value)


async def test_no_address_asks_for_it(office: DispatchOffice) -> None:
    """Addresses are kept in the logs of proxies and the histories of browsers: names and numbers go into bodies."""
    personal = re.compile("name|phone|address|latitude|longitude|person|contact|signer|tax_id|wage")
    wrong = [
        f"{route.path}: {parameter.name}"
        for route in routes_of(office.gateway.apps["dispatch"])
        for parameter in (*route.dependant.path_params, *route.dependant.query_params)
        if personal.search(parameter.name) and not route.path.startswith("/docs/")
    ]
    assert not wrong
