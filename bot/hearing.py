"""The one way in for voice notes, whatever the surface."""

from __future__ import annotations

import logging

from bot.answers.answering import answer
from bot.commands.desk import Desk
from bot.commands.hearing import listen
from bot.reply import Notice, Reply
from bot.running import said_to, told, words
from swarm_core import Fetch, VoiceNote, WaggleError, describe

log = logging.getLogger(__name__)


async def hear(desk: Desk, note: VoiceNote, fetch: Fetch) -> Reply:
    """What comes of a voice note of the person at the desk. `fetch` gets the recording, and is not
    called for one that is not heard anyway. Whatever goes wrong is a reply too; the same event
    again is answered again, and neither sent nor paid twice."""
    say = said_to(desk.swarm, desk.actor, desk.messages)
    try:
        view = await listen(desk, note, fetch)
        if view.asked is not None:
            await told(desk, Reply(parts=(), receipt=view.asked.task.id))
        return answer(words(desk), view)
    except WaggleError as error:
        # Of themselves people are told as "you", and not by a number.
        mine = error.data.get("actor") == desk.actor.key
        text = say.failure(error.code, {**error.data, "actor": ""}) if mine else say.error(error)
    except Exception as error:
        # Somebody waits for an answer, whatever is broken behind it.
        log.exception("a voice note could not be carried out")
        text = say("unexpected.crash", problem=describe(error))
    return Reply(parts=(Notice(level="error", text=text),), private=True)
