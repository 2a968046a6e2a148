"""Pauses after failures, and the pace of calls."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from swarm_core.kernel.errors import (
    AnswerLost,
    ProviderBusy,
    ProviderPaused,
    ProviderRejected,
    WaggleError,
    WrongKey,
)
from swarm_core.providers.breaker import Breaker, Patience
from swarm_core.providers.limits import Limits
from swarm_core.providers.model import Completion, OnChunk, Prompt
from swarm_core.simulation import run
from swarm_core.testing import ScriptedProvider
from tests.providers.benches import ask

PROMPT = ask("scripted-1")
LOST = AnswerLost(what="x", problem="cut")


def busy(after: int = 0) -> ProviderBusy:
    return ProviderBusy(provider="x", after=after, problem="full")


async def fail(provider: Breaker | Limits, error: type[WaggleError]) -> WaggleError:
    with pytest.raises(error) as raised:
        await provider.complete(PROMPT)
    return raised.value


async def test_failures_in_a_row_open_it() -> None:
    twin = ScriptedProvider(busy(), LOST, busy(), "never")
    breaker = Breaker(twin, Patience(failures=3, pause=1000))
    for error in (ProviderBusy, AnswerLost, ProviderBusy):
        assert breaker.health.state == "closed"
        await fail(breaker, error)
    paused = await fail(breaker, ProviderPaused)
    assert paused.data["problem"] == "full"
    assert 900 < int(str(paused.data["seconds"])) <= 1000
    assert breaker.health.state == "open"
    assert breaker.health.since
    assert len(twin.prompts) == 3


async def test_an_answer_or_a_refusal_of_one_prompt_ends_the_row() -> None:
    no = ProviderRejected(provider="x", problem="no")
    breaker = Breaker(ScriptedProvider(busy(), "ok", busy(), no, busy()), Patience(failures=2))
    await fail(breaker, ProviderBusy)
    await breaker.complete(PROMPT)
    await fail(breaker, ProviderBusy)
    await fail(breaker, ProviderRejected)
    await fail(breaker, ProviderBusy)
    assert breaker.health.state == "closed"


async def test_a_wrong_key_opens_it_at_once_and_for_longer() -> None:
    wrong = WrongKey(provider="x", variable="KEY")
    breaker = Breaker(ScriptedProvider(wrong), Patience(pause=10, long_pause=1000))
    await fail(breaker, WrongKey)
    paused = await fail(breaker, ProviderPaused)
    assert int(str(paused.data["seconds"])) > 900
    assert await breaker.models() == ("scripted-1",)


async def test_after_the_pause_one_call_tries_and_closes_it() -> None:
    twin = ScriptedProvider(LOST, LOST, "ok")
    breaker = Breaker(twin, Patience(failures=1, pause=1e-9))
    await fail(breaker, AnswerLost)
    assert breaker.health.state == "half-open"
    await fail(breaker, AnswerLost)
    first, second = await asyncio.gather(
        breaker.complete(PROMPT), breaker.complete(PROMPT), return_exceptions=True
    )
    assert not isinstance(first, BaseException)
    assert isinstance(second, ProviderPaused)
    assert breaker.health.state == "closed"


class Silent(ScriptedProvider):
    """Answers its script, and then never again; `asked` is set at each call that hangs."""

    def __init__(self, *script: str | Exception) -> None:
        super().__init__(*script)
        self.asked = asyncio.Event()

    async def complete(self, prompt: Prompt, *, on_chunk: OnChunk | None = None) -> Completion:
        if self.script:
            return await super().complete(prompt, on_chunk=on_chunk)
        self.asked.set()
        return await asyncio.get_running_loop().create_future()


async def cancel(breaker: Breaker, twin: Silent) -> None:
    call = asyncio.create_task(breaker.complete(PROMPT))
    await twin.asked.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


async def test_a_try_that_is_cancelled_says_nothing() -> None:
    twin = Silent(LOST)
    breaker = Breaker(twin, Patience(failures=1, pause=1e-9))
    await fail(breaker, AnswerLost)
    await cancel(breaker, twin)
    assert breaker.health.state == "half-open"
    twin.script = [LOST, "ok"]
    await fail(breaker, AnswerLost)
    assert breaker.health.state == "half-open"
    await breaker.complete(PROMPT)
    assert breaker.health.state == "closed"


async def test_a_cancelled_call_does_not_end_the_row() -> None:
    twin = Silent(busy())
    breaker = Breaker(twin, Patience(failures=2, pause=1000))
    await fail(breaker, ProviderBusy)
    await cancel(breaker, twin)
    twin.script = [busy()]
    await fail(breaker, ProviderBusy)
    assert breaker.health.state == "open"


async def test_a_call_that_a_pause_stops_is_no_try_of_the_key() -> None:
    wrong = WrongKey(provider="x", variable="KEY")
    twin = ScriptedProvider(LOST, wrong)
    breaker = Breaker(twin, Patience(failures=1, pause=1000, long_pause=1e-9))
    await asyncio.gather(*(breaker.complete(PROMPT) for _ in range(2)), return_exceptions=True)
    await fail(breaker, ProviderPaused)
    assert len(twin.prompts) == 2
    assert breaker.health.state == "half-open"
    assert breaker.health.why == "wrong key"


def test_requests_are_spread_over_the_minute_in_their_order() -> None:
    async def main() -> None:
        limits = Limits(ScriptedProvider(), rpm=2)
        loop, came = asyncio.get_running_loop(), list[tuple[int, float]]()

        async def call(n: int) -> None:
            await limits.complete(PROMPT)
            came.append((n, round(loop.time())))

        await asyncio.gather(*(call(n) for n in range(5)))
        assert came == [(0, 0), (1, 0), (2, 30), (3, 60), (4, 90)]

    run(main)


def test_a_large_prompt_is_not_overtaken_for_ever() -> None:
    async def main() -> None:
        limits = Limits(ScriptedProvider(), tpm=1000)
        order = list[int]()

        async def call(tokens: int) -> None:
            await limits.complete(ask("scripted-1", max_output=tokens))
            order.append(tokens)

        await asyncio.gather(*(call(tokens) for tokens in (900, 5000, 10, 11, 12)))
        assert order == [900, 5000, 10, 11, 12]

    run(main)


def test_a_busy_answer_holds_all_calls_back() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        limits = Limits(ScriptedProvider(busy(40), "ok", busy(4000)))
        await fail(limits, ProviderBusy)
        await limits.complete(PROMPT)
        assert round(loop.time()) == 40
        await fail(limits, ProviderBusy)
        told = await fail(limits, ProviderBusy)
        assert told.data["after"] == 4000
        assert round(loop.time()) == 40

    run(main)


def test_opening_a_provider_imports_no_sdk() -> None:
    code = (
        "import sys; from swarm_core.providers.opening import *;"
        "open_provider(Access(name='a', kind='anthropic'));"
        "open_provider(Access(name='b', kind='openai-compatible'));"
        "print([m for m in ('anthropic', 'openai', 'httpx2', 'aiohttp') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
