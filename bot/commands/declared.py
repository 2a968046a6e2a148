"""The commands, all of them. Names of actions are those of the core's policy."""

from __future__ import annotations

from bot.commands.declaring import Command, Param
from bot.commands.discord_declared import DISCORD
from bot.commands.finding_declared import FINDING
from bot.commands.incidents_declared import INCIDENTS
from bot.commands.keeping_declared import KEEPING
from bot.commands.kinds import (
    Amount,
    Choice,
    Each,
    Instant,
    Limit,
    Name,
    Names,
    Number,
    Numbers,
    Scope,
    Span,
    Switch,
    Whole,
    Words,
)
from bot.commands.linking_declared import LINKING
from bot.commands.people_declared import PEOPLE
from bot.commands.priorities_declared import PRIORITIES
from bot.commands.program_declared import PROGRAMS
from bot.commands.telegram_declared import TELEGRAM
from swarm_core import errors, nearest

_WAIT = Param(name="wait", kind=Switch(), program=True)
_STREAM = Param(name="stream", kind=Switch(), program=True)
_FILE = Param(name="file", kind=Each("path", "paths of files"))
_TASK = Param(name="number", kind=Number(), word=True, required=True)
_KEY = Param(name="key", kind=Name("word", "one word that names this request"))
_WORKER = Param(name="worker", kind=Name("name", "the name of a worker"))
_MODEL = Param(name="model", kind=Name("model", "the name of a model"))
_COMPLEXITY = Param(name="complexity", kind=Choice("low", "medium", "high"))
_CAP = Param(name="cap", kind=Amount())
_YES = (Param(name="yes", kind=Switch(), program=True), Param(name="max-cost", kind=Amount()))
VERBS = frozenset({"set", "unset", "check"})
"""First words of `config` that are no setting's name."""
_APPROVAL = Param(name="id", kind=Name("id", "the id of an approval"), word=True, required=True)

