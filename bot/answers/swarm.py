"""The swarm in words: what it does, who is there, what is spent, what is set, what was changed."""

from __future__ import annotations

from bot.answers.keeping import backup
from bot.answers.models import problems
from bot.answers.words import Words
from bot.commands import views
from bot.reply import KeyValues, Notice, Part, Reply, Table
from swarm_core import Worker, WorkerView


def status(words: Words, view: views.Status) -> Reply:
    say, seen = words.say, view.status
    parts: list[Part] = [
        Notice(level="warn", text=say("status.stopped", scope=words.scope(scope)))
        for scope in seen.stops
    ]
    now = [f"{count} {words.state(state)}" for state, count in seen.open.items() if count]
    ended = [f"{count} {words.state(state)}" for state, count in seen.ended.items() if count]
    # What only helps at this machine is told nowhere else.
    here = words.person.startswith("terminal/")
    running = (
        say("status.running", pid=view.pid if here else None, since=words.age(seen.started))
        if view.serving
        else say("status.not_running")
    )
    money = say("status.money", spent=seen.spent_today, held=seen.held_now)
    pairs: tuple[tuple[str, str], ...] = (
        (say("field.swarm"), running),
        (say("field.now"), ", ".join(now) or say("status.idle")),
        (say("field.today"), ", ".join(ended) or say("status.nothing_ended")),
        (say("field.money"), money),
        (say("field.workers"), str(seen.workers)),
        *(((say("field.backup"), backup(words, view.backup)),) if view.backup else ()),
        (say("field.version"), view.version),
    )
    if here and view.service and view.service.log:
        pairs = (*pairs, (say("field.log"), view.service.log))
    parts.append(KeyValues(pairs=pairs))
    if view.service and view.service.draining:
        parts.insert(0, Notice(level="warn", text=say("status.draining")))
    if seen.unread:
        first, more = seen.unread[:5], len(seen.unread) - 5
        tasks = [f"#{task}" for task in first]
        text = say("status.unread", tasks=tasks, more=max(more, 0), first=first[0])
        parts.append(Notice(level="info", text=text))
    parts += problems(words, view.problems)
    if not view.has_model:
        hint = say("models.add")
        parts.append(Notice(level="info", text=say("status.no_model"), hint=hint))
    return Reply(parts=tuple(parts))


def workers(words: Words, view: views.Workers) -> Reply:
    say = words.say
    names = ("worker", "with", "does", "record")
    table = Table(
        columns=tuple(say(f"column.{name}") for name in names),
        rows=tuple(
            (
                seen.worker.name,
                _with(words, seen.worker),
                _does(words, seen.worker),
                _record(words, seen),
            )
            for seen in view.workers
        ),
        empty=say("workers.none"),
    )
    if any(seen.worker.tier > 0 for seen in view.workers):
        return Reply(parts=(table,))
    none = Notice(level="info", text=say("status.no_model"), hint=say("models.add"))
    return Reply(parts=(table, none))


def _with(words: Words, worker: Worker) -> str:
    """The model by its own name, without its provider's, or that it needs none."""
    kind = words.say(f"tier.{int(worker.tier)}")
    return f"{worker.model.rpartition('/')[2]} ({kind})" if worker.tier else kind


def _record(words: Words, seen: WorkerView) -> str:
    """What it does now and has done, as far as there is something."""
    now = seen.running + seen.ready
    counts = (("now", now), ("done", seen.done), ("failed", seen.failed))
    told = [words.say(f"workers.{name}", count=count) for name, count in counts if count]
    return ", ".join((*told, words.usd(seen.cost)) if seen.cost else told)


def _does(words: Words, worker: Worker) -> str:
    """Of a script, which understands certain words only, with an example of them."""
    if worker.tier or not worker.examples:
        return worker.summary
    return words.say("workers.script", does=worker.summary, example=worker.examples[0])


def config(words: Words, view: views.Config) -> Reply:
    say = words.say
    head = say("config.file", file=view.file) if view.file else say("config.none")
    if len(view.settings) == 1:
        (row,) = view.settings
        one = KeyValues(
            title=row.key,
            pairs=(
                (say("field.value"), row.value),
                (say("field.origin"), _origin(words, row)),
                (say("field.default"), row.default),
                (say("field.meaning"), row.about),
            ),
        )
        return Reply(parts=(one,))
    table = Table(
        columns=tuple(say(f"column.{name}") for name in ("key", "value", "origin")),
        rows=tuple((row.key, row.value, _origin(words, row)) for row in view.settings),
    )
    return Reply(parts=(Notice(level="info", text=head), table))


def _origin(words: Words, row: views.Setting) -> str:
    match row.origin:
        case "file":
            return words.say("config.in_file", line=row.line)
        case "environment":
            return words.say("config.in_environment", variable=row.variable)
        case _:
            return words.say("config.by_default")


def cancelled(words: Words, view: views.Cancelled) -> Reply:
    parts: list[Part] = []
    if view.cancelled:
        tasks = [f"#{task}" for task in view.cancelled]
        parts.append(Notice(level="ok", text=words.say("cancel.done", tasks=tasks)))
    if view.ended_before:
        tasks = [f"#{task}" for task in view.ended_before]
        parts.append(Notice(level="info", text=words.say("cancel.before", tasks=tasks)))
    return Reply(parts=tuple(parts))


def stopped(words: Words, view: views.Stopped) -> Reply:
    say, count = words.say, view.interrupted
    if isinstance(view.scope, int):
        text = say("stop.task", id=view.scope)
    else:
        text = say("stop.all" if view.scope == "all" else "stop.person", count=count)
    return Reply(parts=(Notice(level="ok", text=text),))


def resumed(words: Words, view: views.Resumed) -> Reply:
    say = words.say
    if not view.lifted:
        return Reply(parts=(Notice(level="info", text=say("resume.nothing")),))
    if isinstance(view.scope, int):
        text = say("resume.task", id=view.scope)
    else:
        text = say("resume.done", scope=words.scope(view.scope), count=view.woken)
    return Reply(parts=(Notice(level="ok", text=text),))


def decided(words: Words, view: views.Decided) -> Reply:
    say = words.say
    if view.step == "repeat":
        return Reply(parts=(Notice(level="ok", text=say("resume.repeat", id=view.task)),))
    return Reply(parts=(Notice(level="warn", text=say("resume.fail", id=view.task)),))
