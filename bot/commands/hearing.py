"""Voice notes as requests: heard, shown, and carried out when whoever spoke says so."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from bot.commands import views, voice_views
from bot.commands.asking import Given, addressed, ask, task
from bot.commands.desk import Desk
from swarm_core import Fetch, Request, Voice, VoiceNote, WaggleError, errors


async def listen(desk: Desk, note: VoiceNote, fetch: Fetch) -> voice_views.Heard:
    """What was said, for its speaker to say what becomes of it; where the settings have it so and
    nobody has to be asked about the price, it is carried out at once."""
    swarm = desk.swarm
    voice = await swarm.hearing.hear(desk.actor, desk.place, note, fetch)
    asked = None
    if swarm.settings.chat.voice == "run" and (voice.asks or _unasked(desk, voice)):
        # What stands in its way is told when it is asked by hand: its words are shown in any case.
        with suppress(WaggleError):
            asked = await _carry_out(desk, voice, None)
    return voice_views.Heard(voice=voice.id, text=voice.text or "", cost=voice.cost, asked=asked)


async def heard(desk: Desk, given: Given) -> views.View:
    """A voice note's words, as they were heard or mended, carried out as if they had been typed.
    Mended ones take the place of what is at work."""
    voice = await desk.swarm.hearing.find(desk.actor, given["number"])
    if given.get("drop"):
        return voice_views.Dropped(voice=voice.id)
    return await _carry_out(desk, voice, given.get("text"))


def _kind(desk: Desk, voice: Voice) -> str:
    """What plain text is there. Who presses a button wants something done, so it is never off."""
    swarm = desk.swarm
    usual = swarm.settings.chat.plain_text
    kind = swarm.members.directory.set_at(voice.place).get("plain-text", usual)
    return "ask" if kind == "off" else kind


def _unasked(desk: Desk, voice: Voice) -> bool:
    """Whether carrying it out asks nobody about its price. Raises nothing: what stands in its way
    does so when it is carried out."""
    worker, text = None, voice.text or ""
    kind = _kind(desk, voice)
    if kind == "ask":
        worker, text = addressed(desk.swarm, text)
    wanted = Request(
        text=text, place=voice.place, kind="task" if kind == "task" else "ask", worker=worker
    )
    with suppress(WaggleError):
        return not desk.swarm.intake.simulate(desk.actor, wanted).asks
    return False


async def _carry_out(desk: Desk, voice: Voice, mended: str | None) -> views.Accepted:
    """The same press again finds what the first one made, by the key."""
    again = mended is None and voice.asks > 0
    if mended is not None and voice.task is not None:
        with suppress(errors.AlreadyEnded):
            await desk.swarm.control.cancel(desk.actor, voice.task)
    text = voice.text if mended is None else mended
    given = {"text": text, "key": f"voice-{voice.id}-{voice.asks - again}"}
    carry_out = task if _kind(desk, voice) == "task" else ask
    made = await carry_out(replace(desk, place=voice.place), given)
    assert isinstance(made, views.Accepted)
    await desk.swarm.hearing.asked(desk.actor, voice.id, made.task.id)
    return made
