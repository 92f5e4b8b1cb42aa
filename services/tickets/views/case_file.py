"""The case file of a ticket (5.3), read from the log itself."""

from typing import Any
from uuid import UUID

from psycopg_pool import AsyncConnectionPool

from services.tickets.commands.case_files import checklist
from services.tickets.domain import case_file
from services.tickets.domain.case_file import Checklist
from services.tickets.domain.identity import case_file_id
from services.tickets.domain.names import CASE_FILE_ITEM, DOCUMENT
from services.tickets.views import desk
from shared.eventlog import EventLog, StreamNotFound, Streams
from shared.events import tickets as fact
from shared.language import Language, say


async def shown(log: EventLog, pool: AsyncConnectionPool, ticket_id: UUID, language: Language) -> dict[str, Any]:
    """Whether it is archived, each item with its words and whether it is there, and the documents.

    Raises ``StreamNotFound``.
    """
    complaints = [complaint for complaint, _, _ in await desk.complaints_of(pool, ticket_id)]

    async def look(streams: Streams) -> tuple[Checklist, case_file.CaseFile]:
        there = await checklist(streams, ticket_id, complaints)
        return there, await streams.load(case_file, case_file_id(ticket_id), required=False)

    there, state = await log.look(look)
    documents = await documents_of(log, case_file_id(ticket_id))
    return {
        "case_file": case_file_id(ticket_id),
        "archived": state.archived,
        "complete": not case_file.missing(there),
        "items": items(there, language),
        "documents": [
            {
                "sha256": filed.sha256,
                "document": filed.document,
                "kind": say(DOCUMENT[filed.document], language),
                "title": filed.title,
                "filed_at": filed.at,
            }
            for filed in documents.values()
        ],
    }


def items(there: Checklist, language: Language) -> list[dict[str, Any]]:
    """The checklist in words."""
    return [{"item": item, "title": say(CASE_FILE_ITEM[item], language), "there": is_there} for item, is_there in there]


async def documents_of(log: EventLog, file_id: UUID) -> dict[str, fact.DocumentFiled]:
    """The documents by their SHA-256, in the order of filing."""
    try:
        recorded = await log.history(file_id)
    except StreamNotFound:
        return {}
    return {each.event.sha256: each.event for each in recorded if isinstance(each.event, fact.DocumentFiled)}
