"""Metrics of the log; the chassis adds the rest."""

from prometheus_client import Histogram

APPEND_BATCH_EVENTS = Histogram(
    "shouhou_append_batch_events",
    "events per commit",
    ["service"],
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000),
)
APPEND_SECONDS = Histogram(
    "shouhou_append_seconds",
    "seconds per commit",
    ["service"],
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
