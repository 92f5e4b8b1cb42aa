"""The office of the tests of dispatch, with those who notice, decide and hear appeals; and ways to a suspicion."""

from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from services.penalties.commands import facts, penalties
from services.penalties.domain import conduct, policy
from services.penalties.domain.conduct import AcknowledgePolicy, RecordSubject
from services.penalties.domain.identity import POLICY, conduct_id
from services.penalties.domain.penalty_commands import RaiseSuspicion
from services.penalties.domain.policy import AdoptPolicy
from shared.eventlog import Context, Streams
from shared.events.base import Event, Source
from shared.events.penalties import ConsequenceKind, Evidence, FactKind
from shared.service import Runtime
from tests.conftest import ServerAddresses, emptied_nats, fresh_database
from tests.integration.dispatch.conftest import DispatchOffice
from tests.integration.dispatch.visiting import Visiting, visiting
from tests.integration.tickets.conftest import Caller, actions, code, open_now, opened, until
from tests.unit.penalties.told import recorded

__all__ = ["Caller", "PenaltiesOffice", "Visiting", "actions", "code", "open_now", "until"]


_PLACES = count()


@dataclass
class PenaltiesOffice(DispatchOffice):
    """With callers of penalties, a policy in force, and engineers whom it binds. ``manager``, ``hr`` and ``dispatcher``
    are those of dispatch."""

    @property
    def penalties(self) -> Runtime:
        return self.runtime("penalties")

    @property
    def finance(self) -> Caller:
        return self.caller("finance", subject="wu.jun")

    @property
    def general_manager(self) -> Caller:
        return self.caller("general_manager", subject="qian.gm")

    def panel(self, subject: str = "chen.wei") -> Caller:
        """One of the appeal panel; another ``subject`` is another member."""
        return self.caller("appeal_panel", subject=subject)

    async def seen(self, service: str = "penalties") -> None:
        await super().seen(service)

    async def events(self, service: str = "penalties") -> list[dict[str, Any]]:
        return await super().events(service)

    async def record(self, work: Callable[[Streams], Coroutine[Any, Any, Any]], by: str = "tests") -> Any:
        """Work on the streams of penalties, recorded there."""
        return (await self.penalties.log.execute(work, Context(by, Source.WEB, uuid4()))).answer

    async def policy(self, *engineers: str, version: int = 1, region: str = "华北") -> None:
        """The version is adopted, if it wasn't, and binds these engineers from now on."""

        async def adopt(streams: Streams) -> None:
            book = await streams.load(policy, POLICY, required=False)
            if any(each.version == version for each in book.adopted):
                return
            now = self.clock.now()
            terms = {"policy": POLICY, "version": version, "valid_from": now, "procedure": "职工代表大会讨论通过"}
            await streams.handle(policy, POLICY, AdoptPolicy(at=now, by="qian.gm", **terms))

        await self.record(adopt)
        for engineer in engineers:
            await self.acknowledged(engineer, version, region)

    async def acknowledged(self, engineer: str, version: int = 1, region: str = "华北") -> None:
        """The engineer is known, and has read the version."""

        async def acknowledge(streams: Streams) -> None:
            now, record = self.clock.now(), conduct_id(engineer)
            if (await streams.load(conduct, record, required=False)).position == 0:
                facts = {"engineer": engineer, "region": region, "active": True, "position": 1}
                await streams.handle(conduct, record, RecordSubject(at=now, by="tests", **facts))
            command = AcknowledgePolicy(engineer=engineer, version=version, at=now, by=engineer)
            await streams.handle(conduct, record, command)

        await self.record(acknowledge)

    async def team(self) -> Visiting:
        """An engineer of their own, whom version 1 binds, with those who send them and a site."""
        team = await visiting(self)
        await self.policy(team.code)
        return team

    async def late(self, team: Visiting, **delta: float) -> str:
        """A visit to which the engineer of ``team`` comes late, as dispatch's clock says; the clock moves by ``delta``
        (two hours)."""
        visit = await team.on_the_way()
        await team.until_late(visit, **(delta or {"hours": 2}))
        return visit

    async def charged(self, team: Visiting, **delta: float) -> str:
        """The penalty that a late visit of ``team`` leads to: its id."""
        return await self.penalty_of(await self.late(team, **delta))

    async def penalty_of(self, visit: str) -> str:
        """The penalty that a visit leads to, as soon as there is one: its id."""

        async def raised() -> Any:
            rows = await self.hr.list("/penalties", visit=visit)
            return rows[0]["penalty"] if rows else None

        penalty: str = await until(raised)
        return penalty

    async def heard(self, event: Event, actor: str = "timer:deadlines") -> None:
        """Another service tells of ``event``, at a later place in its log than all before."""
        told = recorded(event, 10_000 + next(_PLACES), actor)
        await self.record(lambda streams: facts.hear(streams, told), "reaction:facts")

    async def of_visit(self, visit: UUID) -> list[str]:
        """All penalties that a visit has led to by now, oldest first."""
        await self.seen()
        return [row["penalty"] for row in reversed(await self.hr.list("/penalties", visit=str(visit)))]

    async def suspected(self, engineer: str, **facts: Any) -> str:
        """A suspicion of lateness under version 1, as the detectors raise it: the penalty's id. For those who test what
        comes after; of a rule of the policy's own."""
        said = suspicion(engineer, self.clock.now()) | facts
        version = said.pop("policy_version", 1)

        async def suspect(streams: Streams) -> None:
            def wish(**more: Any) -> RaiseSuspicion:
                return RaiseSuspicion(at=self.clock.now(), by="reaction:facts", **said, **more)

            await penalties.suspect(streams, version, wish)

        await self.record(suspect, "reaction:facts")
        return str(said["penalty"])

    async def imposed(self, penalty: str, engineer: str) -> None:
        """Noticed, stated, decided."""
        await self.hr.do(f"/penalties/{penalty}/notice")
        await self.engineer(engineer).do(f"/penalties/{penalty}/give-statement", {"statement": "高架封路"})
        await self.manager.do(f"/penalties/{penalty}/impose", {"reasons": "轨迹与所述不符"})

    async def until_told(self, penalty: str, event: str) -> dict[str, Any]:
        """Until ``event`` has happened to a penalty: its line."""

        async def found() -> Any:
            lines = await self.hr.read(f"/penalties/{penalty}/history")
            return next((line for line in lines if line["event"] == event), None)

        line: dict[str, Any] = await until(found)
        return line

    async def reconsidered(self, penalty: str, event: str = "") -> None:
        """The fact is corrected, as an event says."""
        evidence = heard(self.clock.now(), event or f"dispatch-{uuid4().int % 10**9}")

        async def reconsider(streams: Streams) -> None:
            now = self.clock.now()
            await penalties.reconsider(streams, UUID(penalty), evidence, at=now, by="reaction:facts")

        await self.record(reconsider, "reaction:facts")


