"""Floor 1: a person's decision that lets one exact action go on.

An approval is a row made from facts. It binds one action (by the digest of its canonical form),
may be decided once, by whom policy allows, until it expires; whatever does not fit is refused with
the reason and recorded. What follows from a decision is the caller's, in the same transaction.
"""

from swarm_core.approvals.approvals import ApprovalRules, Approvals
from swarm_core.approvals.model import Approval, Asking, digest_of

__all__ = ["Approval", "ApprovalRules", "Approvals", "Asking", "digest_of"]
