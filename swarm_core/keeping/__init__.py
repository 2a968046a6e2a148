"""Floor 5: what becomes of the state over time.

Backups by themselves, so that at most an hour is lost; texts that go when their time is over;
everything one person wrote, erased at their wish; the journal's beginning, moved to an archive; and
the tables as rows for other programs.
Promises: the swarm goes on meanwhile; the journal's chain holds after each of them.
"""

from swarm_core.keeping.archiving import ArchiveState, Archiving
from swarm_core.keeping.backups import BackupState
from swarm_core.keeping.erasing import Erasure
from swarm_core.keeping.events import TABLES
from swarm_core.keeping.exporting import EXPORTS, Page, columns_of
from swarm_core.keeping.keeping import Keeping

__all__ = [
    "EXPORTS",
    "TABLES",
    "ArchiveState",
    "Archiving",
    "BackupState",
    "Erasure",
    "Keeping",
    "Page",
    "columns_of",
]
