"""Settings of money: caps, and how the day is shared."""

from __future__ import annotations

from typing import Annotated

from swarm_core.kernel.money import MicroUSD
from swarm_core.settings.kinds import Money, Whole
from swarm_core.settings.section import About, Section

Cap = MicroUSD | None


def _dollars(cents: int) -> MicroUSD:
    return MicroUSD(cents * 10_000)


class Budget(Section):
    """Caps on what may be spent. A task that meets one waits and says so."""

    total: Annotated[Cap, Money("no cap"), About("Most that may ever be spent.")] = None
    day: Annotated[Cap, Money("no cap"), About("Most in one day (UTC).")] = _dollars(500)
    month: Annotated[Cap, Money("no cap"), About("Most in one month (UTC).")] = _dollars(5_000)
    session: Annotated[
        Cap, Money("no cap"), About("Most from one start of the swarm to its end.")
    ] = None
    channel_day: Annotated[
        Cap, Money("no cap"), About("Most for each place where people ask, in one day (UTC).")
    ] = None
    person_day: Annotated[
        Cap,
        Money("no cap"),
        About("Most for each person but the owner in one day (UTC)."),
    ] = _dollars(50)
    worker_day: Annotated[Cap, Money("no cap"), About("Most for each worker in one day (UTC).")] = (
        None
    )
    task: Annotated[Cap, Money("no cap"), About("Most for one task.")] = _dollars(25)
    ask: Annotated[Cap, Money("no cap"), About("Most for one question.")] = _dollars(5)
    identity_share: Annotated[
        int,
        Whole(0, 100, "%"),
        About("Part of the day that is kept for tasks of the category identity."),
    ] = 5
    work_share: Annotated[
        int, Whole(0, 100, "%"), About("Part of the day that is kept for the category work.")
    ] = 60
    personal_share: Annotated[
        int, Whole(0, 100, "%"), About("Part of the day that is kept for the category personal.")
    ] = 20
    headroom_share: Annotated[
        int,
        Whole(0, 100, "%"),
        About(
            "Part of the day for any category whose own is used up; the four make 100. "
            "With 100 here and 0 for the others the day is not shared."
        ),
    ] = 15
    unattended_share: Annotated[
        int,
        Whole(0, 100, "%"),
        About("Most of the day that standing priorities may spend of it, all together."),
    ] = 30

    @property
    def caps(self) -> dict[str, MicroUSD]:
        """The caps that bind, besides those of single tasks."""
        found = {
            "total": self.total,
            "month": self.month,
            "day": self.day,
            "session": self.session,
            "channel_day": self.channel_day,
            "person_day": self.person_day,
            "worker_day": self.worker_day,
        }
        return {name: cap for name, cap in found.items() if cap is not None}

    @property
    def shares(self) -> dict[str, int]:
        """Percents of the day by share; together they are the day."""
        return {
            "identity": self.identity_share,
            "work": self.work_share,
            "personal": self.personal_share,
            "headroom": self.headroom_share,
        }

    @property
    def parts(self) -> dict[str, int]:
        """Percents of the day: its shares, and what may be spent unattended whatever the share."""
        return {**self.shares, "unattended": self.unattended_share}
