"""A line typed in a chat → the words a parser takes, what is free text left as it was typed.

In `/task fix "it's" --priority 7` the options are those the command declares, wherever they
stand; all else is the text, with its line ends, apostrophes and quotation marks. A word that is
nearly an option is asked back, so that a slip of the finger does not become work; after a lone
`--` nothing is an option.
"""

from __future__ import annotations

import re

from bot.commands.declared import find
from bot.commands.declaring import Command
from bot.commands.parsing import Parsed, parse
from swarm_core import nearest

_HEAD = re.compile(r"\s*/\s*([^\s/]*)")
_WORD = re.compile(r"(--[A-Za-z][A-Za-z-]*=)?(\"[^\"]*\"(?!\S)|\S+)")
_QUOTED = re.compile(r"\s*\"([^\"]*)\"\s*")


def is_command(line: str) -> bool:
    return line.lstrip().startswith("/")


def parse_line(line: str) -> Parsed:
    """The command a line that begins with `/` stands for. Raises what `parse` raises."""
    head = _HEAD.match(line)
    name, rest = (head[1], line[head.end() :]) if head else ("", line)
    command = find(name)
    options, texts = _split(command, rest)
    return parse(name, [*options, "--", *texts])


def _split(command: Command, rest: str) -> tuple[list[str], list[str]]:
    """Options with their values, and what is left: one text, or words."""
    switches = {param.option: param.kind.switch for param in command.options if not param.program}
    switches["--help"] = True
    options: list[str] = []
    kept: list[tuple[int, int]] = []
    at = 0
    while word := _WORD.search(rest, at):
        at = word.end()
        flag, _, _ = word[0].partition("=")
        if flag == "--":
            kept.append((at + len(rest[at:]) - len(rest[at:].lstrip(" ")), len(rest)))
            break
        if flag in switches:
            options.append(f"{word[1]}{_unquoted(word[2])}" if word[1] else flag)
            if not switches[flag] and "=" not in word[0] and (value := _WORD.search(rest, at)):
                at = value.end()
                options[-1] += f"={_unquoted(value[0])}"
        elif flag.startswith("--") and _means_an_option(command, flag, switches):
            options.append(flag)
        else:
            kept.append(word.span())
    if not command.takes_text:
        return options, [_unquoted(rest[start:end].strip()) for start, end in kept]
    text = _text(rest, kept)
    # Words that stand before the text, as the number in `/tell 142 hurry up`.
    before = len(command.words) - 1
    words = text.split(None, before) if before else [text]
    return options, words if text else []


def _means_an_option(command: Command, flag: str, known: dict[str, bool]) -> bool:
    """Whether `flag`, which no option of a chat is called, was meant as one."""
    program = any(param.program and param.option == flag for param in command.options)
    return not command.takes_text or program or bool(nearest(flag, known, 1))


def _text(rest: str, kept: list[tuple[int, int]]) -> str:
    """The kept words as they were typed, with what stood between them where nothing was taken
    out, and without quotation marks round the whole."""
    text, last = "", None
    for start, end in kept:
        gap = rest[last:start] if last is not None else ""
        text += (gap if not gap.strip() else " ") + rest[start:end]
        last = end
    whole = _QUOTED.fullmatch(text)
    return whole[1] if whole else text.strip()


def _unquoted(word: str) -> str:
    return word[1:-1] if len(word) > 1 and word[0] == word[-1] == '"' else word
