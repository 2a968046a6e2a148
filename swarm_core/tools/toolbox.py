"""The one pipeline every tool call goes through.

Lookup, arguments, permission, time limit, bounds on the output, in this order and for every
tool, whoever wrote it. A tool therefore cannot forget one of them, and a call that is not
allowed has not even started. What a tool did not foresee ends as `ToolCrashed` here, with the
traceback in the log, and never takes the run down with it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
from pydantic import ValidationError

from swarm_core.kernel.actor import Actor
from swarm_core.kernel.errors import (
    BadToolArguments,
    ToolCrashed,
    ToolTimeout,
    UnknownTool,
    WaggleError,
)
from swarm_core.kernel.text import clip, describe, nearest
from swarm_core.policy import NOTHING_SENT, Sending
from swarm_core.tools.model import Arguments, Effect, Tool, ToolContext, ToolOutput
from swarm_core.tools.output import OutputLimits, bounded
from swarm_core.tools.outward import wrote

log = logging.getLogger(__name__)

Authorize = Callable[[Actor, str, str, Sending], None]
"""`(actor, action, resource, sending)`; raises `NotAllowed`. The action is `tool.<name>`."""

Allows = Callable[[Actor, str, str, Sending], bool]
"""The same as a question, which is not recorded."""

MOST_SHOWN = 300
"""Characters of an address that a person is asked about: all of it has to be seen."""


class Toolbox:
    """The tools there are, and the only way to call one."""

    def __init__(
        self,
        tools: Iterable[Tool[Any]],
        authorize: Authorize,
        limits: OutputLimits = OutputLimits(),  # noqa: B008
        allows: Allows = lambda *_: True,
    ) -> None:
        """Raises ValueError when two tools have one name."""
        self._tools: dict[str, Tool[Any]] = {}
        for tool in tools:
            if tool.name in self._tools:
                raise ValueError(f"two tools are called {tool.name}")
            self._tools[tool.name] = tool
        self._described: dict[str, tuple[str, str, dict[str, Any]]] = {}
        self._authorize = authorize
        self._allows = allows
        self._limits = limits

    @property
    def tools(self) -> tuple[Tool[Any], ...]:
        """All tools, by name."""
        return tuple(self._tools[name] for name in sorted(self._tools))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._tools))

    def described(self, names: Iterable[str]) -> tuple[tuple[str, str, dict[str, Any]], ...]:
        """Name, summary and JSON schema of the arguments of those of `names` that there are."""
        return tuple(self._describe(self._tools[name]) for name in names if name in self._tools)

    def _describe(self, tool: Tool[Any]) -> tuple[str, str, dict[str, Any]]:
        """Made when somebody asks: a swarm without models never does."""
        if tool.name not in self._described:
            schema = tool.arguments.model_json_schema()
            self._described[tool.name] = (tool.name, tool.summary, schema)
        return self._described[tool.name]

    def effect_of(self, name: str) -> Effect:
        """Raises `UnknownTool`."""
        return self._find(name).effect

    async def call(
        self, name: str, arguments: Mapping[str, Any], context: ToolContext
    ) -> ToolOutput:
        """Make one call, bounded in time and size.

        Raises `UnknownTool`, `BadToolArguments`, `NotAllowed`, `ToolTimeout`, `ToolCrashed`, and
        what the tool itself raises of `WaggleError`.
        """
        tool = self._find(name)
        args = _validated(tool, arguments)
        try:
            sending = _sending(tool, args, context)
            self._authorize(context.actor, f"tool.{name}", tool.resource(args), sending)
            return bounded(await _within_limit(tool, args, context), self._limits, name)
        except WaggleError:
            raise
        except Exception as problem:
            log.exception("tool %s crashed", name)
            raise ToolCrashed(tool=name, problem=_named(problem)) from problem

    def asks(self, name: str, arguments: Mapping[str, Any], context: ToolContext) -> str:
        """The address a call needs somebody's yes to first. '' for a call that may be made as it
        is, and for one that no yes would let through: making it says why."""
        try:
            tool = self._find(name)
            args = _validated(tool, arguments)
            reach = tool.reaches(args)
            if reach is None or reach.barred or len(reach.address) > MOST_SHOWN:
                return ""
            sending, resource = _sending(tool, args, context), tool.resource(args)
        except WaggleError:
            return ""
        agreed = msgspec.structs.replace(sending, agreed=True)
        now, then = (
            self._allows(context.actor, f"tool.{name}", resource, each)
            for each in (sending, agreed)
        )
        return reach.address if then and not now else ""

    def _find(self, name: str) -> Tool[Any]:
        if name not in self._tools:
            raise UnknownTool(name=clip(name, 80), near=nearest(name[:80], self._tools))
        return self._tools[name]


def _sending(tool: Tool[Any], args: Arguments, context: ToolContext) -> Sending:
    reach = tool.reaches(args)
    if reach is None:
        return NOTHING_SENT
    return Sending(
        sends=True,
        tainted=bool(context.taints),
        named=reach.allowed or wrote(context.said, reach.address),
        agreed=reach.address in context.agreed,
    )


def _validated(tool: Tool[Any], arguments: Mapping[str, Any]) -> Arguments:
    try:
        checked: Arguments = tool.arguments.model_validate(dict(arguments))
    except ValidationError as problem:
        lines = [
            ": ".join(filter(None, (".".join(map(str, error["loc"])), error["msg"])))
            for error in problem.errors(include_url=False, include_input=False)
        ]
        raise BadToolArguments(tool=tool.name, problem=clip("; ".join(lines), 500)) from None
    return checked


async def _within_limit(tool: Tool[Any], args: Arguments, context: ToolContext) -> ToolOutput:
    try:
        async with asyncio.timeout(tool.timeout) as limit:
            return await tool.run(args, context)
    except TimeoutError:
        if limit.expired():
            raise ToolTimeout(tool=tool.name, seconds=tool.timeout) from None
        raise


def _named(problem: Exception) -> str:
    return clip(describe(problem), 200)
