"""How an action is refused that the lifecycle doesn't list, and how to ask whether an action is open."""

from collections.abc import Callable

from shared.decider import Refused, Words


def why_not(guard: Callable[[], object]) -> Words | None:
    """Why ``guard`` refuses; None when it lets the action pass."""
    try:
        guard()
    except Refused as refused:
        return refused.words
    return None


def not_now(kind: str, kind_words: Words, action: Words, state: str, status: Words, hint: Words) -> Refused:
    """The lifecycle of ``kind`` doesn't list ``action`` in ``state``; code ``<kind>_<state>``, ``hint`` says what to
    do instead."""
    return Refused(
        f"{kind}_{state.lower()}",
        f"{kind_words.zh}{status.zh}，现在不能{action.zh}。{hint.zh}",
        f"The {kind_words.en} is {status.en}, so it isn't possible to {action.en} now. {hint.en}",
    )
