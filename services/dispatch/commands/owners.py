"""What belongs to whom: engineers reach only what is theirs."""

from shared.decider import Words
from shared.problems import FORBIDDEN, Problem


def only_own(own: str | None, engineer: str) -> None:
    """Raises Problem (403) where a caller limited to ``own`` wants what belongs to another engineer."""
    if own is not None and own != engineer:
        raise Problem(FORBIDDEN, _NOT_YOURS)


_NOT_YOURS = Words("这属于另一位服务人员。", "This belongs to another engineer.")
