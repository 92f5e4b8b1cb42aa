"""What happens to visit programmes (2.3), and to the rules by which engineers are proposed."""

from typing import assert_never

from services.dispatch.domain.programme import ProgrammeEvent
from shared.decider import Words
from shared.events import dispatch as fact
from shared.events.base import Event


def programme_in_words(event: Event) -> Words | None:
    """None for an event of another subject."""
    if isinstance(event, fact.ProposalPolicyAdopted):
        return Words(
            f"派工建议规则第 {event.version} 版，自 {event.valid_from} 起：{event.reason}",
            f"Version {event.version} of the rules of proposals, from {event.valid_from} on: {event.reason}",
        )
    return _told(event) if isinstance(event, ProgrammeEvent) else None


def _told(event: ProgrammeEvent) -> Words:
    match event:
        case fact.ProgrammePlanned():
            return Words(
                f"制定走访计划「{event.name}」，编号 {event.number}，首次 {event.next_on}。",
                f"Visit programme “{event.name}” planned as {event.number}, first on {event.next_on}.",
            )
        case fact.ProgrammeChanged():
            following = _next(event.next_on)
            return Words(f"变更：{event.reason}。{following.zh}", f"Changed: {event.reason}. {following.en}")
        case fact.ProgrammePaused():
            return Words(f"暂停：{event.reason}", f"Paused: {event.reason}")
        case fact.ProgrammeResumed():
            following = _next(event.next_on)
            return Words(f"恢复。{following.zh}", f"Resumed. {following.en}")
        case fact.ProgrammeFellDue():
            count, day, until, following = len(event.visits), event.occurrence, event.visit_until, _next(event.next_on)
            return Words(
                f"{day} 走访到期，须在 {until} 前上门，生成派工单 {count} 张。{following.zh}",
                f"The visits of {day} are due by {until}: {count} work order(s) made. {following.en}",
            )
        case fact.ProgrammeEnded():
            why = event.reason or None
            return Words(f"结束：{why or '已过最后一天'}", f"Ended: {why or 'its last day has passed'}")
        case _:
            assert_never(event)


def _next(day: object) -> Words:
    return Words(f"下一次 {day}。", f"Next on {day}.") if day else Words("暂无下一次。", "No next one for now.")
