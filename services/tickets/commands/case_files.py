"""The case file of a ticket (5.3): documents go in, and when nothing is missing it is archived."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.tickets.commands.answers import ticket_answer
from services.tickets.domain import case_file, complaint, quote, survey, ticket
from services.tickets.domain.case_file import ArchiveCaseFile, Checklist, FileDocument
from services.tickets.domain.identity import case_file_id, quote_id, survey_id
from services.tickets.domain.ticket_commands import ArchiveTicket
from services.tickets.domain.ticket_guards import known, permit
from shared.eventlog import Streams
from shared.events.tickets import DocumentKind


async def file_document(
    streams: Streams, ticket_id: UUID, *, sha256: str, document: DocumentKind, title: str, at: datetime, by: str
) -> dict[str, Any]:
    """5.3: a document whose content is kept under its fingerprint."""
    await streams.load(ticket, ticket_id)
    file_id = case_file_id(ticket_id)
    filing = FileDocument(
        case_file=file_id, ticket=ticket_id, sha256=sha256, document=document, title=title, at=at, by=by
    )
    await streams.handle(case_file, file_id, filing)
    return {"case_file": str(file_id), "ticket": str(ticket_id), "version": streams.version(file_id)}


async def checklist(streams: Streams, ticket_id: UUID, complaints: Sequence[UUID]) -> Checklist:
    """5.3: what the case file holds; ``complaints`` are those about the ticket."""
    state = await streams.load(ticket, ticket_id)
    quotes = [
        await streams.load(quote, quote_id(ticket_id, reopening), required=False)
        for reopening in range(state.reopenings + 1)
    ]
    asked = await streams.load(survey, survey_id(ticket_id, state.reopenings), required=False)
    lodged = [await streams.load(complaint, each) for each in complaints]
    filed = await streams.load(case_file, case_file_id(ticket_id), required=False)
    return case_file.checklist(filed, state, quotes, asked, lodged)


async def archive(
    streams: Streams, ticket_id: UUID, complaints: Sequence[UUID], version: int | None, *, at: datetime, by: str
) -> dict[str, Any]:
    """5.3: the case file is archived, and with it the ticket."""
    await streams.expect(ticket, ticket_id, version)
    permit("archive", await streams.load(ticket, ticket_id))
    there = await checklist(streams, ticket_id, complaints)
    missing = case_file.missing(there)
    file_id = case_file_id(ticket_id)
    number = known(await streams.load(ticket, ticket_id)).number
    archiving = ArchiveCaseFile(case_file=file_id, ticket=ticket_id, number=number, checklist=there, at=at, by=by)
    await streams.handle(case_file, file_id, archiving)
    await streams.handle(ticket, ticket_id, ArchiveTicket(case_file=file_id, missing=missing, at=at, by=by))
    return await ticket_answer(streams, ticket_id)
