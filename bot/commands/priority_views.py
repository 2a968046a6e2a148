"""What commands about work that recurs answer, as values. Instants are microseconds since 1970."""

from __future__ import annotations

from typing import Literal

import msgspec

from swarm_core import Estimate, PriorityStanding, Reading, Shown, StandingPriority, Unsure

Mode = Literal["manual", "hybrid", "auto"]


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """Those the asker may see. `mode`: what the swarm does by itself; `may_add`: whether they may
    add one."""

    priorities: tuple[PriorityStanding, ...]
    mode: Mode
    may_add: bool


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One of them, whole. `may_steer`: whether the asker may run, pause or change it; `pressed`:
    its buttons are pressed where this is shown, and not typed."""

    shown: Shown
    mode: Mode
    may_steer: bool
    pressed: bool = False


class Proposed(msgspec.Struct, frozen=True, kw_only=True):
    """What would hold, and holds only once `line` is given. `next`: the instants that come;
    `dearer`: what a run costs is above the price that was said yes to; `changed`: the fields that
    would be others; of something new it is (); `once`: the line that does it once now, '' where
    there is nothing to be done; `assumed`: what the reader filled in; `task`: in which a model
    read it."""

    priority: StandingPriority
    next: tuple[int, ...]
    estimate: Estimate
    line: str
    dearer: bool = False
    changed: tuple[str, ...] = ()
    once: str = ""
    assumed: tuple[str, ...] = ()
    task: int | None = None


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """What may be meant, and the line that takes it so."""

    reading: Reading
    line: str


class Unclear(msgspec.Struct, frozen=True, kw_only=True):
    """When it is to be done could not be read for sure. `by_model`: the line that lets a model
    read it for at most `most`, '' where none is configured."""

    text: str
    unsure: Unsure
    suggestions: tuple[Suggestion, ...] = ()
    by_model: str = ""
    most: int = 0
    task: int | None = None
    """The question to a model that has been asked already."""


class Set(msgspec.Struct, frozen=True, kw_only=True):
    """It holds now. `changed` as in `Proposed`; `again`: it held before just so."""

    priority: StandingPriority
    next: tuple[int, ...]
    changed: tuple[str, ...] = ()
    again: bool = False


class Steered(msgspec.Struct, frozen=True, kw_only=True):
    """It was paused, resumed, removed or skipped: `done` says which; of what was skipped `count`
    instants. `next`: the instant that comes, where one does."""

    name: str
    done: Literal["paused", "resumed", "removed", "skipped"]
    count: int = 0
    next: int | None = None


class Doubted(msgspec.Struct, frozen=True, kw_only=True):
    """Whether it is really to be removed."""

    priority: StandingPriority


class LetGo(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing was made of a proposal."""


class Ran(msgspec.Struct, frozen=True, kw_only=True):
    """A reminder was told, which is no task."""

    name: str


class Automation(msgspec.Struct, frozen=True, kw_only=True):
    """What the swarm does by itself; `changed` just now, in `file`. `waits`: it holds from the
    next start."""

    mode: Mode
    changed: bool = False
    file: str = ""
    waits: bool = False


PriorityView = (
    Listed | Told | Proposed | Unclear | Set | Steered | Doubted | LetGo | Ran | Automation
)
