"""Tasks are found again by their words, and nothing that was erased is."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.ids import TaskId
from swarm_core.people import TERMINAL
from swarm_core.steps.model import Conclusion, Failure, Run
from swarm_core.store import Tx
from swarm_core.swarm import Swarm
from swarm_core.tasks import memory
from swarm_core.tasks.finding import Filters, Found, History, index, search, search_words
from swarm_core.tasks.finding.words import expression
from swarm_core.tasks.model import TaskState
from swarm_core.testing import OWNER, ScriptedModel
from tests.worlds import Custom, ask, awake, over


@asynccontextmanager
async def having(folder: Path, *texts: str, kind: str = "task") -> AsyncIterator[Swarm]:
    """A swarm in which these have been asked for and done, in this order."""
    async with awake(folder, ScriptedModel()) as swarm:
        for text in texts:
            await over(swarm, (await ask(swarm, text, kind=kind, join=False)).task)
        yield swarm


async def find(swarm: Swarm, line: str, **how: object) -> Found:
    filters = Filters(**{k: how.pop(k) for k in list(how) if k in Filters.__struct_fields__})
    words = search_words(line)
    assert words is not None
    return await swarm.finder.search(words, filters, **how)  # type: ignore[arg-type]


def numbers(found: Found) -> list[int]:
    return [hit.task.id for hit in found.hits]


FOUND = {
    "invoices": {1},
    "INVOICES": {1},
    "cafe": {2},
    "Café": {2},
    "東京": {3},
    "京へ": {3},
    "✅": {4},
    "shipped": {4},
    '"the invoices of"': {1},
    '"of the invoices"': set(),
    "the -invoices": {2},
    "C++": {4},
    "invo*": {1},
    "src/app.py": {4},
}
SYNTAX = ("AND", 'a" OR 1', "NEAR(x y)", "who : p", "{asked} : x", "^x", "a AND", '""" x', "x\0y")


async def test_words_of_any_writing_are_found_and_nothing_is_syntax(tmp_path: Path) -> None:
    texts = ("the invoices of May", "the café", "東京へ送る", "✅shipped C++ in src/app.py")
    async with having(tmp_path, *texts) as swarm:
        seen = {line: set(numbers(await find(swarm, line))) for line in (*FOUND, *SYNTAX)}
        assert seen == FOUND | {line: set() for line in SYNTAX}


@given(st.text(max_size=60))
def test_no_line_is_an_error_to_the_database(line: str) -> None:
    import sqlite3

    db = sqlite3.connect(":memory:")
    db.execute("create virtual table t using fts5(asked, said, answer, who)")
    words = search_words(line)
    if words is not None:
        for form in (words, words.widened()):
            db.execute("select * from t where t match ?", (expression(form, "a/b"),)).fetchall()
            assert search_words(form.line()) is not None
    db.close()


@pytest.mark.parametrize("line", ["", "!!!", "-x", "\0", '""', " ".join("abcdefghijklmnopq")])
def test_a_line_with_nothing_to_look_for_is_none(line: str) -> None:
    assert search_words(line) is None


async def test_answers_and_what_was_said_are_found_with_an_excerpt(tmp_path: Path) -> None:
    async with having(tmp_path, "count bees") as swarm:
        (hit,) = (await find(swarm, "ok")).hits
        assert (hit.part, hit.excerpt) == ("answer", "«ok» 1: count bees")


async def test_a_beginning_is_tried_and_a_slip_of_the_finger_named(tmp_path: Path) -> None:
    async with having(tmp_path, "pay the invoices") as swarm:
        begun = await find(swarm, "invoice")
        assert (numbers(begun), begun.widened) == ([1], True)
        slip = await find(swarm, "pay invocies")
        assert (slip.hits, slip.near) == ((), ("pay invoices",))
        assert (await find(swarm, "pay invocies", worker="nobody")).near == ()


async def test_filters_and_pages(tmp_path: Path) -> None:
    texts = [f"bees, letter {letter}" for letter in "abcde"]
    async with having(tmp_path, *texts) as swarm:
        first = await find(swarm, "bees", order="newest", most=2)
        last = await find(swarm, "bees", order="newest", most=2, page=3)
        assert (numbers(first), first.total, numbers(last)) == ([5, 4], 5, [1])
        assert (await find(swarm, "bees", person=OWNER.key)).total == 5
        assert (await find(swarm, "bees", person="terminal/local/7")).total == 0
        assert (await find(swarm, "bees", state=TaskState.FAILED)).total == 0
        assert (await find(swarm, "bees", worker="scripted")).total == 5
        third = (await swarm.views.task(TaskId(3))).task
        assert numbers(await find(swarm, "bees", since=third.created)) == [5, 4, 3]


async def test_words_that_must_not_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"bees, letter {letter}" for letter in "abcde"]
    async with having(tmp_path, *texts, "wasps") as swarm:
        assert numbers(await find(swarm, "bees -c", order="newest")) == [5, 4, 2, 1]
        assert numbers(await find(swarm, 'bees -c -"letter a"', order="newest")) == [5, 4, 2]
        assert numbers(await find(swarm, "bees -c", person=OWNER.key, order="newest")) == [
            *(5, 4, 2, 1)
        ]
        assert (await find(swarm, "bees -letter")).total == 0
        # Only the newest are looked at, and that is said.
        monkeypatch.setattr(search, "LOOKED_AT", 2)
        found = await find(swarm, "bees -e")
        assert (numbers(found), found.bounded) == ([4], True)


async def test_what_is_in_very_many_tasks_comes_newest_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "COMMON", 2)
    async with having(tmp_path, "bees bees bees", "bees", "bees here") as swarm:
        found = await find(swarm, "bees")
        assert (numbers(found), found.order) == ([3, 2, 1], "newest")


