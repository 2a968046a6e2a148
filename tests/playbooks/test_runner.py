from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from swarm_core.kernel.errors import ReplayDiverged, Unreachable
from swarm_core.playbooks import Book, PlaybookRunner, load_book
from swarm_core.steps.model import Conclusion
from tests.playbooks.twins import MemoryRun, Result, ScriptedTools, Task, write

HEAD = "name: p\nsummary: A playbook.\nexamples: [go a]\ntriggers: ['go {x}']\n"
PARAMS = "params: {x: {type: str, description: X}}\n"


def book(folder: Path, rest: str) -> Book:
    write(folder, "p", HEAD + PARAMS + rest)
    found = load_book([folder], ScriptedTools())
    assert found.problems == ()
    return found


async def go(
    found: Book, tools: ScriptedTools, run: MemoryRun | None = None, text: str = "go a"
) -> Conclusion:
    return await PlaybookRunner(found, tools, lambda task: task.actor.key).run(
        Task(text=text), run or MemoryRun()
    )


FAN = """
steps:
  - {id: all, tool: list, args: {path: "{{ params.x }}"}}
  - id: each
    tool: read
    foreach: steps.all.data.entries
    most: 3
    on_error: continue
    args: {path: "{{ item }}"}
  - {id: never, tool: post, when: steps.all.data.entries | length > 9}
output: |
  {% for one in steps.each.each %}
  {{ one.item }}={{ one.text if one.ok else one.failure.code }}
  {% endfor %}
  left out {{ steps.each.left_out }}, skipped {{ steps.never.skipped }}
"""


def fan() -> ScriptedTools:
    def read(args: Any) -> Any:
        bad = args["path"] == "b"
        return Unreachable(host="b", problem="gone") if bad else Result(text=args["path"].upper())

    return ScriptedTools(list={"entries": ["a", "b", "c", "d", "e"]}, read=read)


async def test_steps_run_in_order_and_the_rest_is_counted(tmp_path: Path) -> None:
    tools, run = fan(), MemoryRun()
    conclusion = await go(book(tmp_path, FAN), tools, run)
    assert conclusion.text == "a=A\nb=unreachable\nc=C\nleft out 2, skipped True"
    assert run.ended == [conclusion]
    assert [(name, args["path"]) for name, args, _ in tools.calls] == [
        ("list", "a"), ("read", "a"), ("read", "b"), ("read", "c"),
    ]  # fmt: skip
    assert tools.calls[0][2] == "terminal/local/1"


async def test_a_run_killed_anywhere_ends_with_the_same_words_and_no_call_twice(
    tmp_path: Path,
) -> None:
    found = book(tmp_path, FAN)
    whole = await go(found, fan())
    for point in range(4):
        tools, first = fan(), MemoryRun(die_before=point)
        with pytest.raises(asyncio.CancelledError):
            await go(found, tools, first)
        second = MemoryRun(first.record)
        assert await go(found, tools, second) == whole
        assert second.ended == [whole]
        assert len(tools.calls) == 4


async def test_a_playbook_changed_under_a_run_does_not_go_on_in_silence(tmp_path: Path) -> None:
    first = MemoryRun(die_before=1)
    with pytest.raises(asyncio.CancelledError):
        await go(book(tmp_path, FAN), fan(), first)
    changed = book(tmp_path, FAN.replace("{{ params.x }}", "elsewhere"))
    with pytest.raises(ReplayDiverged):
        await go(changed, fan(), MemoryRun(first.record))


@pytest.mark.parametrize(
    "hostile",
    [
        "{{ 7 * 7 }}",
        "{% for a in range(10) %}a{% endfor %}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{# gone #}",
        "%(x)s ${x} {x}",
    ],
)
async def test_a_template_in_a_parameter_or_a_result_is_only_text(
    tmp_path: Path, hostile: str
) -> None:
    rest = (
        'steps: [{id: a, tool: read, args: {path: "{{ params.x }}"}},'
        ' {id: b, tool: read, args: {path: "<{{ steps.a.text }}>"}}]\n'
        'output: "{{ params.x }}|{{ steps.b.text }}"\n'
    )
    tools = ScriptedTools(read=lambda args: Result(text=args["path"]))
    conclusion = await go(book(tmp_path, rest), tools, text=f"go {hostile}")
    assert conclusion.text == f"{hostile}|<{hostile}>"


