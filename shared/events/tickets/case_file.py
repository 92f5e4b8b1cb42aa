"""The filing of service records (5.3)."""

from uuid import UUID

from shared.events.tickets.values import DocumentKind, TicketsEvent


class DocumentFiled(TicketsEvent):
    """资料归入服务档案 · A document was put into the case file (5.3)."""

    case_file: UUID
    ticket: UUID
    sha256: str
    document: DocumentKind
    title: str


class CaseFileArchived(TicketsEvent):
    """服务档案归档 · The records of a ticket are complete and final (5.3)."""

    case_file: UUID
    ticket: UUID
    number: str
    documents: tuple[str, ...]
    """每份文件的 SHA-256 · SHA-256 of each document."""
