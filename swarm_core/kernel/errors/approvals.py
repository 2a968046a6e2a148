"""What stands between an action and a person's yes."""

from __future__ import annotations

from swarm_core.kernel.errors.tree import Conflict, GiveUp, Wait


class PriceTag(Wait):
    """The task waits for a yes: its first call, by `worker` with `model`, may cost `most`."""

    code = "price"
    fields = ("approval", "worker", "model", "most", "cap", "cheaper", "cheaper_most")


class Undoable(Wait):
    """The task begins in a moment; until then it can be undone for nothing."""

    code = "undoable"


class DearerFallback(Wait):
    """`instead_of` does not answer, and `model`, which may take over, costs up to `most`."""

    code = "dearer_fallback"
    fields = ("approval", "model", "most", "instead_of")


class AddressAsked(Wait):
    """After words of others (of `after`) a worker wants `tool` to open `address`, which whoever
    asked has not written. The task waits for a yes to that very address."""

    code = "address"
    fields = ("approval", "tool", "address", "after")


class Unanswered(Wait):
    """Nobody decided on `approval` in time, so what it was about is denied for now."""

    code = "unanswered"
    fields = ("task", "approval")


class ActionChanged(Wait):
    """What `task` would do now is not what was approved."""

    code = "action_changed"
    fields = ("task",)


class AwaitsApproval(Conflict):
    """Task `task` goes on only by a decision on `approval`."""

    code = "awaits_approval"
    fields = ("task", "approval")


class AlreadyDecided(Conflict):
    """`approval` was `state` by `actor`: each is decided once."""

    code = "already_decided"
    fields = ("approval", "state", "actor")


class TooLate(Conflict):
    """`approval` had expired; nothing of `task` ran."""

    code = "too_late"
    fields = ("approval", "task")


class OtherAction(Conflict):
    """What `task` would do now is not what `approval` was asked for."""

    code = "other_action"
    fields = ("approval", "task")


class NothingCheaper(Conflict):
    """Nobody can do `task` for less."""

    code = "nothing_cheaper"
    fields = ("task",)


class Denied(GiveUp):
    """`actor` said no to `approval`. `reason` is what they said: a text, so it is not recorded with
    this and is added where it is shown."""

    code = "denied"
    fields = ("approval", "actor", "reason")


class NobodyDecided(GiveUp):
    """Nobody decided, nor asked again."""

    code = "nobody_decided"
