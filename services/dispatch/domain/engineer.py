"""An engineer: recorded, put in or out of service, erased (D13). A stream each.

Name, numbers and home lie beside the log, as do phone allowance and wage band; the stream says that they were
recorded, under a keyed pseudonym of what they are.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Annotated, assert_never
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.decider import Command, DeadlineChange, Refused, Words
from shared.events.dispatch import (
    EngineerContactsRecorded,
    EngineerErased,
    EngineerRecorded,
    EngineerTermsRecorded,
)
from shared.facts import same, tell
from shared.refusal import why_not
from shared.text import Name, Text

STREAM = "engineer"

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
"""The account's code, as tokens have it: ``E04``."""

# --- commands ---------------------------------------------------------------------------------------------------------


class RecordEngineer(Command):
    """Who serves customers; what is recorded again in the same words changes nothing."""

    engineer: Code
    skills: Annotated[tuple[Name, ...], Field(max_length=50)] = ()
    region: Name | None = None
    base_city: Name | None = None
    active: bool = True


class RecordContacts(Command):
    """What was said lies beside the log; here is its pseudonym."""

    engineer: Code
    content: UUID


class RecordTerms(Command):
    """Phone allowance and wage band; what they are lies beside the log."""

    engineer: Code
    valid_from: date
    content: UUID


class EraseEngineer(Command):
    """D13. What stands beside the log is deleted in the same transaction."""

    engineer: Code
    reason: Text


EngineerCommand = RecordEngineer | RecordContacts | RecordTerms | EraseEngineer
EngineerEvent = EngineerRecorded | EngineerContactsRecorded | EngineerTermsRecorded | EngineerErased

# --- state ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Engineer:
    recorded: EngineerRecorded | None = None
    contacts: UUID | None = None
    """Pseudonym of what lies beside the log."""
    terms: tuple[EngineerTermsRecorded, ...] = ()
    """By ``valid_from``, each date once."""
    erased: EngineerErased | None = None

    @property
    def active(self) -> bool:
        return self.recorded is not None and self.recorded.active and self.erased is None


NEW = Engineer()


def evolve(engineer: Engineer, event: EngineerEvent) -> Engineer:
    match event:
        case EngineerRecorded():
            return replace(engineer, recorded=event)
        case EngineerContactsRecorded():
            return replace(engineer, contacts=event.content)
        case EngineerTermsRecorded():
            others = [terms for terms in engineer.terms if terms.valid_from != event.valid_from]
            return replace(engineer, terms=tuple(sorted([*others, event], key=lambda terms: terms.valid_from)))
        case EngineerErased():
            return replace(engineer, erased=event, contacts=None, terms=())
        case _:
            assert_never(event)


def deadlines(event: EngineerEvent) -> Sequence[DeadlineChange]:
    """None."""
    return []


# --- decisions --------------------------------------------------------------------------------------------------------


def decide(command: EngineerCommand, engineer: Engineer) -> Sequence[EngineerEvent]:
    """The event that ``command`` causes; none when nothing changed. Raises ``Refused``."""
    match command:
        case RecordEngineer():
            return _record(command, engineer)
        case RecordContacts():
            return _record_contacts(command, engineer)
        case RecordTerms():
            return _record_terms(command, engineer)
        case EraseEngineer():
            return _erase(command, engineer)
        case _:
            assert_never(command)


def available(engineer: Engineer) -> dict[str, Words | None]:
    """For every action None where it is open now, otherwise why not."""
    guards: Mapping[str, Callable[[], object]] = {
        "record": partial(_not_erased, engineer),
        "record_contacts": partial(known, engineer),
        "record_terms": partial(known, engineer),
        "erase": partial(_can_erase, engineer),
    }
    return {action: why_not(guard) for action, guard in guards.items()}


def known(engineer: Engineer) -> EngineerRecorded:
    """What is known of the engineer. Raises ``Refused`` where nothing is, or nothing any more."""
    if engineer.recorded is None:
        raise Refused("engineer_unknown", "没有这位服务人员，请先登记。", "There is no such engineer: record it first.")
    _not_erased(engineer)
    return engineer.recorded


def in_service(engineer: Engineer) -> EngineerRecorded:
    """As ``known``; raises ``Refused`` also where the engineer has left: no work, no roster."""
    recorded = known(engineer)
    if not recorded.active:
        raise Refused(
            "engineer_inactive",
            "该服务人员已停用；请先恢复为在用。",
            "This engineer is no longer in service: record it as active first.",
        )
    return recorded


def _record(command: RecordEngineer, engineer: Engineer) -> Sequence[EngineerEvent]:
    event = tell(EngineerRecorded, command, skills=tuple(sorted(set(command.skills))))
    if same(event, engineer.recorded) and engineer.erased is None:
        return []
    _not_erased(engineer)
    return [event]


def _record_contacts(command: RecordContacts, engineer: Engineer) -> Sequence[EngineerEvent]:
    known(engineer)
    return [] if command.content == engineer.contacts else [tell(EngineerContactsRecorded, command)]


def _record_terms(command: RecordTerms, engineer: Engineer) -> Sequence[EngineerEvent]:
    """Each holds from its day until the next one's."""
    known(engineer)
    event = tell(EngineerTermsRecorded, command)
    return [] if any(same(event, terms) for terms in engineer.terms) else [event]


def _erase(command: EraseEngineer, engineer: Engineer) -> Sequence[EngineerEvent]:
    if engineer.erased:
        return []
    _can_erase(engineer)
    return [tell(EngineerErased, command)]


def _can_erase(engineer: Engineer) -> None:
    """D13: nobody can be sent or called any more afterwards, so first they are out of service."""
    if known(engineer).active:
        raise Refused(
            "engineer_active",
            "该服务人员仍在用；请先停用，再删除个人信息。",
            "This engineer is in service: record it as not active before erasing.",
        )


def _not_erased(engineer: Engineer) -> None:
    if engineer.erased:
        raise Refused(
            "engineer_erased",
            "该服务人员的个人信息已删除；再次入职请用新工号。",
            "This engineer was erased; give a new code to one who comes back.",
        )