async def test_the_better_one_comes_first(tmp_path: Path) -> None:
    async with having(tmp_path, "honey honey honey", "a long tale of many things, honey") as swarm:
        assert numbers(await find(swarm, "honey")) == [1, 2]


async def test_forgotten_texts_leave_the_index_in_the_same_transaction(tmp_path: Path) -> None:
    async with having(tmp_path, "my secret plan", kind="ask") as swarm:
        assert numbers(await find(swarm, "secret")) == [1]

        def forget(tx: Tx) -> int:
            memory.forget(tx, OWNER, TERMINAL)
            (count,) = tx.execute(
                "select count(*) from finding_text where finding_text match 'secret'"
            ).fetchone()
            return int(count)

        assert await swarm.store.write(forget) == 0
        assert numbers(await find(swarm, "secret")) == []
        assert await _stored(swarm, b"secret")
        await swarm.finder.keep()
        assert not await _stored(swarm, b"secret")


async def _stored(swarm: Swarm, word: bytes) -> bool:
    """Whether the index still holds these bytes anywhere."""
    found = await swarm.store.read(
        lambda rows: rows.execute("select block from finding_text_data").fetchall()
    )
    return any(word in bytes(row[0]) for row in found)


async def test_one_erased_text_leaves_the_others_of_its_task(tmp_path: Path) -> None:
    async with having(tmp_path, "count bees") as swarm:
        await swarm.finder.keep()

        def erase(tx: Tx) -> None:
            tx.execute(
                "update bodies set salt = x'', content = null, blob = null"
                " where id = (select result_body from tasks)"
            )

        await swarm.store.write(erase)
        assert numbers(await find(swarm, "bees")) == [1]
        assert numbers(await find(swarm, "ok")) == []


@pytest.mark.parametrize("lost", ["finding_text", "finding_words", "finding_erased"])
async def test_a_missing_index_is_made_anew(lost: str, tmp_path: Path) -> None:
    async with having(tmp_path, "count bees", "count flowers") as swarm:
        await swarm.finder.keep()
        kind = "trigger" if lost == "finding_erased" else "table"
        await swarm.store.write(lambda tx: tx.execute(f"drop {kind} {lost}").close())
        assert numbers(await find(swarm, "bees")) == [1]
        assert (await swarm.finder.history(Filters())).total == 2


async def test_more_than_one_step_takes_in_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "CHUNK", 2)
    monkeypatch.setattr(index, "FACTS", 5)
    async with having(tmp_path, *(f"bee {n}" for n in "abcde")) as swarm:
        assert (await find(swarm, "bee")).total == 5
        await swarm.store.write(lambda tx: tx.execute("drop table finding_text").close())
        assert (await find(swarm, "bee")).total == 5


async def test_a_look_waits_for_no_write_when_nothing_is_missing(tmp_path: Path) -> None:
    async with having(tmp_path, "count bees") as swarm:
        await swarm.finder.keep()
        free = threading.Event()
        writing = asyncio.create_task(swarm.store.write(lambda _: free.wait(60)))
        try:
            assert numbers(await find(swarm, "bees")) == [1]
            assert (await swarm.finder.history(Filters())).total == 1
            assert not writing.done()
        finally:
            free.set()
            await writing


async def test_a_look_takes_in_what_there_was_and_not_what_comes_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "FACTS", 2)
    async with having(tmp_path, "count bees") as swarm:
        await swarm.finder.keep()
        await over(swarm, (await ask(swarm, "count flowers")).task)
        upto = await swarm.store.write(lambda tx: index.reach(tx, None))
        assert upto is not None
        await over(swarm, (await ask(swarm, "count trees")).task)
        while await swarm.store.write(lambda tx: index.reach(tx, upto)):
            pass
        assert not await swarm.store.read(index.fresh)
        assert numbers(await find(swarm, "trees")) == [3]


async def test_the_index_is_no_part_of_what_a_verification_compares(tmp_path: Path) -> None:
    async with having(tmp_path, "count bees") as swarm:
        await swarm.finder.keep()
        assert (await swarm.store.verify()).ok


async def history(swarm: Swarm, **filters: object) -> History:
    return await swarm.finder.history(Filters(**filters))  # type: ignore[arg-type]


async def test_a_history_tells_each_end_and_sums_the_day(tmp_path: Path) -> None:
    async with having(tmp_path, "count bees", "count flowers") as swarm:
        seen = await history(swarm)
        assert [end.task for end in seen.endings] == [2, 1]
        (day,) = seen.days
        assert (day.done, day.failed, day.cancelled) == (2, 0, 0)
        assert day.cost == sum(end.cost for end in seen.endings)
        assert day.took == sum(end.took or 0 for end in seen.endings)
        assert (await history(swarm, worker="nobody")).total == 0
        assert (await history(swarm, state=TaskState.CANCELLED)).total == 0
        assert (await history(swarm, person=OWNER.key)).total == 2


async def test_a_task_that_ends_twice_is_told_twice(tmp_path: Path) -> None:
    ends = [
        Conclusion(state="failed", failure=Failure(code="internal", data={"problem": "rain"})),
        Conclusion(state="done", text="sunshine"),
    ]

    async def carry(assignment: Assignment, run: Run) -> Conclusion:
        return ends.pop(0)

    async with awake(tmp_path, Custom(carry)) as swarm:
        task = (await ask(swarm, "count bees")).task
        await over(swarm, task)
        await swarm.control.retry(OWNER, task)
        await over(swarm, task)
        told = (await history(swarm)).endings
        assert [(end.task, end.outcome) for end in told] == [(1, "done"), (1, "failed")]
