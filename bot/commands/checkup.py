"""What a doctor looks at beside an open store; `bot.doctor` adds what is there without one."""

from __future__ import annotations

import asyncio
import os
import platform
import resource
import shutil
from pathlib import Path
from typing import Any, Literal

from bot.commands import views
from bot.commands.configuring import keys_beside
from bot.commands.discord_checkup import discord_lines
from bot.commands.hook_checkup import hook_lines
from bot.commands.models import ask, models_of, problems, providers
from bot.commands.priority_checkup import priority_lines
from bot.commands.surroundings import (
    archive,
    clock,
    deliveries,
    keys_file,
    mend,
    prices,
    privacy,
    tools,
    voice,
)
from bot.commands.telegram_checkup import telegram_lines
from bot.sockets import where_to_call
from swarm_core import Report, Swarm, has_state, to_micros

LEAST_FREE = 200 * 1024 * 1024
"""Bytes, besides those that are kept free, below which a full disk is near enough to say so."""
MIB = 1024 * 1024
FEW_FILES = 256
"""A limit on open files below which a busy swarm may meet it."""
SAFE_SQLITE = (3, 51, 3)
"""Older ones have a rare race between connections that checkpoint at once; here only one does."""


async def checkup(
    swarm: Swarm, *, serving: bool, verify: bool = False, fix: bool = False, spaces: bool = True
) -> views.Checkup:
    """Every line, and with `verify` the journal replayed and compared with the tables. `fix`
    first mends what can be mended without asking. `spaces`: also what names the places there
    are, which those in one are not told of the others."""
    keys = keys_beside(swarm.settings)
    mended = await asyncio.to_thread(mend, swarm.settings, keys) if fix else []
    sqlite, facts = await swarm.store.read(
        lambda rows: (
            rows.execute("select sqlite_version()").fetchone()[0],
            rows.execute("select coalesce(max(seq), 0) from journal").fetchone()[0],
        )
    )
    lines = [
        *mended,
        python(),
        _sqlite(sqlite),
        _state(swarm),
        *privacy(swarm.settings.state),
        _disk(swarm),
        _files(),
        *_store(swarm),
        await clock(swarm),
        views.Line(
            what="config",
            level="ok",
            finding="file" if swarm.settings.file else "none",
            data={"file": str(swarm.settings.file)} if swarm.settings.file else {},
        ),
        keys_file(keys),
        *_process(swarm, serving),
        await _backup(swarm),
        await archive(swarm),
        await deliveries(swarm),
        *_playbooks(swarm),
        *_identities(swarm),
        *tools(swarm),
        *await _models(swarm),
        await voice(swarm),
        *(await priority_lines(swarm) if spaces else ()),
        *(await discord_lines(swarm) if spaces else ()),
        *(await hook_lines(swarm) if spaces else ()),
        *(await telegram_lines(swarm) if spaces else ()),
    ]
    report = await swarm.store.verify() if verify else None
    lines.append(_journal(facts, report))
    return views.Checkup(
        ok=all(line.level != "error" for line in lines),
        lines=tuple(lines),
        findings=report.findings if report else (),
    )


def python() -> views.Line:
    version = platform.python_version()
    return views.Line(what="python", level="ok", finding="ok", data={"version": version})


def _sqlite(version: str) -> views.Line:
    parts = tuple(int(part) for part in version.split("."))
    finding = "ok" if parts >= SAFE_SQLITE else "old"
    return views.Line(what="sqlite", level="ok", finding=finding, data={"version": version})


def _state(swarm: Swarm) -> views.Line:
    """The folder of the settings; where no swarm has been, another one was opened to look."""
    finding = "ok" if has_state(swarm.settings.state) else "missing"
    data = {"folder": str(swarm.settings.state)}
    return views.Line(what="state", level="ok", finding=finding, data=data)


def _disk(swarm: Swarm) -> views.Line:
    folder = swarm.settings.state
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free
    low = free < LEAST_FREE + swarm.settings.store.reserve * MIB
    return views.Line(
        what="disk",
        level="warn" if low else "ok",
        finding="low" if low else "ok",
        data={"free": free},
    )


