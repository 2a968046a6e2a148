"""Money in words: caps, what is spent and by whom, what was changed, warnings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from bot.answers.raises import ways
from bot.answers.words import Words
from bot.charts import alt_text
from bot.commands import views
from bot.reply import Align, File, Notice, Part, Reply, Table
from swarm_core import Account


def budget(words: Words, view: views.Budget) -> Reply:
    say = words.say
    parts: list[Part] = [
        Notice(
            level="error",
            text=words.failure("scope_frozen", {"scope": account.account}),
            hint=say("budget.unfreeze"),
        )
        for account in view.accounts
        if account.frozen
    ]
    parts += overruns(words, view.frozen)
    parts.append(_accounts(words, view.accounts, forecast=True))
    parts += [
        Notice(
            level="info",
            text=say(
                "budget.changed",
                name=cap.name,
                cap=_cap(words, cap.cap),
                who=words.who(cap.by or ""),
                when=words.clock(cap.at or 0),
                configured=_cap(words, cap.configured),
            ),
        )
        for cap in view.changed
    ]
    return Reply(parts=(*parts, *ways(words, view)))


def _cap(words: Words, cap: int | None) -> str:
    return words.say("budget.no_cap") if cap is None else words.usd(cap)


def _accounts(words: Words, accounts: tuple[Account, ...], *, forecast: bool) -> Table:
    say = words.say
    names = ("budget", "spent", "held", "cap", "free", *(("forecast",) if forecast else ()))
    rows = []
    for account in accounts:
        row = [
            say("budget.of", scope=account.account),
            words.usd(account.spent),
            words.usd(account.held),
            _cap(words, account.cap),
            words.usd(account.free) if account.free is not None else "",
        ]
        if forecast:
            row.append(words.usd(account.forecast) if account.forecast is not None else "")
        rows.append(tuple(row))
    return Table(
        columns=tuple(say(f"column.{name}") for name in names),
        align=_align(len(names)),
        rows=tuple(rows),
    )


def _align(columns: int) -> tuple[Align, ...]:
    right: list[Align] = ["right"] * (columns - 1)
    return ("left", *right)


def spending(words: Words, view: views.Spending) -> Reply:
    say = words.say
    names = (view.by, "spent", "calls", "tokens_in", "tokens_out")
    table = Table(
        columns=tuple(say(f"column.{name}") for name in names),
        align=_align(len(names)),
        rows=tuple(
            (
                words.who(row.name) if view.by == "people" else row.name,
                words.usd(row.spent),
                f"{row.calls:,}",
                f"{row.input:,}",
                f"{row.output:,}",
            )
            for row in view.rows
        ),
        empty=say("budget.nothing_spent"),
    )
    return Reply(parts=(Notice(level="info", text=say("budget.days", days=view.days)), table))


def categories(words: Words, view: views.Categories) -> Reply:
    told = Notice(level="info", text=words.say("budget.days", days=view.days))
    return Reply(parts=(told, _accounts(words, view.accounts, forecast=view.days == 1)))


def cap_set(words: Words, view: views.CapSet) -> Reply:
    cap = _cap(words, view.cap)
    text = words.say("budget.set", name=view.name, cap=cap)
    hint = words.say("budget.until", key=view.configured)
    return Reply(parts=(Notice(level="ok", text=text, hint=hint),))


def overruns(words: Words, accounts: tuple[Account, ...]) -> list[Notice]:
    """Which bills a budget was frozen for. They are known by the accounts of single tasks."""
    return [
        Notice(
            level="info",
            text=words.say("budget.overrun", task=words.scope(a.account), over=a.overrun),
        )
        for a in accounts
        if a.cap_name == "task"
    ]


def thawed(words: Words, view: views.Thawed) -> Reply:
    say = words.say
    if not view.accounts:
        return Reply(parts=(Notice(level="info", text=say("resume.nothing_frozen")),))
    told = Notice(level="ok", text=say("resume.budget", count=view.woken))
    return Reply(parts=(told, *overruns(words, view.accounts)))


def chart(words: Words, view: views.Chart) -> Reply:
    say, burn = words.say, view.burn
    table = Table(
        columns=tuple(say(f"column.{name}") for name in ("day", "spent", "held")),
        align=("left", "right", "right"),
        rows=tuple((day.day, words.usd(day.spent), words.usd(day.held)) for day in burn.days),
        empty=say("budget.nothing_spent"),
    )
    text, alt = say("budget.chart_title", since=burn.since, today=burn.today), alt_text(say, burn)
    picture = File(
        name=PurePath(view.file).name,
        data=view.picture,
        media_type="image/png",
        alt=alt,
        path=view.file,
    )
    return Reply(parts=(Notice(level="info", text=text, hint=alt), table, picture))


def warned(words: Words, about: Mapping[str, Any]) -> Reply:
    """An account is nearly used up."""
    account = {name: about[name] for name in ("percent", "spent", "held", "cap", "forecast")}
    text = words.say("budget.warned", scope=about["account"], **account)
    hint = words.say("budget.warned_next")
    return Reply(parts=(Notice(level="warn", text=text, hint=hint),))


def frozen(words: Words, task: int, about: Mapping[str, Any]) -> Reply:
    """A bill was above its hold."""
    text = words.say("budget.frozen", id=task, most=about["most"], cost=about["cost"])
    return Reply(parts=(Notice(level="error", text=text, hint=words.say("budget.unfreeze")),))
