"""What people are told of standing priorities without having asked, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.answers.priorities import choices
from bot.answers.words import Words
from bot.reply import Button, Buttons, Notice, Reply, Text


def told(words: Words, kind: str, about: Mapping[str, Any], text: str | None) -> Reply:
    """The reply that tells a notice of `kind`; `text` is what a reminder says, None when that is
    not kept any more."""
    say, name = words.say, str(about["priority"])
    if kind == "remind":
        if text is None:
            gone = say("standing.reminder_gone", priority=name)
            return Reply(parts=(Notice(level="warn", text=gone),))
        title = Notice(level="info", text=say("standing.reminder", priority=name))
        return Reply(parts=(title, Text(text)))
    if kind == "missed":
        first, last = (words.clock(int(about[each])) for each in ("first", "last"))
        count = int(about["count"])
        said = say("standing.missed", priority=name, count=count, first=first, last=last)
    else:
        said = say(f"standing.paused_{about['why']}", priority=name, what=about["what"])
    hint = say(f"standing.{kind}_hint", priority=name)
    if kind == "missed":
        ways = choices(words, name, int(about["last"]))
    else:
        ways = (Button(say("priority.button.resume"), f"/priority resume {name}"),)
    return Reply(parts=(Notice(level="warn", text=said, hint=hint), Buttons(ways)))
