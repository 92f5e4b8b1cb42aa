"""The data for others' dashboards, over HTTP and by SQL, of an office at work."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from services.reporting.views.published import PUBLISHED
from shared.published import READER
from shared.rebuild import rebuild
from shared.verify import views_equal_rebuild
from tests.conftest import READER_PASSWORD
from tests.integration.dispatch.conftest import DispatchOffice, code, until
from tests.integration.dispatch.visiting import visiting

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def read_all(office: DispatchOffice, view: str, limit: int = 200) -> list[dict[str, Any]]:
    """Page by page."""
    caller, path = office.caller("integration"), f"/reporting/dashboard/{view}"
    found, cursor = [], None
    while True:
        page = await caller.read(path, limit=limit, **({"cursor": cursor} if cursor else {}))
        found += page["items"]
        cursor = page["cursor"]
        if not cursor:
            return found


async def by_sql(office: DispatchOffice, query: str) -> list[dict[str, Any]]:
    """As Grafana asks."""
    parts = urlsplit(office.runtime("reporting").settings.database_of("reporting"))
    login = f"{READER}:{READER_PASSWORD}@{parts.netloc.rpartition('@')[2]}"
    async with await AsyncConnection.connect(urlunsplit(parts._replace(netloc=login))) as connection:
        return await (await connection.cursor(row_factory=dict_row).execute(query.encode())).fetchall()


async def test_every_view_is_described_and_can_be_read_both_ways(office: DispatchOffice) -> None:
    # given an office where something has been done
    await visiting(office)
    for _ in range(3):
        await office.ticket(product_name="粘鼠板")
    await office.seen("reporting")

    # when a program asks what there is
    described = (await office.caller("integration", language="en").read("/reporting/dashboard"))["views"]

    # then each view has what is described, over HTTP as well as by SQL
    assert {view["name"] for view in described} == set(PUBLISHED)
    for view in described:
        names = [column["name"] for column in view["columns"]]
        key = [column["name"] for column in view["columns"] if column["key"]]

        async def same(name: str = view["name"], relation: str = view["relation"]) -> bool:
            rows = await by_sql(office, f"SELECT * FROM {relation}")  # noqa: S608 - as it was described
            return len(rows) == len(await read_all(office, name))

        await until(same)
        for row in await by_sql(office, f"SELECT * FROM {view['relation']}"):  # noqa: S608 - as above
            assert list(row) == names
            assert None not in [row[name] for name in key]
        rows = await read_all(office, view["name"])
        assert all(list(row) == names for row in rows)
        assert len({tuple(map(str, (row[name] for name in key))) for row in rows}) == len(rows)


async def test_every_row_is_read_once_while_others_come(office: DispatchOffice) -> None:
    await office.seen("reporting")
    before = {row["ticket"] for row in await read_all(office, "tickets")}
    caller, found, cursor = office.caller("integration"), [], None
    while True:
        page = await caller.read("/reporting/dashboard/tickets", limit=1, **({"cursor": cursor} if cursor else {}))
        found += [row["ticket"] for row in page["items"]]
        cursor = page["cursor"]
        if not cursor:
            break
        if len(found) < 3:
            await office.ticket(product_name="胶饵")

    assert len(found) == len(set(found))
    assert before <= set(found)


async def test_only_who_may_reads_and_a_cursor_is_of_its_view(office: DispatchOffice) -> None:
    caller = office.caller("integration")
    first = await caller.read("/reporting/dashboard/freshness", limit=1)

    assert (await office.caller("auditor").send("GET", "/reporting/dashboard/tickets")).status_code == 200
    for role in ("engineer", "reception", "warehouse"):
        assert (await office.caller(role, engineer="E04").send("GET", "/reporting/dashboard")).status_code == 403
    other = await caller.send("GET", "/reporting/dashboard/report_status", params={"cursor": first["cursor"]})
    assert code(other.json()) == "cursor-invalid"
    assert (await caller.send("GET", "/reporting/dashboard/events")).status_code == 404
    assert (await caller.send("GET", "/reporting/dashboard/tickets", params={"after": "1"})).status_code == 422


async def test_it_is_said_how_fresh_each_projection_is(office: DispatchOffice) -> None:
    async def known() -> bool:
        rows = await read_all(office, "freshness")
        return {row["view"] for row in rows} == {
            view.name for view in office.runtime("reporting").service.views
        } and all(row["as_of"] for row in rows)

    await until(known)


async def test_all_views_are_made_again_and_are_the_live_ones(office: DispatchOffice) -> None:
    """As ``shouhou rebuild reporting`` and ``shouhou verify reporting`` do, while the office goes on."""
    runtime = office.runtime("reporting")
    assert runtime.nats
    told: dict[str, tuple[int, int]] = {}
    for view in runtime.service.views:

        def tell(done: int, total: int, _: float, name: str = view.name) -> None:
            told[name] = done, total

        await rebuild(view, runtime.log, runtime.pool, runtime.nats, tell)
        await office.ticket(product_name="粘鼠板")

    findings = [finding async for finding in views_equal_rebuild(runtime)]

    assert [finding for finding in findings if not finding.ok] == []
    assert {finding.what.split(".")[0] for finding in findings} == {view.name for view in runtime.service.views}
    assert all(done == total for done, total in told.values()), told
    assert len(await by_sql(office, "SELECT * FROM tickets")) == len(await read_all(office, "tickets"))
