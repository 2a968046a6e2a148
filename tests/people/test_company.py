"""Several people through the desk: who they are, what they may, what is theirs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.commands import people_views as people
from bot.commands import views
from bot.commands.desk import Desk
from bot.commands.line import parse_line
from bot.messages import Messages
from bot.render.terminal import render
from bot.running import Answer, run
from swarm_core.kernel import errors
from swarm_core.kernel.actor import MEMBER, OPERATOR, Place
from swarm_core.people import EVERYWHERE, TERMINAL, Account, Code
from swarm_core.swarm import Swarm
from swarm_core.testing import OWNER, FakeClock, MemoryCourier
from tests.worlds import Custom, Gate, a_call, answer, awake, concluded, over


class Company:
    """A swarm with people on a platform. `at(account, space)` is somebody's desk there."""

    def __init__(self, swarm: Swarm) -> None:
        self.swarm = swarm
        self.owner = self._desk(OWNER, TERMINAL)

    def _desk(self, actor: Any, place: Place) -> Desk:
        return Desk(swarm=self.swarm, actor=actor, place=place, messages=Messages.load(strict=True))

    async def at(
        self, account: str, space: str, *, name: str = "", roles: tuple[str, ...] = ()
    ) -> Desk:
        given = Account(surface="discord", space=space, id=account, name=name, platform_roles=roles)
        actor = await self.swarm.members.resolve(given)
        return self._desk(actor, Place(surface="discord", space=space))

    async def member(self, account: str, space: str, role: str = MEMBER, name: str = "") -> Desk:
        await self.at(account, space, name=name)
        await say(self.owner, f"/people role discord/{account} {role} --space discord/{space}")
        return await self.at(account, space, name=name)


async def say(desk: Desk, line: str) -> Answer:
    parsed = parse_line(line)
    return await run(desk, parsed.command.name, parsed.given)


async def told(desk: Desk, line: str) -> str:
    return render((await say(desk, line)).reply, width=100, styled=False)


async def asked(desk: Desk, text: str, *options: str) -> int:
    view = (await say(desk, " ".join((f"/ask {text}", *options)))).view
    assert isinstance(view, views.Accepted)
    return view.task.id


async def seen(desk: Desk, line: str = "/tasks --all") -> set[int]:
    view = (await say(desk, line)).view
    assert isinstance(view, views.Tasks)
    return {task.id for task in view.tasks}


async def code_of(desk: Desk, line: str) -> Code:
    view = (await say(desk, line)).view
    assert isinstance(view, people.Invited)
    return view.code


@asynccontextmanager
async def company(folder: Path, *workers: Any, **sections: Any) -> AsyncIterator[Company]:
    async with awake(folder, *(workers or (free(),)), courier=MemoryCourier(), **sections) as swarm:
        yield Company(swarm)


def free(gate: Gate | None = None) -> Custom:
    from swarm_core.steps.model import Conclusion

    async def carry(assignment: Any, run: Any) -> Conclusion:
        if gate is not None:
            await gate()
        return Conclusion(state="done", text=f"did {assignment.text}")

    return Custom(carry, most=0)


async def test_a_stranger_may_only_pair_and_read_help(tmp_path: Path) -> None:
    async with company(tmp_path) as here:
        ana = await here.at("7", "10")
        assert ana.actor.roles == frozenset()
        for line in ("/ask hello there", "/tasks", "/status", "/budget", "/me", "/people"):
            with pytest.raises(errors.NotAllowed) as caught:
                await say(ana, line)
            assert caught.value.data["rule"] == "members-are-heard"
        assert "/ask" in await told(ana, "/help")


async def test_a_code_lets_somebody_in_once_with_the_role_it_was_made_for(tmp_path: Path) -> None:
    async with company(tmp_path) as here:
        code = await code_of(here.owner, "/pair --role member --space discord/10")
        ana, ben = await here.at("7", "10"), await here.at("8", "10")
        done = await told(ana, f"/pair {code.code.lower().replace('-', '')}")
        assert "member now (discord/10)" in done
        with pytest.raises(errors.WrongCode) as wrong:
            await say(ben, f"/pair {code.code}")
        assert wrong.value.data["left"] == 4
        ana = await here.at("7", "10")
        assert ana.actor.roles == {MEMBER}
        assert (await here.at("7", "11")).actor.roles == frozenset()
        await asked(ana, "hello there")


