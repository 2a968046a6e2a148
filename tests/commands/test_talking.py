"""Conversations: begun anew, looked back at, forgotten; and words to a worker at work."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from swarm_core import TaskId, errors
from tests.commands.desks import desk, said, typed
from tests.commands.models import SMALL, Held, answered, served


async def test_a_new_conversation_knows_nothing_of_the_one_before(tmp_path: Path) -> None:
    async with served(tmp_path, "blue", "yes", "no idea") as (at, courier):
        vendor = at.swarm.models.providers["vendor"]
        await answered(at, courier, "/ask what is my favourite colour?")
        await answered(at, courier, "/ask are you sure?")
        assert "favourite" in str(vendor.prompts[-1].messages)
        shown = await said(at, "/memory")
        assert "This conversation has 2 questions" in shown
        assert "what is my favourite colour?" in shown
        assert "nothing of the 2 before" in await said(at, "/new")
        await answered(at, courier, "/ask and now?")
        assert "favourite" not in str(vendor.prompts[-1].messages)
        assert "This conversation has one question" in await said(at, "/memory")


async def test_what_is_forgotten_is_nowhere_in_the_database_and_the_chain_holds(
    tmp_path: Path,
) -> None:
    secret = "the answer is marmalade " * 400
    async with served(tmp_path, secret, "ok") as (at, courier):
        vendor = at.swarm.models.providers["vendor"]
        task = await answered(at, courier, "/ask what is the codeword xyzzy?")
        head = (await at.swarm.store.verify()).head
        shown = await said(at, "/memory forget")
        assert "The text of one question was erased" in shown
        report = await at.swarm.store.verify()
        assert report.ok, report.findings
        assert report.head != head, "that it was forgotten is on record"
        kept = await at.swarm.store.read(
            lambda rows: rows.execute(
                "select count(*) from bodies where content is not null or length(salt) > 0"
            ).fetchone()[0]
        )
        assert kept == 0
        assert "Nothing is kept of this conversation" in await said(at, "/memory")
        assert "the text was erased" in await said(at, f"/show {task}")
        assert "marmalade" not in await said(at, f"/why {task}")
        await answered(at, courier, "/ask what was it?")
        assert "xyzzy" not in str(vendor.prompts[-1].messages)
        assert "The text of one question" in await said(at, "/memory forget")


async def test_what_has_not_ended_is_not_erased_and_named(tmp_path: Path) -> None:
    vendor = Held("later")
    async with desk(tmp_path, providers={"vendor": vendor}) as (at, courier):
        await typed(at, "/ask a long question")
        await vendor.gate.reached.wait()
        assert "#1 has not ended, so its text stays" in await said(at, "/memory forget")
        vendor.gate.open()
        await courier.ended(TaskId(1))
        assert "later" in await said(at, "/show 1")


async def test_a_forgotten_request_cannot_be_tried_again(tmp_path: Path) -> None:
    refused = errors.ProviderRejected(provider="vendor", problem="no")
    async with served(tmp_path, refused) as (at, courier):
        await answered(at, courier, "/ask hm?")
        await typed(at, "/memory forget")
        with pytest.raises(errors.TextErased):
            await typed(at, "/retry 1")


async def test_a_worker_reads_what_it_is_told_before_its_next_step(tmp_path: Path) -> None:
    async with served(tmp_path, "done") as (at, courier):
        vendor = at.swarm.models.providers["vendor"]
        await typed(at, "/stop all")
        await typed(at, "/ask write about the sea")
        told = await said(at, "/tell 1 mention   gulls --priority")
        assert told == "ok: #1 is not begun; assistant reads this when it begins."
        await typed(at, "/resume all")
        await courier.ended(TaskId(1))
        assert "mention   gulls --priority" in str(vendor.prompts[0].messages)
        with pytest.raises(errors.AlreadyEnded):
            await typed(at, "/tell 1 too late")
        with pytest.raises(errors.NotFound):
            await typed(at, "/tell 99 nobody")


async def test_a_running_worker_is_told_and_it_is_said_what_will_happen(tmp_path: Path) -> None:
    vendor = Held("done")
    async with desk(tmp_path, providers={"vendor": vendor}) as (at, _):
        await typed(at, "/ask write about the sea")
        await vendor.gate.reached.wait()
        assert "reads this before its next step" in await said(at, "/tell 1 mention gulls")


async def test_a_script_cannot_be_told_anything(tmp_path: Path) -> None:
    async with desk(tmp_path) as (at, _):
        await typed(at, "/stop all")
        await typed(at, "/task standup")
        with pytest.raises(errors.CannotListen) as caught:
            await typed(at, "/tell 1 hurry")
        assert "a script, which reads nothing" in at.messages.error(caught.value)
        facts = await at.swarm.store.history(TaskId(1))
        assert "task.told" not in [fact.event.kind for fact in facts]


async def test_a_model_can_be_asked_for_by_name(tmp_path: Path) -> None:
    async with served(tmp_path, "ok", "ok") as (at, courier):
        vendor = at.swarm.models.providers["vendor"]
        await answered(at, courier, "/ask hello --model claude-opus-5-5")
        await answered(at, courier, f"/task write a poem --model vendor/{SMALL}")
        assert [prompt.model for prompt in vendor.prompts] == ["claude-opus-5-5", SMALL]
        with pytest.raises(errors.UnknownModel):
            await typed(at, "/ask hello --model gpt-nothing")


async def test_nothing_of_a_simulation_happens(tmp_path: Path) -> None:
    async with served(tmp_path) as (at, _):
        answer = await typed(at, "/simulate review this change --complexity high")
        view = answer.view
        shown = await said(at, "/simulate review this change --complexity high", width=80)
        assert "reviewer would do it, with vendor/claude-opus-5-5" in shown
        assert "95%" in shown or "90%" in shown
        assert "Nothing was recorded, and nothing runs." in shown
        script = await said(at, "/simulate standup")
        assert "standup would do it. It costs nothing" in script
        assert not at.swarm.models.providers["vendor"].prompts
        facts = await at.swarm.store.read(
            lambda rows: rows.execute("select count(*) from tasks").fetchone()[0]
        )
        assert facts == 0
        assert json.dumps({"ok": view.simulation.route.reason})  # type: ignore[union-attr]


async def test_without_a_model_a_simulation_says_how_to_add_one(tmp_path: Path) -> None:
    async with desk(tmp_path) as (at, _):
        shown = await said(at, "/simulate write a poem", width=400)
    assert "export ANTHROPIC_API_KEY" in shown
    assert "providers: {desk: {kind: openai-compatible, base_url: http://localhost" in shown


async def test_what_failed_is_grouped_by_reason_with_the_mend(tmp_path: Path) -> None:
    no = errors.ProviderRejected(provider="vendor", problem="no")
    async with served(tmp_path, no, no) as (at, courier):
        for line in ("/ask one", "/ask two"):
            await answered(at, courier, line)
        await typed(at, "/stop all")
        await typed(at, "/ask three")
        await typed(at, "/stop 3")
        shown = await said(at, "/failures")
        view = (await typed(at, "/failures --since 1h")).view
    assert "2 tasks have failed; one task waits now" in shown
    assert "vendor refused the request as wrong: no." in shown
    assert "#2 #1" in shown
    assert "`/retry 2` tries again" in shown
    assert [(g.state, g.code, g.count) for g in view.groups] == [  # type: ignore[union-attr]
        ("failed", "provider_rejected", 2),
        ("waiting", "stopped", 1),
    ]


async def test_models_are_listed_with_price_window_and_how_their_provider_is(
    tmp_path: Path,
) -> None:
    async with served(tmp_path) as (at, _):
        shown = await said(at, "/models", width=80)
        assert "vendor/claude-haiku-5-5" in shown
        assert "$0.10" in shown
        assert "no trouble is known" in shown
        assert "genai-prices" in shown
        wide = await said(at, "/workers", width=80)
        assert "claude-haiku-5-5" in wide
        assert max(map(len, wide.split("\n"))) <= 80


async def test_without_models_the_list_says_how_to_add_one(tmp_path: Path) -> None:
    async with desk(tmp_path) as (at, _):
        assert "export ANTHROPIC_API_KEY" in await said(at, "/models", width=200)


async def test_a_wish_that_names_no_model_and_a_missing_key_are_told(tmp_path: Path) -> None:
    async with served(tmp_path, routing={"cheap": "claude-hiaku-5-5"}) as (at, _):
        for line in ("/models", "/status", "/doctor"):
            shown = " ".join((await said(at, line, width=80)).split())
            assert "claude-hiaku-5-5" in shown, line
