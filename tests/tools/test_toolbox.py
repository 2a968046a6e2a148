from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest

from swarm_core.kernel.errors import (
    BadToolArguments,
    NotAllowed,
    NoWorkspace,
    TooLarge,
    ToolCrashed,
    ToolTimeout,
    UnknownTool,
)
from swarm_core.kernel.redaction import HIDDEN, keep_secret
from swarm_core.kernel.secret import Secret
from swarm_core.tools import (
    Arguments,
    Egress,
    EgressRules,
    OutputLimits,
    Toolbox,
    ToolContext,
    ToolOutput,
    read_only_tools,
)
from swarm_core.tools.model import Inward
from tests.tools.conftest import ANA

CONTEXT = ToolContext(actor=ANA)


class EchoArguments(Arguments):
    word: str
    times: int = 1


class Echo(Inward):
    name = "echo"
    summary = "Says it back."
    effect = "repeatable"
    arguments = EchoArguments
    timeout = 1

    def __init__(self, act: Callable[[], Any] | None = None) -> None:
        self.act = act
        self.runs = 0

    def resource(self, args: EchoArguments) -> str:
        return args.word

    async def run(self, args: EchoArguments, context: ToolContext) -> ToolOutput:
        self.runs += 1
        if self.act is None:
            return ToolOutput(text=args.word * args.times)
        result = self.act()
        return await result if asyncio.iscoroutine(result) else result


def anybody(*_: Any) -> None:
    return None


def box(tool: Echo, **more: Any) -> Toolbox:
    return Toolbox([tool], more.pop("authorize", anybody), **more)


async def test_a_call_goes_through_and_comes_back() -> None:
    output = await box(Echo()).call("echo", {"word": "hum ", "times": "2"}, CONTEXT)
    assert output == ToolOutput(text="hum hum ")


async def test_an_unknown_tool_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UnknownTool) as refused:
        await box(Echo()).call("eco", {}, CONTEXT)
    assert refused.value.data["near"] == ("echo",)


async def test_wrong_arguments_are_told_in_one_line() -> None:
    with pytest.raises(BadToolArguments) as refused:
        await box(Echo()).call("echo", {"times": "many", "loud": True}, CONTEXT)
    problem = str(refused.value.data["problem"])
    assert "word: Field required" in problem
    assert "times:" in problem
    assert "loud: Extra inputs" in problem
    assert "\n" not in problem


async def test_what_is_not_allowed_has_not_even_started() -> None:
    asked = []

    def nobody(actor: Any, action: str, resource: str, _: Any) -> None:
        asked.append((actor, action, resource))
        raise NotAllowed(actor="1", action=action, resource=resource, rule="r", instead="")

    tool = Echo()
    with pytest.raises(NotAllowed):
        await box(tool, authorize=nobody).call("echo", {"word": "x"}, CONTEXT)
    assert asked == [(ANA, "tool.echo", "x")]
    assert tool.runs == 0


async def test_a_policy_that_breaks_denies() -> None:
    def broken(*_: Any) -> None:
        raise TimeoutError

    tool = Echo()
    with pytest.raises(ToolCrashed):
        await box(tool, authorize=broken).call("echo", {"word": "x"}, CONTEXT)
    assert tool.runs == 0


@pytest.mark.slow
async def test_a_tool_that_hangs_is_ended_at_its_limit() -> None:
    with pytest.raises(ToolTimeout) as ended:
        await box(Echo(asyncio.Event().wait)).call("echo", {"word": "x"}, CONTEXT)
    assert ended.value.data == {"tool": "echo", "seconds": 1}


async def test_what_a_tool_did_not_foresee_is_a_crash_with_its_traceback_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def act() -> None:
        raise ZeroDivisionError("by\nnought")

    with caplog.at_level(logging.ERROR), pytest.raises(ToolCrashed) as crashed:
        await box(Echo(act)).call("echo", {"word": "x"}, CONTEXT)
    assert crashed.value.data["problem"] == "ZeroDivisionError: by nought"
    assert "Traceback" in caplog.text


async def test_a_time_out_of_the_tool_itself_is_not_taken_for_its_limit() -> None:
    def act() -> None:
        raise TimeoutError

    with pytest.raises(ToolCrashed):
        await box(Echo(act)).call("echo", {"word": "x"}, CONTEXT)


