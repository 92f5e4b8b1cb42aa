"""Facts in words."""

from decimal import Decimal

from services.penalties.domain.fact import FactEvent
from services.penalties.wording import in_words
from shared.decider import Words
from tests.unit.penalties import told
from tests.unit.penalties.told import Office, in_two_logs


async def test_what_was_heard_and_what_was_made_of_it_is_told_in_both_languages() -> None:
    events = [told.late(), told.not_late(), told.phone(trip=told.an_id("trip"), allowance=Decimal("15.00"))]
    office = await Office().hear(*in_two_logs(events))
    said = [in_words(each) for stream in office.events.values() for each in stream if isinstance(each, FactEvent)]
    assert said == [
        Words(
            "就 E04 的“到场逾期”收到 dispatch.VisitLate（dispatch-1）。",
            "dispatch.VisitLate (dispatch-1) was heard about E04: lateness at a customer's.",
        ),
        Words(
            "按制度第 1 版 4.5 立案，涉及 ¥50.00；由人决定。",
            "By rule 4.5 of policy version 1 a suspicion stands, ¥50.00 at stake; people decide.",
        ),
        Words(
            "就 E04 的“到场逾期”收到 dispatch.VisitLateCorrected（dispatch-2）。",
            "dispatch.VisitLateCorrected (dispatch-2) was heard about E04: lateness at a customer's.",
        ),
        Words(
            "据 dispatch.VisitLateCorrected（dispatch-2），原立案不再成立。",
            "By dispatch.VisitLateCorrected (dispatch-2) the suspicion no longer stands for it.",
        ),
        Words(
            "就 E04 的“值守无人接听”收到 dispatch.PhoneUnanswered（dispatch-3）。",
            "dispatch.PhoneUnanswered (dispatch-3) was heard about E04: not to be reached in the duty window.",
        ),
        Words(
            "按制度第 1 版 4.6 立案，涉及当日补贴 ¥15.00；由人决定。",
            "By rule 4.6 of policy version 1 a suspicion stands, ¥15.00 of that day’s allowance at stake; "
            "people decide.",
        ),
    ]
