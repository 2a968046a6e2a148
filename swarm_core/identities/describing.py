"""An identity as it is shown: what routing sees, both forms, and how large they are."""

from __future__ import annotations

import msgspec

from swarm_core.identities.compacting import estimated_tokens
from swarm_core.identities.identity import Identity
from swarm_core.identities.model import Effort, TierWish


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """One identity for people and programs. Sizes are in characters and estimated tokens;
    `full` None: it was not asked for. `filled` are addresses its file does not say yet."""

    name: str
    role: str
    summary: str
    file: str
    skills: tuple[str, ...]
    tags: tuple[str, ...]
    triggers: tuple[str, ...]
    examples: tuple[str, ...]
    tier: TierWish
    tools: tuple[str, ...]
    models: tuple[str, ...]
    fallbacks: tuple[str, ...]
    accounts: tuple[str, ...]
    addresses: tuple[str, ...]
    filled: tuple[str, ...]
    effort: Effort | None
    max_output: int | None
    steps: int | None
    compact: str
    compact_characters: int
    compact_tokens: int
    full: str | None
    full_characters: int
    full_tokens: int


def profile_of(identity: Identity, *, full: bool = False) -> Profile:
    """What is shown of `identity`; `full`: with its whole prompt."""
    prompt, short = identity.prompt, identity.compact()
    same = {
        name: getattr(identity, name)
        for name in identity.__struct_fields__
        if name in Profile.__struct_fields__
    }
    return Profile(
        compact=short,
        compact_characters=len(short),
        compact_tokens=estimated_tokens(short),
        full=prompt if full else None,
        full_characters=len(prompt),
        full_tokens=estimated_tokens(prompt),
        **same,
    )
