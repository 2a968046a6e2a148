"""The swarm as a service in words: started, reloaded, ended."""

from __future__ import annotations

from bot.answers.words import Words
from bot.commands import service_views as views
from bot.messages import Messages
from bot.reply import Level, Notice, Part, Reply, Table
from swarm_core import Reloaded


def background(say: Messages, view: views.Background) -> Reply:
    text = say("service.background", pid=view.pid, folder=view.folder)
    return Reply(parts=(Notice(level="ok", text=text, hint=say("service.log", log=view.log)),))


def down(say: Messages, view: views.Down) -> Reply:
    if view.killed:
        text, level = say("end.killed", pid=view.pid), "warn"
    elif not view.answered:
        text, level = say("end.signalled", pid=view.pid), "ok"
    else:
        text, level = say("end.ended", pid=view.pid), "ok"
    parts = [Notice(level=_level(level), text=text)]
    if view.left:
        parts.append(Notice(level="info", text=say("end.left", tasks=[f"#{t}" for t in view.left])))
    return Reply(parts=tuple(parts))


def _level(name: str) -> Level:
    return "warn" if name == "warn" else "ok"


def reload(words: Words, view: views.Reload) -> Reply:
    say, done = words.say, view.done
    if not view.ok:
        text = say("reload.refused", problems=len(view.problems))
        parts: list[Part] = [Notice(level="error", text=text)]
        parts += [
            Notice(level="error", text=words.failure(each.code, each.data))
            for each in view.problems
        ]
        return Reply(parts=tuple(parts))
    nothing = done == Reloaded()
    parts = [Notice(level="ok", text=say("reload.nothing" if nothing else "reload.done"))]
    if done.changed:
        rows = tuple((c.key, c.before or "-", c.after or "-") for c in done.changed)
        columns = tuple(say(f"column.{name}") for name in ("key", "before", "after"))
        parts.append(Table(columns=columns, rows=rows))
    if done.policies is not None:
        parts.append(Notice(level="info", text=say("reload.policies", count=done.policies)))
    for key, names in (("come", done.come), ("gone", done.gone), ("altered", done.altered)):
        if names:
            parts.append(Notice(level="info", text=say(f"reload.{key}", names=names)))
    if done.later:
        keys = [f"`{change.key}`" for change in done.later]
        parts.append(Notice(level="warn", text=say("reload.later", keys=keys)))
    parts += [
        Notice(level="warn", text=words.failure(each.code, each.data)) for each in view.problems
    ]
    return Reply(parts=tuple(parts))