async def test_what_was_read_cannot_repaint_the_answer(tmp_path: Path) -> None:
    rest = "steps: [{id: a, tool: read}]\noutput: '{{ steps.a.text }}'\n"
    tools = ScriptedTools(read=Result(text="a\x1b[2Jb\u202ec\x07"))
    assert (await go(book(tmp_path, rest), tools)).text == "abc"


async def test_a_failed_step_ends_the_run_with_its_reason_in_one_transaction(
    tmp_path: Path,
) -> None:
    rest = "steps: [{id: a, tool: read}, {id: b, tool: list}]\noutput: x\n"
    tools, run = ScriptedTools(read=Unreachable(host="h", problem="gone")), MemoryRun()
    conclusion = await go(book(tmp_path, rest), tools, run)
    assert conclusion.failure is not None
    assert (conclusion.state, conclusion.failure.code) == ("failed", "unreachable")
    assert run.ended == [conclusion]
    assert len(tools.calls) == 1


async def test_a_template_that_stops_is_a_failure_that_names_the_place(tmp_path: Path) -> None:
    rest = "steps: [{id: a, tool: read}]\noutput: '{{ steps.a.data.nothing }}'\n"
    conclusion = await go(book(tmp_path, rest), ScriptedTools(read={}))
    assert conclusion.failure is not None
    assert conclusion.failure.code == "playbook_broken"
    assert conclusion.failure.data["where"] == "output"
    assert "nothing" in conclusion.failure.data["problem"]


async def test_an_empty_answer_is_a_failure(tmp_path: Path) -> None:
    rest = "steps: [{id: a, tool: read}]\noutput: '{{ steps.a.text }}'\n"
    conclusion = await go(book(tmp_path, rest), ScriptedTools(read=Result(text=" ")))
    assert conclusion.state == "failed"


async def test_a_long_answer_is_cut_at_a_line_with_its_fence_closed_and_says_so(
    tmp_path: Path,
) -> None:
    rest = (
        "steps: [{id: a, tool: read}]\nlimits: {output: 200}\n"
        "output: '{{ steps.a.text | fence }}'\n"
    )
    text = "\n".join(f"line {n}" for n in range(1000))
    answer = (await go(book(tmp_path, rest), ScriptedTools(read=Result(text=text)))).text
    assert answer.startswith("```\nline 0\n")
    assert answer.endswith("\n```\n\n… cut here: this answer may have 200 characters.")
    assert len(answer) < 300


async def test_a_tool_that_never_ends_is_stopped_at_the_limit(tmp_path: Path) -> None:
    class Hanging(ScriptedTools):
        async def call(self, name: str, arguments: Any, context: Any) -> Result:
            raise TimeoutError

    rest = "steps: [{id: a, tool: read}]\nlimits: {seconds: 5}\noutput: x\n"
    conclusion = await go(book(tmp_path, rest), Hanging())
    assert conclusion.failure is not None
    assert conclusion.failure.data == {"tool": "read", "seconds": 5}


async def test_an_argument_that_comes_out_as_none_is_left_to_the_tool(tmp_path: Path) -> None:
    rest = "steps: [{id: a, tool: read, args: {path: '{{ none }}', n: 1}}]\noutput: x\n"
    tools = ScriptedTools(read={})
    await go(book(tmp_path, rest), tools)
    assert tools.calls[0][1] == {"n": 1}


async def test_text_that_means_nothing_is_a_failure_with_the_closest(tmp_path: Path) -> None:
    found = book(tmp_path, "steps: [{id: a, tool: read}]\noutput: x\n")
    conclusion = await go(found, ScriptedTools(), text="sing a song")
    assert conclusion.failure is not None
    assert conclusion.failure.code == "not_found"
    wrong = await go(found, ScriptedTools(), text="run p y=1 y=2")
    assert wrong.failure is not None
    assert wrong.failure.code == "bad_argument"
