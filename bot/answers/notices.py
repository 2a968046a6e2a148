"""Where people and other systems are told of what, in words."""

from __future__ import annotations

from bot.answers.undelivered import delivery, what
from bot.answers.words import Words
from bot.commands import notice_views as views
from bot.reply import KeyValues, Notice, Part, Reply, Table

_SAID = ("here", "dm", "quiet", "off")


def notices(words: Words, view: views.NoticeView) -> Reply:
    """The reply that tells `view`, for the asker's eyes alone."""
    match view:
        case views.Notify():
            return _notify(words, view)
        case views.Notifications():
            return _notifications(words, view)
        case views.Hooks():
            return _hooks(words, view)
        case views.HookTested():
            return _tested(words, view)


def _notify(words: Words, view: views.Notify) -> Reply:
    say, holds = words.say, view.holds
    rows = tuple(
        (
            each.sort,
            say(f"notify.of.{each.sort}"),
            _place(words, each.place, each.sort),
            ", ".join(each.may),
        )
        for each in holds.each
    )
    columns = tuple(say(f"column.{name}") for name in ("sort", "what", "where", "choices"))
    parts: list[Part] = [Table(columns=columns, rows=rows)]
    hours = (
        (say("wish.quiet"), holds.quiet or say("notify.no_hours")),
        (say("wish.digest"), holds.hour or say("notify.no_hours")),
    )
    parts.append(KeyValues(pairs=hours))
    if holds.until is not None:
        parts.append(Notice(level="info", text=say("notify.now", until=words.clock(holds.until))))
    if view.changed:
        (place,) = [each.place for each in holds.each if each.sort == view.changed]
        text = say(
            "notify.set",
            of=say(f"notify.of.{view.changed}"),
            place=_place(words, place, view.changed),
        )
        return Reply(parts=(Notice(level="ok", text=text),), private=True)
    parts.append(Notice(level="info", text=say("notify.hint")))
    return Reply(parts=tuple(parts), private=True)


def _place(words: Words, place: str, sort: str) -> str:
    if place == "here" and sort == "money":
        return words.say("notify.at.terminal")
    if place in _SAID:
        return words.say(f"notify.at.{place}")
    return words.say("notify.at.surface", surface=place)


def _notifications(words: Words, view: views.Notifications) -> Reply:
    say = words.say
    rows = tuple(
        (
            str(each.notice),
            what(words, each.kind, each.task),
            delivery(words, each.state, each.held),
            "/".join(part for part in (each.place.surface, each.place.space) if part),
            words.age(each.created),
        )
        for each in view.notices
    )
    columns = tuple(say(f"column.{name}") for name in ("number", "what", "state", "space", "age"))
    table = Table(columns=columns, rows=rows, empty=say("notify.none"))
    return Reply(parts=(table,), private=True)


def _hooks(words: Words, view: views.Hooks) -> Reply:
    say = words.say
    rows = tuple(
        (
            each.target,
            each.url,
            ", ".join(each.sorts),
            str(each.waiting),
            str(each.failed),
            words.clock(each.last) if each.last is not None else say("webhook.never"),
            say.failure(each.problem[0], dict(each.problem[1])) if each.problem else "",
        )
        for each in view.hooks
    )
    heads = ("name", "address", "sort", "waiting", "given_up", "last", "problem")
    columns = tuple(say(f"column.{name}") for name in heads)
    table = Table(columns=columns, rows=rows, empty=say("webhook.nowhere"))
    return Reply(parts=(table,), private=True)


def _tested(words: Words, view: views.HookTested) -> Reply:
    say, tested = words.say, view.tested
    if tested.replied is None:
        assert tested.problem is not None
        why = say.failure(tested.problem[0], dict(tested.problem[1]))
        text = say("webhook.unreached", name=tested.target, why=why)
        return Reply(parts=(Notice(level="error", text=text),), private=True)
    replied = tested.replied
    key = "webhook.taken" if replied.well else "webhook.refused"
    text = say(key, name=tested.target, status=replied.status, words=replied.words)
    level = Notice(level="ok", text=text) if replied.well else Notice(level="error", text=text)
    return Reply(parts=(level,), private=True)
