"""How it stands with Discord, in words, and what to click."""

from __future__ import annotations

from bot.answers.words import Words
from bot.commands.discord_views import DiscordView, Greeted, OnDiscord
from bot.portal.model import Channel, Server
from bot.reply import KeyValues, Notice, Pair, Part, Reply, Table


def on_discord(words: Words, view: DiscordView) -> Reply:
    if isinstance(view, Greeted):
        text = words.say("on_discord.greeted", channel=view.channel)
        return Reply(parts=(Notice(level="ok", text=text),), private=True)
    say = words.say
    table = Table(
        columns=tuple(say(f"column.{name}") for name in ("server", "channel", "id", "state")),
        rows=tuple(
            row
            for server in view.bot.servers
            for row in (_server(words, server), *(_channel(words, c) for c in server.channels))
        ),
        empty=say("on_discord.nowhere"),
    )
    return Reply(parts=(_bot(words, view), table, *_mends(words, view)), private=True)


def _bot(words: Words, view: OnDiscord) -> KeyValues:
    say, bot = words.say, view.bot
    pairs: list[Pair] = [
        (say("field.discord_state"), say("on_discord.on" if view.connected else "on_discord.off")),
        (say("field.discord_content"), say("on_discord.may" if bot.content else "on_discord.not")),
        (
            say("field.discord_starts"),
            say("on_discord.starts", made=view.signed_on, left=bot.starts, most=bot.starts_of),
        ),
        (say("field.discord_invite"), bot.invite),
    ]
    if bot.owner:
        pairs.insert(1, (say("field.discord_owner"), f"{bot.owner.name} ({bot.owner.id})"))
    return KeyValues(title=f"{bot.name} ({bot.application})", pairs=tuple(pairs))


def _server(words: Words, server: Server) -> tuple[str, str, str, str]:
    say = words.say
    if not server.served:
        state = say("on_discord.not_served")
    elif server.commands is None:
        state = say("on_discord.no_scope")
    else:
        state = say("on_discord.commands", count=server.commands)
    return server.name, "", server.id, state


def _channel(words: Words, channel: Channel) -> tuple[str, str, str, str]:
    say = words.say
    if not channel.served:
        state = say("on_discord.not_served")
    elif channel.lacking:
        state = say("on_discord.lacks", rights=[say(f"right.{r}") for r in channel.lacking])
    else:
        state = say("on_discord.fine")
    return "", f"#{channel.name}", channel.id, state


def _mends(words: Words, view: OnDiscord) -> list[Part]:
    """What is not well, each with what to click."""
    say, bot = words.say, view.bot
    found: list[tuple[str, str]] = []
    if not bot.content:
        found.append((say("on_discord.not"), say("on_discord.click_content", page=bot.intent_page)))
    if not bot.servers:
        found.append((say("on_discord.nowhere"), say("on_discord.click_invite", link=bot.invite)))
    if any(c.lacking and c.served for server in bot.servers for c in server.channels):
        found.append((say("on_discord.some_lack"), say("on_discord.click_rights", bot=bot.name)))
    if any(server.served and server.commands is None for server in bot.servers):
        found.append((say("on_discord.no_scope"), say("on_discord.click_invite", link=bot.invite)))
    if view.unseen:
        text = say("on_discord.unseen", ids=view.unseen)
        found.append((text, say("on_discord.click_unseen")))
    if view.failed:
        found.append((say("on_discord.failed", count=view.failed), say("on_discord.see_outbox")))
    parts: list[Part] = [Notice(level="warn", text=text, hint=hint) for text, hint in found]
    if bot.public:
        text = say("on_discord.public")
        hint = say("on_discord.click_public", page=bot.intent_page)
        parts.append(Notice(level="info", text=text, hint=hint))
    if bot.more:
        parts.append(Notice(level="info", text=say("on_discord.more", count=bot.more)))
    return parts
