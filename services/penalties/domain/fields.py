"""What a rule can read of a fact, by the fact's kind; a draft that reads anything else is refused.

``None``, or a field that isn't there, means that nobody has told it yet. Amounts are CNY, written as text
(``"1200.00"``); lists are sorted tuples of text, each once.
"""

from collections.abc import Mapping
from decimal import Decimal

from shared.events.penalties import FactKind

FIELDS: Mapping[FactKind, Mapping[str, type]] = {
    FactKind.LATENESS: {
        "late": bool,  # after the agreed time and the time of grace, by what is known by now
        "minutes": int,  # begun after the agreed arrival, as it was in the end
        "arrived": bool,
        "known_causes": tuple,  # of shared.events.dispatch Delay: what the system saw by itself
        "told_causes": tuple,  # of Delay: what the engineer or the office said
        "complaint": str,  # the finding about this very lateness: "4.2.3"
    },
    FactKind.LEAVING: {
        "unreported": bool,  # headquarters wasn't told in time; False once that is corrected
        "minutes": int,  # begun after it was due, where it was told late
        "call_demanded": bool,
    },
    FactKind.PHONE: {
        "unanswered": bool,  # False once it is withdrawn
        "outcomes": tuple,  # of shared.events.telephony CallOutcome
        "on_trip": bool,
        "allowance": Decimal,  # that day's, on a day of a trip (D9)
    },
    FactKind.INSTRUCTION: {
        "refused": bool,
        "unanswered": bool,  # False once it is corrected
        "delivered": bool,  # something shows that the instruction has reached the engineer
        "safety": bool,  # a refusal for safety (D15)
    },
    FactKind.FRAUD: {
        "gravity": str,  # of shared.events.dispatch FraudGravity: by the table of the expense policy (D16)
        "deed": str,  # of FraudDeed
        "amount": Decimal,
        "repeated": bool,
        "organised": bool,
        "criminal": bool,
        "paid": bool,
    },
    FactKind.EXPENSE_LINE: {
        "checks": tuple,  # of shared.events.dispatch Check: which had failed
        "kind": str,  # of ExpenseKind
        "claimed": Decimal,
        "allowed": Decimal,
    },
    FactKind.CONDUCT: {
        "complaint": str,  # of shared.events.tickets ComplaintCategory: what was found true
        "statement_lapsed": bool,
    },
}
