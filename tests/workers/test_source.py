"""Who is offered for what: identities bound to models."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from swarm_core.build import World, open_swarm
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.errors import UnknownModel
from swarm_core.routing.model import Route, Tier, Wanted
from swarm_core.settings import load
from swarm_core.swarm import Swarm
from swarm_core.tasks.files import FileRules, recognise
from swarm_core.tasks.model import Labels, Overheard, TaskKind
from swarm_core.testing import OWNER, ScriptedProvider, request
from tests.pictures import png

PAID = {"ANTHROPIC_API_KEY": "sk-test-key"}
LOCAL = """
providers:
  near: {kind: openai-compatible, base_url: "http://127.0.0.1:1/v1", free: true}
"""


@asynccontextmanager
async def opened(folder: Path, yaml: str = "", **variables: str) -> AsyncIterator[Swarm]:
    """A swarm that only looks, with the shipped identities."""
    (folder / "waggle.yaml").write_text(yaml)
    settings = load(None, environ=variables, cwd=folder)
    near = ScriptedProvider(name="near", models=("small",))
    world = World(serve=False, providers={"near": near} if yaml else {})
    async with open_swarm(settings, world) as swarm:
        for name in swarm.models.catalogue.wants_to_learn():
            swarm.models.catalogue.learn(name, ("small",))
        yield swarm


def route(
    swarm: Swarm, text: str, kind: TaskKind = "task", worker: str | None = None, **more: object
) -> Route:
    model = more.pop("model", None)
    assert model is None or isinstance(model, str)
    labels = Labels(**more)  # type: ignore[arg-type]
    wanted = Wanted(text=text, kind=kind, labels=labels, worker=worker, model=model)
    return swarm.router.choose(wanted, {})


async def test_without_a_provider_there_are_no_model_workers(tmp_path: Path) -> None:
    async with opened(tmp_path) as swarm:
        assert "assistant" not in swarm.router.workers()
        assert route(swarm, "why is the sky blue?", "ask").reason == "nobody"


async def test_what_was_said_in_the_room_is_part_of_the_price_and_chooses_nobody(
    tmp_path: Path,
) -> None:
    said = Overheard(
        speaker="discord/1/2", name="Ana", text="review this change " * 99, at=Micros(1)
    )
    async with opened(tmp_path, **PAID) as swarm:
        alone = swarm.router.choose(Wanted(text="and now?", kind="ask"), {}).chosen
        wanted = Wanted(text="and now?", kind="ask", room=(said,) * 20, asker="discord/1/2")
        heard = swarm.router.choose(wanted, {}).chosen
    assert alone is not None
    assert heard is not None
    assert (heard.worker, heard.model) == (alone.worker, alone.model)
    assert heard.most > alone.most


async def test_a_plain_question_is_the_assistants_with_the_cheap_model(tmp_path: Path) -> None:
    async with opened(tmp_path, **PAID) as swarm:
        chosen = route(swarm, "review this idea of mine", "ask").chosen
    assert chosen is not None
    assert (chosen.worker, chosen.tier) == ("assistant", Tier.CHEAP)
    assert chosen.most > 0


async def test_work_goes_to_whom_its_words_fit(tmp_path: Path) -> None:
    async with opened(tmp_path, **PAID) as swarm:
        found = route(swarm, "review the changes in src/login.py")
    assert found.chosen is not None
    assert found.chosen.worker == "reviewer"
    assert found.reason in ("closer_match", "able_enough", "freer_tier", "cheaper")
    assert any(c.worker == "assistant" for c in found.candidates)


async def test_a_script_that_knows_the_work_comes_before_any_model(tmp_path: Path) -> None:
    async with opened(tmp_path, LOCAL, **PAID) as swarm:
        found = route(swarm, "standup")
    assert found.chosen is not None
    assert (found.chosen.worker, found.reason) == ("standup", "free_script")


async def test_hard_work_gets_the_model_that_is_likely_to_do_it(tmp_path: Path) -> None:
    async with opened(tmp_path, LOCAL, **PAID) as swarm:
        tiers = {}
        for hard in ("low", "medium", "high"):
            chosen = route(swarm, "think about it", complexity=hard).chosen
            assert chosen is not None
            tiers[hard] = chosen.tier
    assert tiers == {"low": Tier.LOCAL, "medium": Tier.CHEAP, "high": Tier.DEAR}


async def test_a_model_asked_for_by_name_is_the_only_one_offered(tmp_path: Path) -> None:
    async with opened(tmp_path, LOCAL, **PAID) as swarm:
        found = route(swarm, "think about it", "ask", model="small")
        assert {c.model for c in found.candidates} == {"near/small"}
        with pytest.raises(UnknownModel) as refused:
            route(swarm, "think about it", "ask", model="smal")
    assert "small" in str(refused.value.data["near"])


async def test_words_too_long_for_a_window_are_an_obstacle(tmp_path: Path) -> None:
    small = LOCAL + "models:\n  small: {window: 2000}\n"
    async with opened(tmp_path, small, **PAID) as swarm:
        found = route(swarm, "look " * 5_000, "ask", complexity="low")
    obstacles = {c.model: c.obstacle for c in found.candidates}
    assert obstacles["near/small"] == "too_small"
    assert found.chosen is not None
    assert found.chosen.model != "near/small"


async def test_the_rarely_busy_can_be_preferred(tmp_path: Path) -> None:
    yaml = LOCAL + "routing: {strategy: least_loaded}\n"
    async with opened(tmp_path, yaml, **PAID) as swarm:
        found = route(swarm, "think about it", "ask")
    assert found.chosen is not None
    assert found.chosen.success == max(c.success for c in found.candidates)


async def test_a_picture_nobody_sees_fails_with_what_would_mend_it(tmp_path: Path) -> None:
    picture = recognise("shot.png", png(), FileRules())
    async with opened(tmp_path, LOCAL) as swarm:
        wanted = Wanted(text="what is it?", kind="ask", files=(picture,))
        found = swarm.router.choose(wanted, {})
        assert (found.chosen, found.reason) == (None, "nobody_sees")
        assert {candidate.obstacle for candidate in found.candidates} == {"blind"}
        receipt = await swarm.intake.submit(OWNER, request("what is it?", files=(picture,)))
        task = (await swarm.views.task(receipt.task)).task
        assert (task.state, task.failure) == ("failed", "nobody_sees")
    seeing = LOCAL + "models:\n  near/small: {images: true}\n"
    async with opened(tmp_path, seeing) as swarm:
        assert swarm.router.choose(wanted, {}).chosen
