"""One approval in full: what a person has to know to say yes or no."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answers.approvals import choices
from bot.answers.raises import verdict
from bot.answers.words import Words
from bot.reply import BLANK, Button, Card, Reply
from swarm_core import Approval, AskedView

_CENT = 10_000
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
        ("asked", words.clock(approval.asked)),
    )
    lines = [*_why(words, approval), *_exactly(words, approval)]
    if view.outside:
        lines.append(say("approval.outside", sources=sources(words, view.outside)))
    return Card(
        title=_title(words, approval),
        state=say(f"approval.state.{approval.state}", **verdict(words, approval)),
        level="warn" if waits else "info",
        fields=tuple((say(f"column.{name}"), value) for name, value in pairs if value),
        lines=tuple(lines),
        buttons=_buttons(words, view),
        footer=say("approval.until", when=words.clock(approval.expires)) if waits else "",
        asks=approval.id,
    )


def _title(words: Words, approval: Approval) -> str:
    """What is asked, in a question: with a price that is easily read, and never too low."""
    if approval.kind == "raise":
        action = approval.action
        return words.say("approval.title.raise", scope=action["account"], amount=action["amount"])
    if approval.kind == "address":
        return words.say("approval.title.address")
    cost = approval.cost
    cents = -(-cost // _CENT) * _CENT
    return words.say(f"approval.title.{approval.kind}", cost=cents if cost > _CENT else cost)


def _why(words: Words, approval: Approval) -> tuple[str, ...]:
    if approval.kind == "raise":
        shown = approval.shown
        if shown.get("cap") is None:
            return ()
        stands = {name: shown.get(name) for name in ("cap", "spent", "held")}
        return (words.say("approval.why.raise", **stands),)
    if approval.kind == "price":
        return (words.say("approval.why.price"),)
    action = approval.action
    if approval.kind == "address":
        return (words.say("approval.why.address", tool=action["tool"]),)
    told = {name: action[name] for name in ("model", "instead_of")}
    return (words.say("approval.why.dearer_fallback", **told),)


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


def _exactly(words: Words, approval: Approval) -> tuple[str, ...]:
    """Everything its digest binds, said of what it is: a task and its text by the task's number,
    whose beginning stands above; a run as what the task goes on with."""
    say, action, other = words.say, approval.action, approval.other
    if approval.kind == "raise":
        until = action.get("until")
        return (
            say(
                "approval.exact.raise",
                scope=action["account"],
                amount=action["amount"],
                until=words.clock(until) if isinstance(until, int) else "",
            ),
        )
    if approval.kind == "address":
        named = {name: action[name] for name in ("task", "tool", "address")}
        return (say("approval.exact.address", **named),)
    names = ("worker", "model") if approval.kind == "price" else ("model", "instead_of")
    told = {name: action[name] for name in (*names, "task", "most", "cap")}
    exact = (say(f"approval.exact.{approval.kind}", **told),)
    if other is None:
        return exact
    less = {name: other[name] for name in ("worker", "model", "most")}
    return (*exact, say("approval.exact.other", **less))
