"""What stands between the swarm and a chat service before a word is said."""

from __future__ import annotations

from swarm_core.kernel.errors.tree import FixInput, TryAgain


class NoToken(FixInput):
    """No `variable` of the environment holds a bot's token."""

    code = "no_token"
    fields = ("variable",)


class WrongToken(FixInput):
    """The service refuses the token that came from `variable`."""

    code = "wrong_token"
    fields = ("variable",)


class ServiceAway(TryAgain):
    """`surface` did not answer at `address`; nothing was done."""

    code = "service_away"
    fields = ("surface", "address", "problem")


class WeakSecret(FixInput):
    """The secret in `variable`, by which a chat service shows that it is the one who calls, could
    be guessed, or is not one that it takes: `least` to `most` letters, digits, `_` and `-`."""

    code = "weak_secret"
    fields = ("variable", "least", "most")
