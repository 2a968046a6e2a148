"""Floor 0: SQLite behind one writer, many readers, and the journal.

Promises: a write is one transaction and is durable when `write` returns; facts, projections and
working rows of one write commit together or not at all; nothing else in the program opens the
file while it runs.
"""

from swarm_core.store.anchor import Keeper
from swarm_core.store.archive import Archive, Part, parts_of
from swarm_core.store.bodies import BodyRef, read_body
from swarm_core.store.copying import BACKUPS, Kept, backups_in, make_backup, sweep
from swarm_core.store.migrating import Database, Migrations
from swarm_core.store.model import Event, Fact
from swarm_core.store.past import ARCHIVE
from swarm_core.store.reader import Rows, looked_at
from swarm_core.store.rebuilding import Rebuilding, rebuild
from swarm_core.store.restoring import Restored, restore
from swarm_core.store.schema import JournalArchived, Kind, RoomTables
from swarm_core.store.store import Store, open_store
from swarm_core.store.tallies import Tally
from swarm_core.store.tx import Tx
from swarm_core.store.unpacked import blocks_of, in_block
from swarm_core.store.verifying import Finding, Report

__all__ = [
    "ARCHIVE",
    "BACKUPS",
    "Archive",
    "BodyRef",
    "Database",
    "Event",
    "Fact",
    "Finding",
    "JournalArchived",
    "Keeper",
    "Kept",
    "Kind",
    "Migrations",
    "Part",
    "Rebuilding",
    "Report",
    "Restored",
    "RoomTables",
    "Rows",
    "Store",
    "Tally",
    "Tx",
    "backups_in",
    "blocks_of",
    "in_block",
    "looked_at",
    "make_backup",
    "open_store",
    "parts_of",
    "read_body",
    "rebuild",
    "restore",
    "sweep",
]
