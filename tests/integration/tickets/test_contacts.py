"""Reception (3.8): every call, letter and visit is registered, and becomes a ticket, or doesn't need to."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.integration.tickets.conftest import CALL, NINE, TALKED, Office, code, open_now

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHANNELS = ("phone", "letter", "walk_in", "email", "im", "portal")


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_contact_on_every_channel_opens_a_ticket_that_is_due_in_24_hours(office: Office, channel: str) -> None:
    # given a contact that came ten minutes ago
    now = office.clock.now()
    came = now - timedelta(minutes=10)

    # when reception takes it down
    opened = await office.desk.do("/tickets", CALL | {"channel": channel, "at": came.isoformat()})

    # then the answer is due 24 hours after receipt: for letters and visits that is the registration (D3)
    received = now if channel in ("letter", "walk_in") else came
    assert opened["answer_due"] == (received + timedelta(hours=24)).isoformat()
    entry = await office.desk.read(f"/tickets/contacts/{opened['contact']}")
    assert (entry["channel"], entry["ticket"]) == (channel, opened["ticket"])
    assert entry["arrived_at"] == came.isoformat().replace("+00:00", "Z")


async def test_a_letter_keeps_its_postmark_and_tells_that_it_was_registered_late(office: Office) -> None:
    # given a letter that lay on the desk since yesterday
    yesterday = office.clock.now() - timedelta(days=1)
    letter = CALL | {"channel": "letter", "at": yesterday.isoformat(), "postmark": "2026-10-02"}

    # when it is registered
    opened = await office.desk.do("/tickets", letter)

    # then the postmark and the delay are on record
    entry = await office.desk.read(f"/tickets/contacts/{opened['contact']}")
    assert entry["postmark"] == "2026-10-02"
    assert entry["registered_late"] is True


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"channel": "phone", "postmark": "2026-10-02"}, "postmark-without-letter"),
        ({"channel": "letter", "postmark": "2027-10-02"}, "postmark-after-arrival"),
        ({"channel": "email", "abandoned": True}, "not-a-call"),
        ({"customer": "6f1f7a9e-3c52-4b8e-9a57-5a1e1c3f7a11"}, "customer-unknown"),
        ({"product": "6f1f7a9e-3c52-4b8e-9a57-5a1e1c3f7a11"}, "product-unknown"),
        ({"site": "6f1f7a9e-3c52-4b8e-9a57-5a1e1c3f7a11"}, "site-unknown"),
        ({"unit": "6f1f7a9e-3c52-4b8e-9a57-5a1e1c3f7a11"}, "unit-unknown"),
    ],
)
async def test_what_cant_be_is_refused_and_nothing_recorded(office: Office, facts: dict[str, Any], why: str) -> None:
    # given the log as it is
    head = await office.tickets.log.head()

    # when reception says what can't be
    problem = await office.desk.refused("/tickets", CALL | facts)

    # then it is told why, what is open, and nothing was recorded
    assert code(problem) == why
    assert open_now(problem) == {"open-ticket", "register-contact"}
    assert await office.tickets.log.head() == head


async def test_an_abandoned_call_waits_for_a_callback_and_then_becomes_a_ticket(office: Office) -> None:
    # given a caller who hung up before anybody answered
    entered = await office.desk.do("/tickets/contacts", CALL | {"abandoned": True, "call_id": "1696321200.1"})
    contact = f"/tickets/contacts/{entered['contact']}"
    await office.seen()
    waiting = await office.desk.list("/tickets/contacts", callback_needed=True)
    assert entered["contact"] in {row["contact"] for row in waiting}
    assert open_now(await office.desk.read(contact)) == {"open", "link", "call-back", "dismiss"}

    # when somebody calls back, after one try in which nobody talked
    silent = await office.desk.refused(f"{contact}/call-back", {"proof": TALKED | {"seconds": 0}})
    await office.desk.do(f"{contact}/call-back", {"proof": TALKED})
    opened = await office.desk.do(f"{contact}/open")

    # then nobody waits any more, and the clock of the ticket runs from the first call
    assert code(silent) == "call-not-two-way"
    assert open_now(silent) == {"open", "link", "call-back", "dismiss"}
    await office.seen()
    waiting = await office.desk.list("/tickets/contacts", callback_needed=True)
    assert entered["contact"] not in {row["contact"] for row in waiting}
    ticket = await office.desk.read(f"/tickets/{opened['ticket']}")
    entry = await office.desk.read(contact)
    assert ticket["received_at"].startswith(entry["at"].removesuffix("Z"))
    assert (entry["ticket"], ticket["product"]["lot"]) == (opened["ticket"], CALL["lot"])
    assert open_now(entry) == {"link"}


async def test_the_first_answer_is_the_callback_that_was_waited_for(office: Office) -> None:
    # given an abandoned call whose ticket is open at once
    opened = await office.desk.do("/tickets", CALL | {"abandoned": True})

    # when the ticket is answered by a call
    await office.desk.do(f"/tickets/{opened['ticket']}/answer", {"proof": TALKED})

    # then nobody has to call back a second time
    problem = await office.desk.refused(
        f"/tickets/contacts/{opened['contact']}/call-back", {"proof": TALKED | {"call_id": "2"}}
    )
    assert code(problem) == "already-called-back"


async def test_what_reception_took_down_is_all_there_when_the_ticket_is_opened_later(office: Office) -> None:
    # given a contact with a site and an installed unit
    customer = (await office.desk.do("/tickets/customers", {"name": "泉城饭店"}))["id"]
    site = (await office.desk.do("/tickets/sites", {"customer": customer, "name": "后厨"}))["id"]
    product = (await office.desk.do("/tickets/products", {"name": "电子驱鼠器", "consumable": False}))["id"]
    unit = (
        await office.desk.do(
            "/tickets/units", {"customer": customer, "product": product, "serial": "QS-7", "site": site}
        )
    )["id"]
    said = {"channel": "im", "customer": customer, "site": site, "product": product, "unit": unit, "summary": "不响了"}
    entered = await office.desk.do("/tickets/contacts", said)

    # when its ticket is opened
    opened = await office.desk.do(f"/tickets/contacts/{entered['contact']}/open")

    # then nothing got lost on the way
    ticket = await office.desk.read(f"/tickets/{opened['ticket']}")
    assert (ticket["customer"], ticket["site"]) == ({"customer": customer, "name": "泉城饭店"}, site)
    assert ticket["product"] == {"product": product, "name": "电子驱鼠器", "lot": None, "unit": unit}


async def test_a_contact_is_linked_moved_with_a_reason_or_dismissed(office: Office) -> None:
    # given two tickets, and a contact that belongs to the first
    first, second = await office.ticket(), await office.ticket()
    entered = await office.desk.do("/tickets/contacts", CALL)
    contact = f"/tickets/contacts/{entered['contact']}"
    await office.desk.do(f"{contact}/link", {"ticket": first})

    # when it is to go elsewhere, without and with a reason, and to a ticket that isn't there
    silent = await office.desk.refused(f"{contact}/link", {"ticket": second})
    nowhere = await office.desk.refused(f"{contact}/link", {"ticket": str(uuid4()), "reason": "x"})
    itself = await office.desk.post(f"{contact}/link", {"ticket": entered["contact"], "reason": "x"})
    moved = await office.desk.do(f"{contact}/link", {"ticket": second, "reason": "客户说的是另一件事"})

    # then it belongs to the second, and can't be thrown away
    assert [code(silent), code(nowhere)] == ["link-reason-missing", "ticket-unknown"]
    assert itself.status_code == 404
    assert moved["ticket"] == second
    assert code(await office.desk.refused(f"{contact}/dismiss", {"reason": "x"})) == "contact-linked"
    await office.seen()
    history = await office.desk.read(f"/tickets/{second}/history")
    assert any("客户说的是另一件事" in line["words"] for line in history)

    # and one that needs no ticket is dismissed, once
    junk = await office.desk.do("/tickets/contacts", {"channel": "phone", "summary": "推销广告"})
    await office.desk.do(f"/tickets/contacts/{junk['contact']}/dismiss", {"reason": "广告"})
    assert (await office.desk.read(f"/tickets/contacts/{junk['contact']}"))["dismissed"] == "广告"


async def test_the_register_is_searched_and_narrowed_down(office: Office) -> None:
    # given a contact with words of its own
    letter = {"channel": "letter", "customer_name": "圣井中学", "summary": "请寄送灭蟑胶饵使用说明"}
    entered = await office.desk.do("/tickets/contacts", letter)
    await office.seen()

    # when it is looked for by Chinese text, by channel and by time
    async def found(**query: Any) -> set[str]:
        return {row["contact"] for row in await office.desk.list("/tickets/contacts", **query)}

    # then it is found, and only where it should be
    for text in ("使用说明", "圣井", "胶", "圣 井中学"):
        assert entered["contact"] in await found(q=text), text
    assert entered["contact"] in await found(channel="letter", q="圣井")
    assert await found(channel="phone", q="圣井") == set()
    assert entered["contact"] in await found(received_from=NINE.isoformat(), limit=200)
    assert await found(received_until=NINE.isoformat(), q="圣井") == set()


async def test_who_lacks_the_role_is_told_which_it_takes(office: Office) -> None:
    # given a contact, seen by somebody who may only read
    entered = await office.desk.do("/tickets/contacts", CALL)
    quality = office.caller("quality", language="en")

    # when they look at it
    shown = await quality.read(f"/tickets/contacts/{entered['contact']}")

    # then each action says which roles it needs
    reasons = {action["name"]: action["reason"] for action in shown["available_actions"]}
    assert reasons["dismiss"] == "It needs one of the roles dispatcher, integration, reception, service_manager."
    assert (await quality.post(f"/tickets/contacts/{entered['contact']}/dismiss", {"reason": "x"})).status_code == 403
