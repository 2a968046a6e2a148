"""A task with all its texts, as one file: a chat hands it over, a terminal prints it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bot.answers.words import Words
from bot.commands.views import Whole
from bot.reply import File, Reply
from swarm_core import FINISHED, Attached, StepWhole, printable


def whole(words: Words, view: Whole) -> Reply:
    """Nothing is cut, and what was erased says so."""
    task = view.whole.task
    text = printable("\n\n".join(_pieces(words, view))) + "\n"
    file = File(name=f"task-{task.id}.txt", data=text.encode("utf-8", "replace"))
    return Reply(parts=(file,), ending=task.id if task.state in FINISHED else None)


def _pieces(words: Words, view: Whole) -> Iterator[str]:
    say, found = words.say, view.whole
    task = found.task
    yield say(
        "whole.head", id=task.id, state=words.state(task.state), when=words.clock(task.created)
    )
    for turn in found.before:
        yield _under(words, say("whole.before", id=turn.task), turn.asked)
        yield _under(words, say("whole.before_answer", id=turn.task), turn.answer or "")
    yield _under(words, say("whole.asked", who=words.who(task.person)), task.text)
    for file in found.files:
        yield _file(words, file)
    for heard in found.room:
        when = words.clock(heard.at)
        yield _under(words, say("whole.room", who=heard.name, when=when), heard.text)
    for text in found.said:
        yield _under(words, say("whole.said"), text)
    for step in found.steps:
        yield from _step(words, step)
    if task.result is not None:
        yield _under(words, say("whole.result"), task.result)
    if task.failure:
        yield _under(words, say("whole.failed"), words.failure(task.failure, task.failure_data))


def _under(words: Words, head: str, text: str | None) -> str:
    """`text` under its head; None was erased."""
    said = words.say("task.erased") if text is None else text
    return f"== {head} ==\n{said}".rstrip()


def _file(words: Words, file: Attached) -> str:
    head = words.say(
        "whole.file", name=file.name, media_type=file.media_type, size=f"{file.size:,}"
    )
    if file.picture and file.content is not None:
        size = words.say("whole.picture", width=file.width, height=file.height)
        return f"== {head} ==\n{size}"
    return _under(words, head, file.content)


def _step(words: Words, step: StepWhole) -> Iterator[str]:
    say = words.say
    yield (
        "== "
        + say(
            "whole.step",
            run=step.run,
            n=step.n,
            again=step.attempt if step.attempt > 1 else 0,
            name=step.name,
            state=say(f"step.{step.state}"),
        )
        + " =="
    )
    if step.request is None:
        yield say("task.erased")
    elif step.kind == "tool":
        yield _part(say("whole.arguments"), _shown(step.request))
    answered = list(_answered(words, step))
    yield from answered
    if step.state == "done" and not answered and step.answer is None:
        yield say("task.erased")
    if step.failure:
        yield _part(say("whole.failed"), words.failure(step.failure, step.failure_data))


def _answered(words: Words, step: StepWhole) -> Iterator[str]:
    """What a step brought: of a model call every part, of a tool its text."""
    say = words.say
    parts = step.data.get("parts") if step.kind == "model" and isinstance(step.data, dict) else None
    if parts is None:
        if step.answer is not None:
            yield _part(say("whole.answer"), step.answer)
        return
    for part in parts:
        match part.get("type"):
            case "text":
                yield _part(say("whole.answer"), str(part["text"]))
            case "reasoning":
                if part["text"]:
                    yield _part(say("whole.reasoning"), str(part["text"]))
            case "tool_use":
                called = part["raw"] if part["arguments"] is None else _shown(part["arguments"])
                yield _part(say("whole.call", name=part["name"]), str(called))
            case kind:
                yield _part(str(kind), _shown(part))


def _part(head: str, text: str) -> str:
    return f"-- {head} --\n{text}".rstrip()


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