COMMANDS: tuple[Command, ...] = (
    Command(
        name="task",
        aliases=("do",),
        params=(
            Param(name="text", kind=Words("text", "what you want done"), word=True, required=True),
            Param(name="priority", kind=Whole(0, 10)),
            Param(name="needs", kind=Numbers()),
            Param(name="deadline", kind=Instant()),
            Param(name="tag", kind=Names("tag", "single words, like web,urgent")),
            _COMPLEXITY,
            Param(name="category", kind=Choice("work", "personal", "identity")),
            _WORKER,
            _MODEL,
            _CAP,
            *_YES,
            _KEY,
            _FILE,
            _WAIT,
            _STREAM,
        ),
        example="/task search for TODO --priority 7",
    ),
    Command(
        name="ask",
        params=(
            Param(name="text", kind=Words("text", "your question"), word=True, required=True),
            _MODEL,
            _CAP,
            *_YES,
            _KEY,
            _FILE,
            _WAIT,
            _STREAM,
        ),
        example="/ask what did you do today?",
    ),
    Command(
        name="simulate",
        params=(
            Param(name="text", kind=Words("text", "what would be asked"), word=True, required=True),
            Param(name="kind", kind=Choice("ask", "task")),
            _COMPLEXITY,
            _WORKER,
            _MODEL,
            _CAP,
        ),
        example="/simulate review this design --complexity high",
        action="task.create",
        reads=True,
    ),
    Command(
        name="tell",
        params=(
            _TASK,
            Param(name="text", kind=Words("text", "what to say"), word=True, required=True),
            _KEY,
        ),
        example="/tell 142 only the last month matters",
        keeps=True,
    ),
    Command(
        name="heard",
        params=(
            Param(name="number", kind=Number(), word=True, required=True),
            Param(name="text", kind=Words("text", "what was meant"), word=True),
            Param(name="drop", kind=Switch()),
        ),
        example="/heard 7 book the train for ten",
    ),
    Command(name="new", example="/new"),
    Command(
        name="memory",
        params=(Param(name="do", kind=Choice("show", "forget"), word=True),),
        example="/memory forget",
        reads=True,
        changing=("forget",),
        keeps=True,
    ),
    Command(
        name="missed",
        params=(Param(name="do", kind=Choice("show", "skip"), word=True),),
        example="/missed skip",
        action="task.read",
        reads=True,
        changing=("skip",),
        keeps=True,
    ),
    Command(
        name="tasks",
        aliases=("list", "ls"),
        params=(
            Param(
                name="state",
                kind=Choice("queued", "ready", "running", "waiting", "done", "failed", "cancelled"),
            ),
            Param(name="all", kind=Switch()),
            Param(name="mine", kind=Switch()),
            Param(name="before", kind=Number()),
            Param(name="most", kind=Whole(1, 200)),
        ),
        example="/tasks --all --most 50",
        action="task.read",
        reads=True,
    ),
    *FINDING,
    Command(
        name="show",
        params=(_TASK, Param(name="full", kind=Switch())),
        example="/show 142 --full",
        action="task.read",
        reads=True,
    ),
    Command(name="why", params=(_TASK,), example="/why 142", action="task.read", reads=True),
    Command(
        name="cancel",
        params=(Param(name="numbers", kind=Numbers(), word=True, required=True),),
        example="/cancel 142",
    ),
    Command(name="retry", params=(_TASK, *_YES, _WAIT, _STREAM), example="/retry 142"),
    Command(
        name="stop",
        params=(Param(name="what", kind=Scope(), word=True, required=True),),
        example="/stop all",
        keeps=True,
    ),
    Command(
        name="resume",
        aliases=("continue",),
        params=(
            Param(name="what", kind=Scope("budget"), word=True),
            Param(name="step", kind=Choice("repeat", "fail")),
            Param(name="try", kind=Whole(1, 1_000_000)),
        ),
        example="/resume all",
        keeps=True,
    ),
    Command(
        name="approvals",
        params=(
            Param(name="id", kind=Name("id", "the id of an approval"), word=True),
            Param(name="all", kind=Switch()),
        ),
        example="/approvals",
        action="approval.read",
        reads=True,
    ),
    Command(
        name="approve",
        aliases=("yes",),
        params=(_APPROVAL, Param(name="cheaper", kind=Switch()), _WAIT, _STREAM),
        example="/approve k7m2p9xdqr",
        action="approval.decide",
        keeps=True,
    ),
    Command(
        name="deny",
        aliases=("no",),
        params=(_APPROVAL, Param(name="reason", kind=Words("reason", "why not"))),
        example="/deny k7m2p9xdqr",
        action="approval.decide",
        keeps=True,
    ),
    Command(name="cheaper", params=(_TASK, _WAIT, _STREAM), example="/cheaper 142"),
    Command(name="status", example="/status", action="swarm.read", reads=True),
    Command(
        name="workers",
        aliases=("playbooks",),
        example="/workers",
        action="swarm.read",
        reads=True,
    ),
    Command(name="models", example="/models", action="swarm.read", reads=True),
    Command(
        name="failures",
        params=(Param(name="since", kind=Span()),),
        example="/failures --since 7d",
        action="task.read",
        reads=True,
    ),
    Command(
        name="identities",
        aliases=("agents", "personas"),
        params=(Param(name="name", kind=Name("name", "the name of an identity"), word=True),),
        example="/identities reviewer",
        action="swarm.read",
        reads=True,
    ),
    Command(
        name="budget",
        aliases=("money",),
        params=(
            Param(
                name="what",
                kind=Choice(
                    *("workers", "models", "people", "categories", "chart"),
                    *("set", "raise"),
                ),
                word=True,
            ),
            Param(name="which", kind=Name("cap|task", "a cap, like day, or a task"), word=True),
            Param(name="amount", kind=Limit(), word=True),
            Param(name="days", kind=Whole(1, 366)),
        ),
        example="/budget set day 5",
        action="budget.read",
        reads=True,
        changing=("set", "raise"),
    ),
    Command(
        name="config",
        params=(
            Param(name="key", kind=Name("key|set|unset|check", "a setting's name"), word=True),
            Param(name="which", kind=Name("key", "the name of a setting"), word=True),
            Param(name="value", kind=Words("value", "its new value"), word=True),
        ),
        example="/config budget.day",
        action="swarm.read",
        reads=True,
        changing=("set", "unset"),
    ),
    Command(
        name="doctor",
        params=(Param(name="verify", kind=Switch()), Param(name="fix", kind=Switch())),
        example="/doctor --verify",
        action="swarm.read",
        reads=True,
    ),
    Command(
        name="help",
        params=(Param(name="command", kind=Name("command", "the name of a command"), word=True),),
        example="/help task",
        reads=True,
    ),
    *INCIDENTS,
    *PRIORITIES,
    *KEEPING,
    *PEOPLE,
    *LINKING,
    *DISCORD,
    *TELEGRAM,
    *PROGRAMS,
)

BY_NAME = {name: command for command in COMMANDS for name in (command.name, *command.aliases)}


def find(name: str, *, program: bool = False) -> Command:
    """The command called `name`. Raises `UnknownCommand`."""
    command = BY_NAME.get(name.lower())
    if command is None or (command.program and not program):
        known = [n for n, c in BY_NAME.items() if program or not c.program]
        raise errors.UnknownCommand(name=name[:60], near=nearest(name, known))
    return command
