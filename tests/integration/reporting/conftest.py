"""The whole office, for the reports on what it does."""

from tests.integration.dispatch.conftest import office

__all__ = ["office"]
