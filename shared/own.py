"""What is an engineer's own: others get 403."""

from shared.decider import Words
from shared.problems import FORBIDDEN, Problem


def require_own(own: str | None, *engineers: str | None) -> None:
    """``own`` is the engineer to whom the caller is limited, None without a limit. Raises Problem (403) unless it is
    one of ``engineers``."""
    if own is not None and own not in engineers:
        raise Problem(FORBIDDEN, _NOT_YOURS)


_NOT_YOURS = Words("这属于另一位服务人员。", "This belongs to another engineer.")
