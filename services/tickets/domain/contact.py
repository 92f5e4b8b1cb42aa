"""An entry in the register of calls and letters (3.8): registered, then linked to a ticket or dismissed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import assert_never
from uuid import UUID

from services.tickets.domain.proof import check_proof
from shared.calendar import SHANGHAI
from shared.decider import Command, DeadlineChange, Refused, Words
from shared.events.base import Moment
from shared.events.tickets import (
    Channel,
    ContactCalledBack,
    ContactDismissed,
    ContactLinked,
    ContactRegistered,
    Proof,
)
from shared.facts import repeats, same, tell
from shared.refusal import why_not
from shared.text import Name, Text

STREAM = "contact"

BY_HAND = frozenset({Channel.LETTER, Channel.WALK_IN})
"""D3: for these the clock starts when reception registers them."""

# --- commands ---------------------------------------------------------------------------------------------------------


class RegisterContact(Command):
    """Somebody called, wrote or came; ``at`` is when it reached the company."""

    contact: UUID
    channel: Channel
    registered_at: Moment
    """Now; for an entry of a paper register the time that stands there."""
    postmark: date | None = None
    call_id: Name | None = None
    message_id: Name | None = None
    customer: UUID | None = None
    customer_name: Name | None = None
    site: UUID | None = None
    person: UUID | None = None
    product: UUID | None = None
    product_name: Name | None = None
    lot: Name | None = None
    unit: UUID | None = None
    summary: Text
    abandoned: bool = False
    callback_needed: bool = False
    ticket: UUID | None = None


class LinkContact(Command):
    ticket: UUID
    reason: Text | None = None
    """Needed where it was linked to another ticket, or dismissed."""


class RecordCallback(Command):
    proof: Proof


class DismissContact(Command):
    reason: Text


ContactCommand = RegisterContact | LinkContact | RecordCallback | DismissContact
ContactEvent = ContactRegistered | ContactLinked | ContactCalledBack | ContactDismissed

# --- state ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Contact:
    registered: ContactRegistered | None = None
    ticket: UUID | None = None
    called_back: ContactCalledBack | None = None
    dismissed: ContactDismissed | None = None


NEW = Contact()


def evolve(contact: Contact, event: ContactEvent) -> Contact:
    match event:
        case ContactRegistered():
            return replace(contact, registered=event, ticket=event.ticket)
        case ContactLinked():
            return replace(contact, ticket=event.ticket, dismissed=None)
        case ContactCalledBack():
            return replace(contact, called_back=event)
        case ContactDismissed():
            return replace(contact, dismissed=event)
        case _:
            assert_never(event)


def deadlines(event: ContactEvent) -> Sequence[DeadlineChange]:
    """None: the answer clock is the ticket's."""
    return []


# --- decisions --------------------------------------------------------------------------------------------------------


def decide(command: ContactCommand, contact: Contact) -> Sequence[ContactEvent]:
    """The events that ``command`` causes; none when it says again what has happened. Raises ``Refused``."""
    match command:
        case RegisterContact():
            return _register(command, contact)
        case LinkContact():
            return _link(command, contact)
        case RecordCallback():
            return _call_back(command, contact)
        case DismissContact():
            return _dismiss(command, contact)
        case _:
            assert_never(command)


def available(contact: Contact) -> dict[str, Words | None]:
    """For every action None where it is open now, otherwise why not."""
    guards: Mapping[str, Callable[[], object]] = {
        "open": partial(undecided, contact),
        "link": partial(_known, contact),
        "call_back": partial(_callback_open, contact),
        "dismiss": partial(undecided, contact),
    }
    return {action: why_not(guard) for action, guard in guards.items()}


def received_at(channel: Channel, arrived_at: datetime, registered_at: datetime) -> datetime:
    """D3: letters and walk-ins count as received when reception registers them, everything else when it arrives."""
    return registered_at if channel in BY_HAND else arrived_at


def _register(command: RegisterContact, contact: Contact) -> Sequence[ContactEvent]:
    """D3: the postmark is kept, and a letter or visit is registered on the day it came."""
    by_hand = command.channel in BY_HAND
    event = tell(
        ContactRegistered,
        command,
        at=received_at(command.channel, command.at, command.registered_at),
        arrived_at=command.at,
        registered_late=by_hand and _day(command.registered_at) > _day(command.at),
        callback_needed=command.callback_needed or command.abandoned,
    )
    if contact.registered:
        if same(event, contact.registered):
            return []
        raise Refused("contact_exists", "该来电来函已登记。", "This contact is registered already.")
    _check(command)
    return [event]


def _check(command: RegisterContact) -> None:
    if command.registered_at < command.at:
        raise Refused("registered_before_arrival", "登记时间早于到达时间。", "It was registered before it came.")
    if command.postmark and command.channel is not Channel.LETTER:
        raise Refused("postmark_without_letter", "只有来函才有邮戳。", "Only a letter has a postmark.")
    if command.postmark and command.postmark > _day(command.at):
        raise Refused("postmark_after_arrival", "邮戳日期晚于收到日期。", "The postmark is later than the letter.")
    if (command.abandoned or command.call_id) and command.channel is not Channel.PHONE:
        raise Refused("not_a_call", "只有来电才有通话记录。", "Only a call has a call log.")


def _link(command: LinkContact, contact: Contact) -> Sequence[ContactEvent]:
    """The last link counts; changing one's mind needs a reason."""
    registered = _known(contact)
    if contact.ticket == command.ticket and not contact.dismissed:
        return []
    if (contact.ticket or contact.dismissed) and not command.reason:
        raise Refused(
            "link_reason_missing",
            "已关联其他请求或已作废，改动须说明原因。",
            "It was linked elsewhere or dismissed: say why that changes.",
        )
    return [tell(ContactLinked, command, contact=registered.contact, previous=contact.ticket)]


def _call_back(command: RecordCallback, contact: Contact) -> Sequence[ContactEvent]:
    if repeats(command, contact.called_back):
        return []
    registered = _callback_open(contact)
    check_proof(command.proof, register=True)
    if command.at < registered.at:
        raise Refused("before_contact", "时间早于来电。", "That was before the customer called.")
    return [tell(ContactCalledBack, command, contact=registered.contact)]


def _dismiss(command: DismissContact, contact: Contact) -> Sequence[ContactEvent]:
    if repeats(command, contact.dismissed):
        return []
    registered = undecided(contact)
    return [tell(ContactDismissed, command, contact=registered.contact)]


def _known(contact: Contact) -> ContactRegistered:
    if contact.registered is None:
        raise Refused("contact_unknown", "没有这条登记。", "There is no such contact.")
    return contact.registered


def _callback_open(contact: Contact) -> ContactRegistered:
    registered = _known(contact)
    if not registered.callback_needed:
        raise Refused("no_callback_needed", "该来电不需要回电。", "No callback is wanted.")
    if contact.called_back:
        raise Refused("already_called_back", "已回电。", "The customer has been called back.")
    return registered


def undecided(contact: Contact) -> ContactRegistered:
    """What was entered, where it is neither a ticket's nor dismissed. Raises ``Refused``."""
    registered = _known(contact)
    if contact.ticket:
        raise Refused("contact_linked", "已关联服务请求。", "It belongs to a ticket already.")
    if contact.dismissed:
        raise Refused("contact_dismissed", "已作废。", "It has been dismissed.")
    return registered


def _day(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()
