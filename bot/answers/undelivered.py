"""What may not have reached people, in words."""

from __future__ import annotations

from bot.answers.words import Words
from bot.commands.people_views import Outbox
from bot.reply import Button, Buttons, Card, Notice, Part, Reply, Table
from swarm_core import Undelivered

_SENDABLE = ("uncertain", "failed")


def told(words: Words, found: Undelivered | None) -> Reply:
    """What may not have arrived, or that it has meanwhile."""
    if found is None:
        return Reply(parts=(Notice(level="info", text=words.say("undelivered.settled")),))
    return Reply(parts=(card(words, found),))


def card(words: Words, found: Undelivered) -> Card:
    """One notice that may not have arrived, or could not: what it was, when, and what to do."""
    say = words.say
    return Card(
        title=say(f"undelivered.{found.state}"),
        state=say(f"delivery.{found.state}"),
        level="warn",
        fields=(
            (say("column.what"), _what(words, found)),
            (say("column.when"), words.clock(found.created)),
            (say("column.number"), str(found.notice)),
        ),
        lines=(say(f"undelivered.told.{found.state}"),),
        buttons=(_again(words, found),),
    )


def outbox(words: Words, view: Outbox) -> Reply:
    """What waits, failed or may not have arrived; and what was just sent again."""
    say = words.say
    rows = tuple(
        (
            str(each.notice),
            delivery(words, each.state, each.held),
            f"#{each.task}" if each.task else "",
            each.kind,
            "/".join(part for part in (each.place.surface, each.place.space) if part),
            words.age(each.created),
        )
        for each in view.notices
    )
    heads = ("number", "state", "task", "kind", "space", "age")
    columns = tuple(say(f"column.{name}") for name in heads)
    parts: list[Part] = []
    if rows or view.sent is None:
        parts.append(Table(columns=columns, rows=rows, empty=say("outbox.empty")))
    sendable = [each for each in view.notices if each.state in _SENDABLE]
    if view.sent is not None:
        parts.insert(0, Notice(level="ok", text=say("outbox.sent", notice=view.sent)))
    elif sendable:
        parts.append(Notice(level="info", text=say("outbox.hint")))
    if sendable:
        buttons = tuple(_named(words, each) for each in sendable)
        parts.append(Buttons(buttons, pick=say("button.send_again")))
    return Reply(parts=tuple(parts), private=True)


def delivery(words: Words, state: str, held: int | None) -> str:
    """How a notice stands."""
    if held is not None:
        return words.say("delivery.held", until=words.clock(held))
    return words.say(f"delivery.{state}")


def _again(words: Words, found: Undelivered) -> Button:
    return Button(words.say("button.send_again"), f"/outbox send {found.notice}")


def _named(words: Words, found: Undelivered) -> Button:
    """One of several."""
    return Button(f"{found.notice}: {_what(words, found)}", f"/outbox send {found.notice}")


def _what(words: Words, found: Undelivered) -> str:
    return what(words, found.kind, found.task)


def what(words: Words, kind: str, task: int | None) -> str:
    """What a notice tells."""
    of_task = kind in ("accepted", "parked", "reminder", "ended", "frozen")
    about = {"task": task} if of_task else {}
    return words.say(f"undelivered.what.{kind}", **about)
