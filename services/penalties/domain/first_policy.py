"""Version 1 of the penalty policy: clauses 4.2 to 4.7 of the service commitment, as data. It is shipped as a draft.

The order is D7: a lateness that a customer's complaint has proved is 4.2.3, and then no longer 4.5.
"""

from decimal import Decimal

from shared.events.dispatch import Check, Delay, FraudDeed, FraudGravity
from shared.events.penalties import (
    Comparison,
    Condition,
    Consequence,
    ConsequenceKind,
    FactKind,
    PolicyTerms,
    Rule,
    Value,
    Values,
)
from shared.events.telephony import CallOutcome
from shared.events.tickets import ComplaintCategory

C = Comparison

MAJOR = Consequence(kind=ConsequenceKind.MAJOR_DEMERIT, remedial=True)


def _is(field: str, value: Value = True) -> Condition:
    return Condition(field=field, test=C.IS, value=value)


def _has_any(field: str, *values: str) -> Condition:
    return Condition(field=field, test=C.HAS_ANY, value=values)


def _fine(yuan: str, score: int, kind: ConsequenceKind = ConsequenceKind.FINE) -> Consequence:
    return Consequence(kind=kind, amount=Decimal(yuan), score=score)


def _complaint(code: str, category: ComplaintCategory, zh: str, en: str, on: FactKind = FactKind.CONDUCT) -> Rule:
    other = ComplaintCategory.OTHER if on is FactKind.CONDUCT else None
    return Rule(
        code=code,
        clause=category.value,
        text_zh=zh,
        text_en=en,
        on=on,
        when=(_is("complaint", category.value),),
        consequence=MAJOR,
        must_match={"complaint": category.value},
        must_not_match={"complaint": other and other.value},
    )


def _fraud(code: str, gravity: FraudGravity, kind: ConsequenceKind, zh: str, en: str) -> Rule:
    """D16: the gravity itself was found by the table of the expense policy."""
    another = FraudGravity.MAJOR_DEMERIT if gravity is FraudGravity.DEMERIT else FraudGravity.DEMERIT
    example: Values = {"deed": FraudDeed.FORGED.value, "amount": "1200.00"}
    return Rule(
        code=code,
        clause="4.3",
        text_zh=zh,
        text_en=en,
        on=FactKind.FRAUD,
        when=(_is("gravity", gravity.value),),
        consequence=Consequence(kind=kind),
        must_match=example | {"gravity": gravity.value},
        must_not_match=example | {"gravity": another.value},
    )


_COMPLAINTS = (
    _complaint(
        "4.2.1",
        ComplaintCategory.QUARREL,
        "与客户争吵，经投诉查实的，记大过一次，并须采取挽回措施。",
        "A quarrel with a customer, found true on a complaint: one major demerit, and remedial action.",
    ),
    _complaint(
        "4.2.2",
        ComplaintCategory.EXTORTION,
        "向客户索要财物或好处，经投诉查实的，记大过一次，并须采取挽回措施。",
        "Asking a customer for money or favours, found true on a complaint: one major demerit, and remedial action.",
    ),
    _complaint(
        "4.2.3",
        ComplaintCategory.LATENESS,
        "因个人原因未按约定时间到场服务，经投诉查实的，记大过一次，并须采取挽回措施；同一次迟到不再按 4.5 罚款。",
        "Late service for personal reasons, found true on a complaint: one major demerit, and remedial action; the "
        "same lateness is not fined by 4.5 as well.",
        FactKind.LATENESS,
    ),
    _complaint(
        "4.2.3-complaint",
        ComplaintCategory.LATENESS,
        "因个人原因延误服务（未涉及某次上门），经投诉查实的，记大过一次，并须采取挽回措施。",
        "Late service for personal reasons, of no visit in particular, found true on a complaint: one major demerit, "
        "and remedial action.",
    ),
)

_MISMATCHES = tuple(check.value for check in Check if check is not Check.CAP)

