"""What is told of the model that answered: which one, how much, and why not another."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bot.answers.tasks import ended
from bot.commands import views
from bot.commands.following import until_ended
from bot.commands.programs import plain
from bot.render.terminal import render
from bot.running import words
from swarm_core import TaskId, WaggleError, errors
from swarm_core.providers.model import Completion, Text, Usage
from tests.commands.desks import said, typed
from tests.commands.models import LARGE, SMALL, answered, served

DATED = f"{SMALL}-20260601"


async def test_the_stamp_names_the_model_that_really_answered_and_its_tokens(
    tmp_path: Path,
) -> None:
    usage = Usage(input=1_234, output=56, cached=1_000)
    dated = Completion(parts=(Text("hello"),), stop="end", model=DATED, usage=usage)
    async with served(tmp_path, dated) as (at, courier):
        task = await answered(at, courier, "/ask say hello")
        shown = await said(at, f"/show {task}", width=120)
        view = [seen async for seen in until_ended(at, TaskId(task))][-1]
        told = render(ended(words(at), view), width=120, styled=False)
    assert f"assistant · vendor/{DATED} · 1,234 tokens in, 56 out · $0.0" in told
    assert f"done, answered by {DATED}" in shown
    assert "1,234 / 56" in shown
    assert "was to answer" not in shown
    work = msgspec.to_builtins(plain(view))
    assert work["model"] == f"vendor/{DATED}"
    assert work["tokens"] == {"input": 1_234, "output": 56, "cached": 1_000}
    assert work["fallback"] is None


@pytest.mark.parametrize(
    "error",
    [
        errors.NoSuchModel(provider="vendor", model=SMALL),
        errors.WrongKey(provider="vendor", variable="VENDOR_KEY"),
    ],
)
async def test_another_model_than_the_first_is_told_with_the_reason(
    error: WaggleError, tmp_path: Path
) -> None:
    async with served(tmp_path, error, "second") as (at, courier):
        task = await answered(at, courier, "/ask say hello")
        shown = await said(at, f"/show {task}", width=120)
        view = (await typed(at, f"/show {task}")).view
        assert isinstance(view, views.Shown)
        accepted = views.Ended(task=view.task.task, stamp=view.task.stamp)
    assert f"vendor/{SMALL} was to answer and did not. {at.messages.error(error)}"[:90] in shown
    work = msgspec.to_builtins(plain(accepted))
    assert work["model"] == f"vendor/{LARGE}"
    failure = {"code": error.code, "data": error.data}
    assert work["fallback"] == {"instead_of": f"vendor/{SMALL}", "failure": failure}


async def test_tokens_of_a_task_are_those_of_all_its_answers(tmp_path: Path) -> None:
    empty = Completion(parts=(), stop="end", model=SMALL, usage=Usage(input=10, output=1))
    whole = Completion(
        parts=(Text("yes"),), stop="end", model=SMALL, usage=Usage(input=20, output=2)
    )
    async with served(tmp_path, empty, whole) as (at, courier):
        task = await answered(at, courier, "/ask say hello")
        assert "30 tokens in, 3 out" in await said(at, f"/show {task}", width=120)


async def test_a_script_has_no_tokens_and_a_program_is_told_so(tmp_path: Path) -> None:
    async with served(tmp_path) as (at, courier):
        task = await answered(at, courier, "/task standup")
        view = (await typed(at, f"/show {task}")).view
        shown = await said(at, f"/show {task}")
    assert isinstance(view, views.Shown)
    work = msgspec.to_builtins(plain(views.Ended(task=view.task.task, stamp=view.task.stamp)))
    assert (work["tokens"], work["fallback"]) == (None, None)
    assert "tokens" not in shown
    assert "In / out" not in shown


async def test_ask_takes_a_worker_by_name_before_the_question(tmp_path: Path) -> None:
    async with served(tmp_path, "looks good") as (at, courier):
        task = await answered(at, courier, "/ask reviewer: is this fine?")
        found = await at.swarm.views.task(TaskId(task))
    assert found.task.worker == "reviewer"
    assert found.task.text == "is this fine?"
