"""What the events say of the company's promises: marks, put down for ever and never changed, and whose they are.

Nothing is ever updated, so what is asked of a span at given positions of the logs has one answer, whichever source was
heard first. Whatever changes here or in ``domain.commitments`` changes ``RULES_VERSION``, and the view is built anew;
how it is read is in ``commitments_reading``.
"""

import hashlib
import inspect
from collections.abc import Sequence
from typing import Any, LiteralString

from psycopg import AsyncConnection

from services.reporting.domain import commitments
from services.reporting.domain.commitments import DUTY, RULES, marks
from shared.eventlog import Recorded
from shared.events import dispatch, tickets
from shared.events.base import Event
from shared.projection import View

TABLES: LiteralString = """
CREATE TABLE marks (
    source text NOT NULL,
    position bigint NOT NULL,
    part integer NOT NULL,
    clause text NOT NULL,
    subject text NOT NULL,
    mark text NOT NULL,
    at timestamptz NOT NULL,
    ref uuid NOT NULL,
    due timestamptz,
    code text,
    event text NOT NULL,
    PRIMARY KEY (source, position, part)
);
CREATE INDEX marks_subject ON marks (clause, subject);
CREATE INDEX marks_ref ON marks (clause, ref) WHERE subject = '';
CREATE INDEX marks_at ON marks (at, clause);
CREATE TABLE known (
    ref uuid NOT NULL,
    source text NOT NULL,
    position bigint NOT NULL,
    number text,
    customer uuid,
    customer_name text,
    PRIMARY KEY (ref, source, position)
);
"""
_KNOWN: tuple[tuple[type[Event], str], ...] = (
    (tickets.TicketOpened, "ticket"),
    (tickets.TicketTriaged, "ticket"),
    (tickets.TicketTriageCorrected, "ticket"),
    (tickets.ComplaintLodged, "complaint"),
    (dispatch.VisitPlanned, "visit"),
    (dispatch.WorkOrderDrafted, "work_order"),
    (dispatch.WorkOrderQualified, "work_order"),
    (dispatch.SupplierClaimOpened, "claim"),
    (dispatch.ExpenseDrafted, "claim"),
    (dispatch.SparePartRequested, "request"),
)
"""Events that say what something is called and whose it is, and the field with its id."""
_REFS = dict(_KNOWN)
RULES_VERSION = hashlib.sha256(inspect.getsource(commitments).encode()).hexdigest()[:12]

_MARK: LiteralString = (
    "INSERT INTO marks (source, position, part, clause, subject, mark, at, ref, due, code, event) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
)
_KNOW: LiteralString = (
    "INSERT INTO known (ref, source, position, number, customer, customer_name) VALUES (%s, %s, %s, %s, %s, %s) "
    "ON CONFLICT DO NOTHING"
)


async def _apply(connection: AsyncConnection, batch: Sequence[Recorded[Any]]) -> None:
    put = [
        (r.service, r.position, part, m.clause, m.subject, m.mark, m.at, m.ref, m.due, m.code, type(r.event).__name__)
        for r in batch
        for part, m in enumerate(marks(r.event, r.stream))
    ]
    known = [_known(each) for each in batch if type(each.event) in _REFS]
    async with connection.cursor() as cursor:
        if put:
            await cursor.executemany(_MARK, put)
        if known:
            await cursor.executemany(_KNOW, known)


def _known(recorded: Recorded[Any]) -> tuple[Any, ...]:
    event = recorded.event
    ref = getattr(event, _REFS[type(event)])
    names = [getattr(event, name, None) for name in ("number", "customer", "customer_name")]
    return (ref, recorded.service, recorded.position, *names)


COMMITMENTS = View(
    "commitments",
    ("tickets", "dispatch", "reporting"),
    f"{TABLES}-- rules {RULES_VERSION}",
    _apply,
    frozenset({*RULES, *DUTY, *_REFS}),
)
