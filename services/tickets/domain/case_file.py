"""The case file of a ticket (5.3): documents are filed, and when nothing is missing it is archived for good."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import assert_never
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.tickets.domain.complaint import Complaint
from services.tickets.domain.quote import Quote
from services.tickets.domain.refusal import case_file_incomplete
from services.tickets.domain.survey import Survey
from services.tickets.domain.ticket_state import Ticket
from shared.decider import Command, DeadlineChange, Refused, Words
from shared.events.tickets import CaseFileArchived, Channel, DocumentFiled, DocumentKind, QuoteStatus
from shared.facts import tell
from shared.refusal import why_not
from shared.text import Name, Sha256

STREAM = "case_file"

# --- commands ---------------------------------------------------------------------------------------------------------


class Checklist(BaseModel):
    """Which items are there; ``checklist`` fills it from the states of the streams."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    contact: bool
    triage: bool
    answer: bool
    escalation: bool
    quote: bool
    work_orders: bool
    survey: bool
    complaints: bool
    letter: bool


class FileDocument(Command):
    case_file: UUID
    ticket: UUID
    sha256: Sha256
    document: DocumentKind
    title: Name


class ArchiveCaseFile(Command):
    case_file: UUID
    ticket: UUID
    number: Name
    checklist: Checklist


CaseFileCommand = FileDocument | ArchiveCaseFile
CaseFileEvent = DocumentFiled | CaseFileArchived

# --- state ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CaseFile:
    documents: Mapping[str, DocumentKind]
    """By SHA-256, in the order of filing."""
    archived: bool = False


NEW = CaseFile({})


def evolve(case_file: CaseFile, event: CaseFileEvent) -> CaseFile:
    match event:
        case DocumentFiled():
            return replace(case_file, documents={**case_file.documents, event.sha256: event.document})
        case CaseFileArchived():
            return replace(case_file, archived=True)
        case _:
            assert_never(event)


def deadlines(event: CaseFileEvent) -> Sequence[DeadlineChange]:
    """None."""
    return []


# --- decisions --------------------------------------------------------------------------------------------------------


def decide(command: CaseFileCommand, case_file: CaseFile) -> Sequence[CaseFileEvent]:
    """The events that ``command`` causes; none when it says again what has happened. Raises ``Refused``."""
    match command:
        case FileDocument():
            return _file(command, case_file)
        case ArchiveCaseFile():
            return _archive(command, case_file)
        case _:
            assert_never(command)


def available(case_file: CaseFile, checklist: Checklist) -> dict[str, Words | None]:
    """For every action None where it is open now, otherwise why not."""
    guards: Mapping[str, Callable[[], None]] = {
        "file_document": partial(_not_archived, case_file),
        "archive_case_file": partial(_can_archive, case_file, checklist),
    }
    return {action: why_not(guard) for action, guard in guards.items()}


def checklist(
    case_file: CaseFile, ticket: Ticket, quotes: Iterable[Quote], survey: Survey, complaints: Iterable[Complaint]
) -> Checklist:
    """5.3: what is there for ``ticket``, with all its quotes and complaints, and the survey of its last (re)opening."""
    by_letter = ticket.opened is not None and ticket.opened.channel is Channel.LETTER
    return Checklist(
        contact=ticket.opened is not None,
        triage=ticket.triage is not None and ticket.coverage is not None,
        answer=ticket.answer is not None or ticket.overdue,
        escalation=ticket.escalation is None,
        quote=all(quote.status is not QuoteStatus.ISSUED for quote in quotes),
        work_orders=not ticket.open_work_orders,
        survey=survey.outcome is not None,
        complaints=all(complaint.over for complaint in complaints),
        letter=not by_letter or _taken_over(ticket) or DocumentKind.LETTER in case_file.documents.values(),
    )


def missing(checklist: Checklist) -> tuple[str, ...]:
    """The items that aren't there, by their keys in ``names.CASE_FILE_ITEM``."""
    return tuple(item for item, there in checklist if not there)


def _taken_over(ticket: Ticket) -> bool:
    """A paper register keeps its own letters."""
    return ticket.opened is not None and ticket.opened.from_register is not None


def _file(command: FileDocument, case_file: CaseFile) -> Sequence[CaseFileEvent]:
    if case_file.documents.get(command.sha256) is command.document:
        return []
    _not_archived(case_file)
    if command.sha256 in case_file.documents:
        raise Refused("document_filed_otherwise", "该文件已按其他类别归入。", "It was filed as something else.")
    return [tell(DocumentFiled, command)]


def _archive(command: ArchiveCaseFile, case_file: CaseFile) -> Sequence[CaseFileEvent]:
    if case_file.archived:
        return []
    _can_archive(case_file, command.checklist)
    return [tell(CaseFileArchived, command, documents=tuple(case_file.documents))]


def _not_archived(case_file: CaseFile) -> None:
    if case_file.archived:
        raise Refused("case_file_archived", "服务档案已归档。", "The case file has been archived.")


def _can_archive(case_file: CaseFile, checklist: Checklist) -> None:
    """5.3: complete, or it isn't archived."""
    _not_archived(case_file)
    if items := missing(checklist):
        raise case_file_incomplete(items)
