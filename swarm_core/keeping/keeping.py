"""All that keeps the state, as one."""

from __future__ import annotations

from swarm_core.dispatch.control import Control
from swarm_core.keeping.archiving import Archivist
from swarm_core.keeping.backups import Backups
from swarm_core.keeping.erasing import Erasing
from swarm_core.keeping.exporting import Exports
from swarm_core.keeping.retention import Retention
from swarm_core.policy import Policy
from swarm_core.settings import Settings
from swarm_core.store import Store
from swarm_core.tasks.similar import Similar


class Keeping:
    """Backups, retention, the archive, erasing and exports of one swarm."""

    def __init__(
        self, store: Store, settings: Settings, policy: Policy, control: Control, similar: Similar
    ) -> None:
        self.backups = Backups(store, settings, policy)
        self.retention = Retention(store, settings)
        self.erasing = Erasing(store, policy, control, similar, self.backups)
        self.archive = Archivist(store, settings, policy)
        self.exports = Exports(store, policy)

    def start(self) -> None:
        """Begin what goes on by itself."""
        self.retention.start()
        self.archive.start()
        self.backups.start()

    async def close(self) -> None:
        await self.archive.close()
        await self.retention.close()
        await self.backups.close()
