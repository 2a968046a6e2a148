"""Why the press of a button in a chat does nothing."""

from __future__ import annotations

from swarm_core.kernel.errors.tree import Conflict


class ButtonGone(Conflict):
    """There is no such button here, or its time is over."""

    code = "button_gone"


class ButtonUsed(Conflict):
    """It works once, and was pressed before."""

    code = "button_used"


class ButtonOfAnother(Conflict):
    """It is for somebody else."""

    code = "button_of_another"
