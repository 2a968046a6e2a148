"""`/priority` and `/automation`, as they are typed: what is shown before it holds, what holds, and
what is said of what cannot be."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.commands import priority_views as views
from bot.commands.declared import find
from bot.commands.desk import Desk
from bot.commands.line import parse_line
from bot.commands.views import Accepted
from bot.messages import Messages
from bot.surface import LocalDoor
from swarm_core import Actor, Cron, Every, Happens, Idle, Once, to_micros
from swarm_core.build import World, open_swarm
from swarm_core.kernel import errors
from swarm_core.kernel.money import MicroUSD
from swarm_core.people import TERMINAL
from swarm_core.settings import load
from swarm_core.testing import OWNER, FakeClock, ScriptedModel
from tests.commands.desks import desk, said, typed
from tests.commands.models import served
from tests.worlds import Custom, over
from tests.worlds import a_call as call

NOW = datetime(2026, 11, 22, 14, 3, tzinfo=UTC)
CHECK = "check https://example.org every 10 minutes"
SITE = "--every 10m --zone UTC --name site --yes -- check https://example.org"


def at(folder: Path, *workers: Any, **how: Any) -> Any:
    return desk(folder, *workers, clock=FakeClock(NOW), **how)


async def names(at_desk: Any) -> list[str]:
    found = await at_desk.swarm.priorities.listing(OWNER)
    return [each.priority.name for each in found]


async def test_what_is_added_is_shown_first_and_nothing_is_made(tmp_path: Path) -> None:
    async with at(tmp_path) as (here, _):
        told = await said(here, f'/priority add "{CHECK}" --zone UTC')
        made = await names(here)
    for each in ("check https://example.org", "Every 10 minutes: free.", "Create:"):
        assert each in told, each
    assert "Next: 14:10, 14:20, 14:30" in told
    assert "fails twice" in told
    assert made == []


async def test_what_was_shown_is_what_is_made_once_however_often_it_is_asked(
    tmp_path: Path,
) -> None:
    async with at(tmp_path) as (here, _):
        proposed = (await typed(here, f"/priority add {CHECK} --cap 0.05 --report change")).view
        assert isinstance(proposed, views.Proposed)
        assert "is made" in await said(here, proposed.line)
        assert "just so" in await said(here, proposed.line)
        (made,) = await here.swarm.priorities.listing(OWNER)
    assert made.priority == proposed.priority
    assert (made.priority.cap, made.priority.report) == (MicroUSD(50_000), "change")


async def test_a_name_that_something_else_has_is_not_taken_over(tmp_path: Path) -> None:
    async with at(tmp_path) as (here, _):
        await typed(here, f"/priority add {SITE}")
        with pytest.raises(errors.NameTaken) as refused:
            await typed(here, f"/priority add {SITE.replace('10m', '2h')}")
        proposed = (await typed(here, "/priority add site --every 1h")).view
        assert isinstance(proposed, views.Proposed)
    assert refused.value.data["free"] == "site-2"
    assert proposed.priority.name == "site-2"


@pytest.mark.parametrize(
    ("options", "trigger"),
    [
        (
            "--every 10m",
            Every(period=600_000_000, start=to_micros(datetime(1970, 1, 1, tzinfo=UTC))),
        ),
        ('--cron="0  9 * * 1-5"', Cron(fields="0 9 * * 1-5")),
        ("--at 2026-12-24T19:00", Once(at=to_micros(datetime(2026, 12, 24, 18, tzinfo=UTC)))),
        ("--at 2026-12-24T19:00Z", Once(at=to_micros(datetime(2026, 12, 24, 19, tzinfo=UTC)))),
        ("--at 2h", Once(at=to_micros(datetime(2026, 11, 22, 16, 3, tzinfo=UTC)))),
        ("--when idle", Idle()),
        ('--when "idle 10m"', Idle(after=600_000_000)),
        (
            '--when "task.ended outcome=failed"',
            Happens(fact="task.ended", where={"outcome": "failed"}),
        ),
    ],
)
async def test_every_trigger_can_be_given_and_survives_its_line(
    options: str, trigger: Any, tmp_path: Path
) -> None:
    async with at(tmp_path) as (here, _):
        line = f"/priority add {options} --zone Europe/Vienna -- standup"
        proposed = (await typed(here, line)).view
        assert isinstance(proposed, views.Proposed)
        made = (await typed(here, proposed.line)).view
        assert isinstance(made, views.Set)
    assert proposed.priority.trigger == trigger
    assert made.priority == proposed.priority


EVERYTHING = (
    '--gate "check https://example.org" --gate-when changed --only-if-changed yes'
    " --worker standup --cap 0.05 --month-cap 1.5 --cooldown 1h30m --jitter 90s --overlap queue"
    " --quiet 22:00-08:00 --report always --catch-up latest --mode manual --action task"
)


async def test_every_field_can_be_given_and_survives_its_line(tmp_path: Path) -> None:
    async with at(tmp_path) as (here, _):
        line = f"/priority add --every 2h {EVERYTHING} -- standup"
        proposed = (await typed(here, line)).view
        assert isinstance(proposed, views.Proposed)
        made = (await typed(here, proposed.line)).view
        assert isinstance(made, views.Set)
        told = await said(here, f"/priority show {made.priority.name}")
    each = made.priority
    assert each == proposed.priority
    assert each.gate is not None
    assert (each.gate.run, each.gate.when) == ("check https://example.org", "changed")
    assert (each.cooldown, each.jitter) == (5_400_000_000, 90_000_000)
    assert (each.overlap, each.quiet, each.catch_up) == ("queue", "22:00-08:00", "latest")
    for sentence in ("First, for free", "Not between 22:00-08:00", "up to 1 min 30 s later"):
        assert sentence in told, sentence


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("/priority add", "what"),
        ("/priority add stretch --every 10m --cron 5m", "without --every"),
        ("/priority add --when perhaps -- stretch", "idle, idle 10m"),
        ("/priority add --every 10m --zone Mars/Base -- stretch", "Mars/Base"),
        ('/priority add --cron "0 0 31 2 *" -- stretch', "never comes"),
        ("/priority add --at 2020-01-01T10:00 -- stretch", "is over"),
        ("/priority add --every 10s -- stretch", "too often"),
        ("/priority add --every 10m --name Nightly! -- stretch", "small letters"),
        ("/priority show nothing", "nothing called `nothing`|no .* called `nothing`"),
        ("/priority edit", "`name`"),
        ("/priority edit site colour red", "`colour`"),
        ("/priority run", "`name`"),
    ],
)
async def test_what_cannot_be_is_said_and_nothing_is_made(
    line: str, problem: str, tmp_path: Path
) -> None:
    async with at(tmp_path) as (here, _):
        with pytest.raises(errors.WaggleError) as refused:
            await typed(here, line)
        made = await names(here)
    assert re.search(problem, here.messages.error(refused.value))
    assert made == []


async def test_what_is_not_understood_is_asked_back_with_what_may_be_meant(tmp_path: Path) -> None:
    async with at(tmp_path) as (here, _):
        unclear = await typed(here, "/priority add every 90 seconds stretch --zone UTC --cap 0.02")
        assert isinstance(unclear.view, views.Unclear)
        (suggested,) = unclear.view.suggestions
        meant = (await typed(here, suggested.line)).view
        assert isinstance(meant, views.Proposed)
        made = await names(here)
        told = await said(here, "/priority add stretch every day until it is fun")
    assert meant.priority.trigger == Every(
        period=120_000_000, start=to_micros(datetime(1970, 1, 1, tzinfo=UTC))
    )
    assert (meant.priority.text, meant.priority.cap) == ("stretch", 20_000)
    assert made == []
    assert "Nothing was made" in told


async def test_a_reminder_has_no_price_and_is_told(tmp_path: Path) -> None:
    async with at(tmp_path) as (here, _):
        line = "/priority add remind me tomorrow at 9 to call Ana --zone UTC --name ana --yes"
        made = (await typed(here, line)).view
        assert isinstance(made, views.Set)
        told = await said(here, "/priority run ana")
    assert (made.priority.action, made.priority.text) == ("remind", "call Ana")
    assert "was told" in told


def paid(price: int = 30_000) -> Custom:
    async def carry(_: Any, run: Any) -> Any:
        return await run.step(call(most=price))

    return Custom(carry, "dear", words=("weigh",), most=price)


async def test_the_price_is_shown_and_what_was_shown_is_what_is_agreed_to(tmp_path: Path) -> None:
    line = "--every 1h --zone UTC --name bees --yes"
    async with at(tmp_path, paid()) as (here, _):
        told = await said(here, "/priority add --every 1h -- weigh the bees")
        dearer = (await typed(here, f"/priority add {line} --approved 0.01 -- weigh the bees")).view
        assert isinstance(dearer, views.Proposed)
        assert await names(here) == []
        made = (await typed(here, f"/priority add {line} -- weigh the bees")).view
        assert isinstance(made, views.Set)
    assert "up to $0.03 a run" in told
    assert "never more than $3.00 a month" in told
    assert dearer.dearer
    assert made.priority.approved == 30_000


async def test_what_changes_time_or_price_is_shown_before_it_holds(tmp_path: Path) -> None:
    async with at(tmp_path) as (here, _):
        await typed(here, f"/priority add {SITE}")
        shown = (await typed(here, "/priority edit site every 2h")).view
        assert isinstance(shown, views.Proposed)
        (before,) = await here.swarm.priorities.listing(OWNER)
        await typed(here, shown.line)
        (after,) = await here.swarm.priorities.listing(OWNER)
        at_once = (await typed(here, "/priority edit site report always")).view
        same = await said(here, "/priority edit site --report always")
        again = (await typed(here, "/priority edit site time every weekday at 9")).view
        words = (await typed(here, "/priority edit site text check https://example.com")).view
    assert before.priority.trigger.period == 600_000_000
    assert after.priority.trigger.period == 7_200_000_000
    assert isinstance(at_once, views.Set)
    assert at_once.changed == ("report",)
    assert "just so" in same
    assert isinstance(again, views.Proposed)
    assert again.priority.trigger == Cron(fields="0 9 * * 1-5")
    assert isinstance(words, views.Proposed)
    assert words.line.endswith("-- site text check https://example.com")


async def test_it_is_listed_shown_paused_resumed_and_removed(tmp_path: Path) -> None:
    async with at(tmp_path) as (here, _):
        assert "no standing priorities" in await said(here, "/priority")
        await typed(here, f"/priority add {SITE}")
        listed = await said(here, "/priority")
        shown = await said(here, "/priority show site")
        paused = await said(here, "/priority pause site")
        while_paused = await said(here, "/priority show site")
        resumed = await said(here, "/priority resume site")
        asked = await said(here, "/priority remove site")
        assert await names(here) == ["site"]
        removed = await said(here, "/priority remove site --yes")
        assert await names(here) == []
    for each in ("site", "every 10 minutes", "14:10", "never yet", "active"):
        assert each in listed, each
    for each in ("check https://example.org [active]", "$0 of $3.00", "Run now:", "Pause:"):
        assert each in shown, each
    assert "site is paused" in paused
    assert "somebody said so" in while_paused
    assert "site goes on. Next: 14:10" in resumed
    assert "Remove site" in asked
    assert "is removed" in removed


async def test_a_run_is_a_task_that_says_whose_it_is(tmp_path: Path) -> None:
    async with at(tmp_path, ScriptedModel()) as (here, _):
        await typed(here, "/priority add --every 1h --name bees --yes -- count the bees")
        ran = (await typed(here, "/priority run bees --key at1780000000000000")).view
        assert isinstance(ran, Accepted)
        again = (await typed(here, "/priority run bees --key at1780000000000000")).view
        assert isinstance(again, Accepted)
        await over(here.swarm, ran.task.id)
        listed, shown = await said(here, "/tasks --all"), await said(here, "/show 1")
        why = await said(here, "/why 1")
        told = await said(here, "/priority show bees")
    assert again.task.id == ran.task.id
    assert "count the bees (bees)" in listed
    assert "Started by: bees" in shown
    assert "the standing priority bees" in " ".join(why.split())
    assert "#1 was done" in told


async def test_what_is_run_or_skipped_has_to_be_one_that_was_missed(tmp_path: Path) -> None:
    async with at(tmp_path) as (here, _):
        await typed(here, f"/priority add {SITE}")
        assert "Nothing of site was missed" in await said(here, "/priority skip site")
        for line in ("run site --at 2026-11-22T10:00", "skip site --at 1780000000000000"):
            with pytest.raises(errors.NothingMissed):
                await typed(here, f"/priority {line}")


async def test_a_plain_yes_makes_what_was_offered_last_and_nothing_else(tmp_path: Path) -> None:
    async with at(tmp_path) as (here, _):
        door = LocalDoor(here.swarm, OWNER, TERMINAL, Messages.load(strict=True))
        offered = await door.run(f"/priority add {CHECK} --name site")
        assert "command='yes'" in str(offered)
        assert "command='no'" in str(offered)
        await door.run("no")
        assert await names(here) == []
        await door.run(f"/priority add {CHECK} --name site")
        await door.run("/status")
        await door.run("yes")
        assert await names(here) == []
        await door.run(f"/priority add {CHECK} --name site")
        await door.run("yes")
        assert await names(here) == ["site"]
        await door.cards()
        found = [each.text for each in door.complete("/priority show s")]
    assert found == ["site"]


async def test_a_model_reads_what_the_grammar_does_not_when_that_is_agreed_to(
    tmp_path: Path,
) -> None:
    line = "/priority add --name bees --cap 0.05 feed the bees whenever it is around nine"
    answer = '{"text": "feed the bees", "cron": "0 9 * * *"}'
    async with served(tmp_path, answer, "no idea", clock=FakeClock(NOW)) as (here, _):
        unclear = (await typed(here, line)).view
        assert isinstance(unclear, views.Unclear)
        assert await here.swarm.views.listing() == []
        read = await typed(here, unclear.by_model)
        assert isinstance(read.view, views.Proposed)
        made = await names(here)
        not_read = (await typed(here, unclear.by_model)).view
        assert isinstance(not_read, views.Unclear)
        (_, first) = await here.swarm.views.listing()
    assert read.view.priority.trigger == Cron(fields="0 9 * * *")
    told = read.view.priority
    assert (told.name, told.text, told.cap) == ("bees", "feed the bees", 50_000)
    assert made == []
    assert read.reply.ending == first.id, "its end is told by this alone"
    assert first.cost <= 10_000
    assert (not_read.by_model, not_read.unsure.problem) == ("", "model")


async def test_without_a_model_none_is_offered(tmp_path: Path) -> None:
    async with at(tmp_path) as (here, _):
        unclear = (await typed(here, "/priority add feed the bees around nine-ish")).view
    assert isinstance(unclear, views.Unclear)
    assert unclear.by_model == ""


async def test_what_only_shows_says_so_before_it_is_carried_out(tmp_path: Path) -> None:
    command = find("priority")
    for line, writes in (
        (f"add {CHECK}", False),
        (f"add {SITE}", True),
        ("remove site", False),
        ("remove site --yes", True),
        ("pause site", True),
        ("show site", False),
    ):
        assert command.writes_down(parse_line(f"/priority {line}").given) is writes, line
    async with at(tmp_path) as (here, _):
        await typed(here, f"/priority add {SITE}")
        with pytest.raises(errors.NoSwarmToDoIt):
            await typed(replace(here, serving=False), "/priority run site")


def somebody(role: str) -> Actor:
    return Actor(surface="discord", space="10", person="7", roles=frozenset({role}))


async def test_the_mode_is_set_in_the_file_by_who_may(tmp_path: Path) -> None:
    file = tmp_path / "waggle.yaml"
    file.write_text("automation: {mode: hybrid}\n", encoding="utf-8")
    settings = load(file, environ={"WAGGLE_STATE": str(tmp_path / "state")}, cwd=tmp_path)
    async with open_swarm(settings, World(clock=FakeClock(NOW))) as swarm:
        messages = Messages.load(strict=True)
        here = Desk(swarm=swarm, actor=OWNER, place=TERMINAL, messages=messages)
        assert "The mode is hybrid" in await said(here, "/automation")
        admin = replace(here, actor=somebody("admin"))
        with pytest.raises(errors.NotAllowed):
            await typed(admin, "/automation auto")
        with pytest.raises(errors.NotAllowed):
            await typed(replace(here, actor=somebody("operator")), "/automation manual")
        assert "hybrid" in file.read_text(encoding="utf-8")
        told = await said(admin, "/automation manual")
        assert "The mode is manual" in told
        assert "manual" in file.read_text(encoding="utf-8")
        await typed(here, "/automation auto")
        assert "auto" in file.read_text(encoding="utf-8").replace("automation", "")


async def test_members_look_and_do_not_steer(tmp_path: Path) -> None:
    async with at(tmp_path) as (here, _):
        await typed(here, f"/priority add --channel discord/10/5 {SITE}")
        member = replace(here, actor=somebody("member"))
        told = await said(member, "/priority show site")
        for line in (f"add {CHECK} --yes", "pause site", "run site", "remove site", "skip site"):
            with pytest.raises(errors.NotAllowed):
                await typed(member, f"/priority {line}")
    assert "check https://example.org" in told
    assert "Pause:" not in told


async def test_the_doctor_says_what_comes_next_and_what_is_paused(tmp_path: Path) -> None:
    async with at(tmp_path) as (here, _):
        none = await said(here, "/doctor", 300)
        await typed(here, f"/priority add {SITE}")
        told = await said(here, "/doctor", 300)
    assert "Standing priorities" in none
    assert "one, next site at 2026-11-22 14:10 (UTC)" in told