async def test_long_text_is_cut_at_a_line_and_says_how_much_there_was() -> None:
    tool = Echo(lambda: ToolOutput(text="\n".join(["0123456789"] * 100), truncated="one more"))
    output = await box(tool, limits=OutputLimits(text=100)).call("echo", {"word": "x"}, CONTEXT)
    *lines, note = output.text.split("\n")
    assert lines == ["0123456789"] * 9
    assert note == "[cut to 9 of 100 lines, 98 of 1,099 bytes]"
    assert output.truncated == "one more; cut to 9 of 100 lines, 98 of 1,099 bytes"


async def test_one_long_line_is_cut_without_breaking_a_character() -> None:
    tool = Echo(lambda: ToolOutput(text="ü" * 100))
    output = await box(tool, limits=OutputLimits(text=51)).call("echo", {"word": "x"}, CONTEXT)
    assert output.text.startswith("ü" * 25 + "\n[cut to")


async def test_text_and_data_cannot_repaint_the_screen() -> None:
    tool = Echo(lambda: ToolOutput(text="a\x1b[2Jb\u202ec\x07", data={"k\x1b[1m": ["\x1b[31mr"]}))
    output = await box(tool).call("echo", {"word": "x"}, CONTEXT)
    assert output.text == "abc"
    assert output.data == {"k": ["r"]}


async def test_lists_in_the_data_are_shortened_to_fit_and_it_is_said() -> None:
    tool = Echo(lambda: ToolOutput(text="", data={"few": [1, 2], "rows": ["x" * 50] * 64}))
    output = await box(tool, limits=OutputLimits(data=1000)).call("echo", {"word": "x"}, CONTEXT)
    assert len(output.data["rows"]) == 16
    assert output.data["few"] == [1, 2]
    assert output.truncated == "16 of 64 rows in the data"


async def test_data_that_cannot_be_shortened_is_refused() -> None:
    tool = Echo(lambda: ToolOutput(text="", data={"blob": "x" * 2000}))
    with pytest.raises(TooLarge):
        await box(tool, limits=OutputLimits(data=1000)).call("echo", {"word": "x"}, CONTEXT)


@pytest.mark.parametrize("data", [1.5, {"a": [0.1]}, {1: "a"}, {"a": object()}, b"x"])
async def test_data_that_is_not_json_without_floats_is_a_crash(data: Any) -> None:
    with pytest.raises(ToolCrashed):
        await box(Echo(lambda: ToolOutput(text="", data=data))).call("echo", {"word": "x"}, CONTEXT)


def test_two_tools_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="echo"):
        Toolbox([Echo(), Echo()], anybody)


def test_effects_and_listings_come_from_the_tools() -> None:
    tools = Toolbox([Echo(), *read_only_tools(Egress(EgressRules()))], anybody)
    assert tools.names == ("echo", "extract_summary", "http_get", "list", "read", "search")
    assert [tool.name for tool in tools.tools] == list(tools.names)
    assert tools.effect_of("echo") == "repeatable"
    assert tools.effect_of("http_get") == "pure"
    with pytest.raises(UnknownTool):
        tools.effect_of("rm")


@pytest.mark.parametrize("name", ["list", "search", "read", "extract_summary"])
async def test_without_a_workspace_no_file_is_reached(name: str) -> None:
    arguments = {"path": "a", **({"pattern": "x"} if name == "search" else {})}
    tools = Toolbox(read_only_tools(Egress(EgressRules())), anybody)
    with pytest.raises(NoWorkspace):
        await tools.call(name, arguments, CONTEXT)


@pytest.mark.parametrize("path", ["a\0b", "x" * 5000, "\ud800"])
async def test_paths_that_no_file_can_have_are_wrong_arguments(path: str) -> None:
    tools = Toolbox(read_only_tools(Egress(EgressRules())), anybody)
    with pytest.raises(BadToolArguments):
        await tools.call("read", {"path": path}, CONTEXT)


def test_every_tool_has_a_schema_that_says_what_each_argument_is() -> None:
    for tool in read_only_tools(Egress(EgressRules())):
        schema = tool.arguments.model_json_schema()
        assert all("description" in one for one in schema["properties"].values()), tool.name


async def test_a_secret_of_the_swarm_is_never_brought_back() -> None:
    key = "sk-ant-0123456789"
    found = ToolOutput(text=f"KEY={key}", data={"lines": [f"KEY={key}"], key: 1})
    keep_secret([Secret(key)])
    box = Toolbox([Echo(lambda: found)], lambda *_: None)
    output = await box.call("echo", {"word": "x"}, CONTEXT)
    assert key not in repr(output)
    assert output.text == f"KEY={HIDDEN}"
    assert output.data["lines"] == [f"KEY={HIDDEN}"]
