"""The tables of notices, beside the log: where channels are reached is secret, and a notice is no fact of business."""

from typing import LiteralString

TABLES: LiteralString = """
CREATE TABLE IF NOT EXISTS notice_channels (
    channel text PRIMARY KEY,
    recorded jsonb NOT NULL,
    since timestamptz NOT NULL,
    url bytea
);
CREATE TABLE IF NOT EXISTS notices (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel text NOT NULL,
    source text NOT NULL,
    position bigint NOT NULL,
    type text NOT NULL,
    text text NOT NULL,
    at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    attempts int NOT NULL DEFAULT 0,
    outcome text NOT NULL DEFAULT 'waiting' CHECK (outcome IN ('waiting', 'sent', 'failed', 'skipped')),
    reason text,
    settled_at timestamptz,
    UNIQUE (channel, source, position)
);
CREATE INDEX IF NOT EXISTS notices_due ON notices (due_at) WHERE outcome = 'waiting';
CREATE INDEX IF NOT EXISTS notices_sent ON notices (channel, settled_at) WHERE outcome = 'sent';
"""
RECORD: LiteralString = (
    "INSERT INTO notice_channels (channel, recorded, since, url) VALUES (%s, %s, %s, %s) ON CONFLICT (channel) "
    "DO UPDATE SET recorded = excluded.recorded, url = coalesce(excluded.url, notice_channels.url)"
)
LAY_DOWN: LiteralString = (
    "INSERT INTO public.notices (channel, source, position, type, text, at, due_at, outcome, reason) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (channel, source, position) DO NOTHING"
)
