"""Demerits and proposed measures in plain sentences (4.2, 4.3)."""

from datetime import datetime
from typing import assert_never

from services.penalties.domain.ladder import LadderEvent
from services.penalties.domain.measure import MeasureEvent
from services.penalties.domain.names.measures import DEMERIT_KIND, MEASURE_KIND, SIGNS_AS
from shared.calendar import SHANGHAI
from shared.decider import Words
from shared.events import penalties as fact
from shared.events.base import Event


def measure_in_words(event: Event) -> Words | None:
    """None of another subject's event."""
    if isinstance(event, LadderEvent):
        return _demerit(event)
    return _measure(event) if isinstance(event, MeasureEvent) else None


def _demerit(event: LadderEvent) -> Words:
    match event:
        case fact.DemeritRecorded():
            kind, until = DEMERIT_KIND[event.kind], _day(event.expires_at)
            if event.made_of:
                return Words(
                    f"{event.engineer} 的 {len(event.made_of)} 次记过累计为{kind.zh}，有效至 {until}。",
                    f"{len(event.made_of)} demerits of {event.engineer} make a {kind.en}, until {until}.",
                )
            return Words(
                f"{event.engineer} {kind.zh}一次，有效至 {until}。", f"{event.engineer}: a {kind.en}, until {until}."
            )
        case fact.DemeritStruck():
            kind = DEMERIT_KIND[event.kind]
            return Words(
                f"撤销 {event.engineer} 的{kind.zh}：{event.reason}",
                f"A {kind.en} of {event.engineer} is struck: {event.reason}",
            )
        case fact.DismissalReached():
            count = len(event.demerits)
            return Words(
                f"{event.engineer} 记大过累计 {count} 次，建议辞退。",
                f"{count} major demerits of {event.engineer} stand: dismissal is proposed.",
            )
        case _:
            assert_never(event)


def _measure(event: MeasureEvent) -> Words:
    match event:
        case fact.MeasureProposed():
            kind = MEASURE_KIND[event.kind]
            return Words(
                f"建议对 {event.engineer} {kind.zh}（{event.number}），须两人签署（4.3）。",
                f"Proposed for {event.engineer}: {kind.en} ({event.number}); it takes two signatures (4.3).",
            )
        case fact.MeasureSigned():
            side = SIGNS_AS[event.signed_as]
            return Words(
                f"{event.signed_by} 代表{side.zh}签署：{event.reasons}",
                f"{side.en}: signed by {event.signed_by}: {event.reasons}",
            )
        case fact.MeasureCarried():
            kind, persons = MEASURE_KIND[event.kind], event.signed_by
            return Words(
                f"{kind.zh}建议成立，签署人 {'、'.join(persons)}：{event.reasons}",
                f"The proposed {kind.en} is carried, signed by {' and '.join(persons)}: {event.reasons}",
            )
        case fact.MeasureDropped():
            return _dropped(event)
        case _:
            assert_never(event)


def _dropped(event: fact.MeasureDropped) -> Words:
    kind = MEASURE_KIND[event.kind]
    if event.carried:
        return Words(
            f"已成立的{kind.zh}建议撤销，须撤销已采取的措施：{event.reasons}",
            f"The {kind.en}, carried before, falls; what was done upon it has to be undone: {event.reasons}",
        )
    return Words(f"{kind.zh}建议不成立：{event.reasons}", f"The proposed {kind.en} is dropped: {event.reasons}")


def _day(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d}"
