"""The declarations hold together, and every example is a line that works."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.answers.helping import help_on
from bot.commands.declared import BY_NAME, COMMANDS, find
from bot.commands.declaring import Command, bind
from bot.commands.handlers import HANDLERS
from bot.commands.line import parse_line
from bot.messages import Messages
from bot.render.terminal import render
from bot.version import VERSION
from swarm_core import Action, Wanted, errors
from tests.commands.desks import desk
from tests.project.tree import pyproject

IN_CHAT = [command for command in COMMANDS if not command.program]


def test_every_command_in_chat_has_a_handler_and_every_handler_a_command() -> None:
    assert {command.name for command in IN_CHAT} == set(HANDLERS)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.name)
def test_what_has_to_be_allowed_is_an_action_of_the_policy(command: Command) -> None:
    assert not command.action or Action(command.action)


def test_no_two_commands_share_a_name() -> None:
    names = [name for command in COMMANDS for name in (command.name, *command.aliases)]
    assert len(names) == len(set(names)) == len(BY_NAME)


@pytest.mark.parametrize("command", IN_CHAT, ids=lambda c: c.name)
def test_every_example_is_a_line_that_fits(command: Command) -> None:
    parsed = parse_line(command.example)
    assert parsed.command is command
    bind(command, parsed.given)


async def test_what_examples_ask_for_is_work_a_playbook_does(tmp_path: Path) -> None:
    async with desk(tmp_path) as (at, _):
        for name in ("task", "ask"):
            text = parse_line(find(name).example).given["text"]
            assert at.swarm.router.choose(Wanted(text=text, kind="task"), {}).chosen


@pytest.mark.parametrize("program", [False, True])
@pytest.mark.parametrize("width", [40, 100])
def test_help_names_every_command_and_each_of_its_options(program: bool, width: int) -> None:
    say = Messages.load(strict=True)
    commands = [command for command in COMMANDS if program or not command.program]
    page = render(help_on(say, None, plain="ask", program=program), width=width, styled=False)
    for command in commands:
        assert command.name in page
        own = render(help_on(say, command.name, program=program), width=width, styled=False)
        for param in command.options:
            assert (param.option in own) is (program or not param.program)
    if program:
        assert all(word in page for word in ("test", "lint", "lock", "--config", "--state"))


def test_in_a_shell_the_example_is_quoted_where_the_shell_would_read_it() -> None:
    page = help_on(Messages.load(strict=True), "task", program=True)
    shown = render(page, width=100, styled=False)
    assert "waggle task 'search for TODO' --priority 7" in shown


def test_a_command_of_the_program_alone_is_unknown_in_chat() -> None:
    with pytest.raises(errors.UnknownCommand):
        find("up")
    assert find("up", program=True).name == "up"


def test_the_version_is_that_of_the_package() -> None:
    assert pyproject()["project"]["version"] == VERSION
