"""What a restatement changes, place by place."""

from collections.abc import Iterator, Sequence
from typing import Any

from shared.events.reporting import FigureChange

_ALWAYS = ("cut_off", "since")
"""Where a report looks to is no change of what it says."""


def changes_between(before: Any, after: Any) -> Sequence[FigureChange]:
    """Places as ``by.product[p1].month.total``; what has a key is found by it, whatever its place in the list."""
    old, new = dict(_leaves(before, "")), dict(_leaves(after, ""))
    return [
        FigureChange(figure=place, before=old.get(place, ""), after=new.get(place, ""))
        for place in sorted(old.keys() | new.keys())
        if old.get(place) != new.get(place)
    ]


def _leaves(data: Any, place: str) -> Iterator[tuple[str, str]]:
    match data:
        case dict():
            for name, value in data.items():
                if place or name not in _ALWAYS:
                    yield from _leaves(value, f"{place}.{name}" if place else name)
        case list():
            for number, value in enumerate(data):
                yield from _leaves(value, f"{place}[{_key(value, number)}]")
        case None:
            return
        case _:
            yield place, str(data)


def _key(value: Any, number: int) -> str:
    if isinstance(value, dict):
        for name in ("key", "item", "position"):
            if name in value:
                return f"{value[name]}"
    return str(number)
