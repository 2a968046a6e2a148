"""Stories of one swarm in a process of its own: killed, frozen, doubled, watched."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from pathlib import Path

import pytest

from tests.e2e import checks
from tests.e2e.stage import stage
from tests.womb import Womb

pytestmark = pytest.mark.slow


async def test_a_paid_step_whose_outcome_was_lost_is_charged_and_made_once_again(
    tmp_path: Path, swarms: Womb
) -> None:
    async with stage(tmp_path, swarms) as on:
        on.server.tell("hold")
        async with on.swarm() as swarm:
            swarm.tell("submit key pay key")
            await on.hear("begin")
            swarm.kill()
            await on.hear("swarm-exit")
        on.server.tell("release")
        async with on.swarm():
            await on.hear("quiet")
            attempts = on.ask("select n, attempt, state, cost from steps order by n, attempt")
        assert attempts == [(1, 1, "ambiguous", 100), (1, 2, "done", 40), (2, 1, "done", 40)]
        assert on.served == {"key 1": 2, "key 2": 1}
        assert on.ask("select state, cost from tasks") == [("done", 180)]
        assert on.audit() == []


async def test_a_paid_step_that_was_lost_twice_waits_for_a_person(
    tmp_path: Path, swarms: Womb
) -> None:
    async with stage(tmp_path, swarms) as on:
        on.server.tell("hold")
        for life in range(2):
            async with on.swarm() as swarm:
                if life == 0:
                    swarm.tell("submit key pay key")
                await on.hear("begin")
                swarm.kill()
                await on.hear("swarm-exit")
        async with on.swarm():
            await on.hear("quiet")
            assert on.ask("select state, waiting from tasks") == [("waiting", "undecided")]
        assert on.served == {"key 1": 2}


async def test_a_step_that_may_have_taken_effect_is_not_repeated(
    tmp_path: Path, swarms: Womb
) -> None:
    async with stage(tmp_path, swarms) as on:
        on.server.tell("hold")
        async with on.swarm() as swarm:
            swarm.tell("submit key once key")
            await on.hear("begin")
            swarm.kill()
            await on.hear("swarm-exit")
        on.server.tell("release")
        async with on.swarm():
            await on.hear("quiet")
            assert on.ask("select state, waiting from tasks") == [("waiting", "undecided")]
        assert on.served == {"key 1": 1}


async def test_what_was_only_ready_when_the_process_died_starts_by_itself(
    tmp_path: Path, swarms: Womb
) -> None:
    async with stage(tmp_path, swarms) as on:
        on.server.tell("hold")
        async with on.swarm() as swarm:
            for number in range(5):  # one more than there are places
                swarm.tell(f"submit k{number} probe http://127.0.0.1:{on.port}/pure/k{number}/0")
            heard = [await on.hear("accepted", "begin") for _ in range(5 + 4)]
            assert sorted(word for word, _ in heard) == ["accepted"] * 5 + ["begin"] * 4
            swarm.kill()
            await on.hear("swarm-exit")
        assert on.ask("select count(*) from tasks where state = 'ready'") == [(1,)]
        on.server.tell("release")
        async with on.swarm():
            await on.hear("quiet")
            assert on.ask("select distinct state from tasks") == [("done",)]


async def test_a_swarm_that_was_frozen_for_longer_than_its_lease_does_no_harm(
    tmp_path: Path, swarms: Womb
) -> None:
    async with stage(tmp_path, swarms) as on:
        on.server.tell("hold")
        async with on.swarm("--lease", 3) as swarm:
            swarm.tell("submit key pay key")
            await on.hear("begin")
            swarm.process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(5.0)  # the lease runs by the wall clock, so this has to pass
            swarm.process.send_signal(signal.SIGCONT)
            on.server.tell("release")
            await on.hear("quiet")
            assert on.ask("select state, cost from tasks") == [("done", 80)]
        assert on.served == {"key 1": 1, "key 2": 1}
        assert on.audit() == []


async def test_a_folder_has_one_swarm_and_is_free_the_moment_it_is_killed(
    tmp_path: Path, swarms: Womb
) -> None:
    async with stage(tmp_path, swarms) as on:
        async with on.swarm() as first:
            await on.hear("ready")
            async with on.swarm():
                assert await on.hear("refused", "ready") == ("refused", "store_locked")
            first.kill()
            await on.hear("swarm-exit")
        async with on.swarm():
            assert await on.hear("refused", "ready") == ("ready", "")


async def test_a_reader_beside_a_working_swarm_meets_no_lock(tmp_path: Path, swarms: Womb) -> None:
    async with stage(tmp_path, swarms) as on, on.swarm() as swarm:
        await on.hear("ready")
        for number in range(20):
            swarm.tell(f"submit k{number} pay k{number}")
        reader = sqlite3.connect(
            f"{(on.state / 'waggle.db').as_uri()}?mode=ro", uri=True, timeout=0
        )
        decisions, accepted, word = [0], 0, ""
        while accepted < 20 or word != "quiet":
            word, _ = await on.hear("begin", "end", "accepted", "quiet")
            accepted += word == "accepted"
            decisions += reader.execute("select count(*) from decision_log").fetchone()
        assert decisions == sorted(decisions)
        assert reader.execute("select count(*) from decision_log").fetchone() == (20,)
        assert reader.execute("select distinct action_type from decision_log").fetchall() == [
            ("approve",)
        ]
        reader.close()


async def test_no_named_moment_of_death_loses_what_was_accepted_last(
    tmp_path: Path, swarms: Womb
) -> None:
    async with stage(tmp_path, swarms) as on:
        async with on.swarm("--crash", "intake.commit.after:1") as swarm:
            swarm.tell("submit key pay key")
            await on.hear("swarm-exit")
        async with on.swarm() as swarm:
            swarm.tell("submit key pay key")
            assert await on.hear("accepted") == ("accepted", "key 1")
            await on.hear("quiet")
            assert on.ask("select id, key, state from tasks") == [(1, "key", "done")]
        told = [line.split()[1] for line in (tmp_path / "deliveries").read_text().splitlines()]
        assert told.count("ended") == 1
    seen = checks.Evidence(accepted={"key": 1})
    db = checks.look(on.state)
    assert checks.accepted(db, seen, ["key"]) == []
    db.close()
