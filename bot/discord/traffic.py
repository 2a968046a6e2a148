"""Every request to Discord goes through here: who goes first, and when nobody may.

What can go wrong: a storm of rate limits. The SDK would wait and repeat inside each request, first
come first served, so that an answer stands behind a hundred edits of cards, and a second request
would go out while the first has been told to wait. So each bucket sends one at a time, the most
urgent first; a 429 ends the attempt, and what was refused goes back to its place until its time is
over; of two edits of a message only the later is sent; refusals are counted, and from some number
on only what is urgent goes out. The first refusal of the token ends everything.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections import deque
from collections.abc import Callable
from itertools import count
from typing import Any

import aiohttp
import discord
from discord.http import HTTPClient, Route

from bot.chat.allowance import Allowance
from bot.chat.errands import Errand, Lane
from bot.chat.urgency import Urgency, urgency

log = logging.getLogger(__name__)

A_SECOND = 45
"""Requests in a second; Discord takes 50. Answers to interactions do not count."""
AGAIN = 5
"""How often one request is refused before its caller is told."""
SHUT_OUT = 900.0
"""Seconds of silence after a refusal that comes from Discord's edge and does not say how long."""
_BY_TOKEN = ("/interactions/", "/webhooks/")
"""Routes whose token is in their path: not ours, and free of the limit over everything."""


class Limited(Exception):
    """A request was refused for `wait` seconds, `everything` with it."""

    def __init__(self, wait: float, *, everything: bool, shut_out: bool) -> None:
        super().__init__(f"limited for {wait} s")
        self.wait, self.everything, self.shut_out = wait, everything, shut_out


