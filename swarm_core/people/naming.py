"""Whom somebody means by what they write."""

from __future__ import annotations

import re
from collections.abc import Iterable

from swarm_core.kernel.actor import Actor
from swarm_core.people.directory import Directory
from swarm_core.people.model import Person

_MENTION = re.compile(r"<@!?([0-9]+)>")


def meant(directory: Directory, actor: Actor, who: str, among: Iterable[Person]) -> int:
    """The number of the person: by it, as `7` or `person/7`; by an account, as `chat/80351110`,
    a mention, or its id alone where it was used; by a name that one of `among` has alone. 0 for
    nobody."""
    if who == "me":
        return directory.number_of(actor.key)
    if mention := _MENTION.fullmatch(who):
        return directory.number(actor.surface, mention[1])
    word = who.removeprefix("person/")
    if word.isdecimal() and directory.person(int(word)):
        return int(word)
    if "/" in who:
        return directory.number_of(who)
    if number := directory.known.numbers.get((actor.surface, who)):
        return number
    name = who.removeprefix("@").casefold()
    called = [person.number for person in among if name and person.name.casefold() == name]
    return called[0] if len(called) == 1 else 0
