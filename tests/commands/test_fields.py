"""Commands as a service shows them that has a field for each option."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.answers.helping import help_on
from bot.commands.declared import COMMANDS
from bot.commands.fields import fields, filled
from bot.messages import Messages
from bot.render.discord import render as on_discord
from bot.render.terminal import render
from swarm_core import errors
from tests.commands.desks import desk, typed

SAY = Messages.load(strict=True)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("/help", "/help"),
        ("/tasks --all --most 5", "/tasks all: True most: 5"),
        ("/task search for TODO --priority 7", "/task text: search for TODO priority: 7"),
        ("/approve k7m2p9xdqr --cheaper", "/approve id: k7m2p9xdqr cheaper: True"),
        ("/ls --mine", "/tasks mine: True"),
        ("--prefix", "prefix"),
        ("/who-may task.create", "/who-may act: task.create"),
        # What is no command, is not one as it stands, or belongs into a shell stays as it is.
        ("/srv/docs", "/srv/docs"),
        ("/show", "/show"),
        ("/retry --help", "/retry --help"),
        ("/tasks --nothing", "/tasks --nothing"),
        ("waggle up", "waggle up"),
        ("", ""),
    ],
)
def test_a_line_is_written_as_it_is_filled_in(line: str, shown: str) -> None:
    assert filled(line) == shown


def test_every_example_can_be_filled_in_as_it_is_shown() -> None:
    for command in COMMANDS:
        if command.program:
            continue
        shown = filled(command.example)
        names = [param.name for param in fields(command)]
        assert "--" not in shown
        assert all(f"{word}:" in shown or word not in shown.split() for word in names), shown


def test_help_where_options_are_fields_names_them_and_nothing_that_is_typed() -> None:
    (message,) = on_discord(help_on(SAY, "task", filled_in=True), SAY)
    assert "`/task text: search for TODO priority: 7`" in message.content
    listed = [row.split()[0] for row in message.content.splitlines() if row and row[0] != " "]
    assert {"text", "priority", "max-cost", "file"} <= set(listed)
    assert not {"key", "yes", "wait", "--priority", "<text>"} & set(listed)
    assert "Also called" not in message.content
    assert message.ephemeral
    typed_there = render(help_on(SAY, "task"), width=400, styled=False)
    assert "/task <text> [--priority <0..10>]" in typed_there


def test_the_list_of_commands_says_how_one_speaks_there() -> None:
    here, there = (help_on(SAY, None, plain="ask", filled_in=it) for it in (True, False))
    pages = on_discord(here, SAY)
    whole = "\n".join(page.content for page in pages)
    assert "- **/ask**: Ask a question" in whole
    assert "What it does" not in whole, "a label that is the same in every row says nothing"
    assert "In a channel, mention me" in whole
    assert "mention me" not in render(there, width=200, styled=False)


@pytest.mark.parametrize("nothing", ["", " ", "\t\n", "\u200b", "\u202e \u202c", "\u2066\u2069"])
async def test_a_text_that_shows_nothing_is_none(tmp_path: Path, nothing: str) -> None:
    async with desk(tmp_path) as (at, _):
        with pytest.raises((errors.BadArgument, errors.MissingArgument)) as caught:
            await typed(at, f'/ask "{nothing}"')
        assert not await at.swarm.views.listing()
    said = at.messages.error(caught.value)
    assert "``" not in said
    assert "`text`" in said
