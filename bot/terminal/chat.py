"""The chat of one person at one terminal, or of one script at a pipe."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bot.messages import Messages
from bot.reply import Reply
from bot.surface import Door
from bot.terminal.conversation import Conversation
from bot.terminal.piped import Page, lines

if TYPE_CHECKING:
    from prompt_toolkit.input import Input
    from prompt_toolkit.output import Output

    from bot.terminal.live import LiveCards
    from bot.terminal.prompt import Prompt

LEAVING = ("/quit", "/exit")


async def chat(
    door: Door,
    *,
    history: Path,
    styled: bool,
    greeting: Reply,
    say: Messages | None = None,
    input: Input | None = None,  # noqa: A002
    output: Output | None = None,
) -> None:
    """Talk until the person leaves, or a script's lines and the tasks they began have ended.

    A terminal at both ends (or an `input`) makes it interactive; `history` is the file of typed
    lines. Otherwise lines are read plainly and `greeting` is not shown. Raises what attaching to
    `door` raises.
    """
    say = say or Messages.load()
    if input or (sys.stdin.isatty() and sys.stdout.isatty()):
        # Loaded here: the line editor is heavy, and a script has no use for it.
        from bot.terminal.live import LiveCards
        from bot.terminal.prompt import Prompt, open_session

        cards = LiveCards(door, say, styled=styled)
        session = open_session(door, history, source=input, target=output)
        prompt = Prompt(session, cards, say, styled=styled)
        await _interactive(Conversation(door, say, prompt.show), prompt, cards, greeting)
    else:
        page = Page(sys.stdout, styled=styled)
        await _plain(Conversation(door, say, page.show), sys.stdin.fileno())


async def _interactive(
    conversation: Conversation, prompt: Prompt, cards: LiveCards, greeting: Reply
) -> None:
    async with conversation.held(greeting):
        following = asyncio.create_task(cards.follow(prompt.redraw), name="live-cards")
        try:
            async with asyncio.TaskGroup() as running:
                while (line := await prompt.read()) is not None and line not in LEAVING:
                    if line:
                        running.create_task(conversation.run(line))
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


async def _plain(conversation: Conversation, source: int) -> None:
    async with conversation.held(Reply(())):
        async for typed in lines(source):
            line = typed.strip()
            if line in LEAVING:
                return
            if line:
                await conversation.run(line)
        await conversation.over()
