"""What stands between the swarm and a chat service before a word is said."""

from __future__ import annotations

from swarm_core.kernel.errors.tree import FixInput, TryAgain


class NoToken(FixInput):
    """No `variable` of the environment holds a bot's token for `surface`; the page of that name
    in the docs tells where one comes from."""

    code = "no_token"
    fields = ("variable", "surface", "page")


class WrongToken(FixInput):
    """`surface` refuses the token that came from `variable`; `where` a new one is made."""

    code = "wrong_token"
    fields = ("variable", "surface", "where")


class ServiceAway(TryAgain):
    """`surface` did not answer at `address`; nothing was done."""

    code = "service_away"
    fields = ("surface", "address", "problem")


class WeakSecret(FixInput):
    """The secret in `variable`, by which a chat service shows that it is the one who calls, could
    be guessed, or is not one that it takes: `least` to `most` letters, digits, "_" and "-"."""

    code = "weak_secret"
    fields = ("variable", "least", "most")
