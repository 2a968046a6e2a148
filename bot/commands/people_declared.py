"""The commands about people, places, policies and what is sent."""

from __future__ import annotations

from bot.commands.declaring import Command, Param
from bot.commands.kinds import Choice, Name, Number, Switch, Words
from bot.commands.notices_declared import NOTICES
from swarm_core import PLACE_KEYS, ROLES, WISHES

_ROLE = Choice(*ROLES)
_SPACE = Param(name="space", kind=Name("surface/space", "a space, like discord/10"))

PEOPLE: tuple[Command, ...] = (
    *NOTICES,
    Command(
        name="people",
        params=(
            Param(name="do", kind=Choice("list", "role", "map", "forget"), word=True),
            Param(name="who", kind=Name("who", "a person, like 7 or discord/80351110"), word=True),
            Param(name="role", kind=_ROLE, word=True),
            Param(name="take", kind=Switch()),
            _SPACE,
            Param(name="yes", kind=Switch()),
        ),
        example="/people role 7 operator",
        reads=True,
        changing=("role", "map", "forget"),
    ),
    Command(
        name="pair",
        params=(
            Param(name="code", kind=Name("code", "a code of eight signs"), word=True),
            Param(name="role", kind=_ROLE),
            _SPACE,
        ),
        example="/pair 7K3M-9XQ2",
        keeps=True,
    ),
    Command(
        name="me",
        params=(
            Param(name="wish", kind=Choice(*WISHES), word=True),
            Param(name="value", kind=Name("value", "its new value, or none"), word=True),
        ),
        example="/me zone Europe/Berlin",
        reads=True,
        changing=WISHES,
    ),
    Command(
        name="forget-me",
        params=(
            Param(name="yes", kind=Switch()),
            Param(name="cancel", kind=Switch()),
        ),
        example="/forget-me",
        alone=True,
    ),
    Command(
        name="channel",
        params=(
            Param(name="do", kind=Choice("show", "set"), word=True),
            Param(name="key", kind=Choice(*PLACE_KEYS), word=True),
            Param(name="value", kind=Words("value", "its new value, or none"), word=True),
            Param(name="everywhere", kind=Switch()),
            _SPACE,
        ),
        example="/channel set plain-text off",
        reads=True,
        changing=("set",),
    ),
    Command(
        name="who-may",
        params=(
            Param(
                name="act",
                kind=Name("action", "an action, like task.create"),
                word=True,
                required=True,
            ),
        ),
        example="/who-may task.create",
        action="policy.read",
        reads=True,
    ),
    Command(
        name="policy",
        params=(
            Param(name="do", kind=Choice("check", "who-may"), word=True, required=True),
            Param(name="act", kind=Name("action", "an action, like task.create"), word=True),
        ),
        example="/policy check",
        action="policy.read",
        reads=True,
    ),
    Command(
        name="share",
        params=(
            Param(name="number", kind=Number(), word=True, required=True),
            Param(name="to", kind=Name("place", "a place, like discord/10 or discord/10/77")),
            Param(name="yes", kind=Switch()),
        ),
        example="/share 142 --to discord/10",
        keeps=True,
    ),
    Command(
        name="outbox",
        params=(
            Param(name="do", kind=Choice("list", "send"), word=True),
            Param(name="notice", kind=Number(), word=True),
        ),
        example="/outbox send 17",
        action="outbox.read",
        reads=True,
        changing=("send",),
    ),
)
