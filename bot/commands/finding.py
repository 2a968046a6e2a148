"""Finding things again: by their words, and by when they ended."""

from __future__ import annotations

from datetime import timedelta

from bot.commands import finding_views
from bot.commands.asking import Given
from bot.commands.desk import Desk
from swarm_core import Filters, TaskState, clip, errors, from_micros, search_words, to_micros

PAGE = 20
ENDED_SINCE = timedelta(days=7)


async def search(desk: Desk, given: Given) -> finding_views.Search:
    line, most = given["words"], given.get("most", PAGE)
    words = search_words(line)
    if words is None:
        raise errors.BadArgument(
            command="search",
            name="words",
            value=clip(line, 60),
            expected="one to sixteen words with letters or digits in them",
            example="/search invoice --since 30d",
        )
    found = await desk.swarm.finder.search(
        words,
        _filters(desk, given),
        order=given.get("order", "best"),
        page=given.get("page", 1),
        most=most,
    )
    return finding_views.Search(line=line, found=found, typed=_typed("search", given), most=most)


async def history(desk: Desk, given: Given) -> finding_views.Ended:
    most = given.get("most", PAGE)
    found = await desk.swarm.finder.history(
        _filters(desk, {"since": ENDED_SINCE, **given}),
        page=given.get("page", 1),
        most=most,
    )
    return finding_views.Ended(history=found, typed=_typed("history", given), most=most)


def _filters(desk: Desk, given: Given) -> Filters:
    state, since = given.get("state"), given.get("since")
    begin = None
    if since is not None:
        try:
            begin = desk.swarm.store.clock.now() - since
        except OverflowError:
            begin = from_micros(0)
    seeing = desk.swarm.seeing
    mine = seeing.mine(desk.actor) if given.get("mine") else None
    alone = mine.people if mine and mine.people and len(mine.people) == 1 else None
    return Filters(
        sight=mine or seeing.sight(desk.actor),
        person=alone[0] if alone else None,  # of one key alone it is known at once
        worker=given.get("worker"),
        state=TaskState(state) if state else None,
        since=to_micros(begin) if begin is not None else None,
    )


def _typed(name: str, given: Given) -> str:
    """The command again, but for its page."""
    line = [f"/{name}"]
    if "words" in given:
        line.append(given["words"])
    if given.get("mine"):
        line.append("--mine")
    chosen = [name for name in ("state", "order", "worker", "most") if name in given]
    line += [f"--{name} {given[name]}" for name in chosen]
    if "since" in given:
        seconds = int(given["since"].total_seconds())
        days, hours = divmod(seconds // 3600, 24)
        spans = ((days, "d"), (hours, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s"))
        line.append("--since " + "".join(f"{size}{unit}" for size, unit in spans if size))
    return " ".join(line)
