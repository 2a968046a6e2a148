"""The surfaces there are, and what they lack."""

from __future__ import annotations

from typing import Literal

import pytest

from tests.conformance.discord import discord
from tests.conformance.hands import Surface
from tests.conformance.telegram import telegram
from tests.conformance.terminal import terminal

SURFACES: dict[str, Surface] = {"terminal": terminal, "discord": discord, "telegram": telegram}

Thing = Literal["others", "edits", "posts", "buttons", "whispers"]
"""Other people; edits of what was said; messages that stay and change; buttons; answers in a room
that one person alone sees."""

LACKS: dict[tuple[str, Thing], str] = {
    ("terminal", "others"): "One person sits there, who owns the machine and with it the swarm.",
    ("terminal", "edits"): "A line that was sent is above the prompt, and stays as it is.",
    ("terminal", "posts"): "What was printed stays as it is; cards are drawn below the prompt.",
    ("terminal", "buttons"): "Nothing is pressed there: the command stands beside its words.",
    ("terminal", "whispers"): "Nobody else reads along.",
    ("telegram", "whispers"): "Everybody in a group reads everything: what is for one person goes"
    " to them directly.",
}
"""By surface and thing, why it is not there."""


def on(*things: Thing) -> pytest.MarkDecorator:
    """The test runs on each surface that has all of these things."""
    there = {
        name: surface
        for name, surface in SURFACES.items()
        if not any((name, thing) in LACKS for thing in things)
    }
    return pytest.mark.parametrize("surface", there.values(), ids=there.keys())
