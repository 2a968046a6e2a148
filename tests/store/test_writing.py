"""Writing: many functions share a commit, one that fails undoes only itself."""

from __future__ import annotations

import asyncio
import logging
import tempfile
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm_core.kernel.errors import Closing
from swarm_core.store import Fact, Store, Tx
from swarm_core.testing import FakeClock
from tests.examples import few
from tests.store.things import ANA, ThingMade, ThingSeen, journal, make, names, things_store


class Gate:
    """A write that holds the writer until it is opened, so that others queue up behind it."""

    def __init__(self) -> None:
        self._opened = threading.Event()
        self._entered = threading.Event()

    def __call__(self, tx: Tx) -> None:
        self._entered.set()
        assert self._opened.wait(10)

    async def entered(self) -> None:
        assert await asyncio.to_thread(self._entered.wait, 10)

    def open(self) -> None:
        self._opened.set()


async def behind_a_gate(store: Store, fns: list[Callable[[Tx], Any]]) -> list[Any]:
    """The outcomes of `fns`, which all wait while one commit is under way."""
    gate = Gate()
    first = asyncio.ensure_future(store.write(gate))
    await gate.entered()
    rest = [asyncio.ensure_future(store.write(fn)) for fn in fns]
    await asyncio.sleep(0)
    gate.open()
    await first
    return await asyncio.gather(*rest, return_exceptions=True)


