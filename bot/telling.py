"""What a notice says to whoever is at a desk, where it is not about how a task stands."""

from __future__ import annotations

from bot.answers import incidents, linking, money, standing, undelivered
from bot.answers.digest import digest
from bot.commands.desk import Desk
from bot.commands.digests import with_chart
from bot.reply import Notice, Reply
from bot.running import words
from swarm_core import Delivery, NoticeId


async def told_at(desk: Desk, delivery: Delivery) -> Reply | None:
    """Its words; None for a notice of how a task stands, or of a raise."""
    swarm, say, about = desk.swarm, words(desk), delivery.about
    match delivery.kind:
        case "warned":
            return money.warned(say, about)
        case "frozen":
            return money.frozen(say, delivery.task, about)
        case "linked" | "unlinked":
            return linking.told(say, delivery.kind, about)
        case "paused" | "missed" | "remind":
            text = await swarm.priorities.words(str(about["priority"]))
            return standing.told(say, delivery.kind, about, text)
        case "digest":
            return await _digest(desk, delivery)
        case "undelivered":
            found = await swarm.sharing.one(NoticeId(int(about["notice"])))
            return undelivered.told(say, found)
        case kind if kind in incidents.KINDS:
            shown = await swarm.watch.incidents.whole(int(about["incident"]))
            return incidents.told(say, kind, shown)
    return None


async def _digest(desk: Desk, delivery: Delivery) -> Reply:
    about, say = delivery.about, words(desk)
    found = await desk.swarm.digests.kept(int(about["person"]), str(about["day"]))
    if found is None:
        gone = Notice(level="info", text=say.say("digest.gone"))
        return Reply(parts=(gone,), private=True)
    return digest(say, await with_chart(desk, found, repeat=delivery.repeat))
