"""One approval in full: what a person has to know to say yes or no."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.answers.approvals import choices, waiting, what
from bot.answers.raises import verdict
from bot.answers.words import Words
from bot.reply import BLANK, Button, Card, Reply
from swarm_core import Approval, AskedView

_MONEY = ("most", "cap", "amount", "cost")
_ABOVE = ("kind", "task")
_DIGEST = 8
_SAID = {
    "price": ("most", "cap", "cheaper", "cheaper_most"),
    "dearer_fallback": ("model", "most", "instead_of"),
    "address": ("tool",),
}
"""What is said of each reason to ask."""
_GIVEN = ("room", "file", "conversation")
"""What words of others are given along with; anything else is the name of a tool."""
_DANGEROUS = 1_000_000
"""Micro-dollars from which a yes is asked for twice."""


def in_full(words: Words, view: AskedView) -> Reply:
    waits = view.approval.state == "open"
    return Reply(parts=(card(words, view),), asks=view.approval.id if waits else None)


def card(words: Words, view: AskedView) -> Card:
    """The exact action, why, who asks, what it costs at most, whose words went into it and until
    when; while it waits, with the buttons that decide on it."""
    say, approval = words.say, view.approval
    waits = approval.state == "open"
    pairs = (
        ("task", words.title(view.task) if view.task else ""),
        ("asked_by", words.who(approval.asker)),
        ("cost", words.usd(approval.cost) if approval.kind != "address" else ""),
        ("when", words.clock(approval.asked)),
        ("expires", words.clock(approval.expires) if waits else ""),
    )
    lines = [what(words, approval), *_why(words, approval), _exactly(words, "action", approval)]
    if approval.other:
        lines.append(_exactly(words, "other", approval))
    if view.outside:
        lines.append(say("approval.outside", sources=sources(words, view.outside)))
    return Card(
        title=say(f"approval.title.{approval.kind}", id=approval.id),
        state=say(f"approval.state.{approval.state}", **verdict(words, approval)),
        level="warn" if waits else "info",
        fields=tuple((say(f"column.{name}"), value) for name, value in pairs if value),
        lines=tuple(lines),
        buttons=_buttons(words, view),
        footer=say("approval.until", when=words.clock(approval.expires)) if waits else "",
        asks=approval.id,
    )


def _why(words: Words, approval: Approval) -> tuple[str, ...]:
    if approval.kind == "raise":
        shown = approval.shown
        if shown.get("cap") is None:
            return ()
        stands = {name: shown.get(name) for name in ("cap", "spent", "held")}
        return (words.say("approval.why.raise", **stands),)
    code, data = waiting(approval)
    return (words.say(f"approval.why.{code}", **{name: data[name] for name in _SAID[code]}),)


def _buttons(words: Words, view: AskedView) -> tuple[Button, ...]:
    """The answers first; the rest goes under "More" where there is little room."""
    say, approval = words.say, view.approval
    why = [Button(say("button.why"), f"/why {approval.task}")] if approval.task else []
    if view.again:
        return (Button(say("button.ask_again"), f"/resume {approval.task}"), *why)
    if approval.state != "open":
        return ()
    less = approval.other is not None
    answers = choices(words, approval.id, cheaper=less, sure=dangerous(view))
    reason = Button(say("button.deny_because"), f"/deny {approval.id} --reason {BLANK}")
    return (*answers, reason, *why)


def sources(words: Words, outside: Sequence[str]) -> list[str]:
    """Where words of others came from, as people call it."""
    return [words.say(f"taint.{each}") if each in _GIVEN else f"`{each}`" for each in outside]


def dangerous(view: AskedView) -> bool:
    """Whether a slip of the finger would be dear: much money, or strangers had a say in what it
    costs. What was given along with a request has none; and of an address nothing else is asked
    than whether strangers may have it opened."""
    brought = set(view.outside).difference(_GIVEN)
    return view.approval.cost >= _DANGEROUS or bool(brought and view.approval.kind != "address")


def _exactly(words: Words, key: str, approval: Approval) -> str:
    """Every part of the action by its name, for its digest binds every one. Its kind and its task
    stand above; of a digest the beginning tells one from another."""
    action: Mapping[str, str | int | None] = approval.action
    if key == "other":
        action = approval.other or {}
    parts = [
        f"{name} {words.usd(value) if name in _MONEY and isinstance(value, int) else _short(value)}"
        for name, value in sorted(action.items())
        if value is not None and name not in _ABOVE
    ]
    return words.say(f"approval.exact.{key}", parts=parts)


def _short(value: str | int | None) -> str:
    text = str(value)
    if "://" in text:
        return f"`{text}`"  # to be read, not to be followed
    return f"{text[:_DIGEST]}…" if len(text) == 64 and text.isalnum() else text