_EXPENSES = (
    Rule(
        code="4.3-mismatch",
        clause="4.3",
        text_zh="票据不真实、不合法、无效，或与出差行程不符的，该项费用不予报销。",
        text_en="An expense whose receipt isn't true, lawful and valid, or doesn't match the trip, is not reimbursed.",
        on=FactKind.EXPENSE_LINE,
        when=(_has_any("checks", *_MISMATCHES),),
        consequence=Consequence(kind=ConsequenceKind.NOT_REIMBURSED),
        must_match={"checks": (Check.CITY.value,), "claimed": "320.00", "allowed": "0.00"},
        must_not_match={"checks": (Check.CAP.value,), "claimed": "320.00", "allowed": "300.00"},
    ),
    _fraud(
        "4.3-legal-referral",
        FraudGravity.LEGAL_REFERRAL,
        ConsequenceKind.LEGAL_REFERRAL,
        "报销舞弊涉嫌犯罪的，建议移送追究法律责任（须两人签署）。",
        "A fraud that seems to be a crime: legal referral is proposed; two have to sign it.",
    ),
    _fraud(
        "4.3-dismissal",
        FraudGravity.DISMISSAL,
        ConsequenceKind.DISMISSAL,
        "有组织的报销舞弊，建议辞退（须两人签署）。",
        "An organised fraud: dismissal is proposed; two have to sign it.",
    ),
    _fraud(
        "4.3-major-demerit",
        FraudGravity.MAJOR_DEMERIT,
        ConsequenceKind.MAJOR_DEMERIT,
        "伪造票据、金额较大或再次报销舞弊的，记大过一次。",
        "A forged receipt, a large amount, or a fraud for another time: one major demerit.",
    ),
    _fraud(
        "4.3-demerit",
        FraudGravity.DEMERIT,
        ConsequenceKind.DEMERIT,
        "初次且轻微的报销舞弊，记过一次。",
        "A first and minor fraud: one demerit.",
    ),
)

_VISITS = (
    Rule(
        code="4.4",
        clause="4.4",
        text_zh="完成作业离开时未按时向总部报告的，每次罚款 50 元。",
        text_en="Leaving after the job without telling headquarters in time: ¥50 each time.",
        on=FactKind.LEAVING,
        when=(_is("unreported"),),
        consequence=_fine("50.00", 5),
        must_match={"unreported": True, "call_demanded": False},
        must_not_match={"unreported": False},
    ),
    Rule(
        code="4.5",
        clause="4.5",
        text_zh="因个人原因未在约定时间（含宽限）到达客户现场的，每次罚款 50 元。"
        "系统查明当时无人承担，或无指令送达记录的，不适用。",
        text_en="Not at the customer's at the agreed time, grace included, for personal reasons: ¥50 each time. Not "
        "where the system knows that nobody was to go, or that nothing shows that the instruction was delivered.",
        on=FactKind.LATENESS,
        when=(_is("late"),),
        unless=(_has_any("known_causes", Delay.NOBODY_ASSIGNED.value, Delay.NOT_DELIVERED.value),),
        consequence=_fine("50.00", 5),
        must_match={"late": True, "minutes": 40, "known_causes": (), "told_causes": (Delay.TRAFFIC.value,)},
        must_not_match={"late": True, "known_causes": (Delay.NOT_DELIVERED.value, Delay.UNANSWERED.value)},
    ),
)

_REACHABILITY = (
    Rule(
        code="4.6",
        clause="4.6",
        text_zh="值守开机时段内无故关机、拒接或无人接听的：出差日有电话费补贴的，不发当日补贴；"
        "否则罚款 10 元。二者不并用。",
        text_en="Switched off, declining or not answering in the duty window without cause: on a day of a trip with a "
        "phone allowance that day's allowance, otherwise ¥10; never both.",
        on=FactKind.PHONE,
        when=(_is("unanswered"),),
        consequence=_fine("10.00", 1, ConsequenceKind.ALLOWANCE_OR_FINE),
        must_match={"unanswered": True, "outcomes": (CallOutcome.SWITCHED_OFF.value,), "on_trip": False},
        must_not_match={"unanswered": False},
    ),
    Rule(
        code="4.7",
        clause="4.7",
        text_zh="指令已送达，无正当理由拒绝总部派工的，每次罚款 100 元。因安全原因拒绝的，不适用。",
        text_en="Refusing headquarters' dispatch, delivered, without a valid reason: ¥100 each time. Not for safety.",
        on=FactKind.INSTRUCTION,
        when=(_is("delivered"), _is("refused")),
        unless=(_is("safety"),),
        consequence=_fine("100.00", 10),
        must_match={"delivered": True, "refused": True, "safety": False},
        must_not_match={"delivered": True, "refused": True, "safety": True},
    ),
    Rule(
        code="4.7-unanswered",
        clause="4.7",
        text_zh="指令已送达，在规定时间内不作答复的，视同拒绝派工，每次罚款 100 元。",
        text_en="Not answering an instruction that was delivered, in the time that is set, counts as refusing it: ¥100 "
        "each time.",
        on=FactKind.INSTRUCTION,
        when=(_is("delivered"), _is("unanswered")),
        unless=(_is("safety"),),
        consequence=_fine("100.00", 10),
        must_match={"delivered": True, "unanswered": True},
        must_not_match={"delivered": False, "unanswered": True},
    ),
)

VERSION_1 = PolicyTerms(rules=_COMPLAINTS + _EXPENSES + _VISITS + _REACHABILITY)
"""What isn't a rule is as the terms' defaults say (D6, D8)."""
