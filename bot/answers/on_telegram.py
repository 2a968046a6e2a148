"""How it stands with Telegram, in words, and what to do about it."""

from __future__ import annotations

from bot.answers.words import Words
from bot.commands.telegram_views import GreetedThere, OnTelegram, TelegramView
from bot.portal.telegram_model import Chat
from bot.reply import KeyValues, Notice, Pair, Part, Reply, Table
from bot.sections.telegram import SECRET


def on_telegram(words: Words, view: TelegramView) -> Reply:
    if isinstance(view, GreetedThere):
        text = words.say("on_telegram.greeted", chat=view.chat)
        return Reply(parts=(Notice(level="ok", text=text),), private=True)
    say = words.say
    table = Table(
        columns=tuple(say(f"column.{name}") for name in ("chat", "kind", "id", "state")),
        rows=tuple(_chat(words, chat) for chat in view.bot.chats),
        empty=say("on_telegram.nowhere"),
    )
    return Reply(parts=(_bot(words, view), table, *_mends(words, view)), private=True)


def _bot(words: Words, view: OnTelegram) -> KeyValues:
    say, bot = words.say, view.bot
    privacy = "alone" if not bot.joins else "reads" if bot.reads_all else "private"
    if bot.webhook:
        hearing = say("on_telegram.hook", host=bot.webhook.host)
    elif view.secret is not None:
        hearing = say("on_telegram.to_hook")
    else:
        hearing = say("on_telegram.poll", waiting=bot.waiting)
    pairs: list[Pair] = [
        (
            say("field.telegram_state"),
            say("on_telegram.on" if view.connected else "on_telegram.off"),
        ),
        (say("field.telegram_hearing"), hearing),
        (say("field.telegram_privacy"), say(f"on_telegram.{privacy}")),
        (say("field.telegram_link"), bot.link),
        (say("field.telegram_group_link"), bot.group_link),
    ]
    return KeyValues(title=f"{bot.name} (@{bot.username}, {bot.id})", pairs=tuple(pairs))


def _chat(words: Words, chat: Chat) -> tuple[str, str, str, str]:
    say = words.say
    if chat.gone:
        state = say("on_telegram.blocked" if chat.kind == "private" else "on_telegram.gone")
    elif not chat.served:
        state = say("on_telegram.not_served")
    elif chat.lacking:
        state = say("on_discord.lacks", rights=[say(f"right.{r}") for r in chat.lacking])
    else:
        state = say("on_telegram.hears_all" if chat.reads else "on_telegram.hears_some")
    kind = chat.kind if chat.kind in ("private", "group", "supergroup", "channel") else "unknown"
    return chat.title or chat.id, say(f"on_telegram.kind_{kind}"), chat.id, state


def _mends(words: Words, view: OnTelegram) -> list[Part]:
    """What is not well, each with what to do."""
    say, bot = words.say, view.bot
    found: list[tuple[str, str]] = []
    if bot.webhook and not bot.webhook.ours:
        text = say("on_telegram.other_hook", host=bot.webhook.host)
        found.append(
            (text, say("on_telegram.do_restart" if view.connected else "on_telegram.do_up"))
        )
    elif bot.webhook and bot.webhook.problem:
        text = say("on_telegram.failing", host=bot.webhook.host, problem=bot.webhook.problem)
        found.append((text, say("on_telegram.do_reach")))
    if view.secret is False:
        text = say("on_telegram.secret", variable=SECRET)
        found.append((text, say("on_telegram.do_secret", variable=SECRET)))
    if bot.rival:
        found.append((say("on_telegram.rival"), say("on_telegram.do_rival")))
    if any(c.gone and c.served and c.kind != "private" for c in bot.chats):
        found.append((say("on_telegram.some_gone"), say("on_telegram.do_add", link=bot.group_link)))
    if any(c.lacking and c.served for c in bot.chats):
        found.append((say("on_telegram.some_lack"), say("on_telegram.do_rights")))
    if view.failed:
        text = say("on_telegram.failed", count=view.failed)
        found.append((text, say("on_discord.see_outbox")))
    parts: list[Part] = [Notice(level="warn", text=text, hint=hint) for text, hint in found]
    if bot.more:
        parts.append(Notice(level="info", text=say("on_telegram.more", count=bot.more)))
    return parts
