"""What every answer from a view says of itself: how far it can be trusted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from services.reporting.feed import Feed


class Fresh(BaseModel):
    """How far an answer can be trusted."""

    as_of: datetime | None = Field(
        description="截至此时发布的事件均已计入，空为未知 · all published until then is in it; null: not known"
    )
    stale: bool = Field(description="数据滞后或有事件被搁置 · it is behind, or events are parked")
    parked: int = Field(description="被搁置、未计入的事件数 · events that were set aside and are not in it")


def fresh(feed: Feed, now: datetime) -> Mapping[str, Any]:
    """The fields of ``Fresh``."""
    seen = feed.freshness(now)
    return {"as_of": seen.as_of, "stale": seen.stale, "parked": seen.parked}
