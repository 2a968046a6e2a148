"""What a doctor says of the other systems that are told of events."""

from __future__ import annotations

from bot.commands import views
from swarm_core import Swarm


async def hook_lines(swarm: Swarm) -> list[views.Line]:
    """One line for each. Nothing is posted: `/webhook test` does that."""
    lines = [
        views.Line(
            what="webhook_secret",
            level="warn",
            finding="missing",
            data={"name": each.data["webhook"], "variable": each.data["variable"]},
        )
        for each in swarm.settings.missing_secrets
    ]
    for each in await swarm.webhooks.look():
        data = {"name": each.target, "waiting": each.waiting, "failed": each.failed}
        bad = each.problem is not None or each.failed > 0
        finding = "failing" if bad else "ok" if each.last is not None else "untried"
        level = "warn" if bad else "ok"
        shown = {"name": each.target} if finding == "untried" else data
        lines.append(views.Line(what="webhook", level=level, finding=finding, data=shown))
    return lines
