"""Leaves a provider alone for a while that keeps failing."""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Literal, TypeVar

import msgspec
from purgatory.domain.model import CLOSED, HALF_OPENED, Context, OpenedState

from swarm_core.kernel.errors import (
    AnswerLost,
    OutOfCredit,
    ProviderBusy,
    ProviderPaused,
    ProviderUnreachable,
    WaggleError,
    WrongKey,
)
from swarm_core.providers.model import Capabilities, Completion, Health, OnChunk, Prompt, Provider
from swarm_core.providers.speech import Heard, Recording, listening

_T = TypeVar("_T")
_PASSING = (ProviderBusy, ProviderUnreachable, AnswerLost)
_LASTING = (WrongKey, OutOfCredit)
_WELL = Health(state="closed")


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """After how many failures in a row a provider is left alone, and for how many seconds; and
    for how many once it did not accept the key, or the account was empty."""

    failures: int = 5
    pause: float = 30.0
    long_pause: float = 600.0


class Breaker:
    """A provider that raises `ProviderPaused` while it is left alone. After that one call tries:
    it succeeds and all is well, or the pause begins anew. `models` always gets through."""

    def __init__(self, inner: Provider, patience: Patience = Patience()) -> None:  # noqa: B008
        self._inner = inner
        self._passing = _Circuit(_PASSING, patience.failures, patience.pause)
        self._lasting = _Circuit(_LASTING, 1, patience.long_pause)

    @property
    def name(self) -> str:
        return self._inner.name

    @property
    def capabilities(self) -> Capabilities:
        return self._inner.capabilities

    @property
    def health(self) -> Health:
        """For people, and for whoever chooses among providers."""
        lasting = self._lasting.health
        return self._passing.health if lasting.state == "closed" else lasting

    async def complete(self, prompt: Prompt, *, on_chunk: OnChunk | None = None) -> Completion:
        """As the port; and raises `ProviderPaused`, with nothing sent."""
        return await self._through(lambda: self._inner.complete(prompt, on_chunk=on_chunk))

    async def count(self, prompt: Prompt) -> int:
        return await self._through(lambda: self._inner.count(prompt))

    async def transcribe(self, recording: Recording) -> Heard:
        """See `Transcriber`; and as `complete`."""
        inner = listening(self._inner)
        return await self._through(lambda: inner.transcribe(recording))

    async def models(self) -> tuple[str, ...]:
        return await self._inner.models()

    async def close(self) -> None:
        await self._inner.close()

    async def _through(self, call: Callable[[], Awaitable[_T]]) -> _T:
        health = self.health
        if health.state == "open" or self._lasting.trying or self._passing.trying:
            raise self._paused(health)
        try:
            return await self._lasting.through(lambda: self._passing.through(call))
        except OpenedState as opened:
            # One and the same is raised each time, and would gather tracebacks.
            opened.__traceback__ = None
            raise self._paused(health) from None

    def _paused(self, health: Health) -> ProviderPaused:
        seconds = max(1, health.seconds)
        return ProviderPaused(provider=self.name, seconds=seconds, problem=health.why)


class _Circuit:
    """A circuit of purgatory that only `kinds` of failure open. A call that was cancelled says
    nothing of the provider: it neither ends a row of failures nor closes the circuit."""

    def __init__(self, kinds: tuple[type[WaggleError], ...], failures: int, pause: float) -> None:
        others = (Exception, lambda error: not isinstance(error, kinds))
        self._kinds = kinds
        self._context = Context("", failures, pause, exclude=[others])
        self._why = ""
        self._last: WaggleError | None = None
        self.trying = False

    @property
    def health(self) -> Health:
        context = self._context
        if context.state == CLOSED:
            return _WELL
        if context.opened_at is None:
            return Health(state="half-open", why=self._why)
        left = math.ceil(context.opened_at + context.ttl - time.time())
        since = datetime.fromtimestamp(context.opened_at, UTC)
        state: Literal["open", "half-open"] = "open" if left > 0 else "half-open"
        return Health(
            state=state, since=since, seconds=max(0, left), why=self._why, error=self._last
        )

    async def through(self, call: Callable[[], Awaitable[_T]]) -> _T:
        """What `call` gives. Raises what it raises, and `OpenedState`."""
        context = self._context
        context.handle_new_request()
        tries = context.state == HALF_OPENED
        self.trying = self.trying or tries
        try:
            answer = await call()
            context.handle_end_request()
            return answer
        except OpenedState:
            raise  # of a circuit further in: nothing was asked
        except Exception as error:
            context.handle_exception(error)
            if isinstance(error, self._kinds):
                self._why = str(error.data.get("problem") or error.code.replace("_", " "))
                self._last = error.with_traceback(None) if isinstance(error, _LASTING) else None
            raise
        finally:
            context.messages.clear()  # for hooks, of which there are none
            self.trying = self.trying and not tries
