"""Why a task went as it did: who was considered, who was chosen, what happened and when.

It is told from the task's facts alone, one line each, for somebody who knows nothing of how the
swarm is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from bot.answers.words import LEVELS, Words
from bot.commands.views import Entry, Simulated, Why
from bot.reply import Card, Notice, Part, Reply, Table, Text
from swarm_core import ASK_AGAIN, FINISHED

SILENT = frozenset({"notice.queued"})
_OF_INSTANTS = "instant."
"""What is said of a run of a standing priority is said of its task already."""
OVERHEARD = "task.overheard"
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
    yield considered(words, route["candidates"])
    yield Notice(level="info", text=reason(words, route))


def considered(words: Words, candidates: Sequence[Mapping[str, Any]]) -> Table:
    """Who could have done it, with which model, by the numbers the choice went by. Models stand
    there only when there are some, and obstacles when somebody has one."""
    say = words.say
    models = any(candidate["tier"] for candidate in candidates)
    obstacles = any(candidate.get("obstacle") for candidate in candidates)
    names = ["worker", "with", "fits", "success", "most", "busy"]
    if not models:
        names.remove("success")
    if obstacles:
        names.append("obstacle")
    return Table(
        columns=tuple(say(f"column.{name}") for name in names),
        align=tuple("right" if n in ("success", "most", "busy") else "left" for n in names),
        rows=tuple(tuple(_cell(words, one, name) for name in names) for one in candidates),
    )


def _cell(words: Words, candidate: Mapping[str, Any], name: str) -> str:
    say = words.say
    match name:
        case "with":
            kind = say(f"tier.{candidate['tier']}")
            return f"{candidate['model']} ({kind})" if candidate["tier"] else kind
        case "fits":
            return str(candidate["because"])
        case "success":
            return f"{candidate.get('success', 1_000) / 10:g}%"
        case "most":
            return words.usd(candidate["most"])
        case "obstacle":
            obstacle = candidate.get("obstacle")
            return say(f"why.obstacle.{obstacle}") if obstacle else ""
        case _:
            return str(candidate[name])


def simulated(words: Words, view: Simulated) -> Reply:
    """Who would do it, why, and for how much at most."""
    say, found = words.say, view.simulation
    route = msgspec.to_builtins(found.route)
    chosen = found.route.chosen
    labels = say(
        "simulate.labels",
        kind=say(f"simulate.kind.{view.kind}"),
        complexity=found.labels.complexity,
        category=found.labels.category,
        tags=found.labels.tags,
    )
    told = {**route, "worker": chosen.worker if chosen else None, "wish": ""}
    if chosen is None:
        parts: list[Part] = [Notice(level="error", text=say("simulate.nobody"))]
        parts += [Notice(level="info", text=say("models.add"))]
        if view.instead:
            rows = tuple((example.worker, example.line) for example in view.instead)
            columns = (say("column.worker"), say("column.example"))
            parts += [Text(say("no_worker.can")), Table(columns=columns, rows=rows)]
    else:
        does = say(
            "simulate.chosen",
            worker=chosen.worker,
            model=chosen.model if chosen.tier else "",
            most=chosen.most,
            cap=found.cap,
        )
        parts = [Notice(level="ok", text=does, hint=reason(words, told))]
        if found.asks:
            parts += [Notice(level="warn", text=say(f"simulate.asks.{found.asks}"))]
    if route["candidates"]:
        parts += [Text(say("why.considered")), considered(words, route["candidates"])]
    return Reply(parts=(*parts, Notice(level="info", text=labels, hint=say("simulate.nothing"))))


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
    heard = [entry for entry in history if entry.kind == OVERHEARD]
    for entry in history:
        silent = entry.kind in SILENT or entry.kind.startswith(_OF_INSTANTS)
        if silent or entry.kind == "step.ended" or entry in heard[1:]:
            continue
        if entry.kind == OVERHEARD:
            count = sum(each.detail["count"] for each in heard)
            say = words.say("why.fact.task.overheard", count=count, people=len(heard))
            yield entry.at, say
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
    if step["because"]:
        head = f"{head} {say('why.because.' + step['because'])}"
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
                standing=detail.get("standing") or "",
                due=_due(words, detail.get("key")) if detail.get("standing") else "",
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
            tried = detail["until"] and detail["reason"] not in ASK_AGAIN
            until = words.clock(detail["until"]) if tried else ""
            return say("why.fact.task.parked", reason=because, until=until)
        case "task.woken":
            return say(f"why.woken.{detail['reason']}")
        case "approval.asked":
            kind, until = detail["approval_kind"], words.clock(detail["expires"])
            if kind == "address":
                return say("why.asked.address", when=until)
            return say(f"why.asked.{kind}", cost=detail["cost"], when=until)
        case "approval.decided":
            key = "beforehand" if detail["beforehand"] else detail["verdict"]
            key = "cheaper" if detail["instead"] else key
            told = {"reason": detail.get("reason") or ""} if key == "denied" else {}
            return say(f"why.judged.{key}", who=words.who(entry.actor), **told)
        case "approval.refused":
            return say("why.fact.approval.refused", who=words.who(entry.actor))
        case "step.decided":
            return say(
                f"why.decided.{detail['decision']}",
                who=words.who(entry.actor),
                n=detail["n"],
                name=detail["name"],
            )
        case "task.told" | "task.amended" | "task.told_amended" | "task.told_withdrawn":
            return say(f"why.fact.{entry.kind}", who=words.who(entry.actor))
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


def _due(words: Words, key: str | None) -> str:
    """The instant a task of a standing priority is for, which its key ends with."""
    at = (key or "").rpartition("/")[2]
    return words.clock(int(at)) if at.isdecimal() else ""


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
