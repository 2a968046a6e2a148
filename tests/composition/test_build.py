"""How a swarm is put together, opened and closed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from swarm_core.budget.events import CapsSet
from swarm_core.build import ROOMS, World, open_swarm
from swarm_core.kernel.errors import StoreLocked
from swarm_core.kernel.ids import SeededEntropy
from swarm_core.store import Event
from swarm_core.store.store import projectors_of
from swarm_core.swarm import Swarm
from swarm_core.tasks.model import TaskState
from swarm_core.testing import (
    OWNER,
    FakeClock,
    MemoryCourier,
    ScriptedModel,
    finish,
    request,
    settings,
)
from tests.worlds import ask, awake, in_virtual_time, virtual

PLAYBOOK = """\
name: greet
summary: Says hello.
examples: [greet the bees]
triggers: [greet the bees]
steps:
  - {id: look, tool: activity, args: {since: 1h}}
output: Hello, bees.
"""


async def journal(swarm: Swarm) -> list[str]:
    found = await swarm.store.read(
        lambda rows: rows.execute("select kind from journal order by seq").fetchall()
    )
    return [row[0] for row in found]


async def test_a_swarm_that_only_looks_runs_nothing_and_writes_nothing(tmp_path: Path) -> None:
    async with awake(tmp_path, ScriptedModel()) as swarm:
        await swarm.control.stop(OWNER, "all")
        task = (await swarm.intake.submit(OWNER, request("not yet"))).task
        before = await swarm.store.verify()
    model = ScriptedModel()
    async with awake(tmp_path, model, serve=False) as swarm:
        assert (await swarm.views.task(task)).task.state is TaskState.READY
        assert [t.id for t in await swarm.views.listing()] == [task]
        after = await swarm.store.verify()
    assert (after.facts, after.head, after.ok) == (before.facts, before.head, True)
    assert model.answers == {}


async def test_the_caps_are_on_record_at_the_start_and_when_they_change(tmp_path: Path) -> None:
    caps: list[dict[str, int]] = []
    for total in (None, None, 500, 500, None):
        async with awake(tmp_path, budget={"total": total}) as swarm:
            rows = await swarm.store.read(
                lambda rows: rows.execute(
                    "select payload from journal where kind = ? order by seq", (CapsSet.kind,)
                ).fetchall()
            )
            caps.append(
                dict(
                    await swarm.store.read(
                        lambda rows: rows.execute("select name, cap from caps").fetchall()
                    )
                )
            )
    assert len(rows) == 3
    assert [c.get("total") for c in caps] == [None, None, 500, 500, None]
    assert caps[0] == {
        "day": 5_000_000,
        "month": 50_000_000,
        "person_day": 500_000,
        "identity_day": 250_000,
        "work_day": 3_000_000,
        "personal_day": 1_000_000,
        "headroom_day": 750_000,
        "unattended_day": 1_500_000,
    }


async def test_a_folder_is_held_by_one_swarm(tmp_path: Path) -> None:
    async with awake(tmp_path) as swarm:
        with pytest.raises(StoreLocked):
            async with awake(tmp_path):
                pass
        assert await swarm.views.listing() == []
    async with awake(tmp_path):
        pass


async def test_a_bad_playbook_is_left_out_and_named_while_the_rest_works(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "greet.yaml").write_text(PLAYBOOK, encoding="utf-8")
    (folder / "bad.yaml").write_text("name: bad\nsteps: nonsense\n", encoding="utf-8")
    courier = MemoryCourier()
    async with awake(tmp_path, courier=courier, playbooks={"folders": (folder,)}) as swarm:
        problems = swarm.book.problems
        view = await finish(swarm, courier, "greet the bees")
        assert "bad" not in swarm.router.workers()
        assert "check-url" in swarm.router.workers()
    assert {Path(str(p.data["file"])).name for p in problems} == {"bad.yaml"}
    assert view.task.state is TaskState.DONE
    assert (view.task.worker, view.task.cost) == ("greet", 0)
    assert view.task.result is not None
    assert view.task.result.strip() == "Hello, bees."


async def test_a_playbook_that_is_switched_off_is_not_there(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with awake(
        tmp_path, courier=courier, playbooks={"disabled": ("standup", "no-such-playbook")}
    ) as swarm:
        assert "standup" not in swarm.router.workers()
        assert (await finish(swarm, courier, "standup")).task.failure == "no_worker"


async def test_a_free_playbook_goes_before_a_model(tmp_path: Path) -> None:
    courier, model = MemoryCourier(), ScriptedModel()
    async with awake(tmp_path, model, courier=courier) as swarm:
        view = await finish(swarm, courier, "standup")
    assert (view.task.worker, view.task.cost) == ("standup", 0)
    assert model.answers == {}


async def test_every_kind_of_fact_has_one_name_and_one_room() -> None:
    events = list(projectors_of(ROOMS))
    assert len({event.kind for event in events}) == len(events)
    assert all(issubclass(event, Event) for event in events)
    owned = [table for room in ROOMS for table in room.tables]
    assert len(set(owned)) == len(owned)


async def test_a_busy_life_can_be_verified_from_the_journal(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with awake(
        tmp_path, ScriptedModel(calls=2), courier=courier, budget={"total": 500}
    ) as swarm:
        for n in range(5):
            await ask(swarm, f"number {n} of several quite similar requests")
        one = (await finish(swarm, courier, "standup")).task.id
        await swarm.control.stop(OWNER, "all")
        cancelled = (await ask(swarm, "cancel me", needs=(one,), tags=("x",))).task
        await swarm.control.cancel(OWNER, cancelled)
        await swarm.control.retry(OWNER, cancelled)
        await swarm.control.resume(OWNER, "all")
    async with awake(tmp_path, serve=False) as swarm:
        report = await swarm.store.verify()
    assert report.findings == ()
    assert report.facts > 40


@virtual
async def test_the_same_seed_gives_the_same_journal(tmp_path: Path) -> None:
    heads = []
    for life in ("a", "b"):
        world = World(
            clock=FakeClock(),
            entropy=SeededEntropy(7),
            inline=True,
            drain=0.0,
            extra=(ScriptedModel(calls=2).extra,),
        )
        folder = tmp_path / life
        folder.mkdir()
        chosen = settings(folder, tasks={"link_similar": False}, lease={"duration": "1h"})
        courier = MemoryCourier()
        async with open_swarm(chosen, world) as swarm:
            await swarm.outbox.attach("terminal", courier)
            for n in range(3):
                await finish(swarm, courier, f"number {n}")
            heads.append(
                await swarm.store.read(
                    lambda rows: rows.execute(
                        "select hash from journal order by seq desc limit 1"
                    ).fetchone()
                )
            )
    assert heads[0] == heads[1]


@virtual
async def test_a_swarm_left_alone_writes_nothing_but_its_leases(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with in_virtual_time(tmp_path, ScriptedModel(), courier=courier) as swarm:
        await finish(swarm, courier, "one thing")
        await asyncio.sleep(1)
        before = await journal(swarm)
        await asyncio.sleep(86_400)
        assert await journal(swarm) == before