async def test_codes_cannot_be_guessed_or_read_from_the_database(tmp_path: Path) -> None:
    clock = FakeClock()
    async with company(tmp_path, clock=clock) as here:
        code = await code_of(here.owner, "/pair")
        assert code.scope == EVERYWHERE
        ana = await here.at("7", "10")
        for left in (4, 3, 2, 1, 0):
            with pytest.raises(errors.WrongCode) as wrong:
                await say(ana, "/pair 00000000")
            assert wrong.value.data["left"] == left
        with pytest.raises(errors.TooManyTries):
            await say(ana, f"/pair {code.code}")
        ben = await here.at("8", "10")
        await say(ben, f"/pair {code.code}")
        plain = code.code.replace("-", "")
    stored = everything_in(tmp_path)
    assert plain.encode() not in stored
    assert code.code.encode() not in stored


def everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


async def test_a_code_ends_after_an_hour(tmp_path: Path) -> None:
    from datetime import timedelta

    clock = FakeClock()
    async with company(tmp_path, clock=clock) as here:
        code = await code_of(here.owner, "/pair")
        clock.move(timedelta(hours=1))
        with pytest.raises(errors.WrongCode):
            await say(await here.at("7", "10"), f"/pair {code.code}")


async def test_nobody_becomes_owner_by_writing_first_but_by_settings_or_the_terminal(
    tmp_path: Path,
) -> None:
    async with company(tmp_path, owner={"discord": "99"}) as here:
        first = await here.at("7", "10")
        assert first.actor.roles == frozenset()
        assert "owner" in (await here.at("99", "10")).actor.roles
        named = await here.at("99", "dm/99")
        with pytest.raises(errors.LastOwner):
            await say(named, "/pair --role owner")
        code = await code_of(here.owner, "/pair --role owner")
        await say(first, f"/pair {code.code}")
        me = await here.at("7", "10")
        assert "owner" in me.actor.roles
        # One person with two accounts: what one asks is the other's own.
        task = await asked(await here.at("7", "dm/7"), "hello there")
        assert task in await seen(await here.at("99", "dm/99"))


async def test_the_platforms_roles_mean_what_an_owner_says(tmp_path: Path) -> None:
    async with company(tmp_path) as here:
        await say(here.owner, "/people map 4711 operator --space discord/10")
        assert (await here.at("7", "10", roles=("4711",))).actor.roles == {OPERATOR}
        assert (await here.at("7", "10", roles=("4712",))).actor.roles == frozenset()
        assert (await here.at("7", "11", roles=("4711",))).actor.roles == frozenset()
        await say(here.owner, "/people map 4711 --take --space discord/10")
        assert (await here.at("7", "10", roles=("4711",))).actor.roles == frozenset()


async def test_members_ask_and_operators_make_tasks(tmp_path: Path) -> None:
    async with company(tmp_path) as here:
        ana = await here.member("7", "10")
        await asked(ana, "hello there")
        with pytest.raises(errors.NotAllowed) as caught:
            await say(ana, "/task sort the attic")
        assert caught.value.data["rule"] == "operators-make-tasks"
        assert "/ask" in str(caught.value.data["instead"])
        olga = await here.member("8", "10", OPERATOR)
        await say(olga, "/task sort the attic --priority 9")


async def test_roles_survive_a_restart(tmp_path: Path) -> None:
    async with company(tmp_path) as here:
        await here.member("7", "10", name="Ana")
    async with company(tmp_path) as here:
        ana = await here.at("7", "10", name="Ana")
        assert ana.actor.roles == {MEMBER}
        await say(here.owner, "/people role discord/7 member --take --space discord/10")
        assert (await here.at("7", "10")).actor.roles == frozenset()


async def test_only_ana_steers_hers(tmp_path: Path) -> None:
    gate = Gate()
    async with company(tmp_path, free(gate)) as here:
        ana = await here.member("7", "10", name="Ana")
        ben = await here.member("8", "10")
        task = await asked(ana, "hello there")
        for line in (f"/tell {task} shorter", f"/cancel {task}", f"/stop {task}"):
            with pytest.raises(errors.NotYours) as caught:
                await say(ben, line)
            sentence = Messages.load(strict=True).error(caught.value)
            assert sentence.startswith(f"Only Ana steers #{task}")
            assert "/ask" in sentence
        with pytest.raises(errors.NotAllowed):
            await say(ben, f"/show {task}")
        await say(ana, f"/cancel {task}")
        gate.open()


