"""The one question of `waggle init` about chat services: a token, which says by its look whose it
is. Enter goes through what is there already."""

from __future__ import annotations

from bot.asking import Asker
from bot.joining import Joining
from bot.joining_telegram import JoiningTelegram
from bot.portal import calls
from bot.questions import Plan
from bot.sections import telegram


class Chats:
    """Asks for a token until its service takes it, or none is given."""

    def __init__(self, asker: Asker, discord: Joining, on_telegram: JoiningTelegram) -> None:
        self._asker = asker
        self._discord, self._telegram = discord, on_telegram

    def ask(self, *, quiet: bool) -> Plan:
        """What is to be written. Raises what stands in the way where nobody can be asked."""
        joinings: tuple[Joining | JoiningTelegram, ...] = (self._discord, self._telegram)
        if quiet:
            return _together([joining.quietly() for joining in joinings])
        for joining, variable in zip(joinings, (calls.TOKEN, telegram.TOKEN), strict=True):
            if joining.outside:
                self._asker.tell("init.from_environment", variable=variable)
        if all(joining.outside for joining in joinings):
            return _together([joining.take(joining.known) for joining in joinings])
        found: list[Plan | None] = []
        while True:
            there = [joining for joining in joinings if joining.known]
            typed = self._asker.secret("init.token", known=bool(there))
            token = typed.removeprefix("Bot ").strip()
            if token:
                whose = self._telegram if self._telegram.mine(token) else self._discord
                # What the environment says wins, whatever is typed.
                plans = [whose.take(whose.known if whose.outside else token)]
            elif None in found:
                return _together(found)
            else:
                plans = [joining.take(joining.known) for joining in there]
            found += plans
            if None not in plans or (not token and all(joining.outside for joining in there)):
                return _together(found)


def _together(plans: list[Plan | None]) -> Plan:
    whole = Plan()
    for plan in plans:
        if plan:
            whole.changes |= plan.changes
            whole.keys |= plan.keys
    return whole
