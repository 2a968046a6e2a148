"""`/digest`: what there was, now or at an hour of one's own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from bot.commands.desk import Desk
from bot.commands.digest_views import DigestHour, DigestView
from swarm_core import TERMINAL, Account, Burn, DaySpent, Digested, MicroUSD, Whole, errors

Arguments = Mapping[str, Any]


async def digest(desk: Desk, given: Arguments) -> DigestView | DigestHour:
    """Show it, or set its hour."""
    if given.get("do") is None:
        hour = desk.swarm.mine.preferences(desk.actor).hour
        return await with_chart(desk, await desk.swarm.digests.now(desk.actor), hour=hour)
    if "hour" not in given:
        raise errors.MissingArgument(command="digest", name="hour", example="/digest at 8:30")
    hour = str(given["hour"]).lower()
    await desk.swarm.members.prefer(desk.actor, "digest", None if hour == "default" else hour)
    return DigestHour(hour=desk.swarm.mine.preferences(desk.actor).hour)


async def with_chart(
    desk: Desk, found: Digested, *, hour: str | None = None, repeat: bool = False
) -> DigestView:
    """A digest as it is shown at a desk: in a chat with a picture, where it tells of the swarm's
    money. A terminal has bars of its own."""
    made, picture, file = found.digest, b"", ""
    if made.whole and desk.place.surface != TERMINAL.surface:
        from bot.charts import draw_burn

        path = desk.swarm.store.folder / "charts" / f"digest-{made.person}-{made.day}.png"
        await asyncio.to_thread(draw_burn, burn_of(made.whole), path, desk.messages)
        picture, file = await asyncio.to_thread(path.read_bytes), str(path)
    return DigestView(found=found, hour=hour, picture=picture, file=file, repeat=repeat)


def burn_of(whole: Whole) -> Burn:
    """What its chart shows."""
    today = whole.today

    def account(name: str) -> Account:
        of = today if name == "day" else whole.month
        return Account(
            account=of.account,
            cap_name=name,
            cap=of.cap,
            held=of.held,
            spent=of.spent,
            overrun=MicroUSD(0),
            frozen=False,
        )

    days = tuple(
        DaySpent(
            day=each.day,
            spent=each.spent,
            held=today.held if each.day == whole.days[-1].day else MicroUSD(0),
        )
        for each in whole.days
    )
    return Burn(
        since=days[0].day,
        today=days[-1].day,
        days=days,
        day=account("day"),
        month=account("month"),
    )


HANDLERS = {"digest": digest}