async def test_a_space_sees_nothing_of_another_and_nobody_of_a_private_conversation(
    tmp_path: Path,
) -> None:
    async with company(tmp_path) as here:
        ana = await here.member("7", "10", name="Ana")
        elsewhere = await here.member("7", "11")
        alone = await here.member("7", "dm/7")
        boss = await here.member("9", "10", "admin")
        mine = await asked(ana, "about the garden")
        other = await asked(elsewhere, "about the garden wall")
        secret = await asked(alone, "about the garden secret")
        await over(here.swarm, mine, other, secret)
        assert await seen(ana) == {mine}
        assert await seen(elsewhere) == {other}
        assert await seen(boss) == {mine}
        assert await seen(alone) == {mine, other, secret}
        assert await seen(here.owner) == {mine, other, secret}
        for desk, hidden in ((ana, secret), (ana, other), (boss, secret), (boss, other)):
            for command in ("show", "why", "cancel", "tell"):
                words = " more" if command == "tell" else ""
                with pytest.raises(errors.NotFound):
                    await say(desk, f"/{command} {hidden}{words}")
        await say(boss, f"/show {mine}")


async def test_search_and_history_are_of_what_one_sees(tmp_path: Path) -> None:
    async with company(tmp_path) as here:
        ana = await here.member("7", "10")
        ben = await here.member("8", "10")
        boss = await here.member("9", "10", "admin")
        other = await here.member("9", "11", "admin")
        first, second = await asked(ana, "about the garden"), await asked(ben, "about gardens")
        await over(here.swarm, first, second)

        async def found(desk: Desk, line: str) -> set[int]:
            view: Any = (await say(desk, line)).view
            if hasattr(view, "found"):
                return {hit.task.id for hit in view.found.hits}
            return {ending.task for ending in view.history.endings}

        for line in ("/search about", "/history"):
            assert await found(ana, line) == {first}
            assert await found(ben, line) == {second}
            assert await found(boss, line) == {first, second}
            assert await found(other, line) == set()
            assert await found(here.owner, line) == {first, second}


async def test_members_see_their_own_spending_only(tmp_path: Path) -> None:
    async with company(tmp_path) as here:
        ana = await here.member("7", "10")
        view = (await say(ana, "/budget")).view
        assert isinstance(view, views.Budget)
        person = [a for a in view.accounts if a.cap_name == "person_day"]
        assert [(a.cap, a.account.rpartition("/")[0]) for a in person] == [
            (500_000, "person_day/person/2")
        ]
        for line in ("/budget people", "/budget chart", "/top", "/failures"):
            with pytest.raises(errors.NotAllowed):
                await say(ana, line)


async def test_ten_requests_a_minute_refused_ones_too(tmp_path: Path) -> None:
    from datetime import timedelta

    clock = FakeClock()
    async with company(tmp_path, clock=clock) as here:
        ana, ben = await here.member("7", "10"), await here.member("8", "10")
        for n in range(10):
            await asked(ana, f"question {n} of many")
        with pytest.raises(errors.TooManyRequests) as caught:
            await asked(ana, "one more")
        assert caught.value.data == {"most": 10, "seconds": 60}
        with pytest.raises(errors.TooManyRequests):
            await asked(await here.member("7", "11"), "from elsewhere")
        await asked(ben, "mine is another")
        clock.move(timedelta(minutes=1))
        await asked(ana, "one more")


async def test_two_at_once_and_the_rest_waits_for_a_turn_without_keeping_others(
    tmp_path: Path,
) -> None:
    gate = Gate()
    async with company(tmp_path, free(gate)) as here:
        ana, ben = await here.member("7", "10"), await here.member("8", "10")
        hers = [await asked(ana, f"question {n} of many") for n in range(4)]
        his = await asked(ben, "mine is another")
        await gate.reached.wait()
        await here.swarm.store.write(lambda tx: None)
        states = {
            task: (await here.swarm.views.task(task)).task.state.value for task in (*hers, his)
        }
        assert [states[task] for task in hers].count("running") <= 2
        gate.open()
        await over(here.swarm, *hers, his)


async def test_forgetting_takes_what_was_written_and_who_it_was(tmp_path: Path) -> None:
    async with company(tmp_path) as here:
        ana = await here.member("7", "10", name="Ana Maria")
        task = await asked(ana, "my very private garden")
        await over(here.swarm, task)
        assert "nothing was erased" in await told(ana, "/forget-me")
        await say(ana, "/forget-me --yes")
        ana = await here.at("7", "10")
        assert ana.actor.roles == frozenset()
        assert (await here.swarm.views.task(task)).task.text is None
        kept = (await say(here.owner, "/task the owners own")).view
        assert isinstance(kept, views.Accepted)
        await over(here.swarm, kept.task.id)
        with pytest.raises(errors.LastOwner):
            await say(here.owner, "/forget-me --yes")
        assert (await here.swarm.views.task(kept.task.id)).task.text == "the owners own"