def _files() -> views.Line:
    """Files this process has open, of those that it may have."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    count = len(list(Path("/dev/fd").iterdir()))
    few = count * 10 > most * 8 or most < FEW_FILES
    return views.Line(
        what="files",
        level="warn" if few else "ok",
        finding="few" if few else "ok",
        data={"count": count, "most": most},
    )


def _store(swarm: Swarm) -> list[views.Line]:
    """What keeps the open store from being written, if anything does."""
    health = swarm.store.health
    found = health.broken or health.short
    if found is None:
        return []
    level: Literal["warn", "error"] = "error" if health.broken else "warn"
    data = {"code": found.code, "data": found.data}
    return [views.Line(what="store", level=level, finding="failure", data=data)]


def _process(swarm: Swarm, serving: bool) -> list[views.Line]:
    path = where_to_call(swarm.store.folder)
    there = path is not None and path.exists()
    at = {"path": str(path)} if there else {}
    return [
        views.Line(what="swarm", level="ok", finding="running" if serving else "none"),
        views.Line(
            what="socket",
            level="ok",
            finding=("ok" if serving else "stale") if there else "none",
            data=at,
        ),
        views.Line(
            what="lock",
            level="ok",
            finding="held" if serving else "free",
            data={"pid": os.getpid()} if serving else {},
        ),
    ]


async def _backup(swarm: Swarm) -> views.Line:
    seen = await swarm.keeping.backups.state()
    if seen.failure:
        data: dict[str, Any] = {"code": seen.failure, "data": seen.failure_data}
        return views.Line(what="backup", level="error", finding="failure", data=data)
    age = to_micros(swarm.store.clock.now()) - seen.last.made if seen.last else 0
    data = {"minutes": age // 60_000_000, "count": seen.count, "folder": seen.folder}
    if seen.every is None and seen.last is None:
        return views.Line(what="backup", level="ok", finding="off")
    finding = ("late" if seen.late else "ok") if seen.last else ("never" if seen.late else "none")
    if not seen.last:
        data = {}
    return views.Line(
        what="backup", level="warn" if seen.late else "ok", finding=finding, data=data
    )


def _playbooks(swarm: Swarm) -> list[views.Line]:
    book = swarm.book
    count = views.Line(
        what="playbooks",
        level="ok" if book.playbooks else "warn",
        finding="ok" if book.playbooks else "none",
        data={"count": len(book.playbooks)},
    )
    left_out = [
        views.Line(what="playbook", level="warn", finding="left_out", data=dict(problem.data))
        for problem in book.problems
    ]
    return [count, *left_out]


def _identities(swarm: Swarm) -> list[views.Line]:
    roster = swarm.roster
    there = {"count": len(roster.identities)}
    left_out = [
        views.Line(what="identity", level="warn", finding="left_out", data=dict(problem.data))
        for problem in roster.problems
    ]
    return [views.Line(what="identities", level="ok", finding="ok", data=there), *left_out]


async def _models(swarm: Swarm) -> list[views.Line]:
    """Every provider is asked, so that a wrong key or address shows here and now."""
    await ask(swarm, tuple(swarm.models.providers))
    rows = await models_of(swarm)
    lines = [
        views.Line(
            what="models",
            level="ok" if rows else "warn",
            finding="ok" if rows else "none",
            data={"count": sum(row.used for row in rows)} if rows else {},
        )
    ]
    found = providers(swarm, rows)
    lines += prices(found, swarm.store.clock.now().date())
    for each in found:
        if each.state == "well":
            served = sum(row.used for row in rows if row.provider == each.name)
            day = each.priced.isoformat() if each.priced else ""
            data = {"name": each.name, "count": served, "day": day, "source": each.source}
            lines.append(views.Line(what="provider", level="ok", finding="ok", data=data))
    known = await problems(swarm, rows)
    failing = {each.data.get("provider") for each in known}
    for each in found:
        # Paused for what came of its calls, though it says what it serves.
        if each.failure and each.state == "paused" and each.name not in failing:
            known = (*known, each.failure)
    return [
        *lines,
        *(
            views.Line(
                what="provider",
                level="error",
                finding="failure",
                data={"code": each.code, "data": each.data},
            )
            for each in known
        ),
    ]


def _journal(facts: int, report: Report | None) -> views.Line:
    if report is None:
        return views.Line(what="journal", level="ok", finding="unread", data={"facts": facts})
    if report.ok:
        data = {"facts": report.facts, "head": report.head}
        finding = "later" if report.begin else "whole"
        data |= {"begin": report.begin} if report.begin else {"archived": report.archived}
        return views.Line(what="journal", level="ok", finding=finding, data=data)
    broken = {"facts": report.facts, "findings": len(report.findings)}
    return views.Line(what="journal", level="error", finding="broken", data=broken)
