"""The tables of a log: the library's events and snapshots, and what is written in their transaction."""

from typing import LiteralString

import psycopg
from eventsourcing.postgres import PostgresAggregateRecorder, PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

EVENTS = "events"
SNAPSHOTS = "snapshots"
CHANNEL = "events"
"""The NOTIFY channel: one notification for each committed batch, its payload the last position."""

# The library keeps the vacuum away from its tables, which is right for events: none is ever deleted. Of snapshots only
# the newest is kept.
_BESIDE: LiteralString = """
CREATE TABLE IF NOT EXISTS idempotency (
    actor text NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    answer bytea NOT NULL,
    position bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (actor, key)
);
CREATE INDEX IF NOT EXISTS idempotency_age ON idempotency USING brin (recorded_at);
CREATE TABLE IF NOT EXISTS deadlines (
    stream uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    due_at timestamptz,
    state text NOT NULL,
    at timestamptz,
    reason text,
    leased_until timestamptz,
    attempts int NOT NULL DEFAULT 0,
    PRIMARY KEY (stream, name)
);
CREATE INDEX IF NOT EXISTS deadlines_due ON deadlines (due_at) WHERE state = 'ARMED';
ALTER TABLE snapshots RESET (autovacuum_vacuum_threshold, autovacuum_vacuum_scale_factor);
"""

_MIGRATION_LOCK = 0x5348_4F55


def migrate(database_url: str, tables: LiteralString = "") -> None:
    """Create what is missing, under a lock, so that several processes may start at once.

    ``tables`` is the service's own DDL (reference data that stands beside the log); it must be repeatable.
    """
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (_MIGRATION_LOCK,))
        datastore = _datastore(database_url)
        try:
            PostgresApplicationRecorder(datastore, events_table_name=EVENTS).create_table()
            PostgresAggregateRecorder(datastore, events_table_name=SNAPSHOTS).create_table()
        finally:
            datastore.close()
        connection.execute(_BESIDE)
        if tables:
            connection.execute(tables)


def stock_recorder(database_url: str) -> PostgresApplicationRecorder:
    """The library's own recorder on the same tables: the peer of ``make bench`` and a second reader for tests."""
    return PostgresApplicationRecorder(_datastore(database_url), events_table_name=EVENTS)


def _datastore(database_url: str) -> PostgresDatastore:
    parts = conninfo_to_dict(database_url)
    return PostgresDatastore(
        dbname=str(parts.get("dbname", "")),
        host=str(parts.get("host", "")),
        port=str(parts.get("port", "5432")),
        user=str(parts.get("user", "")),
        password=str(parts.get("password", "")),
        originator_id_type="uuid",
    )
