"""Who could make a visit, by skill, duty, time, distance and load: each explained. A person decides.

Skill, duty and time can speak against an engineer; the rest is points, by ``ProposalTerms``. Whom something speaks
against stays in the list, behind the others, so that nobody vanishes without a word: an override with a reason is the
dispatcher's to give.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache, partial
from math import asin, ceil, cos, radians, sin, sqrt
from typing import NamedTuple
from uuid import UUID

from shared.calendar import SHANGHAI
from shared.decider import Words
from shared.events.dispatch import ProposalTerms
from shared.text import folded

_same_word = lru_cache(maxsize=10_000)(folded)
"""Skills, cities and regions are few words, compared again for everybody."""

EARTH_KM = 6371.0
A_MINUTE = timedelta(minutes=1)


class Place(NamedTuple):
    """Degrees, WGS 84."""

    latitude: float
    longitude: float


class Wanted(NamedTuple):
    """The visit that somebody is looked for."""

    starts_at: datetime
    """The agreed arrival."""
    ends_at: datetime
    skills: tuple[str, ...] = ()
    place: Place | None = None
    city: str | None = None
    region: str | None = None
    visit: UUID | None = None
    """Its own booking is no hindrance."""


class Booking(NamedTuple):
    """Another visit of an engineer."""

    visit: UUID
    starts_at: datetime
    ends_at: datetime
    place: Place | None = None
    city: str | None = None


class Absence(StrEnum):
    """Why somebody is not on duty."""

    OFF = "off"
    LEAVE = "leave"
    UNKNOWN = "unknown"
    """No roster says anything: no hindrance, but said."""


class Candidate(NamedTuple):
    """An engineer, as far as a proposal must know."""

    engineer: str
    skills: frozenset[str]
    region: str | None
    base_city: str | None
    base: Place | None
    absence: Absence | None
    """At the time of the visit; None: on duty."""
    bookings: tuple[Booking, ...]
    """That day's, and those that reach into it, by their beginning."""
    week_visits: int
    """In the seven days around the visit."""


class Aspect(StrEnum):
    SKILL = "skill"
    DUTY = "duty"
    TIME = "time"
    DISTANCE = "distance"
    LOAD = "load"
    REGION = "region"


class Reason(NamedTuple):
    """What speaks for or against an engineer."""

    aspect: Aspect
    points: float
    against: bool
    """It takes an override to send them all the same."""
    said: Callable[[], Words]

    @property
    def words(self) -> Words:
        """Made when somebody reads them: hundreds are judged, a few are shown."""
        return self.said()


@dataclass(frozen=True, slots=True)
class Proposal:
    """One engineer, judged."""

    engineer: str
    score: float
    """Of 100."""
    suitable: bool
    """Nothing speaks against them."""
    distance_km: float | None
    """By road, as estimated, from where they would come; None where it isn't known."""
    overlaps: tuple[UUID, ...]
    reasons: tuple[Reason, ...]


def propose(wanted: Wanted, candidates: Iterable[Candidate], terms: ProposalTerms) -> list[Proposal]:
    """Everybody, the best first; of equals, the nearer one, then by code."""
    judged = [judge(wanted, candidate, terms) for candidate in candidates]
    return sorted(judged, key=_order)


def judge(wanted: Wanted, candidate: Candidate, terms: ProposalTerms) -> Proposal:
    """One engineer for the visit, with the reasons."""
    others = [booking for booking in candidate.bookings if booking.visit != wanted.visit]
    overlaps = tuple(b.visit for b in others if max(b.starts_at, wanted.starts_at) < min(b.ends_at, wanted.ends_at))
    before = max((b for b in others if b.ends_at <= wanted.starts_at), key=lambda b: b.ends_at, default=None)
    after = min((b for b in others if b.starts_at >= wanted.ends_at), key=lambda b: b.starts_at, default=None)
    km = _way(wanted, candidate, before, terms)
    reasons = (
        _skill(wanted, candidate),
        _DUTY[candidate.absence],
        _time(wanted, others, overlaps, before, after, terms),
        _distance(km, before, terms),
        _load(candidate, len(others), terms),
        _region(wanted, candidate, terms),
    )
    possible = terms.distance_points + terms.load_points + terms.margin_points + terms.region_points
    score = round(100 * sum(reason.points for reason in reasons) / possible, 1)
    suitable = not any(reason.against for reason in reasons)
    return Proposal(candidate.engineer, score, suitable, km, overlaps, reasons)


def kilometres(one: Place, other: Place) -> float:
    """As the crow flies."""
    lat1, lat2 = radians(one.latitude), radians(other.latitude)
    dlat, dlon = lat2 - lat1, radians(other.longitude - one.longitude)
    h = sin(dlat / 2) ** 2 + cos(lat1) * cos(lat2) * sin(dlon / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(h)))


def _order(proposal: Proposal) -> tuple[bool, float, float, str]:
    far = float("inf") if proposal.distance_km is None else proposal.distance_km
    return (not proposal.suitable, -proposal.score, far, proposal.engineer)


def _by_road(one: Place | None, other: Place | None, terms: ProposalTerms) -> float | None:
    return None if one is None or other is None else kilometres(one, other) * terms.detour_percent / 100


def _way(wanted: Wanted, candidate: Candidate, before: Booking | None, terms: ProposalTerms) -> float | None:
    """From the visit before, or from home."""
    km = _by_road(before.place if before else candidate.base, wanted.place, terms)
    return None if km is None else round(km, 1)


def _always(zh: str, en: str) -> Callable[[], Words]:
    words = Words(zh, en)
    return lambda: words


_NO_SKILL = _always("不需要特别技能。", "No special skill is needed.")


