"""Engineers: recorded, and what lies beside the log with them, in one transaction."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from services.dispatch import staff
from services.dispatch.domain import engineer
from services.dispatch.domain.engineer import (
    EngineerCommand,
    EraseEngineer,
    RecordContacts,
    RecordEngineer,
    RecordTerms,
)
from services.dispatch.domain.identity import engineer_id
from services.dispatch.staff import Contacts, EmploymentTerms, Staff
from shared.eventlog import Streams


async def record(
    streams: Streams, wish: Callable[..., RecordEngineer], version: int | None, code: str | None = None
) -> dict[str, Any]:
    """Record or correct an engineer. Raises ``Refused``, ``PreconditionFailed``."""
    return await _handle(streams, wish(engineer=code) if code else wish(), version)


async def record_contacts(
    streams: Streams, known: Staff, code: str, said: Contacts, *, at: datetime, by: str, version: int | None = None
) -> dict[str, Any]:
    """Name, numbers and base. Raises ``Refused`` for an engineer who isn't recorded."""
    content = known.content_of(code, said)
    command = RecordContacts(engineer=code, content=content, at=at, by=by)
    answer = await _handle(streams, command, version)
    if answer["changed"]:
        statement, values = staff.keep_contacts(code, said, at)
        streams.write_beside(statement, *values)
    return answer


async def record_terms(
    streams: Streams,
    known: Staff,
    code: str,
    said: EmploymentTerms,
    *,
    at: datetime,
    by: str,
    version: int | None = None,
) -> dict[str, Any]:
    """Phone allowance and wage band from a day on. Raises ``Refused`` for an engineer who isn't recorded."""
    content = known.content_of(code, said)
    command = RecordTerms(engineer=code, valid_from=said.valid_from, content=content, at=at, by=by)
    answer = await _handle(streams, command, version)
    if answer["changed"]:
        statement, values = staff.keep_terms(code, said, at)
        streams.write_beside(statement, *values)
    return answer


async def take_over(
    streams: Streams,
    known: Staff,
    said: RecordEngineer,
    spoken: Collection[str],
    contacts: Contacts | None,
    terms: EmploymentTerms | None,
) -> bool:
    """An engineer as a file tells it: of ``said``, the fields in ``spoken`` count, the others stay as they are. Whether
    anything changed. Raises ``Refused``."""
    before = (await streams.load(engineer, engineer_id(said.engineer), required=False)).recorded
    kept = before.model_dump(include={"skills", "region", "base_city", "active"} - set(spoken)) if before else {}
    changed = [await _handle(streams, said.model_copy(update=kept), None)]
    about: dict[str, Any] = {"code": said.engineer, "at": said.at, "by": said.by}
    if contacts:
        changed.append(await record_contacts(streams, known, said=contacts, **about))
    if terms:
        changed.append(await record_terms(streams, known, said=terms, **about))
    return any(answer["changed"] for answer in changed)


async def erase(streams: Streams, wish: Callable[..., EraseEngineer], version: int | None, code: str) -> dict[str, Any]:
    """D13: what lies beside the log is deleted; the log stays whole. Raises ``Refused``."""
    command = wish(engineer=code)
    answer = await _handle(streams, command, version)
    statement, values = staff.erase(code, command.at)
    streams.write_beside(statement, *values)
    return answer


async def _handle(streams: Streams, command: EngineerCommand, version: int | None) -> dict[str, Any]:
    stream = engineer_id(command.engineer)
    await streams.expect(engineer, stream, version)
    events = await streams.handle(engineer, stream, command)
    return {"engineer": command.engineer, "version": streams.version(stream), "changed": bool(events)}
