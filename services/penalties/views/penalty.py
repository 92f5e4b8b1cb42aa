"""One penalty, read from the log itself: everything that is known of it, also as it stood at a past moment."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from services.penalties.domain import penalty
from services.penalties.domain.names.penalty import (
    APPEAL_OUTCOME,
    PENALTY_DEADLINE,
    PENALTY_STATUS,
    REVIEW_OUTCOME,
    WAITS_FOR,
    WAIVER_CAUSE,
)
from services.penalties.domain.names.policy import FACT_KIND, FIELD
from services.penalties.domain.penalty_state import D, Penalty, PenaltyEvent, known
from services.penalties.domain.reading import condition, consequence
from shared.calendar import SHANGHAI
from shared.decider import Words
from shared.eventlog import Recorded
from shared.events.base import Event
from shared.events.penalties import PolicyTerms, Rule
from shared.language import Language, say

OWN_DEADLINES: Mapping[str, tuple[D, ...]] = {
    "give_statement": (D.STATEMENT, D.DECISION),
    "lodge_appeal": (D.APPEAL,),
}
"""Until when the engineer can do what: a statement is still heard while nothing is decided."""


def replayed(
    history: Iterable[Recorded[Any]], as_of: datetime | None, known_at: datetime | None
) -> tuple[Penalty, list[Recorded[Any]]]:
    """The penalty as it had happened by ``as_of``, as far as it was recorded by ``known_at`` (None: as it is today);
    and the steps that made it so."""
    steps = [
        recorded
        for recorded in history
        if (as_of is None or recorded.event.at <= as_of) and (known_at is None or recorded.meta.recorded_at <= known_at)
    ]
    state = penalty.NEW
    for step in steps:
        assert isinstance(step.event, PenaltyEvent), "the stream is a penalty's"
        state = penalty.evolve(state, step.event)
    return state, steps


def shown(state: Penalty, terms: PolicyTerms, language: Language) -> dict[str, Any]:
    """A penalty as JSON; ``terms`` are those of its version. Raises ``Refused`` where there is none."""
    raised = known(state)
    assert state.status, "what was raised has a status"
    return {
        **raised.model_dump(exclude={"at", "notice_due", "read", "consequence", "amount", "allowance"}),
        "raised_at": raised.at,
        "kind_words": say(FACT_KIND[raised.kind], language),
        "status": state.status,
        "status_words": say(PENALTY_STATUS[state.status], language),
        "under_review": state.review is not None,
        "at_stake": {
            **raised.consequence.model_dump(),
            "amount": raised.amount,
            "allowance": raised.allowance,
            "words": say(consequence(raised.consequence), language),
        },
        "amount": state.amount,
        "score": state.score,
        "rule_text": _rule(terms, raised.rule, language),
        "read": [_read(name, value, language) for name, value in raised.read.items()],
        "waits": [_wait(deadline, due, language) for deadline, due in sorted(state.clocks.items(), key=_by_due)],
        **_steps(state, language),
    }


def may_do(state: Penalty, open_now: Mapping[str, Words | None]) -> list[dict[str, Any]]:
    """What the engineer can do themselves, and until when."""
    return [
        {"action": action.replace("_", "-"), "until": _first_due(state, deadlines)}
        for action, deadlines in OWN_DEADLINES.items()
        if open_now[action] is None
    ]


def _first_due(state: Penalty, deadlines: tuple[D, ...]) -> datetime | None:
    return next((state.clocks[deadline] for deadline in deadlines if deadline in state.clocks), None)


def _by_due(wait: tuple[D, datetime]) -> tuple[datetime, str]:
    return wait[1], wait[0]


def _wait(deadline: D, due: datetime, language: Language) -> dict[str, Any]:
    return {
        "deadline": deadline,
        "words": say(PENALTY_DEADLINE[deadline], language),
        "waits_for": say(WAITS_FOR[deadline], language),
        "due": due,
        "due_words": f"{due.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
    }


def _rule(terms: PolicyTerms, code: str, language: Language) -> dict[str, Any]:
    """The rule in the version that counts."""
    rule = next(rule for rule in terms.rules if rule.code == code)
    return {
        "code": rule.code,
        "clause": rule.clause,
        "text": say(Words(rule.text_zh, rule.text_en), language),
        "conditions": _conditions(rule, language),
    }


def _conditions(rule: Rule, language: Language) -> dict[str, list[str]]:
    return {
        "all_of": [say(condition(each), language) for each in rule.when],
        "none_of": [say(condition(each), language) for each in rule.unless],
    }


def _read(name: str, value: Any, language: Language) -> dict[str, Any]:
    return {"field": name, "words": say(FIELD.get(name, Words(name, name)), language), "value": value}


def _steps(state: Penalty, language: Language) -> dict[str, Any]:
    """What has happened, by subject; None for what hasn't."""
    waived, appealed, reviewed = state.waived, state.appeal_decided, state.reviewed
    return {
        "notice": _said(state.noticed, "statement_due", "noticed_by"),
        "statement": _said(state.statement, "statement", "files", "late"),
        "statement_lapsed": state.lapsed,
        "decision": _said(
            state.imposed, "mode", "region", "amount", "allowance", "score", "reasons", "imposed_by", "appeal_due"
        ),
        "waived": _named(waived, WAIVER_CAUSE[waived.cause] if waived else None, language, *_WAIVED),
        "withdrawn": _said(state.withdrawn, "evidence"),
        "appeal": _said(state.appeal, "grounds", "files"),
        "proposal": _said(state.proposal, "outcome", "amount", "score", "reasons", "proposed_by"),
        "appeal_decision": _named(
            appealed, APPEAL_OUTCOME[appealed.outcome] if appealed else None, language, *_DECIDED
        ),
        "review": _said(state.review, "evidence", "review_due"),
        "reviewed": _named(reviewed, REVIEW_OUTCOME[reviewed.outcome] if reviewed else None, language, *_REVIEWED),
        "final_at": state.final.at if state.final else None,
        "executed": _said(state.executed, "amount", "taken", "dropped_for", "score", "period"),
        "reversed": _said(state.reversed, "amount", "taken", "score", "executed", "reasons", "reversed_by"),
    }


def _said(event: Event | None, *names: str) -> dict[str, Any] | None:
    return {"at": event.at, **event.model_dump(include=set(names))} if event else None


_WAIVED = ("cause", "reasons", "waived_by")
_REVIEWED = ("outcome", "reasons", "lapsed", "decided_by")
_DECIDED = (*_REVIEWED, "was", "amount", "score")


def _named(event: Event | None, words: Words | None, language: Language, *names: str) -> dict[str, Any] | None:
    said = _said(event, *names)
    return {**said, "words": say(words, language)} if said and words else None
