"""How a task ends, in words: the result, or what failed and what to do next."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answers.words import Words
from bot.commands.views import Ended, Example
from bot.reply import Notice, Part, Reply, Table, Text
from swarm_core import Stamp, Task, TaskState, errors


def ending(words: Words, view: Ended, *, repeat: bool = False) -> Reply:
    """The end of a task, whose result was read with it. `repeat`: it may have been told."""
    parts = ending_parts(words, view)
    if repeat:
        parts = (Notice(level="info", text=words.say("ending.repeat")), *parts)
    return Reply(parts=parts, ending=view.task.id)


def ending_parts(words: Words, view: Ended) -> tuple[Part, ...]:
    say, task = words.say, view.task
    if task.state is TaskState.DONE:
        text = say("ending.done" if task.result else "ending.done_empty", id=task.id)
        told = Notice(level="ok", text=text, hint=stamp(words, task, view.stamp))
        return (told, Text(task.result)) if task.result else (told,)
    if task.state is TaskState.CANCELLED:
        by = words.who(str(task.failure_data.get("actor", "")))
        text = say("ending.cancelled", id=task.id, by=by, cost=task.cost)
        return (Notice(level="warn", text=text, hint=say("ending.cancelled_next", id=task.id)),)
    if task.failure == errors.NoWorker.code:
        return _nobody(words, task, view.instead)
    reason = words.failure(task.failure or errors.Internal.code, task.failure_data)
    tried = say("ending.tried", attempts=task.attempts, cost=task.cost) if task.attempts else ""
    following = say("ending.failed_next", id=task.id)
    text = say("ending.failed", id=task.id, reason=reason)
    return (Notice(level="error", text=text, hint=f"{tried} {following}".strip()),)


def _nominal(task: Task) -> str:
    """The model of a worker that names one and leaves no record of it."""
    return task.model if task.model and task.model != task.worker else ""


def stamp(words: Words, task: Task, models: Stamp | None) -> str:
    """Small print under a result: who, with which model, for how much, in what time; and why with
    that model when another was to answer."""
    said = words.say(
        "ending.stamp",
        worker=task.worker or "",
        model=models.model if models else _nominal(task),
        input=f"{models.tokens.input:,}" if models else "",
        output=f"{models.tokens.output:,}" if models else "",
        cost=task.cost,
        elapsed=words.length((task.ended or task.updated) - task.created),
    )
    if models is None or models.instead_of is None:
        return said
    why = models.failure
    reason = words.failure(why.code, why.data) if why else words.say("ending.left_alone")
    return f"{said}\n{words.say('ending.fallback', model=models.instead_of, reason=reason)}"


def _nobody(words: Words, task: Task, instead: Sequence[Example]) -> tuple[Part, ...]:
    """No worker: what can be asked without a model, and what this version does not have."""
    say = words.say
    if wish := task.failure_data.get("wish"):
        said = say("no_worker.wish", id=task.id, worker=wish)
    else:
        said = say("no_worker.short", id=task.id)
    told = Notice(level="error", text=said, hint=say("no_worker.why"))
    if not instead:
        return told, Notice(level="info", text=say("no_worker.nothing"))
    examples = Table(
        columns=(say("column.worker"), say("column.example")),
        rows=tuple((example.worker, example.line) for example in instead),
    )
    return told, Text(say("no_worker.can")), examples, Text(say("no_worker.more"))
