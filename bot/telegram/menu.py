"""The commands that Telegram lists when somebody types `/`, for each kind of chat and language.

Telegram shows the narrowest list there is. We have three, and none for a single chat or person, as
a role is given and taken without a word to Telegram:

- in groups (the list for everybody): what is asked, what becomes of it, and how to stop it. What
  answers for the asker's eyes alone is not offered where others read along.
- for administrators of groups also what holds in that group: its settings, who may what, the
  switch that lets stopped work go on. That they may use it the policy says, not Telegram.
- in private chats everything: there the owner looks after the swarm, and whoever may not do
  something is told so in words. What is a terminal's own (`top`, `reload`) is left out.

What a list leaves out works all the same when it is typed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Literal

import msgspec

from bot.commands.declared import BY_NAME, COMMANDS
from bot.commands.slashed import slashed
from bot.messages import Messages, spoken
from bot.render.outgoing import fitted

Scope = Literal["default", "all_private_chats", "all_chat_administrators"]
LONGEST = 256
"""Characters of a description."""
MOST = 100
"""Commands of a list."""
_LARGEST = 5_000
"""Characters of all names and descriptions of a list: more is refused as `BOT_COMMANDS_TOO_MUCH`;
where that begins is not documented (https://github.com/NousResearch/hermes-agent/pull/4010: 5,300
passed)."""
_SHORTEST = 40
_GROUP = (
    *("ask", "task", "tell", "tasks", "show", "why", "cancel", "retry", "stop", "new"),
    *("approvals", "approve", "deny", "cheaper", "missed", "search", "status", "workers", "help"),
)
_ADMINISTRATORS = ("channel", "who-may", "resume", "share", "failures", "outbox", "people")
_NOT_HERE = frozenset({"top", "reload"})


class Menu(msgspec.Struct, frozen=True, kw_only=True):
    """One list, as `setMyCommands` takes it: for a kind of chat, and for a language of two
    letters or, as "", for all that have none of their own. `commands` are names, each with what
    it does."""

    scope: Scope
    language: str
    commands: tuple[tuple[str, str], ...]


def menus(say: Messages) -> tuple[Menu, ...]:
    """All lists; those for every language are in the one of `say`."""
    mine = say.language.partition("-")[0]
    others = [each for each in say.languages() if each != mine and len(each) == 2]
    tongues = [("", say), *((language, spoken(language)) for language in others)]
    return tuple(
        Menu(scope=scope, language=language, commands=_described(names, words))
        for scope, names in _lists().items()
        for language, words in tongues
    )


def digest(listed: Sequence[Menu]) -> str:
    """The same for the same lists: what is known there already is not sent again."""
    return hashlib.sha256(msgspec.json.encode(tuple(listed), order="sorted")).hexdigest()


def _lists() -> dict[Scope, list[str]]:
    group = [name for name in _GROUP if name in BY_NAME]
    more = [name for name in _ADMINISTRATORS if name in BY_NAME]
    here = [each.name for each in COMMANDS if not each.program and each.name not in _NOT_HERE]
    private = [*group, *(name for name in here if name not in group)]
    return {
        "default": group,
        "all_chat_administrators": [*group, *more],
        "all_private_chats": private[:MOST],
    }


def _described(names: Sequence[str], say: Messages) -> tuple[tuple[str, str], ...]:
    """The longest descriptions are cut where all together are too much."""
    told = [(slashed(name), say(f"help.{name}.summary")) for name in names]
    most = LONGEST
    while True:
        made = tuple((name, fitted(about, most)) for name, about in told)
        if most <= _SHORTEST or sum(len(name) + len(about) for name, about in made) <= _LARGEST:
            return made
        most -= 8
