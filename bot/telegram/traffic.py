"""Every request to Telegram goes through here: who goes first, and when nobody may.

What can go wrong: a storm of refusals (429), each for some seconds in which nothing more may be
sent. So each chat sends one message at a time, the most urgent first, and no faster than the
service says; what was refused goes back to its place until its time is over; of two edits of a
message only the later is sent; from some number of refusals on only what is urgent goes out. A
refusal does not say whether it is meant for one chat or for everything: so for a few seconds it
holds up everything, then one message to another chat is tried, and what becomes of that tells.
The first refusal of the token ends everything.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

from telegram.error import InvalidToken, NetworkError, RetryAfter

from bot.chat.allowance import Allowance
from bot.chat.errands import Errand
from bot.chat.urgency import Urgency, urgency
from bot.telegram.channels import NAME
from bot.telegram.lanes import SKEW, ChatLane, Limits, is_answer
from bot.telegram.requests import DOWNLOAD, TYPING, Request

AGAIN, OFTEN = 5, 20
"""How often one request is refused before its caller is told; and before an answer, which goes on
as long as `Limits.answers`, is tried less often: one chat does not use up what all may be."""
KNOWN = 600.0
"""Seconds for which a chat that was refused while others were not is taken for limited alone."""
NEAR = 2.0
"""Seconds by which two refusals for everything may seem to end apart."""
MARGIN = 0.1
"""Seconds after the end of a refusal: clocks differ."""
SPREAD, SPARED, HEARING = 20.0, 30, 5
"""Seconds between two tries, at most, of what is no message and refused again and again; refusals
that messages leave it then, and always: whoever says /stop is heard, however much was refused."""
DONE = b'{"ok":true,"result":true}'

Answer = tuple[int, bytes]


class NotSent(NetworkError):
    """It has certainly not arrived."""


class Traffic:
    """`tell` says a sentence by its key when requests are held back; `refused` is called once,
    when the token is not taken."""

    def __init__(
        self,
        tell: Callable[..., None],
        refused: Callable[[], None],
        limits: Limits | None = None,
    ) -> None:
        self._tell, self._on_refused = tell, refused
        self._limits = limits or Limits()
        self._loop = asyncio.get_running_loop()
        self.allowance = Allowance(self._loop.time)
        self._lanes: dict[str, ChatLane] = {}
        self._numbers = count()
        self._sent: deque[float] = deque()
        self._underway = self._asking = 0
        """Messages and what becomes of them, and all else."""
        self._row = Counter[str]()
        """How often what is no message was refused, without a break."""
        self._until = self._hold = 0.0
        self._doubted: float | None = None
        """Since when it is not known whether a refusal is for everything."""
        self._timer: asyncio.TimerHandle | None = None
        self._refused = self._told = self._closed = False

    def close(self) -> None:
        """Nothing is sent any more; who waits is told so."""
        self._closed = True
        self._still()
        for lane in self._lanes.values():
            self._give_up(lane, NotSent("We have left."))

    async def carry(self, request: Request, send: Callable[[], Awaitable[Answer]]) -> Answer:
        """What `send` answers, once it may be sent. Raises `RetryAfter` without sending when that
        takes too long, `InvalidToken` once the token is not taken any more. An edit that a later
        one replaces is done with, and so is `typing` that could only be told late."""
        what, number = urgency.get(), next(self._numbers)
        ends = float("inf")
        for tried in count(1):
            lane, now = self._lane(request), self._loop.time()
            errand = Errand(what, number, free=not request.counted, edit=request.edit)
            self._check(lane, errand, now)
            if request.method == TYPING and self._when(errand, lane, now) > now:
                return 200, DONE
            if not await self._turn(lane, errand):
                return 200, DONE
            begun = self._loop.time()
            try:
                status, body = await send()
                self._heard(request, lane, begun, (status, body))
            finally:
                self._over(lane, errand)
            now = self._loop.time()
            ends = min(ends, now + self._limits.answers)
            if status != 429 or (now >= ends if is_answer(errand) else tried >= AGAIN):
                break
            if tried >= OFTEN:
                lane.rests(now + SPREAD)
        return status, body

    def _lane(self, request: Request) -> ChatLane:
        # Where a chat is refused, questions about it and `typing` there are not.
        name = request.chat if request.counted else f"{request.method}:{request.chat}"
        if name not in self._lanes:
            self._lanes[name] = ChatLane(name, self._limits)
        return self._lanes[name]

    def _check(self, lane: ChatLane, errand: Errand, now: float) -> None:
        """That it is worth waiting."""
        if self._refused:
            raise InvalidToken("Telegram takes the token no longer.")
        if self._closed:
            raise NotSent("We have left.")
        until, allowed = max(lane.until, self._until), self.allowance
        if errand.free and not allowed.takes(Urgency.ANSWER, self._underway + self._asking):
            until = max(until, allowed.more() or until)
        if (wait := until - now) > self._limits.waits(errand):
            raise RetryAfter(int(wait) + 1)

    async def _turn(self, lane: ChatLane, errand: Errand) -> bool:
        """Wait until it may be sent. False: a later one goes in its place."""
        if not lane.enter(errand):
            return False
        self._next()
        try:
            return await errand.turn
        except asyncio.CancelledError:
            turn = errand.turn
            if turn.done() and not turn.cancelled() and not turn.exception() and turn.result():
                self._over(lane, errand)
            else:
                turn.cancel()
                self._next()
            raise
        finally:
            lane.leave(errand)

    def _over(self, lane: ChatLane, errand: Errand) -> None:
        if errand.free:
            self._asking -= 1
        else:
            lane.busy = False
            self._underway -= 1
        self._next()

    def _next(self) -> None:
        """Let go whoever may, the most urgent first; look again when the next one may."""
        now = self._loop.time()
        while self._sent and self._sent[0] <= now - SKEW:
            self._sent.popleft()
        soonest = float("inf")
        for name, lane in list(self._lanes.items()):
            if lane.idle(now):
                del self._lanes[name]
        heads = ((head, lane) for lane in self._lanes.values() if (head := lane.head()))
        for head, lane in sorted(heads, key=lambda each: each[0]):
            first: Errand | None = head
            while first and (at := self._when(first, lane, now)) <= now:
                if first.free:
                    self._asking += 1
                else:
                    lane.busy = True
                    lane.sends(now)
                    self._underway += 1
                    self._sent.append(now)
                lane.go()
                first = lane.head()
            if first:
                soonest = min(soonest, at)
        self._still()
        if soonest < float("inf") and not self._closed:
            self._timer = self._loop.call_at(soonest, self._next)

    def _when(self, errand: Errand, lane: ChatLane, now: float) -> float:
        """From when on it may be sent, as far as is known now."""
        at = max(self._until, self._hold)
        if not errand.free and (lane.busy or (self._doubted is not None and self._underway)):
            return float("inf")
        what = Urgency.ANSWER if errand.free else errand.what
        spared = 0 if errand.free else SPARED if self._row else HEARING
        if not self.allowance.takes(what, self._underway + self._asking + spared):
            self._hold_back(what)
            return max(at, self.allowance.more() or float("inf"))
        if errand.free:
            return max(at, lane.until)
        if len(self._sent) >= self._limits.a_second:
            at = max(at, self._sent[-self._limits.a_second] + SKEW)
        return max(at, lane.when(errand.what, now))

    def _hold_back(self, what: Urgency) -> None:
        """Said once in a storm, when it reaches what people wait for."""
        if self._told or what > Urgency.RESULT or self.allowance.takes(what, HEARING):
            return
        self._told = True
        more = self.allowance.more()
        wait = max(1, round((more - self._loop.time()) / 60)) if more else 1
        self._tell("connection.slowed", surface=NAME, count=self.allowance.used, wait=wait)

    def _heard(self, request: Request, lane: ChatLane, begun: float, answer: Answer) -> None:
        """What an answer says of the requests after it."""
        status, body = answer
        if status in (401, 403, 429):
            self.allowance.refused()
        elif self._told and self.allowance.takes(Urgency.LATER, 0):
            self._told = False
        told = read(body) if status in (401, 404, 429) else {}
        # For a token that is not even shaped like one the service says 404, and no more than that;
        # of a method it does not know it says so.
        unshaped = status == 404 and told.get("description") == "Not Found"
        if status == 401 or (unshaped and request.method != DOWNLOAD):
            self._refuse()
        elif status == 429:
            self._limited(request, lane, told)
        elif request.counted and status < 500:
            self._of_one_chat(lane, begun)
        elif not request.counted:
            self._row.pop(lane.name, None)

    def _limited(self, request: Request, lane: ChatLane, told: dict[str, Any]) -> None:
        now = self._loop.time()
        given = told.get("parameters", {}).get("retry_after", 1)
        until = now + max(1.0, float(given)) + MARGIN
        # What is not counted leaves no trace while it is under way.
        lane = self._lanes.setdefault(lane.name, lane)
        others = [each for each in self._lanes.values() if each is not lane and each.until > now]
        everything = any(abs(each.until - until) <= NEAR for each in others)
        lane.refused(until)
        if not request.counted:
            self._row[lane.name] += 1
            lane.refused(now + min(SPREAD, 2.0 ** self._row[lane.name]))
        if everything:
            self._until, self._doubted = max(self._until, until), None
        elif lane.own <= now:
            self._hold = max(self._hold, min(until, now + self._limits.hold))
            self._doubted = now
        for each in list(self._lanes.values()) if everything else [lane]:
            self._give_up(each, RetryAfter(int(until - now) + 1), until - now)

    def _of_one_chat(self, lane: ChatLane, begun: float) -> None:
        """Where another chat was written to meanwhile, it is not everything that is limited."""
        if self._doubted is None or begun <= self._doubted or lane.until > begun:
            return
        self._doubted = None
        for each in self._lanes.values():
            if each.until > begun:
                each.own = each.until + KNOWN

    def _give_up(self, lane: ChatLane, error: Exception, wait: float = float("inf")) -> None:
        """Whoever would not wait so many seconds is told of the error."""
        for errand in lane.waiting:
            if wait > self._limits.waits(errand) and not errand.turn.done():
                errand.turn.set_exception(error)

    def _still(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _refuse(self) -> None:
        if self._refused:
            return
        self._refused = True
        for lane in self._lanes.values():
            self._give_up(lane, InvalidToken("Telegram takes the token no longer."))
        self._on_refused()


def read(body: bytes) -> dict[str, Any]:
    """What stands before the service answers in other ways."""
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
