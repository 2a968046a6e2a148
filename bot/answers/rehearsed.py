"""A rehearsed week in words: what ran, what it cost, who would have been told and when."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from bot.answers.words import Words
from bot.reply import Notice, Part, Reply, Table
from swarm_core import PriorityWeek, Span, Told, WeekReport, from_micros

_NIGHT = "22:00-08:00"
MOST = 10
"""Of what would have woken somebody so many are told one by one."""


def week(words: Words, report: WeekReport) -> Reply:
    """The whole report."""
    say = words.say
    first, last = words.clock(report.start), words.clock(report.end)
    head = say("rehearsal.head", first=first, last=last, seed=report.seed)
    parts: list[Part] = [Notice(level="info", text=head)]
    for trouble in report.troubles:
        begin, end = words.clock(trouble.begin), words.clock(trouble.end)
        said = say(f"rehearsal.trouble_{trouble.kind}", begin=begin, end=end)
        parts.append(Notice(level="info", text=said))
    parts += [_priorities(words, report), _money(words, report)]
    parts += _grids(words, report)
    return Reply(parts=(*parts, *_nights(words, report)))


def _priorities(words: Words, report: WeekReport) -> Table:
    names = ("name", "planned", "ran", "failed", "missed", "skipped", "spent")
    return Table(
        columns=tuple(words.say(f"rehearsal.column.{name}") for name in names),
        rows=tuple(
            (
                each.name,
                "" if each.planned is None else str(each.planned),
                str(each.ran),
                str(each.failed),
                str(each.missed),
                _skipped(words, each),
                f"{words.usd(each.spent)} / {words.usd(each.cap)}",
            )
            for each in report.priorities
        ),
        align=("left", "right", "right", "right", "right", "left", "right"),
        empty=words.say("rehearsal.none"),
    )


def _skipped(words: Words, each: PriorityWeek) -> str:
    reasons = [
        f"{count} {words.say(f'rehearsal.skipped.{reason}')}"
        for reason, count in sorted(each.skipped.items())
    ]
    if each.paused:
        why = words.say(f"rehearsal.paused_{each.paused}")
        left = (each.planned or 0) - each.ran - each.missed - sum(each.skipped.values())
        reasons.append(words.say("rehearsal.paused", count=max(0, left), why=why))
    return ", ".join(reasons)


def _money(words: Words, report: WeekReport) -> Table:
    say = words.say

    def of(spent: int, cap: int | None) -> str:
        return words.usd(spent) if cap is None else f"{words.usd(spent)} / {words.usd(cap)}"

    return Table(
        columns=tuple(say(f"rehearsal.column.{name}") for name in ("day", "all", "unattended")),
        rows=tuple(
            (day.day, of(day.spent, day.cap), of(day.unattended, day.unattended_cap))
            for day in report.days
        ),
        align=("left", "right", "right"),
    )


def _grids(words: Words, report: WeekReport) -> list[Part]:
    """For each who is told a row a day: how much in each three hours."""
    found: list[Part] = []
    for to in sorted({told.to for told in report.told}):
        mine = Counter(_slot(told) for told in report.told if told.to == to)
        days = [
            from_micros(report.start).astimezone().date() + timedelta(days=day) for day in range(8)
        ]
        hours = tuple(f"{hour:02}" for hour in range(0, 24, 3))
        rows = tuple(
            (f"{day:%m-%d}", *(str(mine[f"{day} {hour}"] or "·") for hour in hours)) for day in days
        )
        found.append(Notice(level="info", text=words.say("rehearsal.told", to=to)))
        columns = (words.say("rehearsal.column.day"), *hours)
        found.append(Table(columns=columns, rows=rows, align=("left", *("right",) * 8)))
    if not found:
        found.append(Notice(level="ok", text=words.say("rehearsal.nobody")))
    return found


def _slot(told: Told) -> str:
    then = _local(told)
    return f"{then.date()} {then.hour // 3 * 3:02}"


def _local(told: Told) -> datetime:
    return from_micros(told.at).astimezone()


def _nights(words: Words, report: WeekReport) -> list[Part]:
    night = Span.of(report.quiet or _NIGHT)
    woken = [told for told in report.told if night.over(from_micros(told.at), None)]
    if not woken:
        return [Notice(level="ok", text=words.say("rehearsal.quiet", hours=str(night)))]
    said = words.say("rehearsal.woken", count=len(woken), hours=str(night))
    shown = [
        Notice(
            level="warn",
            text=words.say("rehearsal.at_night", at=words.clock(t.at), to=t.to, kind=t.kind),
        )
        for t in woken[:MOST]
    ]
    return [Notice(level="warn", text=said), *shown]
