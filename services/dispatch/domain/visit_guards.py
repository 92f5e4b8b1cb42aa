"""When an action on a visit is open: the one place that both the decisions and the screens ask."""

from collections.abc import Callable, Mapping, Set
from datetime import datetime
from functools import partial

from services.dispatch.domain.names.visits import VISIT, VISIT_ACTION, VISIT_HINT, VISIT_STATUS
from services.dispatch.domain.visit_state import Mark, Step, Visit
from shared.decider import Refused, Words
from shared.events.dispatch import VisitAssigned, VisitPlanned
from shared.events.dispatch import VisitStatus as S
from shared.refusal import not_now, why_not

_GIVEN = frozenset({S.ASSIGNED, S.RESCHEDULED, S.ACCEPTED})
_BEFORE_ARRIVED = _GIVEN | {S.REFUSED, S.EN_ROUTE}
_ON_SITE = frozenset({S.ARRIVED, S.WORKING, S.PAUSED})

ALLOWED: Mapping[str, frozenset[S]] = {
    "assign": _BEFORE_ARRIVED | {S.PLANNED},
    "confirm_delivery": _GIVEN | {S.EN_ROUTE},
    "refuse": frozenset({S.ASSIGNED, S.RESCHEDULED}),
    "reschedule": _BEFORE_ARRIVED,
    "report_delay": _GIVEN | {S.EN_ROUTE},
    "claim_arrival": _GIVEN | _ON_SITE | {S.EN_ROUTE, S.FINISHED, S.CHECKED_OUT, S.ABORTED},
    "adjudicate_arrival": _GIVEN | _ON_SITE | {S.EN_ROUTE, S.FINISHED, S.CHECKED_OUT, S.ABORTED},
    "abort": _BEFORE_ARRIVED | _ON_SITE | {S.PLANNED},
}
"""In which states the lifecycle lists an action; the guards below may ask for more. Steps have guards of their own."""

STEPS: Mapping[str, Step] = {
    "accept": Step.ACCEPT,
    "depart": Step.DEPART,
    "check_in": Step.ARRIVE,
    "record_arrival": Step.ARRIVE,
    "start_work": Step.START,
    "pause": Step.PAUSE,
    "resume": Step.RESUME,
    "finish": Step.FINISH,
    "check_out": Step.CHECK_OUT,
}

_BEFORE: Mapping[Step, Step] = {
    Step.DEPART: Step.ACCEPT,
    Step.ARRIVE: Step.DEPART,
    Step.START: Step.ARRIVE,
    Step.PAUSE: Step.START,
    Step.RESUME: Step.PAUSE,
    Step.FINISH: Step.START,
    Step.CHECK_OUT: Step.FINISH,
}
"""What comes before a step, where nothing was told late."""


def available(visit: Visit, names: Set[str | None] = frozenset()) -> dict[str, Words | None]:
    """For every action None where it is open now, otherwise why not; ``names``: to who goes by these (⚖)."""
    guards: dict[str, Callable[[], object]] = {action: partial(permit, action, visit) for action in ALLOWED}
    guards |= {action: partial(permit_step, action, visit, offline=False) for action in STEPS}
    guards["adjudicate_arrival"] = partial(permit_adjudicate, visit, names)
    guards["record_arrival"] = partial(permit_step, "record_arrival", visit, offline=True)
    return {action: why_not(guard) for action, guard in guards.items()}


def known(visit: Visit) -> VisitPlanned:
    """How the visit began. Raises ``Refused`` where there is none."""
    if visit.planned is None:
        raise Refused("visit_unknown", "没有这次上门。", "There is no such visit.")
    return visit.planned


def given(visit: Visit, action: str) -> VisitAssigned:
    """To whom it is given. Raises ``Refused`` where nobody is to go."""
    if visit.assigned is None or visit.refused:
        raise refused(action, visit)
    return visit.assigned


def refused(action: str, visit: Visit) -> Refused:
    """The lifecycle doesn't list ``action`` now; code ``visit_<status>``."""
    status = visit.status
    return not_now("visit", VISIT, VISIT_ACTION[action], status, VISIT_STATUS[status], VISIT_HINT[status])


def permit(action: str, visit: Visit) -> None:
    """Raises ``Refused`` unless ``action`` is open now."""
    known(visit)
    if visit.status not in ALLOWED[action]:
        raise refused(action, visit)
    if more := _MORE.get(action):
        more(visit)


