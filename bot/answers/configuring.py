"""Changes of the configuration, in words."""

from __future__ import annotations

from bot.commands.config_views import ConfigChanged, ConfigChecked
from bot.commands.model_views import Failed
from bot.messages import Messages
from bot.reply import KeyValues, Notice, Part, Reply
from swarm_core import waits_for_start


def config_changed(say: Messages, view: ConfigChanged) -> Reply:
    pairs = [
        (key, say("config.taken_out") if value is None else value)
        for key, value in view.changed.items()
    ]
    parts: list[Part] = [KeyValues(title=view.file, pairs=tuple(pairs))]
    if not view.written:
        return Reply(parts=(Notice(level="info", text=say("config.same", file=view.file)),))
    done = say("config.written", file=view.file, backup=view.backup)
    later = any(waits_for_start(key) for key in view.changed)
    hint = say("config.apply_at_start" if later else "config.apply")
    parts.append(Notice(level="ok", text=done, hint=hint))
    return Reply(parts=(*parts, *_missing(say, view.missing)))


def config_checked(say: Messages, view: ConfigChecked) -> Reply:
    text = say("config.holds", file=view.file) if view.file else say("config.none")
    return Reply(parts=(Notice(level="ok", text=text), *_missing(say, view.missing)))


def _missing(say: Messages, missing: tuple[Failed, ...]) -> tuple[Part, ...]:
    return tuple(Notice(level="warn", text=say.failure(m.code, m.data)) for m in missing)
