"""Workers of these tests."""

from __future__ import annotations

from swarm_core.dispatch.model import Assignment
from swarm_core.steps.model import Conclusion, Run
from swarm_core.testing import ScriptedProvider
from tests.worlds import Gate


async def echo(assignment: Assignment, run: Run) -> Conclusion:
    return Conclusion(state="done", text=f"You said: {assignment.text}")


async def never(assignment: Assignment, run: Run) -> Conclusion:
    raise AssertionError("nothing was to be done")


class Slow:
    """Answers once it may."""

    def __init__(self) -> None:
        self.gate = Gate()

    async def __call__(self, assignment: Assignment, run: Run) -> Conclusion:
        await self.gate()
        return await echo(assignment, run)


def prompted(model: ScriptedProvider) -> str:
    """All that a model was told the last time."""
    return str(model.prompts[-1])
