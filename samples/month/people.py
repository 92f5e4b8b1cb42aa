"""The engineers, their duty days, and who doesn't pick up the phone (4.6)."""

from datetime import date, timedelta
from typing import Any

from samples.month.company import CITIES, ENGINEERS
from samples.month.month import FIRST, LAST, Month, moment, shanghai

SKILLS = ("灭鼠", "灭蟑", "维修", "培训")


async def staff(m: Month) -> None:
    """Engineers with what they can do, their homes and phones beside the log, their rosters and leave."""
    for n, code in enumerate(ENGINEERS):
        name, city = m.company.engineers[code]
        skills = [SKILLS[n % 2], "维修", *(["培训"] if n % 3 == 0 else [SKILLS[(n + 1) % 2]])]
        body = {"engineer": code, "skills": skills, "region": CITIES[city][2], "base_city": city}
        await m.dispatcher.do("/dispatch/engineers", body)
        latitude, longitude, _ = CITIES[city]
        contacts = {"name": name, "phones": [f"1380000{n:04}"], "base_latitude": latitude, "base_longitude": longitude}
        await m.dispatcher.do(f"/dispatch/engineers/{code}/record-contacts", contacts)
        terms = {"phone_allowance": "20.00", "valid_from": FIRST.isoformat(), "wage_band": f"C{n % 3 + 1}"}
        await m.hr.do(f"/dispatch/engineers/{code}/record-terms", terms)
        duty = {"first": FIRST.isoformat(), "last": LAST.isoformat(), "weekdays": [1, 2, 3, 4, 5, 6]}
        await m.dispatcher.do(f"/dispatch/rosters/{code}/plan-duty", duty)
    for code in m.chance.sample(ENGINEERS, 2):
        day = m.workday(FIRST + timedelta(days=10))
        leave = {"starts": moment(shanghai(day, 0)), "ends": moment(shanghai(day, 24))}
        await m.hr.do(f"/dispatch/rosters/{code}/grant-leave", leave)
        m.away.add((code, day))


def stories(m: Month) -> list[Any]:
    """Headquarters calls on some days; a few don't answer, one calls back in time."""
    return [_probe(m, m.workday(), n) for n in range(round(12 * m.size))]


async def _probe(m: Month, day: date, n: int) -> None:
    await m.reach(shanghai(day, m.between(9, 20)))
    engineer = m.chance.choice(ENGINEERS)
    outcome = ("answered", "no_answer", "busy", "switched_off")[n % 4]
    await m.dispatcher.do("/dispatch/probes", {"engineer": engineer, "outcome": outcome})
    m.count("probes")
    if outcome in ("answered", "busy"):
        return
    await m.later(minutes=12)
    await m.dispatcher.do("/dispatch/probes", {"engineer": engineer, "outcome": outcome})
    if n % 8 == 1:
        await m.later(minutes=9)
        await m.dispatcher.do("/dispatch/probes/call-backs", {"engineer": engineer})
