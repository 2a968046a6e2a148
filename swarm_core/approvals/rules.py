"""Whether a decision may be taken, as a pure function; and how an id looks."""

from __future__ import annotations

from swarm_core.approvals.model import Approval, digest_of
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.errors import (
    AlreadyDecided,
    NothingCheaper,
    OtherAction,
    TooLate,
    WaggleError,
)

LETTERS = "abcdefghjkmnpqrstvwxyz"
SIGNS = f"{LETTERS}23456789"
LENGTH = 10
"""Signs of an id, the first one a letter: about 48 bits, so that nobody finds one by trying."""


def token(random: bytes) -> str:
    """An id from `LENGTH` random bytes; without signs that look alike."""
    first, *rest = random[:LENGTH]
    return LETTERS[first % len(LETTERS)] + "".join(SIGNS[byte % len(SIGNS)] for byte in rest)


def refusal(approval: Approval, now: Micros, digest: str, *, instead: bool) -> WaggleError | None:
    """Why a decision on `approval` is not taken at `now`; None when it is.

    `digest` is of the action as it would be done now: an approval is for what was shown.
    """
    if approval.state in ("approved", "denied"):
        by = approval.decided_by or ""
        return AlreadyDecided(approval=approval.id, state=approval.state, actor=by)
    if approval.state == "expired" or now >= approval.expires:
        return TooLate(approval=approval.id, task=approval.task)
    shown = digest_of(approval.action, approval.other)
    if approval.state == "withdrawn" or not digest == shown == approval.digest:
        return OtherAction(approval=approval.id, task=approval.task)
    if instead and approval.other is None:
        return NothingCheaper(task=approval.task)
    return None
