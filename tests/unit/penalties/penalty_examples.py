"""Commands of a penalty as tests say them, with what every rule needs."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from services.penalties.domain import penalty
from services.penalties.domain import penalty_commands as wish
from services.penalties.domain.identity import NAMESPACE
from services.penalties.domain.penalty_state import Penalty
from services.penalties.domain.schedule import Schedule
from shared.calendar import Window, WorkCalendar
from shared.decider import Command
from shared.events.penalties import (
    AppealOutcome,
    Consequence,
    ConsequenceKind,
    Evidence,
    FactKind,
    Mode,
    PolicyTerms,
    ReviewOutcome,
)

T0 = datetime(2026, 10, 8, 1, 0, tzinfo=UTC)
"""Thursday 8 October 2026, 09:00 in Shanghai; Saturday 10 is a make-up workday."""
DAY = timedelta(days=1)
CHINA = WorkCalendar.chinese(((Window(time(9), time(18)),),) * 5 + ((), ()))
SCHEDULE = Schedule(PolicyTerms(rules=()), CHINA)
"""Notice, decision, appeal and review 5 workdays, statement 24 hours, appeal decision 10 workdays."""
FINE = Consequence(kind=ConsequenceKind.FINE, amount=Decimal("50.00"), score=2)
DEMERIT = Consequence(kind=ConsequenceKind.MAJOR_DEMERIT, remedial=True)
VISIT = UUID("7d0b54c6-6f0e-5b55-9c67-0f5d6c2b7a10")


def an_id(name: str) -> UUID:
    return uuid5(NAMESPACE, f"example:{name}")


def told(event: str = "dispatch-17", topic: str = "dispatch.VisitLate") -> Evidence:
    return Evidence(event=event, topic=topic, sha256="0" * 64, occurred_at=T0, recorded_at=T0)


def raise_(**facts: Any) -> wish.RaiseSuspicion:
    """E04 came late; li.na had sent them."""
    said: dict[str, Any] = {
        "penalty": an_id("penalty"),
        "fact": an_id("fact"),
        "kind": FactKind.LATENESS,
        "engineer": "E04",
        "rule": "4.5",
        "clause": "4.5",
        "policy_version": 1,
        "consequence": FINE,
        "amount": Decimal("50.00"),
        "happened_at": T0 - timedelta(hours=1),
        "read": {"minutes": 60},
        "evidence": (told(),),
        "involved": ("li.na",),
        "visit": VISIT,
        "schedule": SCHEDULE,
        "at": T0,
        "by": "reaction:facts",
    }
    return wish.RaiseSuspicion(**said | facts)


def demerit(**facts: Any) -> wish.RaiseSuspicion:
    said: dict[str, Any] = {"rule": "4.2.3", "clause": "4.2.3", "consequence": DEMERIT, "amount": Decimal("0.00")}
    return raise_(**said | facts)


def notice(at: datetime = T0, by: str = "sun.hong", **more: Any) -> wish.Notice:
    return wish.Notice(at=at, by=by, **{"recorded_at": at, "schedule": SCHEDULE} | more)


def state(at: datetime = T0, engineer: str = "E04", statement: str = "高架封路", **more: Any) -> wish.GiveStatement:
    return wish.GiveStatement(at=at, by=engineer, engineer=engineer, statement=statement, schedule=SCHEDULE, **more)


def impose(at: datetime = T0, by: str = "zhao.min", reasons: str = "没有证据说明封路", **more: Any) -> wish.Impose:
    said = {"mode": Mode.MONEY, "region": "华北", "recorded_at": at, "schedule": SCHEDULE} | more
    return wish.Impose(at=at, by=by, reasons=reasons, **said)


def waive(at: datetime = T0, by: str = "zhao.min", reasons: str = "封路属实", **more: Any) -> wish.Waive:
    return wish.Waive(at=at, by=by, reasons=reasons, schedule=SCHEDULE, **more)


def appeal(at: datetime = T0, engineer: str = "E04", grounds: str = "有导航截图", **more: Any) -> wish.LodgeAppeal:
    return wish.LodgeAppeal(at=at, by=engineer, engineer=engineer, grounds=grounds, schedule=SCHEDULE, **more)


def propose(
    outcome: AppealOutcome = AppealOutcome.UPHELD, at: datetime = T0, by: str = "chen.wei", **more: Any
) -> wish.ProposeAppealDecision:
    said = {"reasons": "截图时间不符"} | more
    return wish.ProposeAppealDecision(outcome=outcome, at=at, by=by, **said)


def confirm(
    outcome: AppealOutcome = AppealOutcome.UPHELD, at: datetime = T0, by: str = "lin.tao", **more: Any
) -> wish.ConfirmAppealDecision:
    return wish.ConfirmAppealDecision(outcome=outcome, at=at, by=by, **more)


def reconsider(at: datetime = T0, event: str = "dispatch-99") -> wish.Reconsider:
    evidence = told(event, "dispatch.VisitLateCorrected")
    return wish.Reconsider(at=at, by="reaction:facts", evidence=evidence, schedule=SCHEDULE)


def review(
    outcome: ReviewOutcome = ReviewOutcome.STANDS, at: datetime = T0, by: str = "qian.gm", **more: Any
) -> wish.DecideReview:
    said = {"reasons": "更正不影响结论"} | more
    return wish.DecideReview(outcome=outcome, at=at, by=by, **said)


def reverse(at: datetime = T0, by: str = "qian.gm", reasons: str = "法院判决", **more: Any) -> wish.Reverse:
    return wish.Reverse(at=at, by=by, reasons=reasons, **more)


def execute(taken: str = "50.00", at: datetime = T0, **more: Any) -> wish.Execute:
    return wish.Execute(taken=Decimal(taken), period="2026-10", at=at, by="wu.jun", **more)


def timer(kind: type[Command], at: datetime, **more: Any) -> Any:
    return kind(at=at, by="timer:deadlines", **more)


def given(*commands: Command) -> Penalty:
    """The state after these, all of which are granted."""
    found = penalty.NEW
    for command in commands:
        found = told_of(found, decided(found, command))
    return found


def decided(found: Penalty, command: Any) -> Sequence[Any]:
    return penalty.decide(command, found)


def told_of(found: Penalty, events: Sequence[Any]) -> Penalty:
    for event in events:
        found = penalty.evolve(found, event)
    return found
