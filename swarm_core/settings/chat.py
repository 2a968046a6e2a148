"""The section about what people say: how it is understood, and who hears it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from swarm_core.settings.kinds import Choice, Duration, Text
from swarm_core.settings.section import About, Section

_SECOND, _MINUTE, _HOUR = (timedelta(seconds=n) for n in (1, 60, 3_600))


class Chat(Section):
    """How what people type is understood."""

    plain_text: Annotated[
        Literal["ask", "task", "off"],
        Choice("ask", "task", "off"),
        About(
            "What a line without a command does in the terminal: ask a question, make a task, "
            "or nothing."
        ),
    ] = "ask"
    undo: Annotated[
        timedelta,
        Duration(timedelta(0), timedelta(minutes=10)),
        About(
            "How long a task that costs waits in a chat service before it begins, so that it can "
            "be undone; 0s for not at all. At the terminal nothing waits."
        ),
    ] = 10 * _SECOND
    transcription: Annotated[
        str | None,
        Text(200, "a model's id", none="voice notes are not heard"),
        About("The model that puts voice notes into words, as `provider/id`."),
    ] = None
    voice: Annotated[
        Literal["ask", "run"],
        Choice("ask", "run"),
        About(
            "Whether a voice note's words are shown and asked about first, or carried out at once "
            "where that costs less than `confirm.above`."
        ),
    ] = "ask"
    voice_longest: Annotated[
        timedelta,
        Duration(_SECOND, 2 * _HOUR),
        About("The longest voice note that is heard."),
    ] = 5 * _MINUTE
