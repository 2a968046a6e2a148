"""Errors of caps."""

from __future__ import annotations

from swarm_core.kernel.errors.tree import FixInput, Wait


class NoRaise(FixInput):
    """The cap of `scope` is none that can be raised for a day, or nothing binds there."""

    code = "no_raise"
    fields = ("scope",)


class RaiseLimit(Wait):
    """Who is not the owner may raise `scope` by at most `most`, `times` a day."""

    code = "raise_limit"
    fields = ("scope", "most", "times")