def permit_adjudicate(visit: Visit, names: Set[str | None]) -> None:
    """D5 ⚖: by somebody who claimed nothing, assigned nothing and wasn't there. Raises ``Refused``."""
    permit("adjudicate_arrival", visit)
    assigned = given(visit, "adjudicate_arrival")
    parties = {assigned.engineer, assigned.assigned_by} | {claim.claimed_by for claim in visit.claims.values()}
    if names & parties:
        raise Refused(
            "four_eyes",
            "裁定人不能是当事人、派工人或提出争议的人（⚖）。",
            "Whoever went, assigned it or claims something can't settle it (⚖).",
        )


def permit_step(action: str, visit: Visit, *, offline: bool, at: datetime | None = None) -> None:
    """A step comes once, after what comes before it; ``offline`` (told late) the steps before may be told after it.

    ``at``: when it happened; what happened before a visit was aborted may still be told. Raises ``Refused``.
    """
    known(visit)
    step = STEPS[action]
    given(visit, action)
    told_before = at is not None and visit.aborted is not None and at <= visit.aborted.at and step < Step.FINISH
    if visit.aborted and not told_before:
        raise refused(action, visit)
    if step in (Step.PAUSE, Step.RESUME):
        _permit_mark(action, step, visit, offline)
    elif visit.when(step) is not None or not (offline or _reached(step, visit)):
        raise refused(action, visit)


def in_order(action: str, visit: Visit, at: datetime) -> None:
    """What happened earlier has earlier steps before it, and later ones behind it. Raises ``Refused``."""
    step = STEPS[action]
    assigned = given(visit, action)
    if at < assigned.at:
        raise Refused("before_assignment", "时间早于派工。", "That was before it was assigned.")
    for other in _ORDER:
        when = visit.when(other)
        if when is None or step is other or {step, other} == {Step.PAUSE, Step.RESUME}:
            continue
        if (other < step and when > at) or (other > step and _first(visit, other, when) < at):
            raise _out_of_order(action, other)
    if step in (Step.PAUSE, Step.RESUME) and visit.finished and at > visit.finished.at:
        raise _out_of_order(action, Step.FINISH)


_ORDER = (Step.ACCEPT, Step.DEPART, Step.ARRIVE, Step.START, Step.PAUSE, Step.RESUME, Step.FINISH, Step.CHECK_OUT)
_CALLED: Mapping[Step, str] = {step: action for action, step in STEPS.items() if action != "record_arrival"}


def _first(visit: Visit, step: Step, last: datetime) -> datetime:
    """Of pauses, and of their ends, the first: nothing that comes before them may lie behind it."""
    return next((mark.at for mark in visit.marks if mark.step is step), last)


def _out_of_order(action: str, other: Step) -> Refused:
    this, that = VISIT_ACTION[action], VISIT_ACTION[_CALLED[other]]
    return Refused(
        "steps_out_of_order",
        f"「{this.zh}」的时间与已记录的「{that.zh}」先后矛盾；请核对时间。",
        f"The time contradicts what is on record ({that.en}): check when you did it ({this.en}).",
    )


def _reached(step: Step, visit: Visit) -> bool:
    """The step before it has been told; and nothing but what was told late stands in between."""
    before = _BEFORE.get(step)
    return before is None or visit.when(before) is not None


def _permit_mark(action: str, step: Step, visit: Visit, offline: bool) -> None:
    """Pauses and their ends take turns; told late, the other of the two may still be on its way."""
    if offline:
        return
    resting = visit.resting
    if visit.finished or not visit.started or resting is (step is Step.PAUSE):
        raise refused(action, visit)


def has_mark(visit: Visit, step: Step, at: datetime) -> bool:
    """The very same pause, or its end, was told before."""
    return Mark(at, step) in visit.marks


def _deliverable(visit: Visit) -> None:
    if visit.delivered:
        raise Refused("already_delivered", "指令已送达。", "The instruction has been delivered.")


def _not_arrived(visit: Visit) -> None:
    if visit.arrived:
        raise refused("report_delay", visit)


def _unsettled(visit: Visit) -> None:
    if visit.adjudicated:
        raise Refused("already_adjudicated", "到场时间已裁定（D5）。", "The dispute has been settled (D5).")


def _disputed(visit: Visit) -> None:
    """D5: there is something to settle: somebody claims something."""
    _unsettled(visit)
    if not visit.claims:
        raise Refused("not_disputed", "到场时间没有争议。", "Nobody disputes the time of arrival.")


def _assignable(visit: Visit) -> None:
    if visit.adjudicated:
        raise refused("assign", visit)


_MORE: Mapping[str, Callable[[Visit], None]] = {
    "confirm_delivery": _deliverable,
    "report_delay": _not_arrived,
    "claim_arrival": _unsettled,
    "adjudicate_arrival": _disputed,
    "reschedule": _unsettled,
    "assign": _assignable,
}
