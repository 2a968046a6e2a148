"""What `waggle init` asks about Telegram: the token, tried at the service, and who the owner is
there. Whoever writes to the bot first is nobody in particular: the owner is named by a number, or
pairs with a code that only the terminal gives."""

from __future__ import annotations

import asyncio

from bot.asking import Asker, Known
from bot.portal.telegram import survey
from bot.portal.telegram_calls import is_token, no_token, wrong_token
from bot.portal.telegram_model import TelegramBot
from bot.questions import Plan
from bot.sections.telegram import TOKEN, Telegram
from swarm_core import WaggleError, errors


class JoiningTelegram:
    """Asks what nothing of `known` says."""

    def __init__(self, asker: Asker, known: Known) -> None:
        self._asker = asker
        self._settings = known.settings
        self._given = known.given
        self.known = known.variables.get(TOKEN, "")
        self.outside = known.outside(TOKEN)

    @staticmethod
    def mine(token: str) -> bool:
        """Whether a token looks like one of Telegram's."""
        return is_token(token)

    def quietly(self) -> Plan:
        """By options alone: then the token has to be there, and is tried."""
        plan, owner = Plan(), self._given.get("telegram-owner")
        if not owner:
            return plan
        if not self.known:
            raise no_token()
        self._owned(plan, owner)
        if not self._given.get("unchecked"):
            self._look(self.known)
        return plan

    def take(self, token: str) -> Plan | None:
        """What is to be written for `token`; None when Telegram refuses it, which was said."""
        asker = self._asker
        while True:
            asker.tell("init.telegram.trying")
            try:
                bot = self._look(token)
            except errors.WrongToken:
                asker.write(asker.say.error(wrong_token(TOKEN if token == self.known else "")))
                return None
            except WaggleError as error:
                asker.write(asker.say.error(error))
                said = asker.ask("init.after_failure", str.casefold, "", "again", "again")
                if said.startswith("k"):
                    return self._kept(token)
                if said.startswith("s"):
                    return Plan()
            else:
                return self._joined(token, bot)

    def _look(self, token: str) -> TelegramBot:
        return asyncio.run(survey(token, self._settings))

    def _kept(self, token: str) -> Plan:
        plan = Plan()
        if token != self.known:
            plan.keys[TOKEN] = token
            if not self._settings.of(Telegram).enabled:
                plan.changes["telegram.enabled"] = "true"
        return plan

    def _joined(self, token: str, bot: TelegramBot) -> Plan:
        plan, asker = self._kept(token), self._asker
        asker.tell("init.telegram.found", name=bot.name, username=bot.username, link=bot.link)
        if bot.joins:
            asker.tell("init.telegram.group", link=bot.group_link)
            asker.tell(f"init.telegram.{'reads' if bot.reads_all else 'private'}")
        else:
            asker.tell("init.telegram.alone")
        now = self._settings.owner.telegram
        owner = self._given.get("telegram-owner") or asker.ask(
            "init.telegram.owner",
            _account,
            asker.say("init.telegram.expected_owner"),
            now,
            now or "",
        )
        self._owned(plan, owner)
        if not owner:
            asker.tell("init.telegram.pair", link=bot.link)
        return plan

    def _owned(self, plan: Plan, owner: str | None) -> None:
        if owner and owner != self._settings.owner.telegram:
            plan.changes["owner.telegram"] = owner


def _account(line: str) -> str:
    if not (line.isascii() and line.isdigit() and line[0] != "0" and len(line) <= 20):
        raise ValueError
    return line
