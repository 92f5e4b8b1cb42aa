"""Everything about one penalty that a court would ask for, read at one moment, with what proves that it is as it was.

The bundle is JSON in the canonical form of RFC 8785, and its fingerprint is that of these very bytes. Each event stands
in it as the text that is stored and was published, with the entries of the log's chain before it and at it, so that
anybody can work out the one from the other (``shared.chain``).
"""

import json
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection

from services.penalties.domain import penalty
from services.penalties.domain.identity import CHAIN, POLICY, conduct_id
from services.penalties.domain.names.penalty import PENALTY_STATUS
from services.penalties.domain.names.policy import FACT_KIND, FIELD
from services.penalties.domain.penalty_state import Penalty, PenaltyEvent, known
from services.penalties.domain.reading import consequence
from services.penalties.wording import in_words
from shared.chain import FORMAT
from shared.chain.heads import head_in
from shared.chain.proof import snapshot
from shared.chain.tables import entries_at
from shared.decider import Words
from shared.eventlog import EventLog, Recorded, Stored, StreamNotFound
from shared.events import penalties as told
from shared.history import SOURCE, who

NAME = "shouhou-evidence-1"
_ROWS: LiteralString = (
    "SELECT notification_id, originator_id, originator_version, topic, state FROM events "
    "WHERE originator_id = ANY(%s) ORDER BY notification_id"
)
_SAYS: dict[type[Any], tuple[str, Words]] = {
    told.StatementGiven: ("statement", Words("本人陈述", "the engineer's statement")),
    told.PenaltyImposed: ("reasons", Words("处罚决定", "the decision to impose it")),
    told.PenaltyWaived: ("reasons", Words("不予处罚", "why nothing was imposed")),
    told.AppealLodged: ("grounds", Words("本人申诉", "the engineer's appeal")),
    told.AppealDecisionProposed: ("reasons", Words("申诉裁定意见", "a decision on the appeal, as proposed")),
    told.AppealDecided: ("reasons", Words("申诉裁定", "the decision on the appeal")),
    told.ReviewDecided: ("reasons", Words("复核结论", "the review")),
    told.PenaltyReversed: ("reasons", Words("撤销处罚", "why it was reversed")),
}
"""What somebody says in an event: the field, and what that is."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """The evidence of a penalty."""

    engineer: str
    number: str
    document: dict[str, Any]
    content: bytes
    """The document in its canonical form."""

    @property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()

    @property
    def digest(self) -> str:
        """The same, as RFC 9530 writes it."""
        return b64encode(sha256(self.content).digest()).decode()


@dataclass(frozen=True, slots=True)
class _Row:
    """An event as it is stored, and as it is understood."""

    stored: Stored
    recorded: Recorded[Any]


async def bundle(log: EventLog, id: UUID) -> Bundle:
    """Raises ``StreamNotFound`` where there is no such penalty."""
    async with snapshot(log.pool) as connection:
        own = await _rows(log, connection, [id])
        state = _state(own)
        if state.raised is None:
            raise StreamNotFound(f"penalty {id}")
        around = await _rows(log, connection, [state.raised.fact, conduct_id(state.raised.engineer), POLICY])
        rows = sorted([*own, *(row for row in around if _belongs(row.recorded.event, state))], key=_position)
        positions = [row.stored.position for row in rows]
        known_entries = await entries_at(connection, sorted({p for each in positions for p in (each - 1, each)}))
        head = await _head(connection, log.service, positions[-1])
    raised = known(state)
    document = {
        "format": NAME,
        "service": log.service,
        "penalty": _about(state),
        "rule": _rule(raised, rows),
        "read": [_read(name, value) for name, value in raised.read.items()],
        "evidence": [each.model_dump(mode="json") for each in (*raised.evidence, *state.supplements)],
        "involved": sorted(state.involved),
        "said": [said for row in rows if (said := _said(row.recorded))],
        "files": _files(rows),
        "events": [_event(row, known_entries) for row in rows],
        "chain": {"format": FORMAT, "head": head},
    }
    return Bundle(raised.engineer, raised.number, document, canonical(document))


def canonical(document: Any) -> bytes:
    """RFC 8785, for what holds no fractions: keys in order, no blanks, UTF-8."""
    return json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


async def _rows(log: EventLog, connection: AsyncConnection, streams: Sequence[UUID]) -> list[_Row]:
    found = await connection.execute(_ROWS, (list(streams),), binary=True)
    stored = [Stored(p, s, v, t, bytes(b)) for p, s, v, t, b in await found.fetchall()]
    return [_Row(each, log.recorded(each)) for each in stored]


def _state(rows: Iterable[_Row]) -> Penalty:
    state = penalty.NEW
    for row in rows:
        if isinstance(row.recorded.event, PenaltyEvent):
            state = penalty.evolve(state, row.recorded.event)
    return state


def _belongs(event: Any, state: Penalty) -> bool:
    """Of the fact's, the engineer's and the policy's events those that concern this penalty."""
    raised = known(state)
    match event:
        case told.FactReported():
            return True
        case told.PolicyAdopted() | told.PolicyAcknowledged():
            return event.version == raised.policy_version
        case _:
            return getattr(event, "penalty", None) == raised.penalty


