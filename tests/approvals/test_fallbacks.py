"""A dearer model takes over only with a yes to exactly that, where the owner wants to be asked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from swarm_core.kernel.errors import AlreadyDecided, OtherAction
from swarm_core.tasks.model import TaskState
from swarm_core.testing import OWNER
from tests.fakes.models import FakeModels, serving
from tests.workers.scenes import CLAUDE, PRICES, SMALL, Scene, at_work

DEARER: dict[str, Any] = {name: 2 * price for name, price in PRICES.items()}
MODELS = {CLAUDE: PRICES, SMALL: {**DEARER, "tier": "dear"}}


@pytest.fixture
async def fake() -> AsyncIterator[FakeModels]:
    async with serving() as one:
        one.script(models={SMALL: {"prices": DEARER}})
        one.fault(kind="status", status=429, model=CLAUDE, count=2)
        yield one


def asking(folder: Path, fake: FakeModels, **more: Any) -> Any:
    more.setdefault("confirm", {"dearer_fallback": True})
    return at_work(folder, fake, CLAUDE, SMALL, models=MODELS, **more)


async def waits(scene: Scene) -> tuple[Any, Any]:
    task = await scene.ask("say elsewhere")
    assert (task.state, task.waiting) == (TaskState.WAITING, "dearer_fallback")
    (approval,) = await scene.swarm.deciding.open_ones()
    return task, approval


async def test_by_default_it_takes_over_and_nobody_is_asked(
    tmp_path: Path, fake: FakeModels
) -> None:
    async with asking(tmp_path, fake, confirm={}) as scene:
        assert (await scene.ask("say elsewhere")).result == "elsewhere"
        assert await scene.swarm.deciding.latest() == []


async def test_it_waits_and_a_yes_goes_on_with_that_model(tmp_path: Path, fake: FakeModels) -> None:
    async with asking(tmp_path, fake) as scene:
        task, approval = await waits(scene)
        assert approval.action["model"] == f"anthropic/{SMALL}"
        assert approval.action["instead_of"] == f"anthropic/{CLAUDE}"
        assert fake.counts()["total"]["served"] == 0
        await scene.swarm.deciding.decide(OWNER, approval.id, "approved")
        done = await scene.ended(task.id)
        tries = await scene.steps("name, state")
        with pytest.raises(AlreadyDecided):
            await scene.swarm.deciding.decide(OWNER, approval.id, "approved")
        assert (await scene.swarm.store.verify()).ok
    assert done.result == "elsewhere"
    assert tries[-1] == (f"anthropic/{SMALL}", "done")
    assert fake.counts()["total"]["served"] == 1


async def test_a_no_ends_it_with_what_it_had_cost(tmp_path: Path, fake: FakeModels) -> None:
    async with asking(tmp_path, fake) as scene:
        task, approval = await waits(scene)
        await scene.swarm.deciding.decide(OWNER, approval.id, "denied")
        done = await scene.ended(task.id)
    assert (done.state, done.failure, done.cost) == (TaskState.CANCELLED, "denied", 0)
    assert fake.counts()["total"]["served"] == 0


async def test_a_yes_after_a_restart_goes_on_with_that_model(
    tmp_path: Path, fake: FakeModels
) -> None:
    async with asking(tmp_path, fake) as scene:
        task, approval = await waits(scene)
    async with asking(tmp_path, fake) as scene:
        await scene.swarm.deciding.decide(OWNER, approval.id, "approved")
        assert (await scene.ended(task.id)).result == "elsewhere"
    assert fake.counts()["total"]["served"] == 1


@pytest.mark.parametrize(
    "change",
    [
        "update tasks set waiting_data = json_set(waiting_data, '$.model', 'anthropic/x')",
        "update tasks set waiting_data = json_set(waiting_data, '$.most', 1)",
        "update tasks set waiting_data = json_set(waiting_data, '$.approval', 'x')",
        "update approvals set action = json_set(action, '$.model', 'anthropic/x')",
        "update approvals set action = json_set(action, '$.most', 999999999)",
    ],
)
async def test_what_changed_since_it_was_shown_does_not_take_over(
    tmp_path: Path, fake: FakeModels, change: str
) -> None:
    async with asking(tmp_path, fake) as scene:
        _, approval = await waits(scene)
        await scene.swarm.store.write(lambda tx: tx.execute(change))
        with pytest.raises(OtherAction):
            await scene.swarm.deciding.decide(OWNER, approval.id, "approved")
    assert fake.counts()["total"]["served"] == 0


async def test_who_approved_a_price_is_asked_before_a_dearer_one_whatever_is_set(
    tmp_path: Path, fake: FakeModels
) -> None:
    async with asking(tmp_path, fake, confirm={"above": 1}) as scene:
        task = await scene.ask("say elsewhere", yes=True)
    assert (task.state, task.waiting) == (TaskState.WAITING, "dearer_fallback")
    assert fake.counts()["total"]["served"] == 0