async def test_an_end_is_shared_once_and_only_where_one_is_known(tmp_path: Path) -> None:
    async with company(tmp_path) as here:
        ana = await here.member("7", "10")
        await here.member("7", "11")
        task = await asked(ana, "about the garden")
        await over(here.swarm, task)
        assert "would be posted" in await told(ana, f"/share {task} --to discord/11")
        assert "is posted" in await told(ana, f"/share {task} --to discord/11 --yes")
        assert "before" in await told(ana, f"/share {task} --to discord/11 --yes")
        with pytest.raises(errors.NotFound):
            await say(ana, f"/share {task} --to discord/12 --yes")
        outbox = (await say(here.owner, "/outbox")).view
        assert isinstance(outbox, people.Outbox)
        there = [n for n in outbox.notices if n.place.space == "11" and n.task == task]
        assert len(there) == 1


async def test_settings_of_a_channel_hold_there_alone(tmp_path: Path) -> None:
    async with company(tmp_path) as here:
        boss = await here.member("9", "10", "admin")
        ana = await here.member("7", "10")
        with pytest.raises(errors.NotAllowed):
            await say(ana, "/channel set plain-text off")
        await say(boss, "/channel set plain-text off")
        assert "off" in await told(ana, "/channel show")
        with pytest.raises(errors.NotAllowed):
            await say(boss, "/channel set workspace /etc")
        with pytest.raises(errors.NotAllowed):
            await say(boss, "/channel set cap 9 --space discord/11")
        with pytest.raises(errors.BadArgument):
            await say(boss, "/channel set plain-text perhaps")
        other = await here.member("7", "11")
        assert "Nothing is set" in await told(other, "/channel show")


async def test_the_cap_of_a_channel_binds_there_and_nowhere_else(tmp_path: Path) -> None:
    from swarm_core.steps.model import Conclusion

    async def carry(assignment: Any, run: Any) -> Conclusion:
        async def act(_: Any) -> Any:
            return answer(cost=40)

        return concluded(await run.step(a_call(most=100), act, last=concluded))

    async with company(tmp_path, Custom(carry, most=100)) as here:
        boss = await here.member("9", "10", "admin")
        other = await here.member("9", "11", "admin")
        await say(boss, "/channel set cap 0.00005")
        parked = await asked(boss, "about the garden")
        done = await asked(other, "about the garden")
        await over(here.swarm, done)
        from swarm_core.tasks.model import TaskState

        while (found := (await here.swarm.views.task(parked)).task).state is not TaskState.WAITING:
            await here.swarm.store.write(lambda tx: None)
        assert found.waiting_data["scope"].startswith("channel_day/discord/10/")
        await say(boss, "/channel set cap none")


async def test_wishes_are_kept_and_followed(tmp_path: Path) -> None:
    async with company(tmp_path) as here:
        ana = await here.member("7", "10")
        with pytest.raises(errors.BadArgument):
            await say(ana, "/me zone Middle/Earth")
        assert "Asia/Tokyo" in await told(ana, "/me zone Asia/Tokyo")
        with pytest.raises(errors.BadArgument):
            await say(ana, "/me language xx")
    async with company(tmp_path) as here:
        ana = await here.at("7", "11")
        assert dict(here.swarm.members.me(ana.actor).wishes) == {"zone": "Asia/Tokyo"}


async def test_who_may_tells_what_the_policies_say(tmp_path: Path) -> None:
    async with company(tmp_path) as here:
        ana = await here.member("7", "10")
        view = (await say(ana, "/who-may task.create")).view
        assert isinstance(view, people.WhoMay)
        may = {(each.kind, each.role): each.own for each in view.may}
        assert may["task", "member"] is False
        assert may["ask", "member"] is True
        assert may["task", "operator"] is True
        assert "operators-make-tasks" in await told(here.owner, "/who-may task.create")


async def test_nobody_decides_on_what_was_asked_in_another_space(tmp_path: Path) -> None:
    async with company(tmp_path, budget={"day": "1"}) as here:
        ana = await here.member("7", "10")
        away = await here.member("8", "11", "approver")
        near = await here.member("9", "10", "approver")
        view: Any = (await say(ana, "/budget raise day 1")).view
        asked_for = view.raised.approval.id
        assert asked_for not in await told(away, "/approvals")
        assert asked_for in await told(near, "/approvals")
        with pytest.raises(errors.NotFound):
            await say(away, f"/approve {asked_for}")
        await say(near, f"/approve {asked_for}")
