"""An identity, as workers and routing know it."""

from __future__ import annotations

import hashlib
import re
from functools import cached_property, lru_cache

import msgspec

from swarm_core.identities.compacting import compact
from swarm_core.identities.matching import Fit, Matcher
from swarm_core.identities.model import Effort, TierWish

_ACCOUNT = re.compile(r"^##[ \t]+account:?[ \t]+(\S+)[ \t]*$", re.IGNORECASE)
_HEADING = re.compile(r"^#{1,2}[ \t]")
_FENCE = re.compile(r"^ {0,3}(?:```|~~~)")


class Identity(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Who a worker is. `models` are wishes in order, `fallbacks` at most three to go down on;
    `max_output` (tokens) and `steps` None leave it to the settings. `filled` are addresses that
    its file does not say and its accounts imply."""

    name: str
    role: str
    summary: str
    prompt: str
    file: str
    skills: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    triggers: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    tier: TierWish = "cheap"
    tools: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    fallbacks: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    effort: Effort | None = None
    max_output: int | None = None
    steps: int | None = None

    @cached_property
    def digest(self) -> str:
        """Stands for all that its prompts are made from."""
        text = "\0".join((self.name, self.role, self.summary, self.prompt))
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    def full(self, account: str | None = None) -> str:
        """The prompt for `account`: sections `## Account X` are only for X."""
        return for_account(self.prompt, account)

    def compact(self, account: str | None = None) -> str:
        """The prompt's short form, for routine work: at most `MOST_BYTES`, whole sentences."""
        key = f"{self.digest}/{account or ''}"
        head = f"{self.name} ({self.role}): {self.summary}"
        return compact(key, head, self.name, lambda: self.full(account))

    def fit(self, text: str) -> Fit | None:
        """How `text` fits it, with the words that do; None when it does not."""
        return self._matcher.fit(text)

    @cached_property
    def _matcher(self) -> Matcher:
        names = (self.name, *self.addresses)
        return Matcher(names=names, skills=self.skills, tags=self.tags, triggers=self.triggers)

    def matches(self, text: str) -> int:
        """How closely `text` fits it: 0 not at all, `NAMED` or more when it is asked by name."""
        found = self.fit(text)
        return found.specific if found else 0


@lru_cache(maxsize=128)
def for_account(prompt: str, account: str | None) -> str:
    """`prompt` without the sections of other accounts."""
    kept: list[str] = []
    keep, fenced = True, False
    for line in prompt.splitlines():
        fenced ^= bool(_FENCE.match(line))
        if not fenced and _HEADING.match(line):
            section = _ACCOUNT.match(line)
            keep = section is None or section[1] == account
        if keep:
            kept.append(line)
    return "\n".join(kept).strip()


def account_sections(prompt: str) -> list[tuple[int, str]]:
    """The line (from 0) and the account of each section that is for one account alone."""
    found: list[tuple[int, str]] = []
    fenced = False
    for number, line in enumerate(prompt.splitlines()):
        fenced ^= bool(_FENCE.match(line))
        if not fenced and (section := _ACCOUNT.match(line)):
            found.append((number, section[1]))
    return found
