"""The provisioned dashboards of Grafana: every query runs, as the role that Grafana logs in as."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.dispatch.conftest import DispatchOffice, until
from tests.integration.dispatch.visiting import visiting
from tests.integration.reporting.test_dashboard import by_sql

pytestmark = pytest.mark.asyncio(loop_scope="module")
GRAFANA = Path(__file__).resolve().parents[3] / "deploy" / "grafana"
SPAN = "'2026-01-01T00:00:00Z' AND '2027-01-01T00:00:00Z'"
BOARDS = sorted((GRAFANA / "dashboards").glob("*.json"))


def targets(board: dict[str, Any]) -> list[dict[str, Any]]:
    return [target for panel in board["panels"] for target in panel["targets"]]


@pytest.mark.parametrize("file", BOARDS, ids=lambda file: file.stem)
async def test_every_query_runs_as_the_reader(office: DispatchOffice, file: Path) -> None:
    # given an office where something has happened
    team = await visiting(office)
    await team.done()
    await office.ticket()
    board = json.loads(await asyncio.to_thread(file.read_text))

    async def built() -> bool:
        return len(await by_sql(office, "SELECT 1 FROM pg_views WHERE schemaname = 'dashboard'")) >= 11

    await until(built)
    for target in targets(board):
        # when Grafana's macros are replaced as it does
        query = re.sub(r"\$__timeFilter\((.*?)\)(?= |$)", rf"\1 BETWEEN {SPAN}", target["rawSql"])
        assert "$__" not in query, query

        # then PostgreSQL answers; a series over time has a time
        rows = await by_sql(office, query)
        if target["format"] == "time_series" and rows:
            assert "time" in rows[0]


def test_dashboards_ask_the_source_that_is_provisioned_and_have_ids_of_their_own() -> None:
    (source,) = yaml.safe_load((GRAFANA / "provisioning/datasources/shouhou.yaml").read_text())["datasources"]
    (provider,) = yaml.safe_load((GRAFANA / "provisioning/dashboards/shouhou.yaml").read_text())["providers"]
    boards = [json.loads(file.read_text()) for file in BOARDS]
    assert len({board["uid"] for board in boards}) == len(boards) == 3
    for board in boards:
        assert {target["datasource"]["uid"] for target in targets(board)} == {source["uid"]}
        assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    assert provider["options"]["path"] == "/etc/grafana/dashboards"
    assert "password" not in source, "it is read from a secret's file"
