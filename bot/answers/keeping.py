"""Backups, restores, exports and what was erased, in words."""

from __future__ import annotations

from bot.answers.words import Words
from bot.commands import keeping_views as kept
from bot.messages import Messages
from bot.reply import KeyValues, Notice, Part, Reply
from swarm_core import BackupState, from_micros


def backup(words: Words, seen: BackupState) -> str:
    """How backups stand, in one line."""
    say = words.say
    if seen.failure:
        return say("backup.failing", why=words.failure(seen.failure, seen.failure_data))
    if seen.last is None:
        return say("backup.none_yet") if seen.every else say("backup.off")
    if not seen.changed:
        return say("backup.last_current", age=words.age(seen.last.made))
    return say("backup.last", age=words.age(seen.last.made), count=seen.count)


def backed_up(words: Words, view: kept.BackedUp) -> Reply:
    made = view.backup
    text = words.say("backup.made", file=made.file, size=made.size, seq=made.seq)
    return Reply(parts=(Notice(level="ok", text=text, hint=words.say("backup.try")),))


def moved_away(words: Words, view: kept.MovedAway) -> Reply:
    say, seen = words.say, view.archiving
    if not seen.facts:
        return Reply(parts=(Notice(level="info", text=say("archive.nothing", kept=seen.kept)),))
    text = say(
        "archive.moved", facts=seen.facts, files=list(seen.files), size=seen.size, kept=seen.kept
    )
    return Reply(parts=(Notice(level="ok", text=text, hint=say("archive.read")),))


def erased(words: Words, view: kept.Erased) -> Reply:
    say, seen = words.say, view.erasure
    pairs = [
        (say("field.person"), ", ".join(seen.people)),
        (say("field.tasks"), str(seen.tasks)),
        (say("field.texts"), str(seen.texts)),
        (say("field.remembered"), str(seen.remembered)),
    ]
    parts: list[Part] = [KeyValues(pairs=tuple(pairs))]
    if seen.done:
        parts.append(Notice(level="ok", text=say("erase.done")))
    else:
        if seen.open:
            tasks = [f"#{task}" for task in seen.open[:20]]
            text = say("erase.open", tasks=tasks, more=max(0, len(seen.open) - 20))
            parts.append(Notice(level="warn", text=text))
        hint = f"/erase person {view.who} --yes{' --cancel' if seen.open else ''}"
        parts.append(Notice(level="info", text=say("erase.preview", command=hint)))
    if seen.copies:
        text = say("erase.copies", files=list(seen.copies[:5]), more=max(0, len(seen.copies) - 5))
        hint = "" if seen.done else say("erase.copies_hint")
        parts.append(Notice(level="warn", text=text, hint=hint))
    return Reply(parts=tuple(parts), private=True)


def restored(say: Messages, view: kept.Restoration) -> Reply:
    back = view.put_back.restored
    made = f"{from_micros(back.made).astimezone():%Y-%m-%d %H:%M:%S}"
    parts: list[Part] = [
        Notice(
            level="ok",
            text=say("restore.done", folder=back.folder, when=made, seq=back.seq),
            hint=say("restore.since"),
        ),
    ]
    if view.put_back.open:
        parts.append(Notice(level="info", text=say("restore.open", count=view.put_back.open)))
    if back.before:
        parts.append(Notice(level="info", text=say("restore.before", folder=back.before)))
    if back.missing:
        text = say("restore.missing", files=list(back.missing[:5]), begin=back.report.begin)
        parts.append(Notice(level="warn", text=text, hint=say("restore.missing_hint")))
    if back.settings:
        parts.append(Notice(level="info", text=say("restore.settings", file=back.settings)))
    return Reply(parts=tuple(parts))


def rebuilt(say: Messages, view: kept.Rebuilt) -> Reply:
    text = say("rebuild.done", facts=view.facts, rows=view.rows, begin=view.begin)
    return Reply(parts=(Notice(level="ok", text=text),))


def exported(say: Messages, view: kept.Exported) -> Reply:
    text = say("export.done", file=view.file, size=view.size)
    return Reply(parts=(Notice(level="ok", text=text),))
