"""Ids that come from facts, so that the same fact told twice is one stream; and the numbers that people say."""

from datetime import datetime
from functools import lru_cache
from uuid import UUID, uuid5

from shared.numbers import number

NAMESPACE = UUID("5e1f0c9b-7a34-5b0e-9b62-64d2a1c8f3e7")
"""Of all ids made here; never changes."""

POLICY = uuid5(NAMESPACE, "policy")
"""The company's one penalty policy, with all its versions."""

CHAIN = uuid5(NAMESPACE, "chain")
"""The signed heads of the log's hash chain."""


def fact_id(key: str) -> UUID:
    """One stream for each piece of conduct, however often and by whomever it is told."""
    return uuid5(NAMESPACE, f"fact:{key}")


def penalty_id(fact: UUID, charge: int) -> UUID:
    """``charge`` counts the suspicions that one fact has led to, one after the other, from 1."""
    return uuid5(NAMESPACE, f"penalty:{fact}:{charge}")


@lru_cache(maxsize=10_000)
def conduct_id(engineer: str) -> UUID:
    """The record of an engineer: acknowledgements, region, demerits."""
    return uuid5(NAMESPACE, f"conduct:{engineer}")


def demerit_id(cause: UUID | str) -> UUID:
    """Of a penalty, or of the demerits that make a major one."""
    return uuid5(NAMESPACE, f"demerit:{cause}")


def measure_id(cause: UUID | str) -> UUID:
    """A proposed dismissal or legal referral: one for what led to it."""
    return uuid5(NAMESPACE, f"measure:{cause}")


PAYROLL = uuid5(NAMESPACE, "payroll")
"""All payroll lists: one stream, so that no amount is on two of them."""


def wage_id(engineer: str) -> UUID:
    """That an engineer's wages were recorded."""
    return uuid5(NAMESPACE, f"wage:{engineer}")


def penalty_number(penalty: UUID, at: datetime) -> str:
    """``CF-20261003-7F3KQ2``."""
    return number("CF", penalty, at)


def measure_number(measure: UUID, at: datetime) -> str:
    """``CZ-20261003-7F3KQ2``."""
    return number("CZ", measure, at)
