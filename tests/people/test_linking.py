"""Accounts on several surfaces become one person, and one of them a person of its own again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.commands import link_views, views
from swarm_core.kernel import errors
from swarm_core.kernel.actor import MEMBER, OPERATOR, OWNER, Actor, direct
from swarm_core.policy import Action, Resource
from swarm_core.testing import FakeClock
from tests.people.several import at, code_for, digest, linked, listening, member, number
from tests.people.test_company import asked, company, everything_in, free, say, seen, told
from tests.worlds import Gate, over

ANA, ANNA = "discord/7", "telegram/70"
BEN = "discord/8"


@pytest.mark.parametrize(("maker", "other"), [(ANA, ANNA), (ANNA, ANA)])
async def test_two_accounts_are_one_person_whichever_made_the_code(
    tmp_path: Path, maker: str, other: str
) -> None:
    async with company(tmp_path) as here:
        first, second = await member(here, maker), await at(here, other)
        mine = await asked(first, "about the garden")
        code = await code_for(first)
        done = await told(second, f"/link {code.code.lower()}")
        assert "one person from now on" in done
        assert maker in done
        assert other in done
        assert "one budget a day" in done
        assert number(here, maker) == number(here, other) > 1
        # Where it is alone with the swarm it is heard now, as whom it is.
        second = await at(here, other)
        assert second.actor.roles == {MEMBER}
        theirs = await asked(second, "about the wall")
        await over(here.swarm, mine, theirs)
        assert await seen(first) == await seen(second) == {mine, theirs}
        await say(second, f"/show {mine}")
        await digest(here)
    async with company(tmp_path) as here:
        assert number(here, maker) == number(here, other) > 1
        assert await seen(await at(here, other)) == {mine, theirs}


async def test_a_code_is_used_once_within_ten_minutes_and_not_kept_as_it_is(
    tmp_path: Path,
) -> None:
    clock = FakeClock()
    async with company(tmp_path, clock=clock) as here:
        ana, anna = await member(here, ANA), await at(here, ANNA)
        first = await code_for(ana)
        second = await code_for(ana)
        with pytest.raises(errors.WrongLink) as wrong:  # a new one takes its place
            await say(anna, f"/link {first.code}")
        assert wrong.value.data == {"left": 4}
        clock.move(timedelta(minutes=10))
        with pytest.raises(errors.WrongLink):
            await say(anna, f"/link {second.code}")
        third = await code_for(ana)
        await say(anna, f"/link {third.code}")
        with pytest.raises(errors.WrongLink):
            await say(await at(here, BEN), f"/link {third.code}")
        codes = [each.code for each in (first, second, third)]
    stored = everything_in(tmp_path)
    for code in codes:
        assert code.encode() not in stored
        assert code.replace("-", "").encode() not in stored


async def test_tries_are_counted_with_those_of_pairing(tmp_path: Path) -> None:
    async with company(tmp_path) as here:
        code = await code_for(await member(here, ANA))
        anna = await at(here, ANNA)
        for line in ("/link 00000000", "/pair 00000000") * 2:
            with pytest.raises((errors.WrongLink, errors.WrongCode)):
                await say(anna, line)
        with pytest.raises(errors.WrongLink) as last:
            await say(anna, "/link 00000000")
        assert last.value.data == {"left": 0}
        with pytest.raises(errors.TooManyTries):
            await say(anna, f"/link {code.code}")
        assert number(here, ANNA) != number(here, ANA)


async def test_nobody_is_linked_to_themselves(tmp_path: Path) -> None:
    async with company(tmp_path) as here:
        ana = await member(here, ANA)
        for desk in (ana, await at(here, ANA, "10")):
            with pytest.raises(errors.AlreadyLinked):
                await say(desk, f"/link {(await code_for(ana)).code}")
        await linked(here, ANA, ANNA)
        with pytest.raises(errors.AlreadyLinked):
            await linked(here, ANNA, ANA)


async def test_two_people_with_several_accounts_each_become_one_with_all(tmp_path: Path) -> None:
    async with company(tmp_path) as here:
        four = (ANA, ANNA, BEN, "telegram/80")
        for account in four:
            await member(here, account)
        await linked(here, four[0], four[1])
        await linked(here, four[2], four[3])
        gone = number(here, four[3])
        await linked(here, four[1], four[3])
        assert {number(here, account) for account in four} == {number(here, ANA)}
        # A number that is written somewhere leads on.
        directory = here.swarm.members.directory
        assert directory.whose(f"person/{gone}") == f"person/{number(here, ANA)}"
        assert len(directory.keys_of((await at(here, ANA)).actor)) == 4
        await digest(here)


async def test_roles_hold_where_they_were_given_and_wishes_are_those_of_who_made_the_code(
    tmp_path: Path,
) -> None:
    async with company(tmp_path) as here:
        ana, anna = await member(here, ANA, "10", OPERATOR), await member(here, ANNA, "20")
        await say(ana, "/me zone Asia/Tokyo")
        await say(anna, "/me zone Europe/Berlin")
        await say(anna, "/me language de")
        done = await told(anna, f"/link {(await code_for(ana)).code}")
        assert "Asia/Tokyo" in done
        assert (await at(here, ANA, "10")).actor.roles == {OPERATOR}
        assert (await at(here, ANNA, "20")).actor.roles == {MEMBER}
        assert (await at(here, ANNA, "10")).actor.roles == frozenset()
        assert (await at(here, ANA, "20")).actor.roles == frozenset()
        me = here.swarm.members.me(anna.actor)
        assert dict(me.wishes) == {"zone": "Asia/Tokyo", "language": "de"}


async def test_nobody_becomes_the_owner_but_by_the_owners_code_and_a_second_look(
    tmp_path: Path,
) -> None:
    async with company(tmp_path, owner={"discord": "99"}) as here:
        couriers = await listening(here.swarm, "terminal")
        anna = await member(here, ANNA)
        hers = await code_for(anna)
        for owner in (here.owner, await at(here, "discord/99")):
            with pytest.raises(errors.OwnerLinks):
                await say(owner, f"/link {hers.code} --sure")
        assert OWNER not in (await at(here, ANNA)).actor.roles
        code = await code_for(here.owner)
        assert code.owners
        looked = await told(anna, f"/link {code.code}")
        assert "Nothing was done yet" in looked
        assert f"/link {code.code} --sure" in looked
        assert OWNER not in (await at(here, ANNA)).actor.roles
        await say(anna, f"/link {code.code} --sure")
        assert OWNER in (await at(here, ANNA)).actor.roles
        await couriers["terminal"].until(lambda got: any(d.kind == "linked" for d in got))
        # An account that is the owner's may make such a code as well.
        code = await code_for(await at(here, "discord/99"))
        await say(await at(here, BEN), f"/link {code.code} --sure")
        assert OWNER in (await at(here, BEN)).actor.roles
        with pytest.raises(errors.StaysLinked):
            await say(here.owner, "/link remove discord/99")
        await say(here.owner, f"/link remove {BEN}")
        assert OWNER not in (await at(here, BEN)).actor.roles
        await digest(here)


async def test_a_code_ends_when_who_made_it_is_another_person(tmp_path: Path) -> None:
    async with company(tmp_path) as here:
        code = await code_for(await member(here, ANA))
        owners = await code_for(here.owner)
        await say(await at(here, ANA), f"/link {owners.code} --sure")
        with pytest.raises(errors.WrongLink):
            await say(await at(here, ANNA), f"/link {code.code} --sure")
        assert OWNER not in (await at(here, ANNA)).actor.roles


async def test_the_other_account_is_told_and_may_take_it_off_again(tmp_path: Path) -> None:
    async with company(tmp_path) as here:
        couriers = await listening(here.swarm, "discord", "telegram")
        await member(here, ANA)
        # Made in a server: what it is told is for nobody else there.
        code = await code_for(await member(here, ANA, "10"))
        await say(await at(here, ANNA), f"/link {code.code}")
        await couriers["discord"].until(lambda got: any(d.kind == "linked" for d in got))
        (word,) = [d for d in couriers["discord"].delivered if d.kind == "linked"]
        assert (word.place, word.about["linked"]) == (direct("discord", "7"), ANNA)
        shown = await told(await at(here, ANA), "/link show")
        assert ANNA in shown
        with pytest.raises(errors.NotFound):
            await say(await at(here, ANA), f"/link remove {BEN}")
        gone = await told(await at(here, ANA), f"/link remove {ANNA}")
        assert "a person of its own" in gone
        assert number(here, ANNA) != number(here, ANA)
        assert ANNA not in await told(await at(here, ANA), "/link show")
        await couriers["telegram"].until(lambda got: any(d.kind == "unlinked" for d in got))
        with pytest.raises(errors.StaysLinked):
            await say(await at(here, ANA), f"/link remove {ANA}")
        await digest(here)


async def test_an_account_taken_off_keeps_what_it_asked_and_its_own_spaces_roles(
    tmp_path: Path,
) -> None:
    async with company(tmp_path) as here:
        ana, anna = await member(here, ANA, "10"), await member(here, ANNA, "20", OPERATOR)
        await linked(here, ANA, ANNA)
        mine = await asked(ana, "about the garden")
        hers = await asked(anna, "about the wall")
        await over(here.swarm, mine, hers)
        await say(await at(here, ANA), f"/link remove {ANNA}")
        assert await seen(await at(here, ANA)) == {mine}
        assert await seen(await at(here, ANNA)) == {hers}
        assert (await at(here, ANNA, "20")).actor.roles == {OPERATOR}
        assert (await at(here, ANA, "10")).actor.roles == {MEMBER}
        # Linked once more it is all theirs again.
        await linked(here, ANA, ANNA)
        assert await seen(await at(here, ANA)) == {mine, hers}
        await digest(here)


async def test_what_is_asked_in_private_is_for_the_same_person_alone_and_in_private(
    tmp_path: Path,
) -> None:
    gate = Gate()
    async with company(tmp_path, free(gate)) as here:
        await member(here, ANA, "10")
        boss = await member(here, "discord/9", "10", "admin")
        await linked(here, ANA, ANNA)
        secret = await asked(await at(here, ANNA), "my secret garden")
        public = await at(here, ANA, "10")
        for desk in (public, boss):
            assert await seen(desk) == set()
            with pytest.raises(errors.NotFound):
                await say(desk, f"/show {secret}")
        private = await at(here, ANA)
        assert await seen(private) == {secret}
        await say(private, f"/cancel {secret}")
        gate.open()
        assert (await here.swarm.views.task(secret)).task.state == "cancelled"


async def test_requests_a_minute_count_for_both(tmp_path: Path) -> None:
    async with company(tmp_path, clock=FakeClock()) as here:
        await member(here, ANA)
        await member(here, ANNA)
        for n in range(5):
            await asked(await at(here, ANA), f"question {n} of many")
            await asked(await at(here, ANNA), f"question {n} of others")
        await asked(await at(here, ANA), "one that still fits")
        await linked(here, ANA, ANNA)
        for account in (ANA, ANNA):
            with pytest.raises(errors.TooManyRequests):
                await asked(await at(here, account), "one more")


async def test_no_more_runs_at_once_for_two_accounts_than_for_one(tmp_path: Path) -> None:
    gate = Gate()
    async with company(tmp_path, free(gate)) as here:
        await member(here, ANA)
        await member(here, ANNA)
        await linked(here, ANA, ANNA)
        tasks = [
            await asked(await at(here, account), f"question {n} of many")
            for n in range(3)
            for account in (ANA, ANNA)
        ]
        await gate.reached.wait()
        await here.swarm.store.write(lambda tx: None)
        states = [(await here.swarm.views.task(task)).task.state.value for task in tasks]
        assert states.count("running") <= 2
        gate.open()
        await over(here.swarm, *tasks)


async def _raise_of(desk: Any) -> str:
    view: Any = (await say(desk, "/budget raise day 1")).view
    approval = view.raised.approval
    assert approval.state == "open"
    return str(approval.id)


@pytest.mark.parametrize("when", ["before", "after", "taken off"])
async def test_nobody_approves_their_own_raise_by_a_second_account(
    tmp_path: Path, when: str
) -> None:
    async with company(tmp_path, budget={"day": "1"}) as here:
        await member(here, ANA)
        await at(here, ANNA)
        await say(here.owner, f"/people role {ANNA} approver")
        if when != "after":
            await linked(here, ANA, ANNA)
        wanted = await _raise_of(await at(here, ANA))
        if when == "after":
            await linked(here, ANA, ANNA)
        if when == "taken off":
            await say(await at(here, ANA), f"/link remove {ANNA}")
            await say(here.owner, f"/people role {ANNA} approver")
        for account in (ANA, ANNA):
            with pytest.raises(errors.NotAllowed):
                await say(await at(here, account), f"/approve {wanted}")
        if when == "taken off":
            return
        # It is one list wherever they look, and one raise however often they ask.
        assert wanted in await told(await at(here, ANA), "/approvals")
        assert wanted in await told(await at(here, ANNA), "/approvals")
        assert await _raise_of(await at(here, ANNA)) == wanted


async def test_forgetting_reaches_every_account(tmp_path: Path) -> None:
    async with company(tmp_path) as here:
        await member(here, ANA)
        await linked(here, ANA, ANNA)
        tasks = [await asked(await at(here, each), f"secret of {each}") for each in (ANA, ANNA)]
        await over(here.swarm, *tasks)
        await code_for(await at(here, ANA))
        await say(await at(here, ANNA), "/forget-me --yes")
        for task in tasks:
            assert (await here.swarm.views.task(task)).task.text is None
        assert number(here, ANA) == number(here, ANNA) == 0
        await digest(here)


async def test_one_budget_counts_what_either_has_spent(tmp_path: Path) -> None:
    async with company(tmp_path) as here:
        await member(here, ANA)
        await member(here, ANNA)

        def person_day(view: Any) -> Any:
            assert isinstance(view, views.Budget)
            return next(each for each in view.accounts if each.cap_name == "person_day")

        await linked(here, ANA, ANNA)
        mine = person_day((await say(await at(here, ANA), "/budget")).view)
        hers = person_day((await say(await at(here, ANNA), "/budget")).view)
        assert mine == hers


async def test_accounts_are_listed_with_where_they_were_seen(tmp_path: Path) -> None:
    async with company(tmp_path) as here:
        await member(here, ANA, "10")
        await linked(here, ANA, ANNA)
        view = (await say(await at(here, ANNA), "/link show")).view
        assert isinstance(view, link_views.MyAccounts)
        assert [(each.account, each.here) for each in view.accounts] == [(ANNA, True), (ANA, False)]
        assert view.accounts[1].spaces == ("discord/10", "discord/dm")


async def test_what_one_stops_is_of_all_accounts(tmp_path: Path) -> None:
    gate = Gate()
    async with company(tmp_path, free(gate)) as here:
        await member(here, ANA)
        await linked(here, ANA, ANNA)
        first = await asked(await at(here, ANA), "about the garden")
        second = await asked(await at(here, ANNA), "about the wall")
        await gate.reached.wait()
        await say(await at(here, ANA), "/stop me")
        states = {(await here.swarm.views.task(task)).task.state.value for task in (first, second)}
        assert states <= {"waiting", "ready"}
        gate.open()
        await say(await at(here, ANNA), "/resume me")
        await over(here.swarm, first, second)
        assert await seen(await at(here, ANNA), "/tasks --mine --all") == {first, second}
        await digest(here)


async def test_the_terminal_of_somebody_who_is_not_the_owner_makes_no_owner(tmp_path: Path) -> None:
    async with company(tmp_path) as here:
        stranger = Actor(surface="terminal", space="local", person="4711")
        desk = replace(here.owner, actor=stranger)
        for line in ("/link", "/link 00000000", "/link show", f"/link remove {ANA}"):
            with pytest.raises(errors.NotAllowed):
                await say(desk, line)


async def test_who_went_apart_does_not_raise_the_others_cap_either(tmp_path: Path) -> None:
    async with company(tmp_path) as here:
        await member(here, ANA)
        await linked(here, ANA, ANNA)
        await say(await at(here, ANA), f"/link remove {ANNA}")
        whose = f"person/{number(here, ANA)}"
        cap = Resource("cap", f"person_day/{whose}/2026-01-01", whose)
        may = {
            account: here.swarm.policy.allows(
                (await member(here, account, "20", "admin")).actor, Action.RAISE_CAP, cap
            )
            for account in (ANNA, BEN)
        }
        assert may == {ANNA: False, BEN: True}