def heard(at: datetime, event: str, topic: str = "dispatch.VisitLate") -> Evidence:
    return Evidence(event=event, topic=topic, sha256="0" * 64, occurred_at=at, recorded_at=at)


def suspicion(engineer: str, at: datetime) -> dict[str, Any]:
    """What a suspicion of lateness says, by whom li.na has sent."""
    rule = next(rule for rule in policy.FIRST.terms.rules if rule.code == "4.5")
    assert rule.consequence.kind is ConsequenceKind.FINE
    return {
        "penalty": uuid4(),
        "fact": uuid4(),
        "kind": FactKind.LATENESS,
        "engineer": engineer,
        "rule": rule.code,
        "clause": rule.clause,
        "consequence": rule.consequence,
        "amount": rule.consequence.amount,
        "happened_at": at,
        "read": dict(rule.must_match),
        "evidence": (heard(at, f"dispatch-{uuid4().int % 10**9}"),),
        "involved": ("li.na",),
        "visit": uuid4(),
    }


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(servers: ServerAddresses, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PenaltiesOffice]:
    """An office for all tests of a file; each works with engineers of its own. Its clock only ever goes forward."""
    async with fresh_database(servers) as database_url:
        nats_url = await emptied_nats(servers)
        async with opened(database_url, nats_url, tmp_path_factory.mktemp("office"), PenaltiesOffice) as office:
            yield office