async def test_what_waits_while_a_commit_is_written_shares_the_next(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        before = store.batch.commits
        seqs = await behind_a_gate(store, [make(f"thing {n}") for n in range(200)])
        assert seqs == list(range(1, 201))
        assert store.batch.commits == before + 2
        assert len(await store.read(names)) == 200


async def test_a_commit_takes_no_more_than_its_batch(tmp_path: Path) -> None:
    async with things_store(tmp_path, batch=10) as store:
        before = store.batch.commits
        await behind_a_gate(store, [make(f"thing {n}") for n in range(25)])
        assert store.batch.commits == before + 4


async def test_a_write_alone_is_committed_at_once(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        before = store.batch.commits
        assert await store.write(lambda tx: 42) == 42
        assert store.batch.commits == before + 1


async def test_a_function_that_raises_undoes_only_itself(tmp_path: Path) -> None:
    def fail(tx: Tx) -> None:
        tx.execute("insert into scratch(value) values('x')")
        make("lost", "its text")(tx)
        raise LookupError("of its own")

    async with things_store(tmp_path) as store:
        one, error, two = await behind_a_gate(store, [make("one"), fail, make("two")])
        assert (one, two) == (1, 2)
        assert isinstance(error, LookupError)
        assert await store.read(names) == ["one", "two"]
        assert await store.read(lambda r: r.execute("select 1 from scratch").fetchall()) == []
        assert await store.read(lambda r: r.execute("select 1 from bodies").fetchall()) == []
        assert (await store.verify()).ok


async def test_a_fold_that_fails_undoes_the_whole_write(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        await store.write(make("taken"))

        def twice(tx: Tx) -> None:
            make("fresh")(tx)
            make("taken")(tx)

        with pytest.raises(Exception, match="UNIQUE"):
            await store.write(twice)
        assert await store.read(names) == ["taken"]
        assert await store.write(make("next")) == 2
        assert (await store.verify()).ok


async def test_an_event_no_room_declares_is_not_recorded(tmp_path: Path) -> None:
    class Unknown(ThingSeen, frozen=True, kw_only=True):
        pass

    async with things_store(tmp_path) as store:
        with pytest.raises(KeyError):
            await store.write(lambda tx: tx.append(Unknown(name="x"), ANA))
        assert await store.read(journal) == []


@pytest.mark.parametrize("number", [-(2**63) - 1, 2**63])
async def test_a_number_no_column_holds_fails_its_own_write_only(
    tmp_path: Path, number: int
) -> None:
    async with things_store(tmp_path) as store:
        with pytest.raises(Exception):  # noqa: B017  whatever it is, it comes back
            await store.write(lambda tx: tx.append(ThingSeen(name="x"), ANA, task=number))
        assert await store.write(make("after")) == 1
        assert (await store.verify()).ok


@few(12)
@given(st.lists(st.lists(st.sampled_from(["make", "see", "raise", "clash", "body"]), max_size=4)))
def test_any_mix_of_successes_and_failures_leaves_the_chain_whole(writes: list[list[str]]) -> None:
    async def check(base: Path) -> None:
        async with things_store(base) as store:
            await store.write(make("taken"))

            def fn_of(n: int, acts: list[str]) -> Callable[[Tx], int]:
                def fn(tx: Tx) -> int:
                    for i, act in enumerate(acts):
                        match act:
                            case "make":
                                make(f"{n}/{i}")(tx)
                            case "see":
                                tx.append(ThingSeen(name="x"), ANA)
                            case "body":
                                make(f"{n}/{i}", "text" * 2000, personal=False)(tx)
                            case "clash":
                                make("taken")(tx)
                            case _:
                                raise LookupError
                    return len(acts)

                return fn

            outcomes = await behind_a_gate(store, [fn_of(n, acts) for n, acts in enumerate(writes)])
            for acts, outcome in zip(writes, outcomes, strict=True):
                fails = {"raise", "clash"} & set(acts)
                assert isinstance(outcome, Exception) if fails else outcome == len(acts)
            stood = 1 + sum(o for o in outcomes if isinstance(o, int))
            assert [seq for seq, _ in await store.read(journal)] == list(range(1, stood + 1))
            report = await store.verify()
            assert report.ok, report.findings
            assert report.facts == stood

    with tempfile.TemporaryDirectory() as base:
        asyncio.run(check(Path(base)))


async def test_cancelling_the_wait_does_not_undo_the_write(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        gate = Gate()
        first = asyncio.ensure_future(store.write(gate))
        await gate.entered()
        waiter = asyncio.ensure_future(store.write(make("kept")))
        await asyncio.sleep(0)
        waiter.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiter
        gate.open()
        await first
        await store.write(lambda tx: None)
        assert await store.read(names) == ["kept"]


async def test_every_row_of_a_write_carries_one_instant(tmp_path: Path) -> None:
    clock = FakeClock()

    def slow(tx: Tx) -> None:
        make("a")(tx)
        clock.move(timedelta(hours=1))
        make("b")(tx)

    async with things_store(tmp_path, clock=clock) as store:
        await store.write(slow)
        await store.write(make("c"))
        rows = await store.read(lambda r: r.execute("select at from things order by id").fetchall())
        assert rows[0] == rows[1]
        assert rows[2][0] - rows[1][0] == 3_600_000_000


async def test_writes_that_share_a_commit_have_each_its_own_instant(tmp_path: Path) -> None:
    clock = FakeClock()

    def ticking(name: str) -> Callable[[Tx], None]:
        def fn(tx: Tx) -> None:
            make(name)(tx)
            clock.move(timedelta(seconds=1))

        return fn

    async with things_store(tmp_path, clock=clock) as store:
        await behind_a_gate(store, [ticking(f"thing {n}") for n in range(5)])
        rows = await store.read(lambda r: r.execute("select at from things order by id").fetchall())
        assert [at - rows[0][0] for (at,) in rows] == [n * 1_000_000 for n in range(5)]


async def test_a_commit_waits_for_the_disk(tmp_path: Path) -> None:
    """What a power cut would show cannot be shown here; that it was asked for can."""
    full = 2
    async with things_store(tmp_path) as store:
        modes = [
            (await store.write(lambda tx, p=p: tx.execute(f"pragma {p}").fetchone()))[0]
            for p in ("journal_mode", "synchronous")
        ]
        assert modes == ["wal", full]


async def test_listeners_hear_of_a_fact_only_once_it_is_committed(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        heard: list[Fact] = []
        store.listen((ThingMade, ThingSeen), heard.append)
        seen_inside: list[int] = []

        def fn(tx: Tx) -> None:
            make("a", task=7, run=8, cause=9)(tx)
            tx.append(ThingSeen(name="b"), ANA)
            seen_inside.append(len(heard))

        async def there(rows: Any = None) -> None:
            assert len(await store.read(journal)) == 2

        await store.write(fn)
        assert seen_inside == [0]
        assert [(f.seq, f.event.kind) for f in heard] == [(1, "thing.made"), (2, "thing.seen")]
        assert (heard[0].task, heard[0].run, heard[0].cause) == (7, 8, 9)
        assert heard[0].actor == ANA.key
        await there()


async def test_listeners_hear_in_the_order_of_the_journal(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        heard: list[int] = []
        store.listen((ThingMade,), lambda fact: heard.append(fact.seq))
        await behind_a_gate(store, [make(f"a{n}") for n in range(50)])
        await asyncio.gather(*(store.write(make(f"b{n}")) for n in range(50)))
        assert heard == list(range(1, 101))


async def test_an_undone_write_is_not_heard_of(tmp_path: Path) -> None:
    def fail(tx: Tx) -> None:
        make("lost")(tx)
        raise LookupError

    async with things_store(tmp_path) as store:
        heard: list[str] = []
        store.listen((ThingMade,), lambda fact: heard.append(fact.event.name))
        await behind_a_gate(store, [make("a"), fail, make("b")])
        assert heard == ["a", "b"]


async def test_who_stops_listening_hears_nothing_more_and_the_others_miss_nothing(
    tmp_path: Path,
) -> None:
    async with things_store(tmp_path) as store:
        once: list[int] = []
        always: list[int] = []

        def hear_once(fact: Fact) -> None:
            once.append(fact.seq)
            stop()

        stop = store.listen((ThingMade,), hear_once)
        store.listen((ThingMade,), lambda fact: always.append(fact.seq))
        await store.write(make("a"))
        await store.write(make("b"))
        stop()
        assert once == [1]
        assert always == [1, 2]


async def test_a_listener_that_fails_is_logged_and_the_others_are_called(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with things_store(tmp_path) as store:
        heard: list[int] = []

        def fail(fact: Fact) -> None:
            raise LookupError

        store.listen((ThingMade,), fail)
        store.listen((ThingMade,), lambda fact: heard.append(fact.seq))
        await behind_a_gate(store, [make("a"), make("b")])
        assert heard == [1, 2]
        assert [r.levelno for r in caplog.records] == [logging.ERROR] * 2


async def test_a_reactor_acts_inside_the_write_and_its_facts_follow(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        heard: list[str] = []
        store.listen((ThingMade, ThingSeen), lambda fact: heard.append(fact.event.kind))

        def see(tx: Tx, fact: Fact) -> None:
            assert names(tx)[-1] == fact.event.name, "the fold comes before the reactor"
            tx.append(ThingSeen(name=fact.event.name), ANA, cause=fact.seq)

        store.react(ThingMade, see)
        await store.write(make("a"))
        assert await store.read(journal) == [(1, "thing.made"), (2, "thing.seen")]
        assert heard == ["thing.made", "thing.seen"]
        assert (await store.verify()).ok


async def test_a_reactor_that_fails_undoes_what_it_reacted_to(tmp_path: Path) -> None:
    def refuse(tx: Tx, fact: Fact) -> None:
        raise LookupError

    async with things_store(tmp_path) as store:
        store.react(ThingMade, refuse)
        with pytest.raises(LookupError):
            await store.write(make("a"))
        assert await store.read(journal) == []
        assert await store.read(names) == []


async def test_a_posted_record_is_written_though_nobody_waits(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        store.post(make("posted"))
    async with things_store(tmp_path) as store:
        assert await store.read(names) == ["posted"]


async def test_a_posted_record_that_fails_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(tx: Tx) -> None:
        raise LookupError("told to the log")

    async with things_store(tmp_path) as store:
        store.post(fail)
        await store.write(lambda tx: None)
        await asyncio.sleep(0)
    assert "could not be written" in caplog.text
    assert "told to the log" in caplog.text


@pytest.mark.parametrize("inline", [False, True])
async def test_after_the_close_nothing_is_taken(tmp_path: Path, inline: bool) -> None:
    async with things_store(tmp_path, inline=inline) as store:
        pass
    with pytest.raises(Closing):
        await store.write(make("late"))
    with pytest.raises(Closing):
        store.post(make("late"))
    with pytest.raises(Closing):
        await store.read(names)


async def test_what_was_queued_before_the_close_is_committed(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        waiting = [asyncio.ensure_future(store.write(make(f"thing {n}"))) for n in range(20)]
        await asyncio.sleep(0)
    assert await asyncio.gather(*waiting) == list(range(1, 21))
    async with things_store(tmp_path) as store:
        assert len(await store.read(names)) == 20


async def test_ids_only_grow_over_failures_and_restarts(tmp_path: Path) -> None:
    def fail(tx: Tx) -> None:
        tx.next_id("scratch")
        raise LookupError

    def take(tx: Tx) -> int:
        number = tx.next_id("scratch")
        tx.execute("insert into scratch(id) values(?)", (number,))
        return number

    given_out: list[int] = []
    for _ in range(2):
        async with things_store(tmp_path) as store:
            given_out.append(await store.write(take))
            with pytest.raises(LookupError):
                await store.write(fail)
            given_out.append(await store.write(take))
    assert given_out == sorted(set(given_out))


async def test_the_inline_writer_gives_the_same_journal(tmp_path: Path) -> None:
    heads = []
    for inline in (False, True):
        clock = FakeClock()
        async with things_store(tmp_path / str(inline), clock=clock, inline=inline) as store:
            for n in range(5):
                clock.move(timedelta(seconds=1))
                await store.write(make(f"thing {n}", task=n or None))
            heads.append((await store.verify()).head)
    assert heads[0] == heads[1]


async def test_a_record_nobody_waits_for_rides_with_the_next_commit(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        before = store.batch.commits
        riders = [store.ride(make(f"rider {n}")) for n in range(3)]
        await store.write(make("driver"))
        assert store.batch.commits == before + 1
        assert await asyncio.gather(*riders) == [2, 3, 4]
        assert await store.read(names) == ["driver", "rider 0", "rider 1", "rider 2"]


async def test_riders_that_nobody_takes_along_leave_together(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        before = store.batch.commits
        riders = [store.ride(make(f"rider {n}")) for n in range(3)]
        assert await asyncio.gather(*riders) == [1, 2, 3]
        assert store.batch.commits == before + 1


@pytest.mark.parametrize("inline", [False, True])
async def test_riders_are_written_before_the_close(tmp_path: Path, inline: bool) -> None:
    async with things_store(tmp_path, inline=inline) as store:
        for n in range(3):
            store.ride(make(f"rider {n}"))
    with pytest.raises(Closing):
        store.ride(make("late"))
    async with things_store(tmp_path) as store:
        assert len(await store.read(names)) == 3


async def test_a_rider_that_fails_undoes_only_itself(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(tx: Tx) -> None:
        make("lost")(tx)
        raise LookupError("told to the log")

    async with things_store(tmp_path) as store:
        rider = store.ride(fail)
        assert await store.write(make("driver")) == 1
        with pytest.raises(LookupError):
            await rider
        assert await store.read(names) == ["driver"]
    assert "told to the log" in caplog.text
