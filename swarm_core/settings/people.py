"""Sections about people: whose swarm it is, what guests may use, which policies hold."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from swarm_core.kernel.money import MicroUSD
from swarm_core.settings.kinds import Choice, Folder, Kind, Many, Money, Text, Whole, misfit
from swarm_core.settings.section import About, Section


class AccountId(Kind[str]):
    """The number a platform knows an account by; a name can be changed by whoever has it."""

    expected = "the number of an account, like 80351110224678912"
    none = "nobody"

    def read(self, text: str) -> str:
        if not re.fullmatch(r"[1-9][0-9]{0,24}", text):
            raise misfit("is not the number of an account; names can be changed, numbers cannot")
        return text

    def check(self, value: object) -> str:
        if isinstance(value, int) and not isinstance(value, bool):
            return self.read(str(value))
        raise misfit("is not the number of an account")


class Owner(Section):
    """Whose swarm this is."""

    name: Annotated[
        str | None, Text(80, "a name", none="no name"), About("How the owner is called in answers.")
    ] = None
    discord: Annotated[
        str | None, AccountId(), About("The owner's account on Discord, by its number.")
    ] = None
    telegram: Annotated[
        str | None, AccountId(), About("The owner's account on Telegram, by its number.")
    ] = None

    @property
    def accounts(self) -> frozenset[tuple[str, str]]:
        """By surface and number."""
        given = {"discord": self.discord, "telegram": self.telegram}
        return frozenset((name, account) for name, account in given.items() if account)


class People(Section):
    """What people may use who are neither owner, admin nor operator. Their money is bound by
    `budget.person_day`."""

    at_once: Annotated[
        int | None,
        Whole(1, 1_000, none="no limit"),
        About("Runs at once for one person; the rest waits its turn."),
    ] = 2
    requests: Annotated[
        int | None,
        Whole(1, 10_000, none="no limit"),
        About("Requests of one person in a minute, free ones too."),
    ] = 10
    models: Annotated[
        Literal["cheap", "all"],
        Choice("cheap", "all"),
        About("Which models are chosen by themselves; a dearer one is used when it is named."),
    ] = "cheap"
    confirm_above: Annotated[
        MicroUSD | None,
        Money("what holds for everybody"),
        About("A task whose first call may cost more than this waits for a yes."),
    ] = MicroUSD(100_000)


class PolicySettings(Section):
    """Who may do what, besides the policies that are shipped."""

    folders: Annotated[
        tuple[Path, ...],
        Many(Folder()),
        About("Folders with policies of your own, files that end in .cedar."),
    ] = ()
