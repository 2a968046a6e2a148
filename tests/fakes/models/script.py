"""Who is answered what: scripts by task, a queue, a default, and markers in the prompt itself."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import Any

from tests.fakes.models import adversary, marker, schema
from tests.fakes.models.answer import Answer, Json, Part, fitted, from_json
from tests.fakes.models.call import Call, Refused
from tests.fakes.models.wire import dump

KEY = "fake-key"
UNMARKED = "-"
DONE: Json = {"text": "done"}


@dataclass
class Script:
    """`keys` None asks for no key, as a local server does. `tasks` and markers go by the turn of
    the conversation, so a call made again is answered the same; `queue` by the order of calls.
    `obeys`: nothing of that counts, and whatever a text in the prompt tells it, it does."""

    keys: set[str] | None = field(default_factory=lambda: {KEY})
    tasks: dict[str, list[Json]] = field(default_factory=dict)
    queue: deque[Json] = field(default_factory=deque)
    default: Json = field(default_factory=lambda: {"text": "Hello from the fake model."})
    obeys: bool = False

    def change(self, told: Json) -> None:
        """Set what `told` holds: keys, tasks, queue (added to), default, obeys."""
        for step in [
            *(
                step
                for steps in told.get("tasks", {}).values()
                for step in steps
                if "again" not in step
            ),
            *told.get("queue", ()),
            *([told["default"]] if "default" in told else []),
        ]:
            from_json(step)
        if "keys" in told:
            self.keys = None if told["keys"] is None else set(told["keys"])
        self.obeys = told.get("obeys", self.obeys)
        self.tasks.update(told.get("tasks", {}))
        self.queue.extend(told.get("queue", ()))
        self.default = told.get("default", self.default)

    def find(self, call: Call) -> tuple[str, list[Json], int]:
        """The task of `call`, its steps, and the turn it is at. The last marker counts."""
        for text, turns in reversed(call.texts):
            try:
                found = marker.find(text)
            except ValueError as problem:
                raise Refused(400, f"the fake was told wrong: {problem}") from None
            if found is not None:
                task, steps = found
                return task, steps or self.tasks.get(task, []), turns
        return UNMARKED, [], 0

    def answer(self, call: Call, steps: list[Json], turn: int) -> tuple[Answer, bool]:
        """What `call` is answered, and whether it came from the queue."""
        queued = not steps and bool(self.queue) and not self.obeys
        step = adversary.obeying(call) if self.obeys else self._step(steps, turn)
        try:
            answer = from_json(step)
        except (KeyError, ValueError) as problem:
            raise Refused(400, f"the fake was told wrong: {problem!r}") from None
        plain = step is DONE or step is self.default
        if call.schema is not None and (plain or step.get("obey")):
            answer = replace(answer, parts=(_obeying(call.schema),))
        return fitted(answer, call.most), queued

    def _step(self, steps: list[Json], turn: int) -> Json:
        if not steps:
            return self.queue[0] if self.queue else self.default
        forever = steps[-1].get("again", False)
        told = steps[:-1] if forever else steps
        if turn < len(told):
            return told[turn]
        return told[-1] if forever and told else DONE

    def taken(self) -> None:
        """The first of the queue has been used."""
        self.queue.popleft()


def _obeying(shape: Any) -> Part:
    return Part(kind="text", text=dump(schema.example(shape)))
