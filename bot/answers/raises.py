"""Raises of caps in words: the question, what came of it, what a waiting task is told."""

from __future__ import annotations

from bot.answers.words import Words
from bot.commands import views
from bot.reply import BLANK, Button, Buttons, Level, Notice, Part, Reply
from swarm_core import Approval, MicroUSD, format_usd

AMOUNTS = tuple(MicroUSD(amount) for amount in (250_000, 500_000, 1_000_000))


def cap_raised(words: Words, view: views.CapRaised) -> Reply:
    """The answer to whoever asked for it: it is done, or it waits for somebody else."""
    raised, account = view.raised, view.raised.account
    if raised.approval.state == "open":
        text = words.say("raise.waits", what=what(words, raised.approval))
        hint = words.say("approval.until", when=words.clock(raised.approval.expires))
        return Reply(parts=(Notice(level="warn", text=text, hint=hint),))
    key = "budget.raised_task" if account.cap_name == "task" else "budget.raised"
    text = words.say(
        key,
        scope=account.account,
        amount=raised.amount,
        cap=account.cap or 0,
        free=words.usd(account.free or 0),
    )
    hint = words.say("budget.woken") if raised.woken else ""
    return Reply(parts=(Notice(level="ok", text=text, hint=hint),))


def ways(words: Words, view: views.Budget) -> tuple[Buttons, ...]:
    """What can be done about the budget: more of what may be raised, by amounts that one would
    say or by another; a cheaper model for what waits for money."""
    say = words.say
    lists = [
        Buttons(
            (
                *(
                    Button(words.usd(amount), f"/budget raise {account} {format_usd(amount)}")
                    for amount in AMOUNTS
                ),
                Button(say("button.raise_other"), f"/budget raise {account} {BLANK}"),
            ),
            pick=say("budget.raise_which", scope=account),
        )
        for account in view.raisable
    ]
    if view.waiting:
        tasks = tuple(Button(f"#{task}", f"/cheaper {task}") for task in view.waiting)
        lists.append(Buttons(tasks, pick=say("budget.cheaper_which")))
    return tuple(lists)


def what(words: Words, approval: Approval) -> str:
    """Which cap is to be raised, and by how much."""
    action = approval.action
    return words.say("approval.what.raise", scope=action["account"], amount=action["amount"])


def asked(words: Words, approval: Approval) -> Reply:
    """What who may decide is told."""
    shown = approval.shown
    text = words.say(
        "raise.asked",
        who=words.who(approval.asker),
        what=what(words, approval),
        cap=shown.get("cap"),
        spent=shown.get("spent"),
        held=shown.get("held"),
        id=approval.id,
    )
    hint = words.say("approval.until", when=words.clock(approval.expires))
    yes = Button(words.say("button.approve"), f"/approve {approval.id}")
    no = Button(words.say("button.deny"), f"/deny {approval.id}")
    parts: list[Part] = [Notice(level="warn", text=text, hint=hint), Buttons((yes, no))]
    return Reply(parts=tuple(parts))


def decided(words: Words, approval: Approval) -> Reply:
    """What came of it, for whoever asked and whoever decided."""
    level: Level = "ok" if approval.state == "approved" else "warn"
    text = words.say(
        f"raise.{approval.state}",
        what=what(words, approval),
        **verdict(words, approval),
    )
    return Reply(parts=(Notice(level=level, text=text),))


def verdict(words: Words, each: Approval) -> dict[str, str]:
    """Who decided, and why not: of each state what there is to tell."""
    told = {"by": words.who(each.decided_by or "")} if each.state in ("approved", "denied") else {}
    return {**told, "reason": each.reason or ""} if each.state == "denied" else told


def line(words: Words, approval: Approval | None) -> tuple[str, ...]:
    """What a card says of the last raise that was asked for its task."""
    if approval is None:
        return ()
    if approval.state == "open":
        return (words.say("raise.card", what=what(words, approval), id=approval.id),)
    return tuple(part.text for part in decided(words, approval).parts if isinstance(part, Notice))
