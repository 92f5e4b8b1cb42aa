"""Measurements: each figure with its peer or limit, run in turns in the same invocation on the same machine."""
