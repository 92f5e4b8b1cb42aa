"""The month from its eve to its end: who and what there is, then all stories on one clock."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from samples.month import parts, penalties, people, tickets, visits
from samples.month.month import Month


async def play(month: Month, told: Callable[[datetime], Awaitable[None]]) -> None:
    """Raises ``Failed`` where a step goes otherwise than it should."""
    await tickets.reference_data(month)
    await people.staff(month)
    await penalties.policy(month)
    await parts.stock(month)
    await visits.reference_data(month)
    stories = tickets.stories(month, visits.serve) + people.stories(month) + parts.stories(month)
    for story in (*stories, visits.routine(month), penalties.mornings(month), penalties.payroll(month)):
        await month.begin(story)
    await month.time.play(told)
