"""Looking at a bot on Telegram: itself, how it hears what is new, what it may do in its chats."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec

from bot.portal.telegram_calls import Calls, calling
from bot.portal.telegram_model import RIGHTS, Chat, Known, TelegramBot, Webhook
from bot.sections.telegram import Telegram
from swarm_core import Settings, errors

MOST_CHATS = 20
"""Chats that are looked into; the others are counted."""
LISTEN = 3.0
"""Seconds in which another program that polls has come again, as it has just been interrupted."""
_AT_ONCE = 4
_THERE = ("creator", "administrator", "member", "restricted")
_RIVAL = "other getUpdates"


async def survey(
    token: str,
    settings: Settings,
    notes: Mapping[str, str] | None = None,
    *,
    listen: float | None = None,
) -> TelegramBot:
    """Everything, by a few short calls. `notes` are those the surface keeps of chats, by their
    numbers. With `listen` it also finds out whether somebody else polls; only for who does not
    poll with this token itself. Raises what `Calls` raises."""
    section = settings.of(Telegram)
    async with calling(token, section.api) as calls:
        me, hook = await asyncio.gather(calls("getMe"), calls("getWebhookInfo"))
        webhook = _webhook(hook, section)
        rival = None
        if listen is not None and webhook is None:
            rival = await _rival(calls, listen)
        known = _known(notes or {}, section)
        one_of_few = asyncio.Semaphore(_AT_ONCE)

        async def look(number: str, note: Known) -> Chat:
            async with one_of_few:
                return await _chat(calls, me, number, note, section)

        chats = await asyncio.gather(*(look(*each) for each in known[:MOST_CHATS]))
    return TelegramBot(
        id=str(me["id"]),
        name=str(me["first_name"]),
        username=str(me["username"]),
        joins=bool(me.get("can_join_groups")),
        reads_all=bool(me.get("can_read_all_group_messages")),
        waiting=int(hook.get("pending_update_count") or 0),
        webhook=webhook,
        rival=rival,
        chats=tuple(chats),
        more=max(0, len(known) - MOST_CHATS),
    )


async def named(token: str, settings: Settings) -> str:
    """The bot's username. Raises what `Calls` raises."""
    async with calling(token, settings.of(Telegram).api) as calls:
        return str((await calls("getMe"))["username"])


async def hello(token: str, settings: Settings, chat: str, text: str) -> str:
    """Say `text` in a chat, or in a topic of one (`-1001234:45`); returns the message's id.
    Raises what `Calls` raises."""
    number, _, topic = chat.partition(":")
    told: dict[str, Any] = {"chat_id": number, "text": text}
    if topic:
        told["message_thread_id"] = topic
    async with calling(token, settings.of(Telegram).api) as calls:
        made = await calls("sendMessage", **told)
    return str(made["message_id"])


def _webhook(hook: Mapping[str, Any], section: Telegram) -> Webhook | None:
    url = str(hook.get("url") or "")
    if not url:
        return None
    return Webhook(
        host=urlsplit(url).hostname or "",
        ours=url.rstrip("/") == section.webhook_url,
        problem=str(hook.get("last_error_message") or ""),
    )


async def _rival(calls: Calls, listen: float) -> bool | None:
    """Whether another program polls: then Telegram ends our poll as soon as theirs comes again.

    Nothing is taken from it. An update is confirmed by an offset above its number alone, and none
    is given here: what arrives meanwhile stays where it is, and they are given it again. They are
    interrupted once, which every program that polls has to stand. Where updates wait, the answer
    comes at once and says nothing.
    """
    try:
        waiting = await calls("getUpdates", timeout=int(listen), limit=1)
    except errors.SurfaceRefused as error:
        return True if _RIVAL in str(error.data["problem"]) else None
    return None if waiting else False


def _known(notes: Mapping[str, str], section: Telegram) -> list[tuple[str, Known]]:
    """Groups first, those that are answered before others; then people."""
    found = {number: _noted(text) for number, text in notes.items()}
    for number in section.chats:
        found.setdefault(number, Known())

    def order(each: tuple[str, Known]) -> tuple[bool, bool, str]:
        number, note = each
        return note.kind == "private", not _served(number, section), number

    return sorted(found.items(), key=order)


def _noted(text: str) -> Known:
    try:
        return msgspec.json.decode(text, type=Known)
    except msgspec.DecodeError:
        return Known()


def _served(number: str, section: Telegram) -> bool:
    return not section.chats or number in section.chats


async def _chat(
    calls: Calls, me: Mapping[str, Any], number: str, note: Known, section: Telegram
) -> Chat:
    served = _served(number, section)
    if note.kind == "private":
        # Whether somebody has blocked the bot is only told as it happens.
        gone = note.member not in ("", "member")
        return Chat(
            id=number, title=note.title, kind=note.kind, gone=gone, reads=True, served=served
        )
    try:
        chat, member = await asyncio.gather(
            calls("getChat", chat_id=number),
            calls("getChatMember", chat_id=number, user_id=me["id"]),
        )
    except errors.SurfaceRefused:
        return Chat(id=number, title=note.title, kind=note.kind, gone=True, served=served)
    kind, status = str(chat["type"]), str(member["status"])
    administers = status in ("creator", "administrator")
    gone = status not in _THERE or member.get("is_member") is False
    return Chat(
        id=number,
        title=str(chat.get("title") or chat.get("first_name") or note.title),
        kind=kind,
        gone=gone and kind != "private",
        reads=administers or kind == "private" or bool(me.get("can_read_all_group_messages")),
        served=served,
        lacking=() if administers or kind == "private" else _lacking(chat, member),
    )


def _lacking(chat: Mapping[str, Any], member: Mapping[str, Any]) -> tuple[str, ...]:
    """What is taken from everybody there, or from the bot alone."""
    everybody: Mapping[str, Any] = chat.get("permissions") or {}
    restricted: Sequence[Mapping[str, Any]] = (
        (everybody, member) if member["status"] == "restricted" else (everybody,)
    )
    return tuple(
        name for name, key in RIGHTS.items() if any(each.get(key) is False for each in restricted)
    )
