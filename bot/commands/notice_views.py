"""What commands about notices answer, as values."""

from __future__ import annotations

import msgspec

from swarm_core import Noticed, Preferences, Standing, Tested


class Notify(msgspec.Struct, frozen=True, kw_only=True):
    """Where the asker is told of what; `changed` just now."""

    holds: Preferences
    changed: str | None = None


class Notifications(msgspec.Struct, frozen=True, kw_only=True):
    """The asker's last notices."""

    notices: tuple[Noticed, ...]


class Hooks(msgspec.Struct, frozen=True, kw_only=True):
    """The other systems that are told of events."""

    hooks: tuple[Standing, ...]


class HookTested(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a test event."""

    tested: Tested


NoticeView = Notify | Notifications | Hooks | HookTested
