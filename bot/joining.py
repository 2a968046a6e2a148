"""What `waggle init` asks about Discord: the token, tried at the service; where it answers; who
the owner is there; whether it says hello.

Whoever is asked has a browser open beside it, so whatever is to be clicked there is named with
its address, and looked at again when they say that it is done.
"""

from __future__ import annotations

import asyncio
from functools import partial

import msgspec

from bot.asking import Asker, Known
from bot.picking import Entry, entries, lines, now_chosen, pick, rights_in_words
from bot.portal.calls import TOKEN, no_token, wrong_token
from bot.portal.model import Bot
from bot.portal.survey import hello, survey
from bot.questions import Plan, yes_or_no
from bot.sections.discord import Discord
from swarm_core import WaggleError, errors

EVERYWHERE = "all"


class Greeting(msgspec.Struct, frozen=True, kw_only=True):
    """A hello that is to be said once everything is written."""

    token: str
    channel: str
    where: str
    name: str


class Joining:
    """Asks what nothing of `known` says."""

    def __init__(self, asker: Asker, known: Known) -> None:
        self._asker = asker
        self._settings = known.settings
        self._given = known.given
        self.known = known.variables.get(TOKEN, "")
        self.outside = known.outside(TOKEN)
        self.greeting: Greeting | None = None

    def take(self, token: str) -> Plan | None:
        """What is to be written for `token`; None when Discord refuses it, which was said."""
        while True:
            self._asker.tell("init.discord.trying")
            try:
                bot = self._look(token)
            except errors.WrongToken:
                refusal = wrong_token(TOKEN if token == self.known else "")
                self._asker.write(self._asker.say.error(refusal))
                return None
            except WaggleError as error:
                self._asker.write(self._asker.say.error(error))
                said = self._asker.ask("init.after_failure", str.casefold, "", "again", "again")
                if said.startswith("k"):
                    return self._kept(token)
                if said.startswith("s"):
                    return Plan()
            else:
                return self._joined(token, bot)

    def quietly(self) -> Plan:
        """By options alone: then the token has to be there, and is tried."""
        plan, wanted = Plan(), self._given.get("discord-channels")
        if not wanted and not self._given.get("discord-owner"):
            return plan
        if not self.known:
            raise no_token()
        self._owned(plan, self._given.get("discord-owner"))
        if not self._given.get("unchecked"):
            bot = self._look(self.known)
            if wanted:
                self._placed(plan, _named(entries(bot), wanted))
        elif wanted:
            plan.changes["discord.channels"] = None if wanted == EVERYWHERE else wanted
        return plan

    def _look(self, token: str) -> Bot:
        return asyncio.run(survey(token, self._settings))

    def _anew(self, token: str, before: Bot) -> Bot:
        """What it is like now; as before where that cannot be asked just now."""
        try:
            return self._look(token)
        except WaggleError as error:
            self._asker.write(self._asker.say.error(error))
            return before

    def _kept(self, token: str) -> Plan:
        plan = Plan()
        if token != self.known:
            plan.keys[TOKEN] = token
            if not self._settings.of(Discord).enabled:
                plan.changes["discord.enabled"] = "true"
        return plan

    def _joined(self, token: str, bot: Bot) -> Plan:
        plan, asker = self._kept(token), self._asker
        asker.tell("init.discord.found", name=bot.name, application=bot.application)
        if bot.public:
            asker.tell("init.discord.public", page=bot.intent_page)
        bot = self._invited(token, bot)
        chosen: list[Entry] = []
        if wanted := self._given.get("discord-channels"):
            chosen = _named(entries(bot), wanted)
            self._placed(plan, chosen)
        elif bot.servers:
            bot, chosen = self._where(token, bot, plan)
        self._owner(bot, plan)
        self._hello(token, bot, chosen)
        return plan

    def _invited(self, token: str, bot: Bot) -> Bot:
        """The bot once it may read messages and is on a server, or the person goes on without."""
        asker = self._asker
        while not (bot.content and bot.servers):
            if not bot.content:
                asker.tell("init.discord.no_content", page=bot.intent_page)
            if not bot.servers:
                asker.tell("init.discord.nowhere", link=bot.invite)
            said = asker.ask("init.discord.done", str.casefold, "", "", "Enter")
            if said.startswith("s"):
                break
            bot = self._anew(token, bot)
        if bot.content:
            asker.tell("init.discord.content")
        if bot.servers:
            asker.tell("init.discord.invite", link=bot.invite)
        return bot

    def _where(self, token: str, bot: Bot, plan: Plan) -> tuple[Bot, list[Entry]]:
        asker = self._asker
        while True:
            found = entries(bot)
            asker.tell("init.discord.places")
            asker.write("\n".join(lines(asker.say, found)))
            if bot.more:
                asker.tell("on_discord.more", count=bot.more)
            now: list[Entry] | None = now_chosen(found, self._settings)
            shown = ",".join(str(each.number) for each in now or ()) or EVERYWHERE
            expected = asker.say("init.discord.expected")
            chosen = asker.ask("init.discord.where", partial(pick, found), expected, now, shown)
            if chosen is None:
                bot = self._anew(token, bot)
                continue
            short = [each for each in chosen if each.lacking]
            for each in short:
                words = rights_in_words(asker.say, each.lacking)
                asker.tell("init.discord.lacking", where=each.name, rights=words, bot=bot.name)
            if short and self._again():
                bot = self._anew(token, bot)
                continue
            if chosen is not now:
                # What is kept may name places that cannot be seen just now.
                self._placed(plan, chosen)
            return bot, chosen

    def _again(self) -> bool:
        """Whether it is to be looked at again, once something was clicked."""
        said = self._asker.ask("init.discord.look_again", str.casefold, "", "", "Enter")
        return not said.startswith("k")

    def _placed(self, plan: Plan, chosen: list[Entry]) -> None:
        """Channels by their ids and the servers they are in; servers alone; or everywhere."""
        channels = tuple(each.id for each in chosen if not each.whole)
        guilds = tuple(dict.fromkeys(each.guild for each in chosen))
        now = self._settings.of(Discord)
        if channels != now.channels:
            plan.changes["discord.channels"] = ", ".join(channels) or None
        if guilds != now.guilds:
            plan.changes["discord.guilds"] = ", ".join(guilds) or None

    def _owner(self, bot: Bot, plan: Plan) -> None:
        now = self._settings.owner.discord
        found = bot.owner
        usual = now or (found.id if found else None)
        name = found.name if found and found.id == usual else ""
        owner = self._given.get("discord-owner") or self._asker.ask(
            "init.discord.owner",
            _account,
            self._asker.say("init.discord.expected_owner"),
            usual,
            " ".join(each for each in (name, usual or "") if each),
        )
        self._owned(plan, owner)

    def _owned(self, plan: Plan, owner: str | None) -> None:
        if owner and owner != self._settings.owner.discord:
            plan.changes["owner.discord"] = owner

    def _hello(self, token: str, bot: Bot, chosen: list[Entry]) -> None:
        """Asked about the first channel it will answer in and may write to."""
        guilds = {each.guild for each in chosen if each.whole}
        open_ones = [
            each
            for each in (chosen if any(not c.whole for c in chosen) else entries(bot))
            if not each.whole and each.writable and (not guilds or each.guild in guilds)
        ]
        if not open_ones:
            return
        there = open_ones[0]
        usual = not self.known
        shown = "yes" if usual else "no"
        wanted = self._asker.ask(
            "init.discord.hello", yes_or_no, "yes or no", usual, shown, where=there.name
        )
        if wanted:
            self.greeting = Greeting(token=token, channel=there.id, where=there.name, name=bot.name)

    def greet(self) -> WaggleError | None:
        """Say the hello that was wished for; why it could not be said."""
        if self.greeting is None:
            return None
        text = self._asker.say("init.discord.greeting", name=self.greeting.name)
        try:
            asyncio.run(hello(self.greeting.token, self._settings, self.greeting.channel, text))
        except WaggleError as error:
            return error
        self._asker.tell("init.discord.said", where=self.greeting.where)
        return None


def _named(found: list[Entry], wanted: str) -> list[Entry]:
    """The channels of a list of ids, none for `all`. Raises `NotFound` for one the bot does not
    see."""
    if wanted == EVERYWHERE:
        return []
    by_id = {each.id: each for each in found if not each.whole}
    chosen = []
    for each in wanted.replace(" ", "").split(","):
        if each not in by_id:
            raise errors.NotFound(kind="channel", name=each[:60], near=())
        chosen.append(by_id[each])
    return chosen


def _account(line: str) -> str:
    if not (line.isascii() and line.isdigit() and 15 <= len(line) <= 20):
        raise ValueError
    return line
