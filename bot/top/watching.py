"""`waggle top` at a terminal."""

from __future__ import annotations

from bot.control.client import Client
from bot.program import DONE, Program
from bot.top.link import Link


def watch(program: Program) -> int:
    """Show the swarm until the person leaves. Raises `NotRunning` when there is none to begin
    with; one that goes away later is waited for."""
    link = Link(Client(program.state()))
    first = link.look()
    from bot.top.live import Live

    Live(link, program.screen.say, first).run()
    return DONE
