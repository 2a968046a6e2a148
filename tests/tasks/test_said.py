"""What an event said is changed and taken back as long as nobody has read it."""

from __future__ import annotations

from pathlib import Path

from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.ids import TaskId
from swarm_core.steps.model import Conclusion, Run
from swarm_core.testing import OWNER, request
from tests.worlds import Custom, Gate, awake, kinds, over

ONE, TWO = TaskId(1), TaskId(2)


async def test_words_are_changed_until_they_are_heard_and_the_journal_says_the_same(
    tmp_path: Path,
) -> None:
    gate = Gate()

    async def slow(assignment: Assignment, run: Run) -> Conclusion:
        await gate()
        return Conclusion(state="done", text=assignment.text)

    async with awake(tmp_path, Custom(slow), limits={"concurrency": 1}) as swarm:
        talking = swarm.talking
        for text in ("first", "second"):
            await swarm.intake.submit(OWNER, request(text, key=f"{OWNER.key}/{text}"))
        await gate.reached.wait()
        await talking.tell(OWNER, ONE, "by ship", f"{OWNER.key}/a")
        await talking.tell(OWNER, ONE, "by ship", f"{OWNER.key}/a")
        await talking.tell(OWNER, ONE, "by car", f"{OWNER.key}/b")
        came = [
            await talking.amend(OWNER, "a", "by train"),
            await talking.amend(OWNER, "a", "by train"),
            await talking.withdraw(OWNER, "b"),
            await talking.amend(OWNER, "second", "last"),
            await talking.amend(OWNER, "first", "other"),
            await talking.amend(OWNER, "none", "other"),
        ]
        heard = await swarm.ears.heard(ONE, 0)
        assert await swarm.ears.heard(ONE, 0) == heard
        late = await talking.amend(OWNER, "a", "by bicycle")
        gone = await talking.withdraw(OWNER, "first")
        gate.open()
        await over(swarm, ONE, TWO)
        ended = await talking.amend(OWNER, "second", "even later")
        report = await swarm.store.verify()
        texts = [(await swarm.views.task(n)).task.result for n in (ONE, TWO)]
        facts = await kinds(swarm, ONE)
        found = await swarm.views.whole(ONE)
    assert [each.what if each else None for each in came] == [
        *("done", "same", "done", "done", "read", None),
    ]
    assert heard == ("by train",)
    assert [each.what if each else None for each in (late, gone, ended)] == [
        *("read", "read", "ended"),
    ]
    assert texts == ["first", "last"]
    assert facts.count("task.told") == 2
    assert facts.count("task.heard") == 1
    assert "by ship" not in str(found)
    assert report.ok, report.findings
