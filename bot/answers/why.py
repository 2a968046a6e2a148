"""Why a task went as it did: who was considered, who was chosen, what happened and when.

It is told from the task's facts alone, one line each, for somebody who knows nothing of how the
swarm is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.answers.words import LEVELS, Words
from bot.commands.views import Entry, Why
from bot.reply import Card, Notice, Part, Reply, Table, Text
from swarm_core import FINISHED

SILENT = frozenset({"notice.queued"})
"""Facts that say nothing about why."""


def why(words: Words, view: Why) -> Reply:
    task = view.task.task
    parts: list[Part] = [
        Card(
            title=words.title(task),
            state=words.state(task.state),
            level=LEVELS.get(task.state, "info"),
            lines=(words.say(f"state_meaning.{task.state}"),),
        )
    ]
    for entry in view.history:
        if entry.kind == "task.routed":
            parts += _route(words, entry)
    parts.append(
        Table(
            columns=(words.say("column.when"), words.say("column.what_happened")),
            rows=tuple((words.clock(at), said) for at, said in timeline(words, view.history)),
        )
    )
    return Reply(parts=tuple(parts), ending=task.id if task.state in FINISHED else None)


def _route(words: Words, entry: Entry) -> Iterator[Part]:
    say, route = words.say, entry.detail
    if not route["candidates"]:
        yield Notice(level="info", text=reason(words, route))
        return
    yield Text(say("why.considered"))
    yield Table(
        columns=tuple(say(f"column.{name}") for name in ("worker", "tier", "fits", "most", "busy")),
        align=("left", "left", "left", "right", "right"),
        rows=tuple(
            (
                candidate["worker"],
                say(f"tier.{candidate['tier']}"),
                candidate["because"],
                words.usd(candidate["most"]),
                str(candidate["busy"]),
            )
            for candidate in route["candidates"]
        ),
    )
    yield Notice(level="info", text=reason(words, route))


def reason(words: Words, route: Mapping[str, Any]) -> str:
    """Why this one of the candidates."""
    key = f"why.routed.{route['reason']}"
    if route["worker"] is not None:
        return words.say(key, worker=route["worker"])
    return words.say(key, wish=route["wish"]) if route["wish"] else words.say(key)


def timeline(words: Words, history: tuple[Entry, ...]) -> Iterator[tuple[int, str]]:
    """When, and what happened then. A step stands at its begin, with what came of it."""
    ends = {
        (e.run, e.detail["n"], e.detail["attempt"]): e for e in history if e.kind == "step.ended"
    }
    for entry in history:
        if entry.kind in SILENT or entry.kind == "step.ended":
            continue
        if entry.kind == "step.intended":
            key = (entry.run, entry.detail["n"], entry.detail["attempt"])
            yield entry.at, _step(words, entry, ends.get(key))
        else:
            yield entry.at, said(words, entry)


def _step(words: Words, begun: Entry, ended: Entry | None) -> str:
    step, say = begun.detail, words.say
    head = say("why.step", n=step["n"], name=step["name"])
    if step["attempt"] > 1:
        head = say("why.step_again", n=step["n"], name=step["name"], attempt=step["attempt"])
    if ended is None:
        return f"{head} {say('why.step_open')}"
    came = ended.detail
    end = say(
        f"why.step_{came['state']}", took=words.length(ended.at - begun.at), cost=came["cost"]
    )
    if came["failure"]:
        end = f"{end} {words.failure(came['failure'], came['failure_data'])}"
    return f"{head} {end}"


def said(words: Words, entry: Entry) -> str:
    """One fact in a sentence."""
    detail, say = entry.detail, words.say
    match entry.kind:
        case "task.accepted":
            return say(
                "why.fact.task.accepted",
                who=words.who(entry.actor),
                priority=detail["priority"],
                complexity=detail["labels"]["complexity"],
                category=detail["labels"]["category"],
                needs=[f"#{task}" for task in detail["needs"]],
                cap=detail["cap"],
                deadline=words.clock(detail["deadline"]) if detail["deadline"] else "",
            )
        case "task.routed":
            if detail["worker"] is None:
                return reason(words, detail)
            return say("why.fact.task.routed", worker=detail["worker"])
        case "task.linked":
            return say("why.fact.task.linked", other=detail["other"], percent=detail["percent"])
        case "task.moved":
            return say("why.fact.task.moved", worker=detail["worker"])
        case "task.started":
            key = "why.fact.task.resumed" if detail["resumed"] else "why.fact.task.started"
            return say(key, worker=detail["worker"], attempt=detail["attempt"])
        case "task.parked":
            because = words.failure(detail["reason"], detail["data"])
            until = words.clock(detail["until"]) if detail["until"] else ""
            return say("why.fact.task.parked", reason=because, until=until)
        case "task.woken":
            return say(f"why.woken.{detail['reason']}")
        case "step.decided":
            return say(
                f"why.decided.{detail['decision']}",
                who=words.who(entry.actor),
                n=detail["n"],
                name=detail["name"],
            )
        case "task.ended":
            return _end(words, entry)
        case "task.retried":
            return say(
                "why.fact.task.retried",
                who=words.who(entry.actor),
                worker=detail["worker"] or "",
            )
        case "budget.held":
            return say("why.fact.budget.held", most=detail["most"])
        case "budget.settled":
            return say("why.fact.budget.settled", cost=detail["cost"], overrun=detail["overrun"])
        case "budget.warned":
            scope, percent = detail["account"], detail["percent"]
            return say("why.fact.budget.warned", scope=scope, percent=percent)
        case "budget.cap_raised":
            who = words.who(entry.actor)
            return say("why.fact.budget.cap_raised", who=who, amount=detail["amount"])
        case _:
            return say(f"why.fact.{entry.kind}")


def _end(words: Words, entry: Entry) -> str:
    detail, say = entry.detail, words.say
    cost, steps = detail["cost"], detail["steps"]
    match detail["outcome"]:
        case "done":
            return say("why.ended.done", steps=steps, cost=cost)
        case "cancelled":
            return say("why.ended.cancelled", who=words.who(entry.actor), cost=cost)
        case _:
            because = words.failure(detail["failure"], detail["failure_data"])
            return say("why.ended.failed", reason=because, steps=steps, cost=cost)
