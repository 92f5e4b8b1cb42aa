"""The register of calls and letters, rule by rule."""

from datetime import date
from typing import Any

import pytest

from services.tickets.domain import contact
from shared.events import tickets as fact
from shared.events.tickets import Channel
from tests.unit.tickets.examples import CALL, CONTACT, OTHER, T0, TICKET, hours
from tests.unit.tickets.story import given


def register(**facts: Any) -> contact.RegisterContact:
    said = {"contact": CONTACT, "channel": Channel.PHONE, "registered_at": T0, "summary": "粘不住"}
    return contact.RegisterContact(**{"at": T0, "by": "reception"} | said | facts)


def link(**facts: Any) -> contact.LinkContact:
    return contact.LinkContact(**{"at": hours(1), "by": "reception", "ticket": TICKET} | facts)


CALLED = contact.RecordCallback(at=hours(1), by="reception", proof=CALL)
DISMISS = contact.DismissContact(at=hours(1), by="reception", reason="广告")


@pytest.mark.parametrize("channel", list(Channel))
def test_letters_and_walk_ins_count_from_registration_the_others_from_arrival(channel: Channel) -> None:
    by_hand = channel in (Channel.LETTER, Channel.WALK_IN)
    story = given(contact).when(register(channel=channel, registered_at=hours(3))).then(fact.ContactRegistered)
    story.saying(at=hours(3) if by_hand else T0, arrived_at=T0, registered_late=False)


def test_a_letter_registered_on_a_later_day_in_shanghai_is_late_and_keeps_its_postmark() -> None:
    letter = {"channel": Channel.LETTER, "postmark": date(2026, 9, 29)}
    midnight = 15.0  # 00:00 in Shanghai
    given(contact).when(register(registered_at=hours(midnight), **letter)).then(fact.ContactRegistered).saying(
        registered_late=True, postmark=date(2026, 9, 29)
    )
    given(contact).when(register(registered_at=hours(midnight - 0.1), **letter)).then(fact.ContactRegistered).saying(
        registered_late=False
    )
    given(contact).when(register(registered_at=hours(midnight))).then(fact.ContactRegistered).saying(
        registered_late=False
    )


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"registered_at": hours(-1)}, "registered_before_arrival"),
        ({"postmark": date(2026, 10, 1)}, "postmark_without_letter"),
        ({"channel": Channel.LETTER, "postmark": date(2026, 10, 4)}, "postmark_after_arrival"),
        ({"channel": Channel.EMAIL, "call_id": "c-1"}, "not_a_call"),
        ({"channel": Channel.EMAIL, "abandoned": True}, "not_a_call"),
    ],
)
def test_what_cant_be(facts: dict[str, Any], code: str) -> None:
    given(contact).when(register(**facts)).refused(code)


def test_twice_is_once() -> None:
    story = given(contact, register()).when(register()).then()
    story.when(register(summary="别的事")).refused("contact_exists")


def test_an_abandoned_call_wants_a_callback_and_gets_one() -> None:
    story = given(contact).when(register(abandoned=True)).then(fact.ContactRegistered).saying(callback_needed=True)
    story.when(CALLED).then(fact.ContactCalledBack).when(CALLED).then()
    other = CALL.model_copy(update={"call_id": "c-2"})
    story.when(CALLED.model_copy(update={"proof": other})).refused("already_called_back")


def test_a_callback_is_a_call_in_which_two_talked_after_the_contact() -> None:
    story = given(contact, register(callback_needed=True))
    silent = CALL.model_copy(update={"seconds": 0})
    story.when(CALLED.model_copy(update={"proof": silent})).refused("call_not_two_way")
    story.when(CALLED.model_copy(update={"at": hours(-1)})).refused("before_contact")
    given(contact, register()).when(CALLED).refused("no_callback_needed")


def test_it_is_linked_to_one_ticket_and_elsewhere_only_with_a_reason() -> None:
    story = given(contact, register()).when(link()).then(fact.ContactLinked).saying(previous=None)
    story.when(link()).then().when(link(ticket=OTHER)).refused("link_reason_missing")
    story.when(link(ticket=OTHER, reason="看错了")).then(fact.ContactLinked).saying(previous=TICKET)
    assert story.now().ticket == OTHER


def test_registered_with_its_ticket_it_is_linked() -> None:
    given(contact, register(ticket=TICKET)).when(link()).then()


def test_what_needs_no_ticket_is_dismissed_and_may_come_back() -> None:
    story = given(contact, register()).when(DISMISS).then(fact.ContactDismissed).when(DISMISS).then()
    story.when(DISMISS.model_copy(update={"reason": "拨错"})).refused("contact_dismissed")
    story.when(link()).refused("link_reason_missing")
    story.when(link(reason="原来是客户")).then(fact.ContactLinked)
    story.when(DISMISS.model_copy(update={"reason": "拨错"})).refused("contact_linked")


def test_nothing_before_it_is_registered() -> None:
    for command in (link(), CALLED, DISMISS):
        given(contact).when(command).refused("contact_unknown")
    assert all(contact.available(contact.NEW).values())
    assert contact.available(given(contact, register()).now())["link"] is None
