"""Voice notes in words."""

from __future__ import annotations

from bot.answers.tasks import accepted
from bot.answers.words import Words
from bot.commands.voice_views import Dropped, Heard
from bot.reply import BLANK, Button, Buttons, Notice, Reply


def heard(words: Words, view: Heard) -> Reply:
    """For whoever spoke alone. Carried out at once, it stays beside its task's card, so that it can
    be mended as long as that."""
    say = words.say
    hint = say("voice.cost", cost=view.cost) if view.cost else ""
    told = Notice(level="info", text=say("voice.heard", text=view.text), hint=hint)
    line = f"/heard {view.voice}"
    fix = Button(say("button.fix"), f"{line} {BLANK}", typed={"text": view.text})
    if view.asked is not None:
        made = accepted(words, view.asked)
        return Reply(parts=(told, *made.parts, Buttons((fix,))), private=True)
    ask = Button(say("button.ask"), line)
    drop = Button(say("button.drop"), f"{line} --drop")
    return Reply(parts=(told, Buttons((ask, fix, drop))), private=True)


def dropped(words: Words, view: Dropped) -> Reply:
    text = words.say("voice.dropped", voice=view.voice)
    return Reply(parts=(Notice(level="info", text=text),), private=True)
