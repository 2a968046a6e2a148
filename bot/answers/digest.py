"""A digest in words: one message, shortest first, with what can be done about it below."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from bot.answers import approvals
from bot.answers.words import Words
from bot.charts import alt_text
from bot.commands.digest_views import DigestView
from bot.commands.digests import burn_of
from bot.reply import Button, Buttons, File, KeyValues, Notice, Pair, Part, Reply, Table
from swarm_core import Amounts, Digest, Ends, Task, TaskState, Unusual, Whole

_BAR = 10
"""Letters of the longest bar: a phone shows the row in one line."""
_MOST_BUTTONS = 3


def digest(words: Words, view: DigestView) -> Reply:
    """The reply that tells `view`, for the eyes of whoever it is about."""
    say, found = words.say, view.found
    made = found.digest
    parts: list[Part] = []
    if view.repeat:
        parts.append(Notice(level="info", text=say("ending.repeat")))
    since = words.clock(made.since)
    hint = "" if view.hour is None else say("digest.next", hour=view.hour)
    if made.empty:
        text = say("digest.nothing", since=since)
        return Reply(parts=(*parts, Notice(level="info", text=text, hint=hint)), private=True)
    parts.append(Notice(level="info", text=say("digest.head", since=since), hint=hint))
    pairs = tuple(_pairs(words, made))
    if pairs:
        parts.append(KeyValues(pairs=pairs))
    for key, tasks, more in (
        ("failures", found.failures, made.failed - len(made.failures)),
        ("parked", found.parked, made.waiting - len(made.parked)),
    ):
        if tasks:
            rows = [(words.title(task), _reason(words, task)) for task in tasks]
            rows += [(say("digest.more", count=more), "")] if more > 0 else []
            parts.append(KeyValues(title=say(f"digest.{key}"), pairs=tuple(rows)))
    if found.approvals:
        asked = tuple(
            (
                approvals.what(words, each),
                words.say("approval.until", when=words.clock(each.expires)),
            )
            for each in found.approvals
        )
        parts.append(KeyValues(title=say("digest.decide"), pairs=asked))
    if odd := [_odd(words, each) for each in made.unusual]:
        parts.append(KeyValues(title=say("digest.unusual"), pairs=tuple(odd)))
    if made.whole:
        parts += _chart(words, view, made.whole)
    parts += _buttons(words, view)
    return Reply(parts=tuple(parts), private=True)


def _pairs(words: Words, made: Digest) -> Iterator[Pair]:
    say = words.say
    if made.own:
        yield say("digest.own"), _ends(words, made.own)
    for group in made.groups:
        yield group.name, _ends(words, group.ends)
    if made.to_decide:
        yield say("digest.decide"), say("digest.to_decide", count=made.to_decide)
    if made.missed:
        told = [say("digest.times", name=m.name, count=m.instants) for m in made.missed]
        yield say("digest.missed"), ", ".join(told)
    for closed in (False, True):
        if names := [f"{i.number}: {i.name}" for i in made.incidents if i.closed is closed]:
            yield say("digest.over" if closed else "digest.incidents"), ", ".join(names)
    if made.undelivered:
        yield say("digest.uncertain"), say("digest.undelivered", count=made.undelivered)
    if made.money:
        if made.spent:
            total = sum(each.spent for each in made.spent)
            since = made.spent[0].day
            yield say("digest.spent"), say("digest.spent_since", spent=total, since=since)
        yield say("digest.today"), _amounts(words, made.money)
    if made.whole:
        if made.whole.ends:
            yield say("digest.everybody"), _ends(words, made.whole.ends)
        yield say("digest.day"), _amounts(words, made.whole.today)
        yield say("digest.month"), _amounts(words, made.whole.month)


def _ends(words: Words, ends: Ends) -> str:
    told = [
        words.say(f"digest.ends.{name}", count=count)
        for name in ("done", "failed", "cancelled")
        if (count := getattr(ends, name))
    ]
    return ", ".join((*told, words.usd(ends.cost)) if ends.cost else told)


def _amounts(words: Words, amounts: Amounts) -> str:
    key = "digest.of_cap" if amounts.cap is not None else "digest.no_cap"
    given = {"cap": amounts.cap} if amounts.cap is not None else {}
    return words.say(key, spent=amounts.spent, held=amounts.held, **given)


def _reason(words: Words, task: Task) -> str:
    """Why it failed, or waits; how it stands where that is no longer so."""
    if task.state is TaskState.FAILED and task.failure:
        return words.failure(task.failure, task.failure_data)
    if task.state is TaskState.WAITING and task.waiting:
        return words.failure(task.waiting, task.waiting_data)
    return words.say("digest.meanwhile", state=words.state(task.state))


def _odd(words: Words, odd: Unusual) -> Pair:
    say = words.say
    task = f" #{odd.task}" if odd.task else ""
    match odd.sort:
        case "took":
            value, usual = words.length(odd.value), words.length(odd.usual)
        case "failure":
            value, usual = "", str(odd.usual)
        case _:
            value, usual = words.usd(odd.value), words.usd(odd.usual)
    given = {"usual": usual} if odd.sort == "failure" else {"value": value, "usual": usual}
    return f"{odd.of}{task}", say(f"digest.odd.{odd.sort}", **given)


def _chart(words: Words, view: DigestView, whole: Whole) -> Iterator[Part]:
    """What each of the last days cost: bars of letters, and in a chat the picture with them."""
    say, most = words.say, max((each.spent for each in whole.days), default=0)
    if not most:
        return
    rows = tuple(
        (day.day[5:], "█" * -(-day.spent * _BAR // most), words.usd(day.spent))
        for day in whole.days
    )
    columns = (say("column.day"), say("digest.bar"), say("column.spent"))
    yield Table(columns=columns, rows=rows, align=("left", "left", "right"))
    if view.picture:
        yield File(
            name=PurePath(view.file).name,
            data=view.picture,
            media_type="image/png",
            alt=alt_text(say, burn_of(whole)),
            path=view.file,
            told=True,
        )


def _buttons(words: Words, view: DigestView) -> Iterator[Buttons]:
    """What waits first, then what failed; the rest is a list to pick from."""
    say, found = words.say, view.found
    decide = [
        Button(say("digest.see", what=approvals.what(words, each)), f"/approvals {each.id}")
        for each in found.approvals
    ]
    failed = [each for each in found.failures if each.state is TaskState.FAILED]
    again = [Button(say("digest.retry", id=each.id), f"/retry {each.id}") for each in failed]
    first = [*decide, *again][:_MOST_BUTTONS]
    if first:
        yield Buttons(tuple(first))
    looks = [Button(words.title(each), f"/show {each.id}") for each in (*failed, *found.parked)]
    rest = [*[each for each in (*decide, *again) if each not in first], *looks]
    if len(rest) > 1:
        yield Buttons(tuple(rest), pick=say("digest.pick"))
    elif rest and len(first) < _MOST_BUTTONS:
        yield Buttons(tuple(rest))
