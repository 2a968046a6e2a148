"""The talk of one run with a model: what was said, what tools brought, and what is kept in view.

Everything here is rebuilt from the record when a run resumes, so nothing in it may depend on the
clock, on chance, or on what is not recorded.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec

from swarm_core.kernel.errors import PromptTooLong
from swarm_core.providers.estimate import estimate_tokens
from swarm_core.providers.images import about_tokens
from swarm_core.providers.model import (
    Completion,
    Image,
    Message,
    Part,
    Text,
    ToolResult,
    ToolSpec,
    ToolUse,
    Unknown,
)
from swarm_core.workers.overheard import Room
from swarm_core.workers.ports import Turn
from swarm_core.workers.prompts import Prompts

IN_VIEW = 20_000
"""Characters of one tool result that are put before the model at once; `recall` reads on."""
KEPT_SHARE = 60
"""Percent of the room that is filled after moving out. Moving much at once, seldom, leaves the
provider's cache of the beginning valid for longer than moving a little at every turn."""

RECALL = ToolSpec(
    name="recall",
    description="Shows the result of an earlier tool step of this task again, or reads on in it.",
    schema={
        "type": "object",
        "properties": {
            "step": {"type": "integer", "minimum": 1},
            "offset": {"type": "integer", "minimum": 0},
        },
        "required": ["step"],
        "additionalProperties": False,
    },
)
"""Answered from what the run has on record: it costs nothing and is no step."""


