"""What a run has read by now of others' words and of its asker's, and what it may open after that.

Rebuilt from the record on resume, as all of a run is. Whoever asked is asked before any call of a
turn is made: so a question is never about a turn of which something is done already.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from swarm_core.kernel.errors import AddressAsked
from swarm_core.providers.model import ToolUse
from swarm_core.tools.model import ToolContext
from swarm_core.workers.ports import Granted, Tools


class Sending:
    """Follows a run; `context` is what its tools are told at the beginning."""

    def __init__(self, tools: Tools, context: ToolContext, granted: Granted) -> None:
        self._tools = tools
        self._granted = granted
        self.context = msgspec.structs.replace(context, agreed=granted.addresses)
        """What tools are told now."""

    def heard(self, said: Sequence[str]) -> None:
        """Whoever asked said something more."""
        self.context = msgspec.structs.replace(self.context, said=(*self.context.said, *said))

    def read(self, source: str) -> None:
        """Words of others came from `source`."""
        if source not in self.context.taints:
            taints = (*self.context.taints, source)
            self.context = msgspec.structs.replace(self.context, taints=taints)

    def check(self, uses: Sequence[ToolUse]) -> None:
        """Return when these calls can be made, or are refused where they are made. Raises
        `AddressAsked`, which waits for a person."""
        if self._granted.unasked:
            return
        for use in uses:
            address = self._tools.asks(use.name, use.arguments or {}, self.context)
            if address:
                after = ", ".join(self.context.taints)
                raise AddressAsked(approval="", tool=use.name, address=address, after=after)
