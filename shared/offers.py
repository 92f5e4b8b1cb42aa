"""What a caller can do now: the domain says what is open, the permissions say to whom."""

from collections.abc import Mapping

from shared.auth import Permission, Principal
from shared.decider import Words
from shared.problems import Action


def offered(
    principal: Principal,
    open_now: Mapping[str, Words | None],
    permissions: Mapping[str, Permission],
    titles: Mapping[str, Words],
) -> list[Action]:
    """Each action of ``open_now`` (None: open) with its title, and of those that are closed to this caller why."""
    return [
        Action(name.replace("_", "-"), titles[name], reason or role_missing(principal, permissions[name]))
        for name, reason in open_now.items()
    ]


def role_missing(principal: Principal, permission: Permission) -> Words | None:
    """None where the caller has one of the roles."""
    if permission.allows(principal, reading=False):
        return None
    roles = sorted(permission.roles)
    return Words(f"需要以下角色之一：{'、'.join(roles)}。", f"It needs one of the roles {', '.join(roles)}.")
