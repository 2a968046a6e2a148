"""A storm of refused messages in virtual time, while cards of many tasks change all the time: what
people stop and decide on goes before what changes by itself, and by how much is counted."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bot.telegram.service import Pace
from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.ids import TaskId
from swarm_core.steps.model import Answer, Conclusion, Grant, Run
from swarm_core.swarm import Swarm
from swarm_core.tasks.model import TaskState
from tests.discord.decisions import MONEY, dear
from tests.discord.virtual import by_the_loop
from tests.fakes.telegram.service import Service
from tests.telegram.bench import Bench, bench
from tests.telegram.storm import MANY, LoopTime
from tests.worlds import Custom, a_call

EDIT, POST, ANSWER = "editMessageText", "sendMessage", "answerCallbackQuery"
STOPS, QUESTIONS, YESES = FIRST = ("answers to stops", "questions of prices", "answers to yeses")
CARDS = "cards that show a stop"
MANY_TASKS = 9
DEAR = "much"
"""What a question begins with that is asked back for its price."""
_A_STEP, _STEPS = 20.0, 1_000
_AFTER = 1500.0

Asked = dict[str, Any]


@dataclass(frozen=True)
class Waited:
    """One message from when it was `ready` to when it was first tried, and `done`; so many `edits`
    in its chat were begun in between. Times are those of the fake, in seconds."""

    ready: float
    tried: float
    done: float | None
    edits: int


def waited(
    service: Service, chat: int, ready: float, is_it: Callable[[Asked], bool]
) -> Waited | None:
    """What became of the message in `chat` that `is_it` knows; None when it was never tried."""
    since = [r for r in service.requests if r["at"] >= ready]
    n = next((n for n, r in enumerate(since) if is_it(r)), None)
    if n is None:
        return None
    # What was begun at that very moment may have been under way.
    edits = (r for r in since[:n] if r["method"] == EDIT and _of(r, chat) and r["at"] > ready)
    done = next((r["at"] for r in since[n:] if is_it(r) and r["status"] == 200), None)
    return Waited(ready, since[n]["at"], done, sum(1 for _ in edits))


def said(chat: int, *words: str) -> Callable[[Asked], bool]:
    """Knows a message that is sent to `chat` with all these words."""

    def is_it(request: Asked) -> bool:
        text = str(request["parameters"].get("text"))
        return request["method"] == POST and _of(request, chat) and all(w in text for w in words)

    return is_it


def changed(chat: int, *words: str) -> Callable[[Asked], bool]:
    """Knows a message of `chat` that is changed to have all these words."""

    def is_it(request: Asked) -> bool:
        text = str(request["parameters"].get("text"))
        return request["method"] == EDIT and _of(request, chat) and all(w in text for w in words)

    return is_it


def agrees(chat: int, press: str, task: str) -> Callable[[Asked], bool]:
    """Knows what is said of a yes: as the answer to the press, or in a message."""
    message = said(chat, f"#{task} has its yes")

    def is_it(request: Asked) -> bool:
        told = request["parameters"]
        answers = request["method"] == ANSWER and told["callback_query_id"] == press
        return message(request) or (answers and "has its yes" in str(told.get("text")))

    return is_it


def fetched(service: Service, is_it: Callable[[dict[str, Any]], bool]) -> float:
    """When the update was given to the bot about which the entry of the record is that `is_it`
    knows."""
    record = service.world.record
    n = next(n for n, entry in enumerate(record) if is_it(entry))
    update = next(entry["id"] for entry in record[n:] if entry["kind"] == "update")
    given = (e for e in record[n:] if e["kind"] == "given" and update in e["ids"])
    return float(next(given)["at"])


def figures(name: str, all_of: Iterable[Waited]) -> Counter[str]:
    """How many there were, the seconds until they were there, and the most edits before one."""
    found = list(all_of)
    seconds = [round(one.done - one.ready) for one in found if one.done is not None]
    counted = Counter({name: len(seconds)})
    counted[f"most edits before {name}"] = max((one.edits for one in found), default=0)
    counted[f"most seconds of {name}"] = max(seconds, default=0)
    counted[f"most median seconds of {name}"] = round(median(seconds)) if seconds else 0
    return counted


def _of(request: Asked, chat: int) -> bool:
    return bool(request["parameters"].get("chat_id") == str(chat))


class OnAndOn:
    """Step by step, so that its card changes, and not done before it is `over`."""

    over = False

    async def __call__(self, assignment: Assignment, run: Run) -> Conclusion:
        for n in range(_STEPS):
            if self.over:
                break
            await asyncio.sleep(_A_STEP)
            await run.step(a_call(n, effect="pure", most=0), _nothing)
        return Conclusion(state="done", text=f"answer to {assignment.text}.")


async def _nothing(_: Grant) -> Answer:
    return Answer(text="")


@dataclass
class _People:
    """What they say and press meanwhile."""

    at: Bench
    swarm: Swarm
    chance: random.Random
    begun: int = 0
    stops: list[tuple[int, TaskId]] = field(default_factory=list)
    dear: list[str] = field(default_factory=list)
    presses: list[tuple[str, str]] = field(default_factory=list)
    """And the task whose price has its yes."""
    pressed: set[int] = field(default_factory=set)

    async def begin(self) -> None:
        """Something that goes on until it is stopped."""
        at, self.begun = self.at, self.begun + 1
        where = (at.group, at.ben, at.ana)[self.begun % 3]
        await self._say(where, f"q{self.begun}")

    async def minute(self, n: int) -> None:
        """One task is stopped, another begins, a price is asked back, what waits has its yes."""
        await self._stop()
        await self.begin()
        await asyncio.sleep(self.chance.randint(5, 25))
        self.dear.append(f"{DEAR} d{n}.")
        await self._say(self.at.group, self.dear[-1])
        await asyncio.sleep(self.chance.randint(5, 25))
        await self._yes()

    async def _say(self, where: int, words: str) -> None:
        at = self.at
        name = "@waggle_bot " if where == at.group else ""
        await at.hand.say(where, at.ben if where == at.group else where, f"{name}{words}")

    async def _stop(self) -> None:
        running = await self.swarm.views.listing(states=(TaskState.RUNNING,), most=1000)
        asked = {task for _, task in self.stops}
        if left := [task for task in running if task.id not in asked]:
            task = self.chance.choice(left)
            where = int(task.place.thread.partition("/")[0])
            self.stops.append((where, task.id))
            await self._say(where, f"/stop {task.id}")

    async def _yes(self) -> None:
        at = self.at
        for one in await at.hand.screen(at.group):
            number = one["message_id"]
            if number not in self.pressed and (yes := _yes(one)):
                self.pressed.add(number)
                press = await at.hand.press(at.group, number, at.ben, yes)
                task = one["text"].partition("Task: #")[2].partition(" ")[0]
                self.presses.append((press, task))

    def waits(self, service: Service) -> dict[str, list[Waited | None]]:
        """How long each waited: what is said of a stop (an answer that was refused too often is
        told as a notice), a question about a price, what is said of
        a yes, and the card of a task that was stopped."""
        group, found = self.at.group, dict[str, list[Waited | None]]()
        stops = [
            (chat, task, fetched(service, _said(f"/stop {task}"))) for chat, task in self.stops
        ]
        found[STOPS] = [
            waited(service, chat, ready, said(chat, f"#{task} ", "stop"))
            for chat, task, ready in stops
        ]
        found[QUESTIONS] = [
            waited(service, group, fetched(service, _said(words)), said(group, words, "Exactly"))
            for words in self.dear
        ]
        found[YESES] = [
            waited(service, group, fetched(service, _pressed(press)), agrees(group, press, task))
            for press, task in self.presses
        ]
        found[CARDS] = [
            waited(service, chat, ready, changed(chat, f"#{task} ", "stopped"))
            for chat, task, ready in stops
        ]
        return found


def _said(words: str) -> Callable[[dict[str, Any]], bool]:
    return lambda entry: str(entry.get("json", {}).get("text")).endswith(words)


def _pressed(press: str) -> Callable[[dict[str, Any]], bool]:
    return lambda entry: entry["kind"] == "press" and entry["id"] == press


def _yes(message: dict[str, Any]) -> str:
    rows = message.get("reply_markup", {}).get("inline_keyboard", ())
    return next((b["callback_data"] for row in rows for b in row if b["text"] == "Yes"), "")


async def weather(folder: Path, seed: int, minutes: int) -> tuple[Counter[str], list[str]]:
    """So many minutes in which nine of ten messages and changes are refused; figures, and what was
    wrong."""
    async with bench(folder) as at:
        service = at.fake.service
        service.world.clock = LoopTime()
        at.pace = Pace()
        work = OnAndOn()
        workers = Custom(work, words=("q",)), dear(words=(DEAR,))
        settings: dict[str, Any] = {"people": MANY, "budget": MONEY, **by_the_loop()}
        settings["limits"] = {"concurrency": 64, "ask_steps": _STEPS, "ask_time": "1d"}
        async with at.on_telegram(*workers, **settings) as swarm:
            people = _People(at, swarm, random.Random(seed))
            await at.hand.say(at.group, at.ana, "@waggle_bot /help")
            await asyncio.sleep(60)
            for _ in range(MANY_TASKS):
                await people.begin()
            await asyncio.sleep(60)
            await at.hand.do("mend", seed=seed)
            for method in (POST, EDIT, ANSWER):
                await at.hand.fault("limit", method=method, probability=0.9, retry_after=2)
            for n in range(minutes):
                await people.minute(n)
            work.over = True
            await at.hand.mend()
            await asyncio.sleep(_AFTER)
            waits = people.waits(service)
    found, counted = list[str](), Counter(minutes=minutes)
    for name, many in waits.items():
        there = [one for one in many if one and one.done is not None]
        counted.update(figures(name, there))
        # A card of what had ended before the stop was heard says something else.
        if name in FIRST and len(there) < len(many):
            found.append(f"{len(many) - len(there)} {name} never came")
        if name in FIRST and counted[f"most edits before {name}"]:
            found.append(f"{counted[f'most edits before {name}']} cards changed before {name}")
    return counted, found
