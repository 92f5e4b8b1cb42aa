"""Snapshots: the state of long streams, so that a load reads few events. One that is lost costs a longer load."""

import asyncio
import contextlib
import hashlib
import inspect
import sys
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any
from uuid import UUID

import psycopg
from psycopg_pool import AsyncConnectionPool
from pydantic import TypeAdapter

from shared.decider import Decider
from shared.tasks import end

SNAPSHOT_EVERY = 100
"""Events between two snapshots of a stream; a load reads at most about that many."""


class Snapshots:
    """The newest state of each long stream, as bytes beside the log."""

    def __init__(self, pool: AsyncConnectionPool, deciders: Sequence[Decider[Any]]) -> None:
        self._pool = pool
        self._topics = {decider.STREAM: _topic(decider) for decider in deciders}
        self._types: dict[str, TypeAdapter[Any]] = {d.STREAM: TypeAdapter(type(d.NEW)) for d in deciders}
        self._keeping: dict[UUID, asyncio.Task[None]] = {}

    @property
    def topics(self) -> list[str]:
        return list(self._topics.values())

    def topic(self, decider: Decider[Any]) -> str:
        """What marks the snapshots of this very decider."""
        return self._topics[decider.STREAM]

    def state(self, decider: Decider[Any], snapshot: bytes) -> Any:
        """The state that was kept. Raises pydantic.ValidationError where today's can't be made from it."""
        return self._types[decider.STREAM].validate_json(snapshot)

    def keep(self, decider: Decider[Any], stream: UUID, version: int, state: Any) -> None:
        """Start to write the state at ``version``, which must be in the log; whoever needs it later finds it."""
        if stream not in self._keeping:
            task = asyncio.create_task(self._write(decider.STREAM, stream, version, state))
            self._keeping[stream] = task
            task.add_done_callback(lambda _: self._keeping.pop(stream))

    async def stop(self) -> None:
        """Give up what is being written."""
        await end(list(self._keeping.values()))

    async def _write(self, kind: str, stream: UUID, version: int, state: Any) -> None:
        values = {"s": stream, "v": version, "t": self._topics[kind], "b": self._types[kind].dump_json(state)}
        with contextlib.suppress(psycopg.OperationalError):
            async with self._pool.connection() as connection:
                await connection.execute(
                    "WITH older AS (DELETE FROM snapshots WHERE originator_id = %(s)s AND originator_version < %(v)s) "
                    "INSERT INTO snapshots (originator_id, originator_version, topic, state) "
                    "VALUES (%(s)s, %(v)s, %(t)s, %(b)s) "
                    "ON CONFLICT (originator_id, originator_version) DO UPDATE SET topic = %(t)s, state = %(b)s",
                    values,
                )


def _topic(decider: Any) -> str:
    """Names the kind of stream and the very code that folded it, with all of this program that it stands on: a changed
    lifecycle reads no old snapshot."""
    folded_by = hashlib.sha256()
    for source in sorted(_sources(decider)):
        folded_by.update(source.encode())
    return f"{decider.STREAM}@{folded_by.hexdigest()[:16]}"


def _sources(decider: Any) -> set[str]:
    own = decider if inspect.ismodule(decider) else type(decider)
    module = inspect.getmodule(own)
    assert module is not None
    found: dict[str, ModuleType] = {}
    ahead = [module]
    while ahead:
        for name in _modules_behind(ahead.pop()):
            if name not in found and name != module.__name__ and name.startswith(("services.", "shared.")):
                found[name] = sys.modules[name]
                ahead.append(found[name])
    return {inspect.getsource(own), *map(inspect.getsource, found.values())}


def _modules_behind(module: ModuleType) -> Iterator[str]:
    """Names of the modules that the names in ``module`` come from."""
    for value in vars(module).values():
        yield value.__name__ if inspect.ismodule(value) else str(getattr(value, "__module__", ""))
