"""What commands about identities answer, as values."""

from __future__ import annotations

from typing import Any

import msgspec

from swarm_core import Profile


class Identities(msgspec.Struct, frozen=True, kw_only=True):
    """All identities, and what is wrong with the files that were left out, as errors' data."""

    identities: tuple[Profile, ...]
    problems: tuple[dict[str, Any], ...] = ()


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    identity: Profile


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What an author is told of identities. `tools` are those nobody knows, by identity; `mended`
    the files into which missing addresses were written; `replaced` are names with the file that
    is used and the one that is not."""

    ok: bool
    identities: tuple[Profile, ...]
    problems: tuple[dict[str, Any], ...] = ()
    tools: dict[str, tuple[str, ...]] = {}
    mended: tuple[str, ...] = ()
    replaced: tuple[tuple[str, str, str], ...] = ()


class Created(msgspec.Struct, frozen=True, kw_only=True):
    """A new file. `loaded`: its folder is one that the swarm reads."""

    name: str
    file: str
    loaded: bool
