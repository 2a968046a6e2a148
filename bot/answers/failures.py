"""What failed and what waits, by reason, in words."""

from __future__ import annotations

from bot.answers.words import Words
from bot.commands.views import Failures
from bot.reply import Notice, Part, Reply, Table
from swarm_core import Failing


def failures(words: Words, view: Failures) -> Reply:
    say = words.say
    since = words.clock(view.since)
    if not view.groups:
        return Reply(parts=(Notice(level="ok", text=say("failures.none", since=since)),))
    failed = sum(group.count for group in view.groups if group.state == "failed")
    waiting = sum(group.count for group in view.groups if group.state == "waiting")
    head = say("failures.head", failed=failed, waiting=waiting, since=since)
    names = ("count", "last", "tasks", "reason")
    table = Table(
        columns=tuple(say(f"column.{name}") for name in names),
        align=("right", "left", "left", "left"),
        rows=tuple(
            (
                say(f"failures.{group.state}", count=group.count),
                words.clock(group.last),
                _examples(group),
                words.failure(group.code, group.data),
            )
            for group in view.groups
        ),
    )
    parts: list[Part] = [Notice(level="info", text=head), table]
    first = next((group.examples[0] for group in view.groups if group.state == "failed"), None)
    if first is not None:
        parts.append(Notice(level="info", text=say("failures.next", first=first)))
    return Reply(parts=tuple(parts))


def _examples(group: Failing) -> str:
    more = group.count - len(group.examples)
    shown = " ".join(f"#{task}" for task in group.examples)
    return f"{shown} +{more}" if more else shown
