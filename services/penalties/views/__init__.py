"""Projections: their tables, how each event changes them, their queries."""

from shared.view import View

VIEWS: tuple[View, ...] = ()
