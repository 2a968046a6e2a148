"""What somebody typed on Telegram, as our own command line reads it.

A command there is letters, digits and underscores, with the bot's name behind `@` where several
could be meant; tapped in the menu it is sent at once, with nothing behind it. Phones make a dash of
two hyphens. A link to the bot (`t.me/our_bot?start=7K3M-9XQ2`) arrives as `/start 7K3M-9XQ2`. The
caption of a file is read as the text of a message is.
"""

from __future__ import annotations

import re

import msgspec

from bot.commands.declared import find
from bot.commands.line import is_command, parse_line
from bot.commands.slashed import named, slashed
from bot.render.telegram_tongue import BREAK
from bot.reply import BLANK
from swarm_core import WaggleError

_COMMAND = re.compile(r"\s*/([A-Za-z0-9_-]{1,64})(?:@([A-Za-z0-9_]{3,32}))?(?=\s|$)")
_SIGNS = r"[0-9A-Za-z]{4}-?[0-9A-Za-z]{4}"
_CODE = re.compile(rf"(?:(pair|link)[-_])({_SIGNS})|(?=[A-Za-z]*[-0-9])({_SIGNS})")
"""What stands for itself may as well be where somebody came from, so it looks like a code."""
_DASHES = re.compile("(?<!\\S)[\u2012-\u2015]([A-Za-z][A-Za-z-]*)")
_START = "start"


class Typed(msgspec.Struct, frozen=True):
    """`text` is a line for `parse_line` when it is a `command`, and else what was said, without
    our name. `named`: we were called by our name. Blanks in a command line are to be asked for."""

    text: str
    command: bool = False
    named: bool = False


def read(text: str, me: str, *, alone: bool) -> Typed | None:
    """`text` that reached the bot called `me` (without `@`); None for a command that is another
    bot's: it says so, or it is none of ours in a chat where others may be. `alone`: in a private
    chat, where everything is meant for us."""
    said, mentioned = _without(text, me)
    said = said.lstrip().replace(f"/{BREAK}", "/", 1) if is_command(said) else said
    found = _COMMAND.match(said)
    if found is None:
        return Typed(said, named=mentioned)
    word, whose = found[1].lower(), found[2]
    if whose is not None and whose.casefold() != me.casefold():
        return None
    ours = mentioned or whose is not None
    rest = said[found.end() :]
    if word == _START:
        return Typed(_started(rest.strip()), command=True, named=ours)
    name = named(word)
    if name is None and not (alone or ours):
        return None
    return Typed(_asking(f"/{name or word}{_hyphens(name, rest)}"), command=True, named=ours)


def link(me: str, command: str, code: str) -> str:
    """The address that opens a chat with us and carries `/pair CODE` or `/link CODE` there."""
    return f"https://t.me/{me}?start={slashed(command)}_{code}"


def _without(text: str, me: str) -> tuple[str, bool]:
    """`text` without our name, and whether it stood there."""
    ours = re.compile(rf"(?<![\w/@])@{re.escape(me)}(?!\w)[,:]?", re.IGNORECASE)
    parts = [part.strip(" ") for part in ours.split(text)]
    if len(parts) == 1:
        return text.strip(), False
    return " ".join(part for part in parts if part).strip(), True


def _started(payload: str) -> str:
    """A code is used, whether for a pairing or a link is said before it; all else is a greeting."""
    found = _CODE.fullmatch(payload)
    if found is None:
        return "/help"
    return f"/{found[1] or 'pair'} {(found[2] or found[3]).upper()}"


def _hyphens(name: str | None, rest: str) -> str:
    """`rest` with the hyphens that a phone made a dash of, before the options there are."""
    if name is None:
        return rest
    options = {param.name for param in find(name).options if not param.program}
    return _DASHES.sub(lambda d: f"--{d[1]}" if d[1] in options else d[0], rest)


def _asking(line: str) -> str:
    """`line` with a blank for each word that it lacks. What is wrong with it is for `parse_line`
    to say."""
    try:
        parsed = parse_line(line)
    except WaggleError:
        return line
    if parsed.help:
        return line
    lacks = [p for p in parsed.command.words if p.required and p.name not in parsed.given]
    return " ".join([line.rstrip(), *(BLANK for _ in lacks)]) if lacks else line