def _position(row: _Row) -> int:
    return row.stored.position


async def _head(connection: AsyncConnection, service: str, position: int) -> dict[str, Any] | None:
    """The first signed head that covers ``position``; None while the day hasn't ended."""
    found = await connection.execute(_ROWS, ([CHAIN],), binary=True)
    for at, *_, state in await found.fetchall():
        head = head_in(bytes(state))
        if head and head.position >= position:
            about = {"event": f"{service}-{at}", "position": head.position, "head": head.head, "text": head.text}
            return about | {"key": head.key, "signature": head.signature}
    return None


# -- the parts ---------------------------------------------------------------------------------------------------


def _about(state: Penalty) -> dict[str, Any]:
    raised = known(state)
    assert state.status
    return {
        "id": str(raised.penalty),
        "number": raised.number,
        "engineer": raised.engineer,
        "kind": raised.kind.value,
        "kind_words": _both(FACT_KIND[raised.kind]),
        "happened_at": _moment(raised.happened_at),
        "rule": raised.rule,
        "clause": raised.clause,
        "policy_version": raised.policy_version,
        "at_stake": _both(consequence(raised.consequence)),
        "status": state.status.value,
        "status_words": _both(PENALTY_STATUS[state.status]),
        "under_review": state.review is not None,
        "amount": f"{state.amount:.2f}",
        "score": state.score,
        "taken": f"{state.executed.taken:.2f}" if state.executed else None,
        "fact": str(raised.fact),
        **{name: _id(getattr(raised, name)) for name in ("visit", "work_order", "ticket", "complaint", "claim")},
    }


def _rule(raised: told.SuspicionRaised, rows: Sequence[_Row]) -> dict[str, Any]:
    """The rule as it was adopted, and as the engineer acknowledged it."""
    events = [row.recorded for row in rows]
    adopted = next((each for each in events if isinstance(each.event, told.PolicyAdopted)), None)
    read = next((each for each in events if isinstance(each.event, told.PolicyAcknowledged)), None)
    about: dict[str, Any] = {"code": raised.rule, "clause": raised.clause, "version": raised.policy_version}
    if adopted:
        event: told.PolicyAdopted = adopted.event
        rule = next((each for each in event.terms.rules if each.code == raised.rule), None)
        about |= {
            "adopted": {
                "event": adopted.id,
                "at": _moment(event.at),
                "by": event.adopted_by,
                "procedure": event.procedure,
                "document": event.document,
                "valid_from": _moment(event.valid_from),
            },
            "text": {"zh": rule.text_zh, "en": rule.text_en} if rule else None,
            "definition": rule.model_dump(mode="json") if rule else None,
        }
    about["acknowledged"] = {"event": read.id, "at": _moment(read.event.at)} if read else None
    return about


def _read(name: str, value: Any) -> dict[str, Any]:
    return {"field": name, "words": _both(FIELD.get(name, Words(name, name))), "value": value}


def _said(recorded: Recorded[Any]) -> dict[str, Any] | None:
    """Statement, appeal, decisions with their reasons."""
    event = recorded.event
    if type(event) not in _SAYS:
        return None
    field, title = _SAYS[type(event)]
    return {
        "event": recorded.id,
        "title": _both(title),
        "at": _moment(event.at),
        "by": _by(recorded),
        "words": getattr(event, field),
        "files": list(getattr(event, "files", ())),
    }


def _by(recorded: Recorded[Any]) -> list[str]:
    """Who said it; an appeal is decided by two."""
    event = recorded.event
    if isinstance(event, told.AppealDecided) and event.decided_by:
        return list(event.decided_by)
    return [recorded.meta.actor]


def _files(rows: Sequence[_Row]) -> list[dict[str, str]]:
    return [
        {"sha256": each, "event": row.recorded.id}
        for row in rows
        for each in (*getattr(row.recorded.event, "files", ()), getattr(row.recorded.event, "document", None))
        if each
    ]


def _event(row: _Row, entries: dict[int, bytes]) -> dict[str, Any]:
    stored, meta = row.stored, row.recorded.meta
    before, at = entries.get(stored.position - 1), entries.get(stored.position)
    return {
        "event": row.recorded.id,
        "topic": stored.topic,
        "position": stored.position,
        "stream": str(stored.stream),
        "version": stored.version,
        "at": _moment(row.recorded.event.at),
        "recorded_at": _moment(meta.recorded_at),
        "actor": meta.actor,
        "who": _both(who(meta.actor)),
        "source": meta.source.value,
        "from": _both(SOURCE[meta.source]),
        "words": _both(in_words(row.recorded.event)),
        "state": stored.state.decode(),
        "sha256": sha256(stored.state).hexdigest(),
        "entry_before": before.hex() if before else None,
        "entry": at.hex() if at else None,
    }


def _both(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}


def _moment(at: Any) -> str:
    text: str = at.isoformat()
    return text.replace("+00:00", "Z")


def _id(value: Any) -> str | None:
    return None if value is None else str(value)
