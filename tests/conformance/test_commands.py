"""The same command everywhere: each is accepted and answers with the same words on each surface,
and what is wrong with it is said in the same words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.commands.declared import COMMANDS
from bot.messages import Messages
from tests.conformance.hands import Surface, words
from tests.conformance.surfaces import SURFACES, on
from tests.conformance.workers import echo
from tests.worlds import Custom

SAY = Messages.load(strict=True)
CHAT = [command for command in COMMANDS if not command.program]
BEGINS = ("task", "ask")
"""What they begin is told later, and is what other tests are about."""
PARTS = 16
SCREENS = {"top", "reload"}
"""Not offered in chats, where others read along, but understood there."""

PLACES = {
    "top": "It is a screen of its own at the terminal; a chat has /status.",
    "failures": "It tells of all places: not where others read along.",
    "status": "The process is told of where somebody can do something about it.",
    "notify": "A terminal has no direct messages.",
    "channel": "At the terminal it is for everywhere, in a chat for that channel.",
    "me": "The accounts are those of the one who asks.",
    "doctor": "What is looked at is another thing where a chat is connected.",
    "priority": "Where nothing is pressed, a yes is typed.",
    "automation": "Where nothing is pressed, the other modes are lines.",
    "help": "On Discord a command is filled in, not typed, so its usage is another.",
    "archive": "How many facts there are is another number on each surface.",
}
"""Commands whose answers may differ between surfaces, with why."""

_NAMES = frozenset(word for c in CHAT for p in c.params for word in words(p.name))
_HEADINGS = words("worker record argument of")
"""Over columns that a chat, which has no room for them, shows line by line."""
MORE = {
    "discord": _NAMES | {"true"},  # options are named there
    "telegram": words(SAY("connection.directly")),
}
LACKS = {"discord": _HEADINGS, "telegram": _HEADINGS}

WRONG = (
    "/task tidy up --priority 11",
    "/task tidy up --deadline soonish",
    "/show abc",
    "/cancel twelve",
    "/tasks --state asleep",
    "/budget set day much",
    "/nonsense",
    "/status now",
    "/show 1 --ful",
    "/config no.such.key",
    "/identities nobody-here",
    "/tell 99 hello",
)
MISSING = ("/task", "/why", "/approve", "/tell 1")


async def compare(lines: Sequence[str], folder: Path, *, typed: bool) -> None:
    """Give these lines on each surface; everywhere the words are those of the terminal."""
    told: dict[str, frozenset[str]] = {}
    for name, surface in SURFACES.items():
        more, lacks = MORE.get(name, frozenset()), LACKS.get(name, frozenset())
        async with surface(folder / name) as at, at.opened(Custom(echo)) as ana:
            for line in lines:
                free = line.split()[0].removeprefix("/") in PLACES
                least = frozenset() if free else told.get(line, frozenset()) - lacks
                found = words(await ana.answered(line, least, typed=typed))
                assert found
                if not free:
                    before = told.setdefault(line, found)
                    assert found <= before | more, (name, line)


@pytest.mark.parametrize("part", range(PARTS))
async def test_each_command_answers_with_the_same_words(part: int, tmp_path: Path) -> None:
    there = [each for each in CHAT if each.name not in BEGINS]
    await compare([each.example for each in there[part::PARTS]], tmp_path, typed=False)


@pytest.mark.parametrize("third", range(3))
async def test_what_is_wrong_is_said_in_the_same_words(third: int, tmp_path: Path) -> None:
    await compare(WRONG[third::3], tmp_path, typed=True)


@on()
async def test_what_begins_something_is_accepted(surface: Surface, tmp_path: Path) -> None:
    async with surface(tmp_path) as at, at.opened(Custom(echo)) as ana:
        for number, command in enumerate((c for c in CHAT if c.name in BEGINS), 1):
            await ana.command(command.example)
            await ana.sees(f"#{number} accepted")


@on()
async def test_what_is_missing_is_said_or_asked_for(surface: Surface, tmp_path: Path) -> None:
    async with surface(tmp_path) as at, at.opened(Custom(echo)) as ana:
        for line in MISSING:
            told = await ana.answered(line, frozenset(), typed=True)
            assert "needs" in told or "Reply to this message" in told, (line, told)
        assert not await ana.swarm.views.listing()


@on()
async def test_help_lists_every_command(surface: Surface, tmp_path: Path) -> None:
    names = {word for each in CHAT for word in words(each.name)}
    async with surface(tmp_path) as at, at.opened(Custom(echo)) as ana:
        await ana.answered("/help", frozenset(names), typed=False)


@on()
async def test_what_is_offered_is_what_is_declared(surface: Surface, tmp_path: Path) -> None:
    async with surface(tmp_path) as at, at.opened(Custom(echo)) as ana:
        offered = await ana.offered()
    declared = {each.name for each in CHAT}
    if ana.surface == "terminal":
        assert set(offered) == declared
        assert offered == {each.name: each.usage() for each in CHAT}
        return
    assert set(offered) == declared - SCREENS
    for name, about in offered.items():
        assert SAY(f"help.{name}.summary").startswith(about.removesuffix("…")), name


def test_every_exception_is_of_a_command_there_is() -> None:
    assert set(PLACES) | SCREENS | set(BEGINS) <= {each.name for each in CHAT}
