"""Where sites are: kept beside the log, so it leaves no event; who said it, and when, is kept with it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.dispatch.places import ERASE, KEEP, Place
from shared.eventlog import Streams


async def keep(streams: Streams, site: UUID, place: Place, *, at: datetime, by: str) -> dict[str, Any]:
    """Where ``site`` is from now on."""
    streams.write_beside(KEEP, site, place.latitude, place.longitude, place.radius_m, at, by)
    return {"site": str(site)}


async def erase(streams: Streams, site: UUID, *, at: datetime) -> dict[str, Any]:
    """D13: where it was is forgotten."""
    streams.write_beside(ERASE, at, site)
    return {"site": str(site)}