class Talk:
    """What was said so far, as messages for a provider."""

    def __init__(
        self,
        prompts: Prompts,
        request: str,
        earlier: Sequence[Turn],
        files: Sequence[Part] = (),
        room: Room | None = None,
    ) -> None:
        self._prompts = prompts
        self._messages: list[Message] = []
        self._full: dict[int, str] = {}
        """Results of tool steps in full, by number of the step."""
        self._step_of: dict[str, int] = {}
        """Tool call id → number of its step."""
        self._moved: set[str] = set()
        for turn in earlier:
            self._add("user", Text(turn.asked))
            self._add("assistant", Text(turn.answer or self._unanswered(turn)))
        self._before = len(self._messages)
        self._room = room
        self._heard = len(room) if room else 0
        """How many messages of the room are in view."""
        material = (Text(room.text(self._heard)),) if room and self._heard else ()
        self._add("user", *material, Text(request), *files)

    def _unanswered(self, turn: Turn) -> str:
        return self._prompts.earlier_unanswered.format(why=turn.failure or "it is not finished")

    def _add(self, role: Any, *parts: Part) -> None:
        if self._messages and self._messages[-1].role == role:
            parts = (*self._messages.pop().parts, *parts)
        self._messages.append(Message(role, parts))

    def said(self, completion: Completion) -> None:
        """The model's turn."""
        kept = tuple(part for part in completion.parts if not isinstance(part, Unknown))
        self._add("assistant", *(kept or (Text("…"),)))

    def told(self, text: str) -> None:
        """Something for the model to read in its next turn."""
        self._add("user", Text(text))

    def brought(self, results: Sequence[ToolResult], steps: Sequence[int | None]) -> None:
        """What its tool calls brought, with the steps they were."""
        shown = []
        for result, step in zip(results, steps, strict=True):
            if step is not None:
                self._full[step] = result.text
                self._step_of[result.id] = step
            shown.append(self._in_view(result, step))
        self._add("user", *shown)

    def _in_view(self, result: ToolResult, step: int | None) -> ToolResult:
        over = len(result.text) - IN_VIEW
        if over <= 0 or step is None:
            return result
        note = self._prompts.clipped.format(characters=f"{over:,}", step=step, offset=IN_VIEW)
        return msgspec.structs.replace(result, text=f"{result.text[:IN_VIEW]}\n{note}")

    def given(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Every text a model was given, but for its own: what it was told, and what tools
        brought, also what was moved out of view."""
        parts = [part for m in self._messages if m.role == "user" for part in m.parts]
        told = tuple(part.text for part in parts if isinstance(part, Text))
        return told, tuple(self._full.values())

    @property
    def sees(self) -> bool:
        """Whether there are pictures, in which anything may be written."""
        return any(isinstance(part, Image) for m in self._messages for part in m.parts)

    def recall(self, step: int, offset: int) -> str | None:
        """A piece of the result of a tool step, from `offset` on; None when there is none."""
        full = self._full.get(step)
        if full is None or not 0 <= offset < max(1, len(full)):
            return None
        over = len(full) - offset - IN_VIEW
        piece = full[offset : offset + IN_VIEW]
        if over <= 0:
            return piece
        note = self._prompts.clipped.format(
            characters=f"{over:,}", step=step, offset=offset + IN_VIEW
        )
        return f"{piece}\n{note}"

    def messages(self, model: str, room: int) -> tuple[Message, ...]:
        """What fits into `room` tokens: old tool results are moved out, a pointer left, then the
        oldest messages of the room go, then the earlier conversation. Raises `PromptTooLong`."""
        if not self._surely_fits(room) and self._size() > room:
            self._move_out(room * KEPT_SHARE // 100)
            size = self._size()
            if size > room:
                raise PromptTooLong(model=model, problem=f"about {size:,} of {room:,} tokens")
        return tuple(self._messages)

    def _surely_fits(self, room: int) -> bool:
        """Whether it fits at the dearest script there is: mostly so, and cheap to see."""
        words = sum(len(_words(part)) for m in self._messages for part in m.parts)
        seen = sum(_seen(part) for m in self._messages for part in m.parts)
        parts = sum(len(m.parts) for m in self._messages)
        return 2 * words + seen + 8 * parts + 8 <= room

    def _size(self) -> int:
        return sum(_tokens(part) for m in self._messages for part in m.parts)

    def _move_out(self, goal: int) -> None:
        size = self._size()
        for at, message in enumerate(self._messages[:-1]):
            for part in message.parts:
                if size <= goal:
                    return
                if isinstance(part, ToolResult) and part.id in self._step_of:
                    size -= self._replace(at, part)
        while self._heard and size > goal:
            size -= self._hear_less()
        while self._before and size > goal:
            dropped, self._messages[:2] = self._messages[:2], []
            self._before -= 2
            size -= sum(_tokens(part) for m in dropped for part in m.parts)

    def _hear_less(self) -> int:
        """Leave out the older half of the room; returns the tokens that were won."""
        assert self._room is not None
        asked = self._messages[self._before]
        old, *rest = asked.parts
        self._heard //= 2
        fewer = (Text(self._room.text(self._heard)),) if self._heard else ()
        self._messages[self._before] = Message(asked.role, (*fewer, *rest))
        return _tokens(old) - sum(_tokens(part) for part in fewer)

    def _replace(self, at: int, part: ToolResult) -> int:
        """Put a pointer in the place of a result; returns the tokens that were won."""
        step = self._step_of[part.id]
        what = f"the result of step {step}"
        characters = f"{len(self._full[step]):,}"
        note = self._prompts.moved.format(what=what, characters=characters, step=step)
        won = estimate_tokens(part.text) - estimate_tokens(note)
        if part.id in self._moved or won <= 0:
            return 0
        self._moved.add(part.id)
        moved = msgspec.structs.replace(part, text=note)
        old = self._messages[at]
        parts = tuple(moved if p is part else p for p in old.parts)
        self._messages[at] = Message(old.role, parts)
        return won


def _tokens(part: Part) -> int:
    return estimate_tokens(_words(part)) + _seen(part) + 8


def _seen(part: Part) -> int:
    return about_tokens(part.width, part.height) if isinstance(part, Image) else 0


def _words(part: Part) -> str:
    match part:
        case Text(text=text) | ToolResult(text=text):
            return text
        case ToolUse(name=name, arguments=arguments, raw=raw):
            return f"{name}{json.dumps(arguments)}{raw}"
        case _:
            return getattr(part, "text", "")