def _skill(wanted: Wanted, candidate: Candidate) -> Reason:
    if not wanted.skills:
        return Reason(Aspect.SKILL, 0, False, _NO_SKILL)
    able = {_same_word(skill) for skill in candidate.skills}
    missing = [skill for skill in wanted.skills if _same_word(skill) not in able]
    return Reason(Aspect.SKILL, 0, bool(missing), partial(_skill_words, wanted.skills, missing))


def _skill_words(skills: Sequence[str], missing: Sequence[str]) -> Words:
    zh, en = "、".join(missing or skills), ", ".join(missing or skills)
    if missing:
        return Words(f"缺少技能：{zh}。", f"Lacks the skill {en}.")
    return Words(f"具备技能：{zh}。", f"Has the skill {en}.")


_DUTY: Mapping[Absence | None, Reason] = {
    None: Reason(Aspect.DUTY, 0, False, _always("当时值守。", "On duty at that time.")),
    Absence.OFF: Reason(Aspect.DUTY, 0, True, _always("当时不值守。", "Not on duty at that time.")),
    Absence.LEAVE: Reason(Aspect.DUTY, 0, True, _always("当时休假。", "On leave at that time.")),
    Absence.UNKNOWN: Reason(Aspect.DUTY, 0, False, _always("没有排班记录。", "No roster says anything.")),
}


def _time(
    wanted: Wanted,
    others: Sequence[Booking],
    overlaps: Sequence[UUID],
    before: Booking | None,
    after: Booking | None,
    terms: ProposalTerms,
) -> Reason:
    """3.4b: whoever can't be there in time is no help to the customer, nor to the next one."""
    if overlaps:
        clash = min((b for b in others if b.visit in overlaps), key=lambda b: b.starts_at)
        return Reason(Aspect.TIME, 0, True, partial(_clash_words, clash))
    gaps = [(before, wanted.starts_at - before.ends_at, before.ends_at)] if before else []
    gaps += [(after, after.starts_at - wanted.ends_at, after.starts_at)] if after else []
    spare = terms.margin_minutes
    for booking, gap, at in gaps:
        needed = _minutes(_by_road(booking.place, wanted.place, terms), terms)
        left = int(gap / A_MINUTE) - needed
        if left < 0:
            return Reason(Aspect.TIME, 0, True, partial(_far_words, at, needed))
        spare = min(spare, left)
    points = terms.margin_points * spare / terms.margin_minutes
    return Reason(Aspect.TIME, points, False, partial(_spare_words, spare) if gaps else _FREE)


_FREE = _always("当天前后没有其他上门。", "No other visit before or behind it.")


def _clash_words(clash: Booking) -> Words:
    span = f"{_clock(clash.starts_at)}–{_clock(clash.ends_at)}"
    return Words(f"{span} 已有上门。", f"Has another visit, {span}.")


def _far_words(moment: datetime, minutes: int) -> Words:
    at = _clock(moment)
    return Words(
        f"与 {at} 的上门之间路上需约 {minutes} 分钟，来不及。",
        f"The way from or to the visit at {at} takes {minutes} min.",
    )


def _spare_words(minutes: int) -> Words:
    return Words(f"与前后上门之间余 {minutes} 分钟以上。", f"At least {minutes} min to spare between the visits.")


def _minutes(km: float | None, terms: ProposalTerms) -> int:
    """On the way; 0 where it isn't known how far it is."""
    return 0 if km is None else ceil(km * 60 / terms.speed_kmh)


_NO_DISTANCE = Reason(Aspect.DISTANCE, 0, False, _always("距离不明（没有坐标）。", "The distance isn't known."))


def _distance(km: float | None, before: Booking | None, terms: ProposalTerms) -> Reason:
    if km is None:
        return _NO_DISTANCE
    points = terms.distance_points * max(0.0, 1 - km / terms.far_km)
    return Reason(Aspect.DISTANCE, points, False, partial(_distance_words, km, _minutes(km, terms), before))


def _distance_words(km: float, minutes: int, before: Booking | None) -> Words:
    start = Words("上一个上门地点", "the visit before") if before else Words("驻地", "home")
    return Words(f"距{start.zh}约 {km:g} 公里、{minutes} 分钟。", f"About {km:g} km, {minutes} min from {start.en}.")


def _load(candidate: Candidate, day_visits: int, terms: ProposalTerms) -> Reason:
    share = max(day_visits / terms.day_visits, candidate.week_visits / terms.week_visits)
    points = terms.load_points * max(0.0, 1 - share)
    return Reason(Aspect.LOAD, points, False, partial(_load_words, day_visits, candidate.week_visits))


def _load_words(day_visits: int, week_visits: int) -> Words:
    return Words(
        f"当天已有 {day_visits} 次上门，前后一周 {week_visits} 次。",
        f"{day_visits} visit(s) on that day, {week_visits} in the week around it.",
    )


def _region(wanted: Wanted, candidate: Candidate, terms: ProposalTerms) -> Reason:
    """A city or a region says something also where no coordinates are known."""
    if wanted.city and candidate.base_city and _same_word(wanted.city) == _same_word(candidate.base_city):
        return Reason(Aspect.REGION, terms.region_points, False, partial(_city_words, wanted.city))
    if wanted.region and candidate.region and _same_word(wanted.region) == _same_word(candidate.region):
        return Reason(Aspect.REGION, terms.region_points * 0.7, False, partial(_region_words, wanted.region))
    return _ELSEWHERE


_ELSEWHERE = Reason(Aspect.REGION, 0, False, _always("不在本城市或本区域。", "Of another city and region."))


def _city_words(city: str) -> Words:
    return Words(f"驻地就在{city}。", f"Based in {city}.")


def _region_words(region: str) -> Words:
    return Words(f"负责{region}。", f"Of the region {region}.")


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%H:%M}"
