"""Yesterday's bytes still load: a sample of every version of every published event, as it was stored one day."""

import json
from pathlib import Path
from typing import Any

import pytest

from shared.catalogue.samples import fields_of, loaded_path, sample, sample_stored, write_samples
from shared.catalogue.schemas import published_events
from shared.eventlog import decode
from shared.events.base import PUBLISHED

SAMPLES = Path(__file__).parent / "samples"
published_events()
STORED = sorted(path for path in SAMPLES.glob("*.v*.json") if ".as-v" not in path.name)


def named(path: Path) -> tuple[str, int]:
    topic, _, version = path.stem.rpartition(".v")
    return topic, int(version)


def test_every_version_of_every_event_has_its_sample() -> None:
    expected = {(cls.TOPIC, v) for cls in published_events() for v in range(1, cls.class_version + 1)}
    assert {named(path) for path in STORED} == expected, "run `make docs`"


@pytest.mark.parametrize("path", STORED, ids=[path.stem for path in STORED])
def test_a_stored_sample_loads_as_it_always_did(path: Path) -> None:
    topic, version = named(path)
    event, meta = decode(topic, path.read_bytes())
    cls = PUBLISHED[topic]
    assert meta.schema_version == version
    stored = json.loads(path.read_bytes())["meta"]
    assert meta.model_dump(mode="json", exclude_none=True) == stored
    loaded = event.model_dump(mode="json")
    if version == cls.class_version:
        assert {name: loaded[name] for name in fields_of(path)} == fields_of(path)
    else:
        assert loaded == json.loads(loaded_path(path, cls).read_text())


def test_samples_are_filled_and_are_never_written_over(tmp_path: Path) -> None:
    cls = PUBLISHED["tickets.TicketOpened"]
    assert all(value is not None for value in sample(cls).model_dump().values())
    written = write_samples(tmp_path)
    assert {path.name for path in written} == {path.name for path in STORED}
    kept = tmp_path / "tickets.TicketOpened.v1.json"
    kept.write_bytes(b"as it was")
    (tmp_path / "tickets.TicketClosed.v1.json").unlink()
    assert [path.name for path in write_samples(tmp_path)] == ["tickets.TicketClosed.v1.json"]
    assert kept.read_bytes() == b"as it was"


def test_a_sample_is_what_the_log_would_store() -> None:
    for cls in published_events():
        stored: Any = sample_stored(cls)
        assert decode(stored.topic, stored.state)[0] == sample(cls)
