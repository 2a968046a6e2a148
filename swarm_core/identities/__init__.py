"""Identities: who a worker is. Its role, its words, its prompt in full and in short.

An identity is a markdown file: YAML between two lines `---`, then the prompt. This room promises
that loading depends on nothing but the files, that a wrong file is left out and named with its
line while the others work, and that the short form keeps whole sentences, what the persona
refuses before all else.
"""

from swarm_core.identities.authoring import create_identity, mend_identity
from swarm_core.identities.compacting import MOST_BYTES, estimated_tokens
from swarm_core.identities.describing import Profile, profile_of
from swarm_core.identities.identity import Identity
from swarm_core.identities.loading import (
    SHIPPED_IDENTITIES,
    Override,
    Roster,
    load_identities,
    load_roster,
)
from swarm_core.identities.matching import NAMED, Fit

__all__ = [
    "MOST_BYTES",
    "NAMED",
    "SHIPPED_IDENTITIES",
    "Fit",
    "Identity",
    "Override",
    "Profile",
    "Roster",
    "create_identity",
    "estimated_tokens",
    "load_identities",
    "load_roster",
    "mend_identity",
    "profile_of",
]
