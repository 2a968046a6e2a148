"""The terminal chat: a line to type on, answers above it, live status cards below it.

It promises that what is being typed is never disturbed, that answers appear in the order in which
they came and after the receipt they belong to, and that nothing that fails ends the chat.
"""

from bot.terminal.chat import chat

__all__ = ["chat"]
