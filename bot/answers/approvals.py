"""Approvals in words: the question, the list, what a decision did."""

from __future__ import annotations

from bot.answers import raises
from bot.answers.words import Words
from bot.commands import views
from bot.reply import Button, Buttons, Notice, Part, Reply, Table
from swarm_core import Approval


def question(words: Words, approval: Approval) -> tuple[Part, ...]:
    """What a person is asked, the exact action in front of them, and how to answer."""
    told = words.failure(*waiting(approval))
    until = words.say("approval.until", when=words.clock(approval.expires))
    return (
        Notice(level="warn", text=told, hint=until),
        Buttons(choices(words, approval.id, cheaper=approval.other is not None)),
    )


def waiting(approval: Approval) -> tuple[str, dict[str, object]]:
    """The reason a task waits with, as the core keeps it."""
    action, other = approval.action, approval.other or {}
    data: dict[str, object] = {"approval": approval.id}
    if approval.kind == "price":
        data |= {name: action[name] for name in ("worker", "model", "most", "cap")}
        data |= {"cheaper": other.get("model"), "cheaper_most": other.get("most")}
        return "price", data
    if approval.kind == "address":
        return "address", data | {name: action[name] for name in ("tool", "address", "after")}
    return "dearer_fallback", data | {n: action[n] for n in ("model", "most", "instead_of")}


def choices(
    words: Words, approval: str, *, cheaper: bool, sure: bool = False
) -> tuple[Button, ...]:
    """At most three; each carries nothing but the id. `sure`: a yes is asked for twice."""
    yes = Button(words.say("button.approve"), f"/approve {approval}", sure)
    less = Button(words.say("button.cheaper"), f"/approve {approval} --cheaper", sure)
    no = Button(words.say("button.deny"), f"/deny {approval}")
    return (yes, less, no) if cheaper else (yes, no)


def approvals(words: Words, view: views.Approvals) -> Reply:
    say = words.say
    names = ("id", "task", "what", "asked_by", "cost", "expires")
    if view.everything:
        names = (*names[:-1], "state")
    table = Table(
        columns=tuple(say(f"column.{name}") for name in names),
        align=tuple("right" if name in ("task", "cost") else "left" for name in names),
        rows=tuple(
            (
                each.id,
                f"#{each.task}" if each.task else "",
                what(words, each),
                words.who(each.asker),
                words.usd(each.cost),
                _state(words, each) if view.everything else words.clock(each.expires),
            )
            for each in view.approvals
        ),
        empty=say("approval.none"),
    )
    if view.everything or not view.approvals:
        return Reply(parts=(table,))
    how = say("approval.how", id=view.approvals[0].id)
    shown = tuple(
        Button(f"#{each.task} {what(words, each)}" if each.task else what(words, each), line)
        for each in view.approvals
        for line in (f"/approvals {each.id}",)
    )
    look = Buttons(shown, say("approval.pick"))
    return Reply(parts=(table, Notice(level="info", text=how), look))


def _state(words: Words, each: Approval) -> str:
    return words.say(f"approval.state.{each.state}", **raises.verdict(words, each))


def what(words: Words, approval: Approval) -> str:
    """What is asked for, in a few words."""
    action = approval.action
    match approval.kind:
        case "price":
            return words.say("approval.what.price", worker=action["worker"], model=action["model"])
        case "fallback":
            return words.say(
                "approval.what.fallback", model=action["model"], instead_of=action["instead_of"]
            )
        case "address":
            return words.say("approval.what.address", address=action["address"])
        case "raise":
            return raises.what(words, approval)


def judged(words: Words, view: views.Judged) -> Reply:
    say, decided, task = words.say, view.approval, view.task
    if task is None or decided.kind == "raise":
        return raises.decided(words, decided)
    if decided.kind == "address":
        text = say(
            f"approval.address.{decided.state}", id=task.id, address=decided.action["address"]
        )
        return Reply(parts=(Notice(level="ok", text=text),))
    if decided.state == "denied":
        text = say("approval.denied", id=task.id, reason=decided.reason or "")
        return Reply(parts=(Notice(level="warn", text=text),), ending=task.id)
    chosen = decided.allowed
    text = say(
        "approval.approved", id=task.id, model=chosen.get("model") or "", most=chosen.get("most")
    )
    return Reply(parts=(Notice(level="ok", text=text),))


def moved(words: Words, view: views.Cheaper) -> Reply:
    text = words.say("approval.moved.done", id=view.task.id, model=view.model, most=view.most)
    return Reply(parts=(Notice(level="ok", text=text),))
