"""The chat of one person at one terminal, or of one script at a pipe."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable
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

log = logging.getLogger(__name__)

LEAVING = ("/quit", "/exit")


async def chat(
    door: Door,
    *,
    history: Path,
    styled: bool,
    greeting: Reply,
    news: Awaitable[Reply] | None = None,
    say: Messages | None = None,
    input: Input | None = None,  # noqa: A002
    output: Output | None = None,
) -> None:
    """Talk until the person leaves, or a script's lines and the tasks they began have ended.

    `news` is shown when it comes, if it says anything. A terminal at both ends (or an `input`)
    makes it interactive; `history` is the file of typed lines. Otherwise lines are read plainly
    and neither `greeting` nor `news` is shown. Raises what attaching to `door` raises.
    """
    say = say or Messages.load()
    if input or (sys.stdin.isatty() and sys.stdout.isatty()):
        # Loaded here: the line editor is heavy, and a script has no use for it.
        from bot.terminal.live import LiveCards
        from bot.terminal.prompt import Prompt, open_session

        cards = LiveCards(door, say, styled=styled)
        session = open_session(door, history, source=input, target=output)
        prompt = Prompt(session, cards, say, styled=styled)
        conversation = Conversation(door, say, prompt.show)
        await _interactive(conversation, prompt, cards, (greeting, news))
    else:
        page = Page(sys.stdout, styled=styled)
        await _plain(Conversation(door, say, page.show), sys.stdin.fileno())


async def _interactive(
    conversation: Conversation,
    prompt: Prompt,
    cards: LiveCards,
    told: tuple[Reply, Awaitable[Reply] | None],
) -> None:
    greeting, news = told
    async with conversation.held(greeting):
        following = asyncio.create_task(cards.follow(prompt.redraw), name="live-cards")
        listening = asyncio.create_task(_show(news, prompt), name="news")
        try:
            async with asyncio.TaskGroup() as running:
                while (line := await prompt.read()) is not None and line not in LEAVING:
                    if line:
                        running.create_task(conversation.run(line))
        finally:
            following.cancel()
            listening.cancel()
            await asyncio.gather(following, listening, return_exceptions=True)


async def _show(news: Awaitable[Reply] | None, prompt: Prompt) -> None:
    if news is None:
        return
    try:
        reply = await news
        if reply.parts:
            await prompt.show(reply)
    except Exception:
        # It is said beside the talk, which goes on without it.
        log.exception("news could not be shown")


async def _plain(conversation: Conversation, source: int) -> None:
    async with conversation.held(Reply(())):
        async for typed in lines(source):
            line = typed.strip()
            if line in LEAVING:
                return
            if line:
                await conversation.run(line)
        await conversation.over()
