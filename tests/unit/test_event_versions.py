"""Stored events of every version load; what doesn't is named."""

from typing import Any, ClassVar
from uuid import uuid4

import orjson
import pytest
from eventsourcing.persistence import MapperDeserialisationError
from pydantic import ValidationError

from shared.eventlog import (
    UnknownEvent,
    decode,
)
from shared.events.base import Event
from tests.tally_log import NOON


class Weighed(Event):
    """Version 1 had ``pounds``; version 2 had ``kilos``; version 3 has grams."""

    SERVICE: ClassVar[str] = "scales"


class ParcelWeighed(Weighed):
    class_version: ClassVar[int] = 3
    grams: int

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        state["kilos"] = state.pop("pounds") / 2

    @staticmethod
    def upcast_v2_v3(state: dict[str, Any]) -> None:
        state["grams"] = round(state.pop("kilos") * 1000)


META = {
    "actor": "li",
    "source": "web",
    "correlation_id": str(uuid4()),
    "occurred_at": NOON.isoformat(),
    "recorded_at": NOON.isoformat(),
}


def stored(version: int | None, **data: Any) -> bytes:
    meta = META | ({"schema_version": version} if version else {})
    return orjson.dumps({"data": {"at": NOON.isoformat(), **data}, "meta": meta})


@pytest.mark.parametrize(
    ("version", "data"), [(None, {"pounds": 3}), (1, {"pounds": 3}), (2, {"kilos": 1.5}), (3, {"grams": 1500})]
)
def test_old_versions_of_an_event_are_upcast_beside_its_class(version: int | None, data: dict[str, Any]) -> None:
    event, _ = decode("scales.ParcelWeighed", stored(version, **data))
    assert event == ParcelWeighed(at=NOON, grams=1500)


def test_a_field_that_was_added_meanwhile_is_passed_over() -> None:
    assert decode("scales.ParcelWeighed", stored(3, grams=1500, lot="A1"))[0] == ParcelWeighed(at=NOON, grams=1500)
    with pytest.raises(ValidationError):
        ParcelWeighed(at=NOON, grams=1500, lot="A1")


def test_an_event_of_a_newer_program_is_not_guessed_at() -> None:
    for state in (stored(4, grams=1500), stored(4, grams=1500, lot="A1")):
        with pytest.raises(UnknownEvent, match="version 4"):
            decode("scales.ParcelWeighed", state)
    with pytest.raises(UnknownEvent):
        decode("scales.ParcelLost", stored(1))


@pytest.mark.parametrize("state", [b"", b"[]", b"{}", b'{"meta": {}}', stored(1), stored(3, grams="many")])
def test_bytes_that_do_not_load_are_named_so(state: bytes) -> None:
    with pytest.raises(MapperDeserialisationError, match=r"scales\.ParcelWeighed does not load"):
        decode("scales.ParcelWeighed", state)
