"""What was found again, in words."""

from __future__ import annotations

from bot.answers.words import Words
from bot.commands.finding_views import Ended, Search
from bot.reply import Notice, Part, Reply, Table
from swarm_core import clip, from_micros, printable

_EXCERPT = 160
"""Characters of an excerpt."""


def search(words: Words, view: Search) -> Reply:
    """A line for each task, with where the words stand."""
    say, found = words.say, view.found
    if not found.total:
        return Reply(parts=tuple(_nothing(words, view)))
    parts: list[Part] = []
    if found.widened:
        parts.append(Notice(level="info", text=say("search.widened", words=view.line)))
    names = ("task", "state", "what", "found", "age")
    parts.append(
        Table(
            columns=tuple(say(f"column.{name}") for name in names),
            align=("right", "left", "left", "left", "right"),
            rows=tuple(
                (
                    f"#{hit.task.id}",
                    words.state(hit.task.state),
                    words.request(hit.task),
                    say(f"search.{hit.part}", excerpt=clip(printable(hit.excerpt), _EXCERPT)),
                    words.age(hit.task.created),
                )
                for hit in found.hits
            ),
            empty=say("search.no_page", page=found.page),
        )
    )
    shown = (found.page - 1) * view.most + len(found.hits)
    parts += _more(words, view.typed, found.page, found.total - shown, found.bounded)
    parts += _behind(words, found.behind)
    return Reply(parts=tuple(parts))


def _nothing(words: Words, view: Search) -> list[Part]:
    say, found = words.say, view.found
    if found.near:
        near = [f"`/search {line}`" for line in found.near]
        text = say("search.near", words=view.line, near=near)
    elif found.bounded:
        text = say("search.none_of_newest", words=view.line)
    else:
        chosen = view.typed != f"/search {view.line}"
        text = say("search.none", words=view.line, chosen=chosen)
    return [Notice(level="info", text=text), *_behind(words, found.behind)]


def history(words: Words, view: Ended) -> Reply:
    """Day by day, newest first: the day's totals, then what ended."""
    say, found = words.say, view.history
    if not found.total:
        text = say("history.none", since=words.clock(found.since))
        return Reply(parts=(Notice(level="info", text=text), *_behind(words, found.behind)))
    parts: list[Part] = []
    names = ("when", "task", "what", "worker", "model", "took", "cost", "came_of_it")
    for day in found.days:
        counts = {"done": day.done, "failed": day.failed, "cancelled": day.cancelled}
        parts.append(
            Notice(
                level="info",
                text=say(
                    "history.day",
                    day=day.day,
                    took=words.length(day.took),
                    cost=day.cost,
                    counts=[
                        f"{count} {words.state(name)}" for name, count in counts.items() if count
                    ],
                ),
            )
        )
        parts.append(
            Table(
                columns=tuple(say(f"column.{name}") for name in names),
                align=("left", "right", "left", "left", "left", "right", "right", "left"),
                rows=tuple(
                    (
                        f"{from_micros(end.at):%H:%M}",
                        f"#{end.task}",
                        words.text(end.text),
                        end.worker or "",
                        end.model or "",
                        words.length(end.took) if end.took is not None else "",
                        words.usd(end.cost),
                        words.state(end.outcome),
                    )
                    for end in found.endings
                    if f"{from_micros(end.at):%Y-%m-%d}" == day.day
                ),
            )
        )
    if not found.endings:
        parts.append(Notice(level="info", text=say("search.no_page", page=found.page)))
    shown = (found.page - 1) * view.most + len(found.endings)
    parts += _more(words, view.typed, found.page, found.total - shown, found.bounded)
    parts += _behind(words, found.behind)
    return Reply(parts=tuple(parts))


def _more(words: Words, typed: str, page: int, more: int, bounded: bool) -> list[Part]:
    if more <= 0:
        return []
    key = "search.more_than" if bounded else "search.more"
    text = words.say(key, more=more, command=f"{typed} --page {page + 1}")
    return [Notice(level="info", text=text)]


def _behind(words: Words, behind: int) -> list[Part]:
    if not behind:
        return []
    return [Notice(level="warn", text=words.say("search.behind", behind=behind))]
