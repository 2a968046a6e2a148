"""What commands about one's own accounts, and conversations that go on elsewhere, answer."""

from __future__ import annotations

import msgspec

from swarm_core import LinkCode, Linked, Owned, Person, Task, TaskView


class LinkMade(msgspec.Struct, frozen=True, kw_only=True):
    """A code, shown this once; `link` opens the bot on Telegram with it, where there is one."""

    code: LinkCode
    link: str = ""


class LinkUsed(msgspec.Struct, frozen=True, kw_only=True):
    """Two accounts are one person; or would be the owner, which `again` says is meant."""

    linked: Linked
    again: str


class MyAccounts(msgspec.Struct, frozen=True, kw_only=True):
    """One's accounts; `removed` the one that was just taken off, a person of its own now."""

    accounts: tuple[Owned, ...]
    removed: str = ""
    now: Person | None = None


class Carried(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation goes on here, with so many turns; its last task, and how that `ended`."""

    task: Task
    turns: int
    ended: TaskView | None = None


class Latest(msgspec.Struct, frozen=True, kw_only=True):
    """One's last tasks elsewhere, to go on with one of them here; `private`: whether here is a
    place for that."""

    tasks: tuple[Task, ...]
    private: bool


LinkView = LinkMade | LinkUsed | MyAccounts | Carried | Latest
