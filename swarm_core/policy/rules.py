"""The rules: fixed for now. Denied unless a rule allows.

About raises of caps they know roles: anybody with one asks for more of what is theirs or nobody's,
an approver decides on it, an admin raises what is not their own without asking.
"""

from __future__ import annotations

from swarm_core.kernel.actor import ADMIN, APPROVER, MEMBER, OWNER, SWARM, Actor
from swarm_core.policy.model import Action, Decision, Resource

_OWNER = Decision(True, "owner-may-everything")
_SWARM = Decision(True, "swarm-acts-for-accepted-work")
_DENIED = Decision(False, "nobody-else-yet")


_ONLY_PEOPLE = Decision(False, "only-people-approve")
_OWN_RAISE = Decision(False, "nobody-approves-their-own-raise")
_ASKS = Decision(True, "people-ask-for-more-of-their-own")
_DECIDES = Decision(True, "approvers-decide-on-raises")
_RAISES = Decision(True, "admins-raise-for-others")
RAISE = "raise"
"""The kind of an approval that is about more money for what its owner does."""

_OWN = Decision(True, "members-ask-and-look-after-their-own")
_ASKING = frozenset({Action.CREATE_TASK, Action.BEGIN_TALK, Action.FORGET_TALK, Action.TOOL})
_OF_ONES_OWN = frozenset(
    {Action.CANCEL_TASK, Action.RETRY_TASK, Action.TELL_TASK, Action.STOP, Action.RESUME}
)
_DECIDERS = frozenset({ADMIN, APPROVER})
_KNOWN = frozenset({ADMIN, APPROVER, MEMBER})


def decide(actor: Actor, action: Action, resource: Resource) -> Decision:
    """Whether `actor` may do `action` on `resource`. The owner may everything, the swarm itself
    may, but for approving and raising; a member asks, and steers and ends what is their own."""
    if OWNER in actor.roles:
        return _OWNER
    if actor is SWARM:
        return _ONLY_PEOPLE if action in (Action.DECIDE, Action.RAISE_CAP) else _SWARM
    if action is Action.DECIDE and resource.kind == RAISE and resource.owner == actor.key:
        return _OWN_RAISE
    return _by_role(actor, action, resource)


def _own_work(actor: Actor, action: Action, resource: Resource) -> bool:
    if action is Action.READ_TASK:
        return resource.kind == "conversation"
    own = resource.owner == actor.key or (resource.kind, resource.name) == ("work", actor.key)
    return action in _ASKING or (action in _OF_ONES_OWN and own)


def _by_role(actor: Actor, action: Action, resource: Resource) -> Decision:
    if MEMBER in actor.roles and _own_work(actor, action, resource):
        return _OWN
    match action:
        case Action.DECIDE if actor.roles & _DECIDERS and resource.kind in ("command", RAISE):
            return _DECIDES
        case Action.READ_APPROVALS if actor.roles & _DECIDERS:
            return _DECIDES
        case Action.RAISE_CAP if ADMIN in actor.roles:
            return _OWN_RAISE if resource.owner == actor.key else _RAISES
        case Action.ASK_RAISE if ADMIN in actor.roles:
            return _ASKS
        case Action.ASK_RAISE if actor.roles & _KNOWN and resource.owner in ("", actor.key):
            return _ASKS
        case _:
            return _DENIED
