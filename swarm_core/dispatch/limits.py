"""Limits of people who are guests: how often they ask, and how much runs for them at once.

Requests are counted in memory, refused ones too: after a restart a minute begins anew.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import timedelta

import msgspec

from swarm_core.kernel.actor import ADMIN, OPERATOR, OWNER, Actor
from swarm_core.kernel.clock import Clock, to_micros
from swarm_core.kernel.errors import TooManyRequests
from swarm_core.kernel.money import MicroUSD
from swarm_core.people import OWNER_NUMBER, Directory
from swarm_core.settings import Settings

_UNBOUND = frozenset({OWNER, ADMIN, OPERATOR})
_MINUTE = 60_000_000
_MOST_KNOWN = 10_000
"""People whose requests are counted; the counts of those who have asked longest ago go first."""


class LimitRules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Runs at once, requests a minute, whether dearer models are chosen unnamed, and above which
    price a guest is asked; None for no limit of that sort."""

    at_once: int | None = None
    requests: int | None = None
    dear: bool = True
    above: MicroUSD | None = None

    @classmethod
    def of(cls, settings: Settings) -> LimitRules:
        people = settings.people
        return cls(
            at_once=people.at_once,
            requests=people.requests,
            dear=people.models == "all",
            above=people.confirm_above,
        )


class Limits:
    """Whoever is neither owner, admin nor operator is bound by them."""

    def __init__(self, directory: Directory, clock: Clock, rules: LimitRules) -> None:
        self._directory = directory
        self._clock = clock
        self.rules = rules
        self._asked: dict[str, deque[int]] = {}

    def binds(self, actor: Actor) -> bool:
        return not actor.roles & _UNBOUND

    def bound(self, key: str) -> bool:
        """Whether the person a stored key names is bound. One whom nobody has met is nobody that
        came by a surface."""
        if self._directory.number_of(key) in (0, OWNER_NUMBER):
            return False
        return self.binds(self._directory.actor_of(key))

    def count(self, actor: Actor) -> None:
        """One more request of `actor`. Raises `TooManyRequests`, and it was none."""
        most = self.rules.requests
        if most is None or not self.binds(actor):
            return
        who, now = self._directory.whose(actor.key), to_micros(self._clock.now())
        recent = self._recent(who)
        self._asked[who] = recent
        if len(self._asked) > _MOST_KNOWN:
            del self._asked[next(iter(self._asked))]
        while recent and recent[0] <= now - _MINUTE:
            recent.popleft()
        if len(recent) >= most:
            left = timedelta(microseconds=recent[0] + _MINUTE - now)
            raise TooManyRequests(most=most, seconds=-(-left // timedelta(seconds=1)))
        recent.append(now)

    def _recent(self, who: str) -> deque[int]:
        """When they asked, also as those they have become one with since."""
        parts = [self._asked.pop(name, ()) for name in (who, *self._directory.once(who))]
        return deque(sorted(at for part in parts for at in part))

    def full(self, running: dict[str, int]) -> tuple[str, ...]:
        """The keys of people for whom as much runs as may at once; `running` counts by key."""
        most = self.rules.at_once
        if most is None:
            return ()
        whose: dict[str, int] = {}
        for key, count in running.items():
            if self.bound(key):
                name = self._directory.whose(key)
                whose[name] = whose.get(name, 0) + count
        return tuple(
            key for name, count in whose.items() if count >= most for key in self._keys(name)
        )

    def _keys(self, name: str) -> Sequence[str]:
        return self._directory.keys_of(self._directory.actor_of(name))

    def barred(self, who: Actor | str, model: str | None, here: str | None = None) -> bool:
        """Whether the dearer models are not chosen for that person by themselves; one who names
        a model has it. `here` is what is set for the place, for everybody there."""
        if model is not None or here == "all" or (here is None and self.rules.dear):
            return False
        if here == "cheap":
            return True
        return self.bound(who) if isinstance(who, str) else self.binds(who)

    def above(self, key: str, usual: MicroUSD | None) -> MicroUSD | None:
        """Above which price that person is asked, when `usual` holds for everybody."""
        own = self.rules.above
        if own is None or not self.bound(key):
            return usual
        return own if usual is None else MicroUSD(min(own, usual))
