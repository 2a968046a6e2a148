"""One approval in full: what a person has to know to say yes or no."""

from __future__ import annotations

from collections.abc import Mapping

from bot.answers.approvals import choices, what
from bot.answers.raises import verdict
from bot.answers.words import Words
from bot.reply import Card, Reply
from swarm_core import Approval

_MONEY = ("most", "cap", "amount", "cost")


def in_full(words: Words, approval: Approval) -> Reply:
    waits = approval.state == "open"
    return Reply(parts=(card(words, approval),), asks=approval.id if waits else None)


def card(words: Words, approval: Approval) -> Card:
    """The exact action, who asks, what it costs at most and until when; while it waits, with the
    buttons that decide on it."""
    say, waits = words.say, approval.state == "open"
    pairs = (
        ("task", f"#{approval.task}" if approval.task else ""),
        ("asked_by", words.who(approval.asker)),
        ("cost", words.usd(approval.cost)),
        ("when", words.clock(approval.asked)),
        ("expires", words.clock(approval.expires) if waits else ""),
    )
    lines = [what(words, approval), _exactly(words, "action", approval.action)]
    if approval.other:
        lines.append(_exactly(words, "other", approval.other))
    return Card(
        title=say(f"approval.title.{approval.kind}", id=approval.id),
        state=say(f"approval.state.{approval.state}", **verdict(words, approval)),
        level="warn" if waits else "info",
        fields=tuple((say(f"column.{name}"), value) for name, value in pairs if value),
        lines=tuple(lines),
        buttons=choices(words, approval.id, cheaper=approval.other is not None) if waits else (),
        footer=say("approval.until", when=words.clock(approval.expires)) if waits else "",
    )


def _exactly(words: Words, key: str, action: Mapping[str, str | int | None]) -> str:
    """Every part of the action by its name, for its digest binds every one."""
    parts = [
        f"{name} {words.usd(value) if name in _MONEY and isinstance(value, int) else value}"
        for name, value in sorted(action.items())
        if value is not None
    ]
    return words.say(f"approval.exact.{key}", parts=parts)
