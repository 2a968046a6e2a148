"""Every command, typed as people type it, at a real swarm."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.commands import views
from bot.commands.declared import COMMANDS
from bot.commands.desk import Desk
from bot.commands.programs import plain
from bot.render.terminal import render
from bot.running import run, told
from swarm_core import Actor, TaskState, WaggleError, errors
from swarm_core.incidents import Cause
from swarm_core.swarm import Swarm
from swarm_core.testing import OWNER, MicroUSD, ScriptedModel
from tests.commands.desks import desk, said, typed

LINES = {
    "task": ["/task standup", "/task write a poem", "/task model --cap $1", "/task standup"],
    "ask": ["/ask what did you do today?", "/ask scripted: what is love"],
    "simulate": ["/simulate standup", "/simulate write --kind ask --cap 1", "/simulate model x"],
    "new": ["/new"],
    "memory": ["/memory", "/memory forget"],
    "models": ["/models"],
    "failures": ["/failures", "/failures --since 12h"],
    "tasks": ["/tasks", "/tasks --all", "/tasks --state failed", "/tasks --mine --most 1 --all"],
    "show": ["/show 1", "/show 2"],
    "why": ["/why 1", "/why 2", "/why 3"],
    "cancel": ["/cancel 1 2"],
    "retry": ["/retry 2"],
    "stop": ["/stop all", "/stop me"],
    "resume": ["/resume", "/resume me", "/resume all"],
    "heard": [],
    "tell": ["/stop all", "/task model to be told", "/tell 7 hurry up", "/resume all"],
    "approvals": ["/approvals", "/approvals --all"],
    "approve": [],
    "deny": [],
    "cheaper": [],
    "status": ["/status"],
    "workers": ["/workers"],
    "identities": ["/identities", "/identities reviewer", "/agents @coder"],
    "budget": ["/budget"],
    "config": ["/config", "/config budget", "/config budget.day"],
    "doctor": ["/doctor", "/doctor --verify"],
    "reload": [],
    "search": ["/search model", "/search nothing-such --mine", "/search mod*"],
    "history": ["/history", "/history --since 1h --state done"],
    "top": ["/top"],
    "archive": ["/archive --before 400d"],
    "backup": ["/backup"],
    "people": ["/people", "/people map 4711 member --space discord/10", "/people"],
    "pair": ["/pair --role member"],
    "me": ["/me", "/me zone Europe/Berlin", "/me zone none"],
    "link": ["/link", "/link show"],
    "here": ["/here", "/here 1"],
    "forget-me": [],
    "channel": ["/channel", "/channel set context 5", "/channel set context none"],
    "who-may": ["/who-may approval.decide"],
    "policy": ["/policy check", "/policy who-may task.read"],
    "share": ["/share 1", "/share 1 --to discord/10"],
    "outbox": ["/outbox"],
    "incidents": ["/incidents"],
    "incident": ["/incident show 1", "/incident ack 1"],
    "notify": ["/notify", "/notify parked off"],
    "notifications": ["/notifications"],
    "digest": ["/digest", "/digest at 7:15", "/digest at none", "/digest"],
    "webhook": ["/webhook"],
    "missed": ["/missed", "/missed skip"],
    "discord": [],
    "telegram": [],
    "erase": ["/erase person terminal/local/1000"],
    "priority": [
        "/priority",
        "/priority add check https://example.org every 10 minutes",
        "/priority add --every 2h --name site --yes -- check https://example.org",
        "/priority",
        "/priority show site",
        "/priority edit site every 3h",
        "/priority pause site",
        "/priority remove site",
        "/priority cancel",
    ],
    "automation": ["/automation"],
    "help": ["/help", "/help task", "/help /task"],
}

FULL = {"free": 100_000_000, "limit": 512_000_000}


async def wrong_with_the_disk(swarm: Swarm) -> None:
    book, cause = swarm.watch.incidents.book, Cause(code="alert_disk", data=FULL)
    await swarm.store.write(
        lambda tx: book.raised(tx, "alert/disk", "critical", cause, OWNER.key, tx.at)
    )


async def test_every_command_answers_in_words_at_any_width(tmp_path: Path) -> None:
    chat = {command.name for command in COMMANDS if not command.program}
    assert set(LINES) == chat
    model = ScriptedModel(words=("model", "what is"), calls=2)
    async with desk(tmp_path, model) as (at, courier):
        await wrong_with_the_disk(at.swarm)
        for lines in LINES.values():
            for line in lines:
                answer = await typed(at, line)
                for width in (20, 40, 120):
                    assert render(answer.reply, width=width, styled=False).strip()
                await told(at, answer.reply)
            await courier.until(lambda all_: sum(d.kind == "ended" for d in all_) >= 3)


async def test_a_receipt_names_the_task_and_its_worker(tmp_path: Path) -> None:
    async with desk(tmp_path) as (at, _):
        answer = await typed(at, "/task standup")
    assert render(answer.reply, width=80, styled=False) == "#1 accepted, for standup."
    assert (answer.reply.receipt, answer.reply.ending) == (1, None)


async def test_a_result_is_shown_with_its_stamp_and_counts_as_told(tmp_path: Path) -> None:
    async with desk(tmp_path, ScriptedModel()) as (at, courier):
        await typed(at, "/task anything")
        await courier.ended(1)
        answer = await typed(at, "/show 1")
    shown = render(answer.reply, width=80, styled=False)
    assert "ok: #1 is done.\n  scripted · scripted-1 · $0.00004" in shown
    assert "ok 1: anything" in shown
    assert answer.reply.ending == 1


async def test_when_nobody_can_do_it_it_says_what_can_be_asked(tmp_path: Path) -> None:
    async with desk(tmp_path) as (at, _):
        answer = await typed(at, "/task write a poem about bees")
    shown = render(answer.reply, width=100, styled=False)
    assert "#1: no worker here can do this." in shown
    assert "Without a model only playbooks" in shown
    assert "check https://example.com" in shown
    assert (answer.reply.receipt, answer.reply.ending) == (1, 1)
    assert isinstance(answer.view, views.Accepted)
    assert answer.view.task.state is TaskState.FAILED


async def test_programs_are_told_of_a_task_with_exactly_these_fields(tmp_path: Path) -> None:
    async with desk(tmp_path) as (at, _):
        done = plain((await typed(at, "/task standup")).view)
        failed = plain((await typed(at, "/task write a poem")).view)
    names = ("id", "state", "result", "cost_micro_usd", "worker", "model", "steps")
    names = (*names, "tokens", "fallback", "failure", "approval")
    assert done.__struct_fields__ == names
    assert failed.failure.code == "no_worker"


async def test_the_same_key_is_the_same_task(tmp_path: Path) -> None:
    async with desk(tmp_path, ScriptedModel()) as (at, courier):
        await typed(at, "/task one --key k")
        await courier.ended(1)
        assert "taken before, as #1" in await said(at, "/task two --key k")


async def test_an_identical_request_joins_the_one_under_way(tmp_path: Path) -> None:
    async with desk(tmp_path, ScriptedModel()) as (at, _):
        await typed(at, "/stop all")
        waits = await said(at, "/task one")
        assert waits.startswith("#1 accepted. It waits, since work is stopped for everything")
        assert "already under way as #1" in await said(at, "/task one")


async def test_a_task_that_needs_others_says_so(tmp_path: Path) -> None:
    async with desk(tmp_path, ScriptedModel()) as (at, _):
        await typed(at, "/stop all")
        await typed(at, "/task one")
        assert "It starts when #1 is done" in await said(at, "/task two --needs 1")
        assert "Needs: #1 (ready)" in await said(at, "/show 2")


async def test_a_workers_name_before_a_question_is_a_wish(tmp_path: Path) -> None:
    async with desk(tmp_path, ScriptedModel()) as (at, courier):
        answer = await typed(at, "/ask scripted, standup")
        assert isinstance(answer.view, views.Accepted)
        assert (answer.view.task.worker, answer.view.task.text) == ("scripted", "standup")
        own = await typed(at, "/ask search for x")
        assert isinstance(own.view, views.Accepted)
        assert (own.view.task.worker, own.view.task.text) == ("search", "search for x")
        await courier.ended(1)
        assert "was chosen because it was asked for by name" in await said(at, "/why 1")


async def test_what_is_parked_says_what_it_waits_for(tmp_path: Path) -> None:
    dear = ScriptedModel(hold=MicroUSD(2_000_000))
    async with desk(tmp_path, dear, confirm={"above": None}) as (at, courier):
        await typed(at, "/task much --cap $1")
        await courier.until(lambda all_: any(d.kind == "parked" for d in all_))
        shown = await said(at, "/show 1")
        assert "[waiting]" in shown
        assert "up to $2.00 is needed" in shown
        assert "It was set aside." in await said(at, "/why 1")


async def test_stop_and_resume_tell_whom_they_are_for(tmp_path: Path) -> None:
    async with desk(tmp_path, ScriptedModel()) as (at, courier):
        assert "All your tasks are stopped" in await said(at, "/stop me")
        await typed(at, "/task one")
        assert "Work is stopped for you" in await said(at, "/status")
        assert "Work goes on for you" in await said(at, "/resume me")
        await courier.ended(1)
        assert "Nothing was stopped." in await said(at, "/resume")


async def test_a_listing_goes_on_from_where_it_ended(tmp_path: Path) -> None:
    async with desk(tmp_path) as (at, _):
        for n in range(4):
            await typed(at, f"/task poem {n}")
        first = await said(at, "/tasks --all --most 2")
        assert "poem 3" in first
        assert "`/tasks --before 3` goes on from here" in first
        assert "poem 1" in await said(at, "/tasks --all --before 3")


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("/show 9", errors.NotFound),
        ("/why 9", errors.NotFound),
        ("/cancel 9", errors.NotFound),
        ("/retry 9", errors.NotFound),
        ("/stop 9", errors.NotFound),
        ("/task x --needs 9", errors.NotFound),
        ("/task x --worker nobody", errors.NotFound),
        ("/task x --deadline 0s", errors.BadArgument),
        ("/task x --deadline 2001-01-01", errors.BadArgument),
        ("/task x --deadline 9999999d", errors.BadArgument),
        ("/config budget.dya", errors.NotFound),
        ("/help nothing", errors.UnknownCommand),
    ],
)
async def test_what_cannot_be_is_said_in_words(
    line: str, kind: type[WaggleError], tmp_path: Path
) -> None:
    async with desk(tmp_path) as (at, _):
        with pytest.raises(kind) as caught:
            await typed(at, line)
        assert at.messages.error(caught.value)


async def test_nobody_but_the_owner_is_answered(tmp_path: Path) -> None:
    stranger = Actor(surface="terminal", space="local", person="4711")
    async with desk(tmp_path) as (at, _):
        away = Desk(swarm=at.swarm, actor=stranger, place=at.place, messages=at.messages)
        await typed(at, "/task standup")
        for command in COMMANDS:
            if command.program or command.name in ("help", "pair"):
                continue
            line = {"task": "/task x", "ask": "/ask x"}.get(command.name, command.example)
            with pytest.raises(errors.NotAllowed):
                await typed(away, line.replace("142", "1"))


async def test_a_verification_has_its_own_permission_and_sees_damage(tmp_path: Path) -> None:
    async with desk(tmp_path) as (at, _):
        await typed(at, "/task standup")
        view = (await run(at, "doctor", {"verify": True})).view
        assert isinstance(view, views.Checkup)
        assert view.ok
        await at.swarm.store.write(lambda tx: tx.execute("update tasks set priority = 9"))
        broken = await said(at, "/doctor --verify", width=200)
    assert "not fit" in broken
    assert "Not all is well" in broken
    assert "restore the last backup" in broken
