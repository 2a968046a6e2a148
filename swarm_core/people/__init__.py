"""Floor 1: people. A person is a number with accounts on surfaces, roles in spaces and wishes. The
owner is whoever the operating system says owns the swarm's process, and whom the settings name;
nobody becomes owner by writing first."""

from swarm_core.people.directory import UNDER, Directory
from swarm_core.people.linking import Joined, Linking, accounts_of
from swarm_core.people.local import TERMINAL, local_owner
from swarm_core.people.model import (
    EVERYWHERE,
    OWNER_NUMBER,
    Account,
    Code,
    Grant,
    LinkCode,
    Linked,
    Mapped,
    Person,
)
from swarm_core.people.naming import meant
from swarm_core.people.pairing import Pairing
from swarm_core.people.registering import Registering
from swarm_core.people.tables import TABLES

__all__ = [
    "EVERYWHERE",
    "OWNER_NUMBER",
    "TABLES",
    "TERMINAL",
    "UNDER",
    "Account",
    "Code",
    "Directory",
    "Grant",
    "Joined",
    "LinkCode",
    "Linked",
    "Linking",
    "Mapped",
    "Pairing",
    "Person",
    "Registering",
    "accounts_of",
    "local_owner",
    "meant",
]