class _Lane(Lane):
    """What goes one route, with one channel, server or token in it. `bucket` is what Discord
    counts it in, which other routes may share."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.bucket = name


class Traffic:
    """Takes the place of `http.request` of one client after the other. `tell` says a sentence by
    its key when requests are held back."""

    def __init__(self, tell: Callable[..., None]) -> None:
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._send: Callable[..., Any] | None = None
        self._on_refused: Callable[[], None] | None = None
        self.allowance = Allowance(self._loop.time)
        self._lanes: dict[str, _Lane] = {}
        self._pauses: dict[str, float] = {}
        self._numbers = count()
        self._underway = 0
        self._sent: deque[float] = deque()
        self._until = self._shut_out = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._refused = self._told = False

    def carry(self, http: HTTPClient, refused: Callable[[], None]) -> None:
        """From now on what `http` is asked for. `refused` is called once when Discord takes its
        token no longer."""
        self._send, self._on_refused, self._refused = http.request, refused, False
        http.request = self.request  # type: ignore[method-assign]

    async def request(
        self, route: Route, *, files: Any = None, form: Any = None, **more: Any
    ) -> Any:
        """As the SDK's. Raises `RateLimited` when it was refused again and again, `LoginFailure`
        once the token is not taken any more."""
        what, number = urgency.get(), next(self._numbers)
        free = route.path.startswith(_BY_TOKEN)
        for again in range(AGAIN):
            if self._refused or self._send is None:
                raise discord.LoginFailure("Discord takes the token no longer.")
            name = f"{route.key}:{route.major_parameters}"
            lane = self._lanes.setdefault(name, _Lane(name))
            edit = route.url if route.method == "PATCH" else ""
            errand = Errand(what, number, free=free, edit=edit)
            if not await self._turn(lane, errand):
                return {}
            look = functools.partial(self._look, route, lane)
            try:
                if self._refused:  # while it waited for its turn
                    raise discord.LoginFailure("Discord takes the token no longer.")
                for file in files or ():
                    # The SDK begins each request where the one before it has left the file.
                    file.reset(seek=True)
                return await self._send(route, files=files, form=form, middlewares=(look,), **more)
            except Limited as limited:
                self._pause(lane, limited)
                if again == AGAIN - 1:
                    raise discord.RateLimited(limited.wait) from None
            finally:
                lane.busy = False
                self._underway -= 1
                self._next()
        raise AssertionError("the last refusal is raised")

    async def _turn(self, lane: _Lane, errand: Errand) -> bool:
        """Wait until it may be sent. False: a later one goes in its place."""
        if not lane.enter(errand):
            return False
        self._next()
        try:
            return await errand.turn
        except asyncio.CancelledError:
            if errand.turn.done() and not errand.turn.cancelled() and errand.turn.result():
                lane.busy = False
                self._underway -= 1
            self._next()
            raise
        finally:
            lane.leave(errand)

    def _next(self) -> None:
        """Let go whoever may, the most urgent first."""
        now = self._loop.time()
        while self._sent and self._sent[0] <= now - 1.0:
            self._sent.popleft()
        heads = [
            (head, lane)
            for lane in self._lanes.values()
            if not lane.busy and self._pauses.get(lane.bucket, 0.0) <= now and (head := lane.head())
        ]
        for head, lane in sorted(heads, key=lambda each: each[0]):
            if not self._may(head, now):
                continue
            lane.busy = True
            self._underway += 1
            if not head.free:
                self._sent.append(now)
            lane.go()
        self._arm(now)

    def _may(self, errand: Errand, now: float) -> bool:
        if now < self._shut_out:
            return False
        if not self.allowance.takes(errand.what, self._underway):
            self._hold_back(errand)
            return False
        return errand.free or (now >= self._until and len(self._sent) < A_SECOND)

    def _hold_back(self, errand: Errand) -> None:
        """Said once in a storm, when it reaches what people wait for."""
        if self._told or errand.what > Urgency.RESULT or self.allowance.takes(errand.what, 0):
            return
        self._told = True
        more = self.allowance.more()
        wait = max(1, round((more - self._loop.time()) / 60)) if more else 1
        self._tell("connection.slowed", count=self.allowance.used, wait=wait)

    def _pause(self, lane: _Lane, limited: Limited) -> None:
        until = self._loop.time() + limited.wait
        self._pauses[lane.bucket] = max(until, self._pauses.get(lane.bucket, 0.0))
        if limited.shut_out:
            if self._shut_out < self._loop.time():
                self._tell("connection.shut_out", wait=max(1, round(limited.wait / 60)))
            self._shut_out = max(self._shut_out, until)
        elif limited.everything:
            self._until = max(self._until, until)

    def _arm(self, now: float) -> None:
        """Look again when the next reason to wait is over."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        for bucket in [each for each, until in self._pauses.items() if until <= now]:
            del self._pauses[bucket]
        for name, lane in list(self._lanes.items()):
            if not (lane.busy or lane.head() or lane.bucket in self._pauses):
                del self._lanes[name]
        idle = [lane for lane in self._lanes.values() if lane.head() and not lane.busy]
        if not idle:
            return
        reasons = [self._pauses.get(lane.bucket, 0.0) for lane in idle]
        reasons += [self._until, self._shut_out]
        if len(self._sent) >= A_SECOND:
            reasons.append(self._sent[0] + 1.0)
        if more := self.allowance.more():
            reasons.append(more)
        if later := [at for at in reasons if at > now]:
            self._timer = self._loop.call_at(min(later), self._next)

    async def _look(
        self,
        route: Route,
        lane: _Lane,
        request: aiohttp.ClientRequest,
        handler: aiohttp.ClientHandlerType,
    ) -> aiohttp.ClientResponse:
        """What Discord says to one attempt, before the SDK acts on it."""
        response = await handler(request)
        limits = response.headers
        if bucket := limits.get("X-RateLimit-Bucket"):
            lane.bucket = f"{bucket}:{route.major_parameters}"
        if response.status in (401, 403, 429) and limits.get("X-RateLimit-Scope") != "shared":
            self.allowance.refused()
        elif self._told and self.allowance.takes(Urgency.LATER, 0):
            self._told = False
        if response.status == 401 and not route.path.startswith(_BY_TOKEN):
            self._refuse()
        if response.status != 429:
            return response
        raise await _limited(response)

    def _refuse(self) -> None:
        if not self._refused and self._on_refused:
            self._refused = True
            self._on_refused()


async def _limited(response: aiohttp.ClientResponse) -> Limited:
    """docs: rate limits. What comes from the edge in front of Discord has no JSON and no Via."""
    given = response.headers.get("Retry-After", "")
    told = float(given) if given.replace(".", "", 1).isdigit() else 0.0
    if "Via" not in response.headers or response.content_type != "application/json":
        await response.read()
        return Limited(told or SHUT_OUT, everything=True, shut_out=True)
    body = await response.json()
    wait = max(told, float(body.get("retry_after", told)))
    return Limited(wait, everything=bool(body.get("global")), shut_out=False)
