"""The map of a day's visits: a dot for each city, on the pattern that China's cities make. Nothing is fetched."""

from collections.abc import Callable, Iterable, Sequence
from itertools import count
from math import cos, radians, sqrt
from typing import NamedTuple

from markupsafe import Markup, escape

from services.reporting.cities import cities
from services.reporting.views.visits_reading import CityVisits

WIDTH = 640.0
MARGIN = 1.2
"""Degrees around the outermost cities."""
LEAST = 4.0
"""Degrees that are shown at least, so that one city isn't all there is."""
_numbers = count(1)


class _Box(NamedTuple):
    south: float
    north: float
    west: float
    east: float

    @property
    def squeeze(self) -> float:
        """A degree of longitude is so much shorter than one of latitude, halfway up."""
        return cos(radians((self.south + self.north) / 2))

    @property
    def scale(self) -> float:
        return WIDTH / ((self.east - self.west) * self.squeeze)

    @property
    def height(self) -> float:
        return (self.north - self.south) * self.scale

    def point(self, latitude: float, longitude: float) -> tuple[float, float]:
        return (longitude - self.west) * self.squeeze * self.scale, (self.north - latitude) * self.scale


def city_map(shown: Sequence[CityVisits], label: str, say_city: Callable[[CityVisits], str]) -> Markup:
    """The map as SVG; ``say_city`` tells of a city what its dot means. Cities that aren't in the list are left to the
    table beside it."""
    placed = [city for city in shown if city.latitude is not None]
    if not placed:
        return Markup("")
    box = _box(placed)
    name = f"map-{next(_numbers)}"
    background = "".join(
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="1.6"/>'
        for x, y in _within(box, ((c.latitude, c.longitude) for c in cities()))
    )
    dots = "".join(_dot(box, city, say_city(city)) for city in sorted(placed, key=lambda city: -city.visits))
    head = f'viewBox="0 0 {WIDTH:.0f} {box.height:.0f}" role="img" aria-labelledby="{name}"'
    title = f'<title id="{name}">{escape(label)}</title>'
    drawn = f'<svg class="chart map" {head}>{title}<g class="ground">{background}</g>{dots}</svg>'
    return Markup(drawn)  # noqa: S704 - numbers, and words that are escaped


def _box(placed: Iterable[CityVisits]) -> _Box:
    north_south = [city.latitude or 0.0 for city in placed]
    west_east = [city.longitude or 0.0 for city in placed]
    return _Box(*_span(north_south, LEAST), *_span(west_east, LEAST * 1.6))


def _span(values: Sequence[float], least: float) -> tuple[float, float]:
    low, high = min(values) - MARGIN, max(values) + MARGIN
    missing = max(0.0, least - (high - low)) / 2
    return low - missing, high + missing


def _within(box: _Box, places: Iterable[tuple[float, float]]) -> Iterable[tuple[float, float]]:
    for latitude, longitude in places:
        if box.south <= latitude <= box.north and box.west <= longitude <= box.east:
            yield box.point(latitude, longitude)


def _dot(box: _Box, city: CityVisits, words: str) -> str:
    x, y = box.point(city.latitude or 0.0, city.longitude or 0.0)
    size = 7 + 5 * sqrt(city.visits)
    return (
        f'<g class="city {city.worst.value}"><circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}"><title>{escape(words)}'
        f'</title></circle><text x="{x:.1f}" y="{y + 4:.1f}" class="count">{city.visits}</text>'
        f'<text x="{x:.1f}" y="{y + size + 13:.1f}" class="name">{escape(city.name or "")}</text></g>'
    )
