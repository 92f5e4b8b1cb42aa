"""The tables of webhooks: beside the log, for addresses and secrets must be changed and erased, and a delivery is no
fact of the business."""

from typing import LiteralString

PING = "shouhou"
"""The source of a letter that only tries whether the receiver is there."""

TABLES: LiteralString = """
CREATE TABLE IF NOT EXISTS webhooks (
    webhook uuid PRIMARY KEY,
    name text NOT NULL,
    host text NOT NULL,
    types text[] NOT NULL,
    format text NOT NULL,
    status text NOT NULL,
    since timestamptz NOT NULL,
    url bytea NOT NULL,
    secret bytea NOT NULL,
    secret_number int NOT NULL DEFAULT 1,
    old_secret bytea,
    old_until timestamptz,
    failures int NOT NULL DEFAULT 0,
    failing_since timestamptz,
    again_at timestamptz,
    last_error text,
    delivered_at timestamptz
);
CREATE TABLE IF NOT EXISTS webhook_queue (
    webhook uuid NOT NULL,
    source text NOT NULL,
    position bigint NOT NULL,
    stream uuid NOT NULL,
    version int NOT NULL,
    type text NOT NULL,
    recorded_at timestamptz NOT NULL,
    body bytea NOT NULL,
    attempts int NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'dead', 'discarded')),
    error text,
    died_at timestamptz,
    resolved_at timestamptz,
    resolved_by text,
    reason text,
    PRIMARY KEY (webhook, source, position)
);
CREATE INDEX IF NOT EXISTS webhook_queue_oldest ON webhook_queue (webhook, recorded_at, source, position)
    WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS webhook_queue_due ON webhook_queue (webhook, due_at) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS webhook_queue_heads ON webhook_queue (webhook, source, stream, position)
    WHERE state = 'waiting';
CREATE TABLE IF NOT EXISTS webhook_replays (
    webhook uuid NOT NULL,
    source text NOT NULL,
    next bigint NOT NULL,
    until bigint,
    PRIMARY KEY (webhook, source)
);
CREATE TABLE IF NOT EXISTS webhook_tries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook uuid NOT NULL,
    webhook_id text NOT NULL,
    type text NOT NULL,
    attempt int NOT NULL,
    at timestamptz NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('delivered', 'failed', 'dead')),
    status int,
    error text,
    milliseconds int NOT NULL
);
CREATE INDEX IF NOT EXISTS webhook_tries_newest ON webhook_tries (webhook, id DESC);
CREATE INDEX IF NOT EXISTS webhook_tries_oldest ON webhook_tries (at);
"""

CREATE: LiteralString = (
    "INSERT INTO webhooks (webhook, name, host, types, format, status, since, url, secret) "
    "VALUES (%s, %s, %s, %s, %s, 'ACTIVE', %s, %s, %s) ON CONFLICT (webhook) DO NOTHING"
)
CHANGE: LiteralString = (
    "UPDATE webhooks SET name = %s, host = %s, types = %s, format = %s, url = coalesce(%s, url), failures = 0, "
    "failing_since = NULL, again_at = NULL WHERE webhook = %s"
)
"""With a clean slate: the fault may have been the address."""
ROTATE: LiteralString = (
    "UPDATE webhooks SET old_secret = secret, secret = %s, secret_number = %s, old_until = %s "
    "WHERE webhook = %s AND secret_number < %s"
)
SET_STATUS: LiteralString = (
    "UPDATE webhooks SET status = %s, failures = 0, failing_since = NULL, again_at = NULL WHERE webhook = %s"
)
REPLAY: LiteralString = (
    "INSERT INTO webhook_replays (webhook, source, next) VALUES (%s, %s, %s) "
    "ON CONFLICT (webhook, source) DO UPDATE SET next = least(webhook_replays.next, excluded.next), until = NULL"
)
END_REPLAYS: LiteralString = "DELETE FROM webhook_replays WHERE webhook = %s"
BURY: LiteralString = (
    "UPDATE webhook_queue SET state = 'dead', error = 'ended', died_at = %s WHERE webhook = %s AND state = 'waiting'"
)
"""What an ended webhook still had to get: kept to be seen."""
ENQUEUE: LiteralString = (
    "INSERT INTO public.webhook_queue (webhook, source, position, stream, version, type, recorded_at, body, due_at) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (webhook, source, position) DO UPDATE SET "
    "state = 'waiting', attempts = 0, due_at = excluded.due_at, error = NULL "
    "WHERE webhook_queue.state <> 'waiting'"
)
"""A dead letter that comes again by a replay is alive again."""
