"""Workers whose every act is a request to the slow server, which counts what was served."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar

from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.errors import AnswerLost, Unreachable
from swarm_core.kernel.ids import RunId
from swarm_core.kernel.money import MicroUSD
from swarm_core.steps.model import Answer, Conclusion, Run
from swarm_core.testing import ScriptedModel

PRICE = MicroUSD(40)
HOLD = MicroUSD(100)

_run: ContextVar[RunId] = ContextVar("run")


async def get(port: int, path: str) -> str:
    """One request, one connection. Raises `Unreachable` when it was certainly not served,
    `AnswerLost` when nobody knows."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError as error:
        raise Unreachable(host="127.0.0.1", problem=str(error)) from error
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
        answer = await reader.read()
    except OSError as error:
        raise AnswerLost(what=path, problem=str(error)) from error
    finally:
        writer.close()
    if not answer:
        raise AnswerLost(what=path, problem="the connection was cut")
    return answer.partition(b"\r\n\r\n")[2].decode()


class PaidCaller(ScriptedModel):
    """`calls` paid calls for a task whose text is its word and its key. A `stubborn` one does not
    let go of a call when it is cancelled."""

    def __init__(self, word: str, port: int, *, calls: int, stubborn: bool = False) -> None:
        super().__init__(word, words=(word,), calls=calls, price=PRICE, hold=HOLD, play=self._call)
        self._port = port
        self._stubborn = stubborn

    async def run(self, assignment: Assignment, run: Run) -> Conclusion:
        _run.set(run.id)
        return await super().run(assignment, run)

    async def _call(self, assignment: Assignment, n: int) -> Answer:
        _, key = assignment.text.split()
        path = f"/paid/{key}/{_run.get()}/{n}"
        call = asyncio.create_task(get(self._port, path))
        try:
            text = await asyncio.shield(call)
        except asyncio.CancelledError:
            if not self._stubborn:
                call.cancel()
                raise
            text = await call
        return Answer(text=text, cost=PRICE)


def callers(port: int) -> tuple[PaidCaller, ...]:
    once = PaidCaller("once", port, calls=1)
    once.effect = "once"
    return (
        PaidCaller("pay", port, calls=2),
        PaidCaller("long", port, calls=4),
        PaidCaller("stubborn", port, calls=2, stubborn=True),
        once,
    )
