"""Payroll lists and wages in plain sentences (D8). What the wages are isn't said."""

from typing import assert_never

from services.penalties.domain.payroll import PayrollEvent
from services.penalties.domain.wage import WageEvent
from shared.decider import Words
from shared.events import penalties as fact
from shared.events.base import Event
from shared.money import yuan


def payroll_in_words(event: Event) -> Words | None:
    """None of another subject's event."""
    return _payroll(event) if isinstance(event, PayrollEvent | WageEvent) else None


def _payroll(event: PayrollEvent | WageEvent) -> Words:
    match event:
        case fact.PayrollExported():
            count, sum_, head = len(event.lines), yuan(event.total), event.sha256[:12]
            return Words(
                f"导出 {event.period} 工资清单 {event.number}：{count} 条，合计 {sum_}（SHA-256 {head}…）。",
                f"Payroll list {event.number} of {event.period}: {count} lines, {sum_} (SHA-256 {head}…).",
            )
        case fact.WageRecorded():
            return Words(
                f"登记 {event.engineer} {event.period} 的工资与最低工资标准。",
                f"Wage and minimum wage of {event.engineer} for {event.period} recorded.",
            )
        case fact.WagesErased():
            return Words(
                f"删除 {event.engineer} 的工资登记（D13）：{event.reason}",
                f"Wages of {event.engineer} erased (D13): {event.reason}",
            )
        case _:
            assert_never(event)
