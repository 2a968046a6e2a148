"""What was said in the room before a request, as a model is shown it.

Whoever writes in a room may try to pass for somebody else. So each message begins at the edge with
its number and its name, what follows of it is set in, and names hold none of our marks; all of it
stands in one mark as material.
"""

from __future__ import annotations

from collections.abc import Sequence

from swarm_core.kernel.actor import SWARM
from swarm_core.kernel.text import untrusted
from swarm_core.tasks.model import Overheard
from swarm_core.workers.prompts import Prompts


class Room:
    """The messages, of which the newest can be shown alone; `asker` is a person's key."""

    def __init__(self, heard: Sequence[Overheard], asker: str, prompts: Prompts) -> None:
        self._entries = [_entry(n, each, asker, prompts) for n, each in enumerate(heard, 1)]
        self._prompts = prompts

    def __len__(self) -> int:
        return len(self._entries)

    def text(self, newest: int) -> str:
        """The last `newest` messages, as one part of a prompt."""
        shown = "\n".join(self._entries[len(self._entries) - newest :])
        return f"{self._prompts.room}\n{untrusted(shown, 'the room')}"


def _entry(n: int, said: Overheard, asker: str, prompts: Prompts) -> str:
    name = said.name
    if said.speaker == SWARM.key:
        name = prompts.room_own
    elif said.speaker == asker:
        name = prompts.room_asker.format(name=name)
    first, *rest = said.text.splitlines() or [""]
    return "\n".join((f"[{n}] {name}: {first}", *(f"    {line}" for line in rest)))
