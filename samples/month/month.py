"""What all stories of the month share: the office, the time, the dice, the company and who works there."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from samples.month.company import Company
from samples.month.office import Caller, Office
from samples.month.timeline import Timeline

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)


def shanghai(day: date, hour: float) -> datetime:
    """A moment of a day in Shanghai, in UTC."""
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC) + timedelta(hours=hour)


def moment(at: datetime) -> str:
    """As the API takes it."""
    return at.isoformat()


@dataclass
class Month:
    """What the stories share."""

    office: Office
    time: Timeline
    chance: random.Random
    company: Company
    size: float = 1.0
    """1 is 200 tickets; less is a smaller month."""
    ids: dict[str, str] = field(default_factory=dict)
    """By what people say: a customer's or product's code, ``<customer>/site``."""
    told: Counter[str] = field(default_factory=Counter)
    """How often what has happened, for the summary."""
    booked: set[tuple[str, datetime]] = field(default_factory=set)
    away: set[tuple[str, date]] = field(default_factory=set)
    """Days of leave, by engineer."""
    """Engineers' hours that are taken."""
    sample: str | None = None
    """The ticket whose history is shown in the end."""
    fined: str | None = None
    revoked: str | None = None
    """Of the first fine that is final, and of the first that was appealed against with success: the penalties."""
    payroll: str = "0.00"
    """CNY: the total of the month's payroll list."""

    async def reach(self, at: datetime) -> None:
        await self.time.reach(at)

    async def later(self, **delta: float) -> None:
        """Minutes pass as they do; what takes hours or days happens when people are at work."""
        at = self.now + timedelta(**delta)
        await self.time.reach(at if set(delta) == {"minutes"} else self._at_work(at))

    def _at_work(self, at: datetime) -> datetime:
        local = at.astimezone(SHANGHAI)
        if 8 <= local.hour < 18:
            return at
        morning = local.date() + timedelta(days=1 if local.hour >= 18 else 0)
        return shanghai(morning, self.between(8, 9.5))

    async def begin(self, story: Any) -> None:
        await self.time.begin(story)

    @property
    def now(self) -> datetime:
        return self.office.clock.now()

    def likely(self, percent: float) -> bool:
        return self.chance.random() * 100 < percent

    def between(self, low: float, high: float) -> float:
        return self.chance.uniform(low, high)

    def book(self, engineer: str, arrival: datetime) -> bool:
        """Takes the two hours from ``arrival`` on for this engineer; False: they are taken, or of a day of leave."""
        if (engineer, arrival) in self.booked or (engineer, arrival.astimezone(SHANGHAI).date()) in self.away:
            return False
        self.booked.add((engineer, arrival))
        return True

    def count(self, what: str, many: int = 1) -> None:
        self.told[what] += many

    def workday(self, first: date = FIRST, last: date = LAST) -> date:
        """A day from Monday to Saturday."""
        while True:
            day = first + timedelta(days=self.chance.randrange((last - first).days + 1))
            if day.weekday() != 6:
                return day

    def a_call(self, direction: str = "outbound") -> dict[str, Any]:
        """A call in which two talked, as a proof."""
        number = f"{int(self.now.timestamp())}.{self.chance.randrange(100)}"
        seconds = self.chance.randrange(40, 400)
        return {"kind": "call", "call_id": number, "direction": direction, "seconds": seconds}

    # -- who works there -----------------------------------------------------------------------------------------

    @property
    def reception(self) -> Caller:
        return self.office.caller("li.na", "reception")

    @property
    def dispatcher(self) -> Caller:
        return self.office.caller("wang.fang", "dispatcher")

    @property
    def manager(self) -> Caller:
        return self.office.caller("zhao.min", "service_manager")

    @property
    def headquarters(self) -> Caller:
        return self.office.caller("qian.hua", "hq_verifier")

    @property
    def finance(self) -> Caller:
        return self.office.caller("sun.jie", "finance")

    @property
    def cashier(self) -> Caller:
        return self.office.caller("zhou.bo", "finance")

    @property
    def quality(self) -> Caller:
        return self.office.caller("wu.lei", "quality")

    @property
    def warehouse(self) -> Caller:
        return self.office.caller("he.jun", "warehouse")

    @property
    def planner(self) -> Caller:
        return self.office.caller("xu.yan", "production_planner")

    @property
    def purchasing(self) -> Caller:
        return self.office.caller("ma.chao", "purchasing")

    @property
    def hr(self) -> Caller:
        return self.office.caller("gao.xia", "hr")

    @property
    def general_manager(self) -> Caller:
        return self.office.caller("tang.min", "general_manager")

    def engineer(self, code: str) -> Caller:
        return self.office.caller(f"engineer.{code}", "engineer", engineer=code)
