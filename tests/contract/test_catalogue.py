"""What was published stays readable: the catalogue is current, and refuses changes that break yesterday's readers."""

import json
import warnings
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import jsonschema
import pytest
from pydantic import BaseModel, Field

from shared.catalogue import IncompatibleChange, check_compatible, write_catalogue
from shared.catalogue.asyncapi import asyncapi_document, headers_schema
from shared.catalogue.compatibility import breaks
from shared.catalogue.samples import sample_stored
from shared.catalogue.schemas import as_json, published_events, schema_of, schema_path, words_of
from shared.events.base import Event
from shared.jetstream import headers_of

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its models name a field "schema"
    from asyncapi3.models.asyncapi import AsyncAPI3

CATALOGUE = Path(__file__).parents[2] / "docs" / "events"
EVENTS = published_events()
DOCUMENT = asyncapi_document()
by_topic = pytest.mark.parametrize("cls", EVENTS, ids=[cls.TOPIC for cls in EVENTS])


def files(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


# -- the catalogue --------------------------------------------------------------------------------------------


def test_the_catalogue_is_current(tmp_path: Path) -> None:
    write_catalogue(tmp_path)
    made, kept = files(tmp_path), files(CATALOGUE)
    assert {name for name in made if made[name] != kept.get(name)} == set(), "run `make docs`"


def test_no_published_version_is_broken() -> None:
    check_compatible(CATALOGUE)


def test_every_event_of_every_service_is_in_it() -> None:
    assert len(EVENTS) >= 50
    assert {cls.SERVICE for cls in EVENTS} >= {"tickets"}


@by_topic
def test_an_event_says_in_both_languages_what_it_means(cls: type[Event]) -> None:
    zh, separator, en = words_of(cls).partition("\n")[0].partition(" · ")
    assert separator, f"{cls.__name__}: begin its docstring with `中文 · English`"
    assert any("\u4e00" <= character <= "\u9fff" for character in zh)
    assert en


@by_topic
def test_what_is_said_of_a_field_is_said_in_both_languages(cls: type[Event]) -> None:
    schema = schema_of(cls)
    described = [schema["properties"]["data"], schema["properties"]["meta"], *schema["$defs"].values()]
    for part in described:
        for name, field in part.get("properties", {}).items():
            zh, separator, en = " ".join(field.get("description", "中 · en").split()).partition(" · ")
            assert separator, f"{cls.__name__}.{name}: say it as `中文 · English`"
            assert any("\u4e00" <= character <= "\u9fff" for character in zh), f"{cls.__name__}.{name}: {zh}"
            assert en


@by_topic
def test_a_schema_is_one_of_2020_12_and_describes_the_stored_bytes(cls: type[Event]) -> None:
    schema = schema_of(cls)
    jsonschema.Draft202012Validator.check_schema(schema)
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    stored = json.loads(sample_stored(cls).state)
    checker.validate(stored)
    assert not checker.is_valid({**stored, "data": {}})
    assert not checker.is_valid({**stored, "meta": stored["meta"] | {"schema_version": 99}})
    checker.validate({**stored, "data": stored["data"] | {"added_later": 1}})


# -- AsyncAPI ---------------------------------------------------------------------------------------------------


def test_the_asyncapi_document_is_valid() -> None:
    AsyncAPI3.model_validate(DOCUMENT)


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    def references(part: Any) -> list[str]:
        if isinstance(part, dict):
            own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
            return own + [ref for value in part.values() for ref in references(value)]
        return [ref for value in part for ref in references(value)] if isinstance(part, list) else []

    found = set(references(DOCUMENT))
    assert len(found) > len(EVENTS)
    for reference in found:
        place: Any = DOCUMENT
        for key in reference.removeprefix("#/").split("/"):
            place = place[key]


@by_topic
def test_an_asyncapi_message_describes_what_the_relay_publishes(cls: type[Event]) -> None:
    message = DOCUMENT["components"]["messages"][f"{cls.SERVICE}-{cls.__name__}"]
    stored = sample_stored(cls)
    headers = headers_of(cls.SERVICE, stored, previous=7)
    jsonschema.validate(headers, message["headers"])
    assert not set(headers) - set(message["headers"]["properties"]), "a header that the document doesn't know"
    for example in message["examples"]:
        jsonschema.validate(example["headers"], headers_schema(cls))
        jsonschema.Draft7Validator({**DOCUMENT, **message["payload"]}).validate(example["payload"])
    channel = DOCUMENT["channels"][f"{cls.SERVICE}-{cls.__name__}"]
    assert channel["address"] == f"events.{cls.SERVICE}.{{partition}}.{cls.__name__}"


def test_discriminators_are_as_asyncapi_wants_them() -> None:
    assert '"discriminator": {' not in as_json(DOCUMENT)


# -- changes ----------------------------------------------------------------------------------------------------


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class FewerColours(StrEnum):
    RED = "red"


class MoreColours(StrEnum):
    RED = "red"
    GREEN = "green"
    BLUE = "blue"


class ByCall(BaseModel):
    kind: Literal["call"]
    seconds: int


class ByLetter(BaseModel):
    kind: Literal["letter"]


class ByMail(BaseModel):
    kind: Literal["mail"]


class Line(BaseModel):
    amount: Decimal


class FinerLine(BaseModel):
    amount: Decimal
    unit: str


class PaintEvent(Event):
    SERVICE: ClassVar[str] = "paint"


FIELDS: dict[str, Any] = {
    "number": str,
    "count": Annotated[int, Field(ge=0)],
    "colour": Colour,
    "note": str | None,
    "lines": tuple[Line, ...],
    "way": Annotated[ByCall | ByLetter, Field(discriminator="kind")],
}


def painted(version: int = 1, defaults: dict[str, Any] | None = None, **changed: Any) -> type[Event]:
    """The event with some fields changed, added, or (None) removed."""
    fields = {name: kind for name, kind in (FIELDS | changed).items() if kind is not None}
    return type(
        "WallPainted",
        (PaintEvent,),
        {
            "__module__": __name__,
            "__doc__": "刷墙 · A wall was painted.",
            "__annotations__": {**fields, "class_version": ClassVar[int]},
            "class_version": version,
            **(defaults or {}),
        },
    )


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A catalogue in which version 1 is published."""
    cls = painted()
    path = schema_path(tmp_path, cls)
    path.parent.mkdir()
    path.write_text(as_json(schema_of(cls)))
    return tmp_path


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"number": None}, "number was removed or renamed"),
        ({"number": None, "no": str}, "number was removed or renamed"),
        ({"number": int}, "number has another type"),
        ({"lot": str}, "lot is new and must be there"),
        ({"note": str}, "note"),
        ({"number": str | None}, "number"),
        ({"count": Annotated[int, Field(ge=1)]}, "count has a narrower minimum"),
        ({"count": Annotated[int, Field(ge=0, le=9)]}, "count has a narrower maximum"),
        ({"number": Annotated[str, Field(pattern="^A")]}, "number has another pattern"),
        ({"number": Literal["A"]}, "number can't be everything any more"),
        ({"colour": FewerColours}, "colour can't be green any more"),
        ({"lines": tuple[FinerLine, ...]}, "unit is new and must be there"),
        ({"lines": tuple[str, ...]}, "lines"),
        ({"way": ByCall}, "way"),
        ({"way": Annotated[ByCall | ByMail, Field(discriminator="kind")]}, "way can't be kind letter any more"),
    ],
)
def test_a_change_that_breaks_readers_or_stored_events_is_refused(
    published: Path, changed: dict[str, Any], said: str
) -> None:
    found = breaks(published, [painted(**changed)])
    assert any(said in sentence for sentence in found), found
    assert "Raise class_version to 2 and add upcast_v1_v2" in found[0]


@pytest.mark.parametrize(
    ("changed", "defaults"),
    [
        ({}, {}),
        ({"lot": str | None}, {"lot": None}),
        ({"lot": str}, {"lot": ""}),
        ({"colour": MoreColours}, {}),
        ({"count": int}, {}),
        ({"way": Annotated[ByCall | ByLetter | ByMail, Field(discriminator="kind")]}, {}),
    ],
)
def test_a_change_that_breaks_nobody_is_allowed(
    published: Path, changed: dict[str, Any], defaults: dict[str, Any]
) -> None:
    assert breaks(published, [painted(defaults=defaults, **changed)]) == []


def test_a_field_that_may_be_missing_is_a_broken_promise(published: Path) -> None:
    assert "number may be missing now" in breaks(published, [painted(defaults={"number": ""})])[0]


def test_a_new_version_needs_its_upcast(published: Path) -> None:
    assert breaks(published, [painted(2, number=int)]) == [
        "paint.WallPainted: add upcast_v1_v2 beside the class, so that its v1 events load."
    ]
    upcast = staticmethod(lambda state: state.update(number=int(state["number"])))
    assert breaks(published, [painted(2, {"upcast_v1_v2": upcast}, number=int)]) == []


def test_a_published_event_or_version_does_not_go_away(published: Path) -> None:
    assert "its class is gone" in breaks(published, [])[0]
    second = painted(2, {"upcast_v1_v2": staticmethod(lambda state: None)})
    schema_path(published, second).write_text(as_json(schema_of(second)))
    assert "class_version must be at least 2" in breaks(published, [painted()])[0]


def test_a_refused_catalogue_is_not_written(tmp_path: Path) -> None:
    write_catalogue(tmp_path)
    path = next(tmp_path.glob("tickets/TicketOpened.v1.json"))
    published = json.loads(path.read_text())
    published["properties"]["data"]["properties"]["colour"] = {"type": "string"}
    path.write_text(as_json(published))
    before = files(tmp_path)
    with pytest.raises(IncompatibleChange, match="colour was removed or renamed"):
        write_catalogue(tmp_path)
    assert files(tmp_path) == before
