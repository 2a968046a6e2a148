"""Keeps calls to a provider within what its account may ask for in a minute."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator
from contextlib import contextmanager

from aiolimiter import AsyncLimiter

from swarm_core.kernel.errors import ProviderBusy
from swarm_core.providers.estimate import estimate_prompt
from swarm_core.providers.model import Capabilities, Completion, OnChunk, Prompt, Provider
from swarm_core.providers.speech import Heard, Recording, listening

_MINUTE = 60
_TICK = 0.05
_LONGEST_HOLD = 60
"""Whoever would wait longer is told so at once, and may go elsewhere."""


class Limits:
    """A provider to which at most `rpm` requests and `tpm` tokens go in a minute, in the order in
    which they came; 0 is no limit. When it is busy and says for how long, all calls wait."""

    def __init__(self, inner: Provider, *, rpm: int = 0, tpm: int = 0) -> None:
        self._inner = inner
        self._requests = AsyncLimiter(rpm, _MINUTE) if rpm else None
        self._tokens = AsyncLimiter(tpm, _MINUTE) if tpm else None
        # aiolimiter lets small amounts pass before large ones, which might then never come.
        self._turn = asyncio.Lock()
        self._held_until = 0.0

    @property
    def name(self) -> str:
        return self._inner.name

    @property
    def capabilities(self) -> Capabilities:
        return self._inner.capabilities

    async def complete(self, prompt: Prompt, *, on_chunk: OnChunk | None = None) -> Completion:
        """As the port. What waits and is cancelled has used nothing up."""
        tokens = estimate_prompt(prompt) + prompt.max_output if self._tokens else 0
        await self._in_turn(tokens)
        with self._heeding():
            return await self._inner.complete(prompt, on_chunk=on_chunk)

    async def transcribe(self, recording: Recording) -> Heard:
        """See `Transcriber`. It is a request, and no tokens."""
        inner = listening(self._inner)
        await self._in_turn(0)
        with self._heeding():
            return await inner.transcribe(recording)

    async def count(self, prompt: Prompt) -> int:
        return await self._inner.count(prompt)

    async def models(self) -> tuple[str, ...]:
        return await self._inner.models()

    async def close(self) -> None:
        await self._inner.close()

    async def _in_turn(self, tokens: int) -> None:
        async with self._turn:
            await self._wait()
            if self._tokens and tokens:
                await _room(self._tokens, min(tokens, self._tokens.max_rate))
            if self._requests:
                await _room(self._requests, 1)

    @contextmanager
    def _heeding(self) -> Iterator[None]:
        try:
            yield
        except ProviderBusy as busy:
            after = busy.data["after"]
            if isinstance(after, int):
                until = asyncio.get_running_loop().time() + after
                self._held_until = max(self._held_until, until)
            raise

    async def _wait(self) -> None:
        while (left := self._held_until - asyncio.get_running_loop().time()) > 0:
            if left > _LONGEST_HOLD:
                problem = "it asked to be left alone"
                raise ProviderBusy(provider=self.name, after=math.ceil(left), problem=problem)
            await asyncio.sleep(left)


async def _room(limiter: AsyncLimiter, amount: float) -> None:
    # Its own timer may come due a rounding error too early, again and again, on a loop whose time
    # stands still between timers. One call waits here at a time.
    while not limiter.has_capacity(amount):  # noqa: ASYNC110
        await asyncio.sleep(_TICK)
    await limiter.acquire(amount)
