"""Messages changed and taken back: as long as nobody has read them they count as changed or never
said; later that is said in words. Who has a message deleted is not told by services, so a deletion
counts as the author's own.
"""

from __future__ import annotations

import msgspec

from bot.answers.talking import amended, withdrawn
from bot.chat.here import Here
from bot.chat.inbound import let_in
from bot.chat.saying import MEMBER
from bot.chat.talk import Talk
from bot.reply import Reply
from bot.running import words
from swarm_core import Actor, Place, WaggleError


class Edits:
    """Carries out what people change of what they said; None where there is nothing to say."""

    def __init__(self, here: Here, talk: Talk) -> None:
        self._here = here
        self._talk = talk

    async def edited(self, actor: Actor, place: Place, event: str, text: str) -> Reply | None:
        """The message of `event` stands now with the words `text`."""
        try:
            return await self._amend(actor, place, event, text)
        except WaggleError as error:
            return self._here.problem(error, actor)

    async def _amend(self, actor: Actor, place: Place, event: str, text: str) -> Reply | None:
        here = self._here
        let_in(here.swarm, actor, "edit")
        desk = here.desk(actor, place)
        found = await here.swarm.talking.said(actor, event)
        if found is None:
            return None
        asked = self._talk.request(text, None if found.told is not None else found.kind, actor)
        if asked is None:
            return amended(words(desk), found.task, "other")
        wish, plain = asked
        changed = await here.swarm.talking.amend(actor, event, plain, wish)
        if changed is None or changed.what == "same":
            return None
        return amended(
            words(desk),
            changed.task,
            changed.what,
            told=changed.told,
            approval=changed.approval,
        )

    async def deleted(self, place: Place, event: str) -> tuple[Actor, Reply | None] | None:
        """The message of `event` is there no more; None when nobody here said it."""
        here = self._here
        key = await here.swarm.talking.author(f"{place.surface}/{place.space}", event)
        if key is None:
            return None
        actor = here.swarm.members.directory.actor_of(key)
        if not actor.roles:
            actor = msgspec.structs.replace(actor, roles=frozenset({MEMBER}))
        try:
            let_in(here.swarm, actor, "delete")
            changed = await here.swarm.talking.withdraw(actor, event)
        except WaggleError as error:
            return actor, here.problem(error, actor)
        desk = here.desk(actor, place)
        return actor, withdrawn(words(desk), changed) if changed else None
