"""What providers do to workers, and what comes of it: by the public doors, over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from swarm_core.tasks.model import TaskState
from tests.fakes.models import FakeModels, serving
from tests.workers.scenes import CLAUDE, NEAR, PRICES, SMALL, at_work

SNAPSHOT = "claude-haiku-4-5-20251001"


@pytest.fixture
async def fake() -> AsyncIterator[FakeModels]:
    async with serving() as one:
        yield one


def cost_of(fake: FakeModels, task: str = "t") -> int:
    """What the calls of a task will be billed."""
    return int(fake.counts()["tasks"][task]["cost"])


async def test_a_wrong_key_makes_a_task_wait_and_says_which_variable(
    tmp_path: Path, fake: FakeModels
) -> None:
    fake.script(keys=["another"])
    async with at_work(tmp_path, fake) as scene:
        task = await scene.ask("say hello")
    assert (task.state, task.waiting, task.cost) == (TaskState.WAITING, "wrong_key", 0)
    assert task.waiting_data["variable"] == "FAKE_KEY"
    assert fake.counts()["total"]["served"] == 0


async def test_a_model_that_nobody_serves_makes_a_task_wait(
    tmp_path: Path, fake: FakeModels
) -> None:
    models = {"claude-nonesuch": PRICES}
    async with at_work(tmp_path, fake, "claude-nonesuch", models=models) as scene:
        task = await scene.ask("say hello")
    assert (task.waiting, task.cost) == ("no_such_model", 0)


async def test_a_model_that_declines_ends_a_task_with_its_own_word(
    tmp_path: Path, fake: FakeModels
) -> None:
    async with at_work(tmp_path, fake) as scene:
        task = await scene.ask("refuse I would rather not")
    assert (task.state, task.failure) == (TaskState.FAILED, "model_declined")
    assert task.failure_data["problem"] == "I would rather not"
    assert task.cost >= cost_of(fake) > 0


async def test_an_empty_answer_may_be_mended_once(tmp_path: Path, fake: FakeModels) -> None:
    async with at_work(tmp_path, fake) as scene:
        mended = await scene.ask("empty => say found words", "a")
        not_mended = await scene.ask("empty => empty", "b")
    assert mended.result == "found words"
    assert not_mended.failure == "nonsense_answer"


async def test_nonsense_is_an_answer_and_a_made_up_tool_comes_back_as_an_error(
    tmp_path: Path, fake: FakeModels
) -> None:
    async with at_work(tmp_path, fake) as scene:
        nonsense = await scene.ask("nonsense", "a")
        made_up = await scene.ask("tool read-all {} => say there is none", "b")
    assert nonsense.state is TaskState.DONE
    assert made_up.result == "there is none"


@pytest.mark.parametrize("at", [0, 60, -3])
async def test_a_cut_answer_is_charged_in_full_and_the_call_made_again(
    tmp_path: Path, fake: FakeModels, at: int
) -> None:
    fault = f'fault {{"kind": "cut", "bytes": {at}}}'
    limits = {"task_output": 5_000}
    async with at_work(tmp_path, fake, limits=limits) as scene:
        task = await scene.ask(f"say after all; {fault}", worker="coder")
        tries = await scene.steps("state, cost, n")
        held = await scene.first_hold()
    (lost, charged, first), (done, paid, second) = tries
    assert (lost, done, first, second) == ("ambiguous", "done", 1, 1)
    assert charged == held > paid > 0
    assert task.result == "after all"
    assert task.cost == charged + paid
    assert task.cost >= cost_of(fake)
    assert fake.counts()["total"]["served"] == 2


async def test_a_server_that_is_gone_hands_over_to_the_next_model(
    tmp_path: Path, fake: FakeModels
) -> None:
    async with serving() as near:
        address = near.url
    async with at_work(tmp_path, fake, near=address) as scene:
        task = await scene.ask("say from afar", complexity="low")
        tries = await scene.steps("name, state, failure, model")
    assert task.result == "from afar"
    assert {row[:3] for row in tries[:-1]} == {
        (f"near/{NEAR}", "refused", "provider_unreachable"),
        (f"near/{NEAR}", "failed", "provider_unreachable"),
    }
    assert tries[-1] == (f"anthropic/{CLAUDE}", "done", None, CLAUDE)


async def test_too_many_requests_hand_over_and_the_answer_is_stamped_by_who_gave_it(
    tmp_path: Path, fake: FakeModels
) -> None:
    fake.fault(kind="status", status=429, model=CLAUDE, count=2)
    models = {CLAUDE: PRICES, SMALL: {**PRICES, "tier": "dear"}}
    async with at_work(tmp_path, fake, CLAUDE, SMALL, models=models) as scene:
        task = await scene.ask("say elsewhere")
        tries = await scene.steps("name, state, cost, model")
    assert task.result == "elsewhere"
    assert [row[:3] for row in tries[:-1]] == [
        (f"anthropic/{CLAUDE}", "refused", 0),
        (f"anthropic/{CLAUDE}", "failed", 0),
    ]
    assert (tries[-1][0], tries[-1][1], tries[-1][3]) == (f"anthropic/{SMALL}", "done", SNAPSHOT)


@pytest.mark.parametrize("usage", ["absurd", "none", "zero", "null", "words"])
async def test_a_bill_that_makes_no_sense_costs_what_was_held(
    tmp_path: Path, fake: FakeModels, usage: str
) -> None:
    async with at_work(tmp_path, fake) as scene:
        task = await scene.ask(f"say hello; usage {usage}")
        tries = await scene.steps("state, model, cost")
        accounts = await scene.swarm.store.read(
            lambda rows: rows.execute("select held, spent, overrun from accounts").fetchall()
        )
    assert tries == [("done", CLAUDE, task.cost)]
    assert task.cost > cost_of(fake)
    assert set(accounts) == {(0, task.cost, 0)}


async def test_a_cap_first_shortens_the_answer_then_makes_the_task_wait_until_it_is_raised(
    tmp_path: Path, fake: FakeModels
) -> None:
    async with at_work(tmp_path, fake) as scene:
        spent = (await scene.ask("say one", "a")).cost
        wanted = scene.bodies()[-1]["max_tokens"]
        held = await scene.first_hold()
    less = 300 * PRICES["output"] // 1_000_000
    async with at_work(tmp_path, fake, budget={"total": spent + held - less}) as scene:
        shorter = await scene.ask("say two", "b")
        assert shorter.result == "two"
        assert scene.bodies()[-1]["max_tokens"] == wanted - 300
    spent += shorter.cost
    async with at_work(tmp_path, fake, budget={"total": spent + 100}) as scene:
        waits = await scene.ask("say three", "c")
        assert (waits.state, waits.waiting) == (TaskState.WAITING, "over_budget")
    async with at_work(tmp_path, fake) as scene:
        assert (await scene.ended(waits.id)).result == "three"
    assert fake.counts()["total"]["served"] == 3


async def test_where_the_bound_by_bytes_does_not_fit_the_provider_counts(
    tmp_path: Path, fake: FakeModels
) -> None:
    async with at_work(tmp_path, fake) as scene:
        spent = (await scene.ask("say one", "a")).cost
        held = await scene.first_hold()
    async with at_work(tmp_path, fake, budget={"total": spent + held * 6 // 10}) as scene:
        assert (await scene.ask("say two", "b")).result == "two"
        paths = [one["path"] for one in fake.service.requests]
    assert paths == ["/v1/messages", "/v1/messages/count_tokens", "/v1/messages"]
