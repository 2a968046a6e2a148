"""What a doctor looks at besides the swarm itself: files around it, the clock, what waits."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bot.commands import model_views, views
from swarm_core import Settings, Swarm, errors, from_micros, read_env, tool_names

OLD_PRICES = timedelta(days=60)
FAST_CLOCK = timedelta(minutes=1)
"""How far the clock may be behind the last fact before it is said: it was set back."""
MOST_NAMED = 5
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def keys_file(path: Path) -> views.Line:
    """The file of keys: that it is private, or why it is not read."""
    if not path.exists():
        return views.Line(what="keys", level="ok", finding="none", data={"path": str(path)})
    try:
        found = read_env(path)
    except errors.UnsafeEnvFile as error:
        data = {"code": error.code, "data": error.data}
        return views.Line(what="keys", level="error", finding="failure", data=data)
    data = {"path": str(path), "names": sorted(found)}
    return views.Line(what="keys", level="ok", finding="ok", data=data)


def privacy(folder: Path) -> list[views.Line]:
    """The state folder when others may look into it. What people said lies there."""
    if not folder.exists() or not folder.stat().st_mode & OTHERS:
        return []
    data = {"folder": str(folder), "mode": f"{stat.S_IMODE(folder.stat().st_mode):o}"}
    return [views.Line(what="privacy", level="warn", finding="open", data=data)]


async def clock(swarm: Swarm) -> views.Line:
    """Whether the clock stands before the last fact of the journal."""
    found = await swarm.store.read(
        lambda rows: rows.execute("select at from journal order by seq desc limit 1").fetchone()
    )
    now = swarm.store.clock.now()
    last = from_micros(int(found[0])) if found else now
    data = {"now": f"{now:%Y-%m-%d %H:%M:%S} UTC"}
    if last - now <= FAST_CLOCK:
        return views.Line(what="clock", level="ok", finding="ok", data=data)
    data |= {"last": f"{last:%Y-%m-%d %H:%M:%S} UTC"}
    return views.Line(what="clock", level="warn", finding="behind", data=data)


async def archive(swarm: Swarm) -> views.Line:
    """Where the journal lies, and which files of it are gone."""
    seen = await swarm.keeping.archive.state()
    if seen.missing:
        names = {"names": list(seen.missing[:MOST_NAMED])}
        return views.Line(what="archive", level="warn", finding="missing", data=names)
    if not seen.files and not seen.dropped:
        data: dict[str, Any] = {"facts": seen.facts}
        return views.Line(what="archive", level="ok", finding="none", data=data)
    since = f"{from_micros(seen.since):%Y-%m-%d}" if seen.since is not None else "?"
    data = {"facts": seen.facts, "archived": seen.archived, "files": seen.files, "since": since}
    data |= {"size": seen.size, "dropped": seen.dropped}
    return views.Line(what="archive", level="ok", finding="ok", data=data)


async def deliveries(swarm: Swarm) -> views.Line:
    """What waits to be delivered, and what nobody knows to have arrived."""
    counts: dict[str, int] = dict(
        await swarm.store.read(
            lambda rows: rows.execute(
                "select state, count(*) from notices"
                " where state in ('pending', 'uncertain', 'failed') group by state"
            ).fetchall()
        )
    )
    data = {name: counts.get(name, 0) for name in ("pending", "uncertain", "failed")}
    if data["uncertain"] or data["failed"]:
        return views.Line(what="deliveries", level="warn", finding="lost", data=data)
    waiting = {"pending": data["pending"]}
    return views.Line(what="deliveries", level="ok", finding="ok", data=waiting)


def prices(providers: Iterable[model_views.Provider], today: date) -> list[views.Line]:
    """The prices that were looked up long ago, by provider."""
    return [
        views.Line(
            what="prices",
            level="warn",
            finding="old",
            data={"name": each.name, "day": each.priced.isoformat(), "source": each.source},
        )
        for each in providers
        if each.priced and today - each.priced > OLD_PRICES
    ]


async def voice(swarm: Swarm) -> views.Line:
    """Who puts voice notes into words, and what an hour of speech costs."""
    wish = swarm.settings.chat.transcription
    if wish is None:
        return views.Line(what="voice", level="ok", finding="off")
    try:
        card, _ = await asyncio.to_thread(swarm.models.transcriber, wish)
    except errors.WaggleError as error:
        data = {"code": error.code, "data": error.data}
        return views.Line(what="voice", level="warn", finding="failure", data=data)
    return views.Line(
        what="voice", level="ok", finding="ok", data={"model": card.name, "hour": card.hour}
    )


def tools(swarm: Swarm) -> list[views.Line]:
    """That identities ask for tools there are."""
    known = tool_names()
    lines = [views.Line(what="tools", level="ok", finding="ok", data={"count": len(known)})]
    for name, identity in sorted(swarm.roster.identities.items()):
        if strange := sorted(set(identity.tools) - known):
            data = {"name": name, "tools": strange}
            lines.append(views.Line(what="tools", level="warn", finding="unknown", data=data))
    return lines


def mend(settings: Settings, keys: Path) -> list[views.Line]:
    """Mend what can be mended without asking: what others may read becomes private. One line
    for each thing that was done. Raises nothing: what fails is a line too."""
    done: list[views.Line] = []
    folder = settings.state
    if folder.exists() and folder.stat().st_mode & OTHERS:
        done.append(_do("private", folder, lambda: folder.chmod(0o700)))
    if keys.is_file() and keys.stat().st_mode & OTHERS and keys.stat().st_uid == os.geteuid():
        done.append(_do("private", keys, lambda: keys.chmod(0o600)))
    return done


def _do(finding: str, path: Path, act: Callable[[], None]) -> views.Line:
    data = {"path": str(path)}
    try:
        act()
    except OSError as error:
        data |= {"problem": error.strerror or str(error)}
        return views.Line(what="mended", level="error", finding="not", data=data)
    return views.Line(what="mended", level="ok", finding=finding, data=data)
