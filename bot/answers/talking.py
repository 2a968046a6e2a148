"""Conversations in words."""

from __future__ import annotations

from bot.answers.approvals import question
from bot.answers.words import Words
from bot.commands.talk_views import Begun, Forgotten, Remembered, Told
from bot.reply import Button, Buttons, Level, Notice, Part, Reply, Table
from swarm_core import Approval, Changed, TaskId, clip, printable

_LINE = 60


def begun(words: Words, view: Begun) -> Reply:
    text = words.say("talk.begun", turns=view.turns)
    return Reply(parts=(Notice(level="ok", text=text, hint=words.say("talk.begun_kept")),))


def remembered(words: Words, view: Remembered) -> Reply:
    say, kept = words.say, view.memory
    if not kept.turns or kept.since is None:
        return Reply(parts=(Notice(level="info", text=say("talk.nothing")),))
    head = say("talk.kept", turns=kept.turns, since=words.clock(kept.since), most=view.most)
    table = Table(
        columns=tuple(say(f"column.{name}") for name in ("task", "when", "asked", "answered")),
        align=("right", "left", "left", "left"),
        rows=tuple(
            (
                f"#{line.task}",
                words.clock(line.at),
                clip(" ".join(printable(line.asked).split()), _LINE),
                say("talk.answered" if line.answered else "talk.unanswered"),
            )
            for line in kept.lines
        ),
    )
    parts: list[Part] = [Notice(level="info", text=head), table]
    if more := kept.turns - len(kept.lines):
        parts.append(Notice(level="info", text=say("talk.more", more=more)))
    return Reply(parts=(*parts, Notice(level="info", text=say("talk.ways"))))


def forgotten(words: Words, view: Forgotten) -> Reply:
    say = words.say
    parts: list[Part] = [Notice(level="ok", text=say("talk.forgotten", turns=len(view.tasks)))]
    if view.left:
        left = [f"#{task}" for task in view.left]
        parts.append(Notice(level="warn", text=say("talk.left", tasks=left)))
    return Reply(parts=tuple(parts))


def told(words: Words, view: Told) -> Reply:
    text = words.say(f"talk.told.{view.state}", id=view.task, worker=view.worker)
    return Reply(parts=(Notice(level="ok", text=text),))


def amended(
    words: Words, task: TaskId, what: str, *, told: bool = False, approval: Approval | None = None
) -> Reply:
    """What came of editing a message: `what` is that of a `Changed`, or "other" when more than
    words was changed."""
    key = "amended" if what == "done" else f"amended_{what}"
    if told:
        key = {"amended": "amended_told", "amended_read": "amended_told_read"}.get(key, key)
    level: Level = "ok" if what == "done" else "info"
    said = Notice(level=level, text=words.say(f"talk.changed.{key}", id=task))
    return Reply(parts=(said, *(question(words, approval) if approval else ())))


def withdrawn(words: Words, view: Changed) -> Reply | None:
    """What came of deleting a message; None where its task's own end says it, or nothing is
    left to be said."""
    if view.what == "ended" or (view.what == "done" and not view.told):
        return None
    key = "withdrawn_told" if view.told else "withdrawn"
    key = key if view.what == "done" else f"{key}_read"
    said = Notice(level="info", text=words.say(f"talk.changed.{key}", id=view.task))
    if view.told:
        return Reply(parts=(said,))
    cancel = Button(words.say("button.cancel"), f"/cancel {view.task}")
    return Reply(parts=(said, Buttons((cancel,))))
