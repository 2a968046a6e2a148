"""Messages posted to a Telegram as the Bot API takes them, by bare requests, and read again."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bot.messages import Messages
from bot.render.entities import Entity, entities
from bot.render.outgoing import Outgoing
from bot.render.telegram import photo, render
from bot.reply import Reply, Text
from tests.fakes.telegram import TOKEN
from tests.render.arriving import lost
from tests.render.telegram_limits import acts

_PATHLESS = re.compile(r"^(https?://[^/?#]+)(?=[?#]|$)")


@dataclass
class Said:
    """What came of one answer; `problem` is what is wrong, of the `kind` refused, lost, acting."""

    figures: Counter[str]
    kind: str = ""
    problem: str = ""


@dataclass
class Arrived:
    """What stands in the chat; `problem` is the refusal of the message after it."""

    texts: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    problem: str = ""


def as_json(entity: Entity) -> dict[str, Any]:
    made: dict[str, Any] = {"type": entity.kind, "offset": entity.offset, "length": entity.length}
    if entity.kind == "text_link":
        made["url"] = entity.about
    if entity.kind == "pre" and entity.about:
        made["language"] = entity.about
    if entity.kind == "text_mention":
        made["user"] = {"id": int(entity.about), "is_bot": False, "first_name": "x"}
    return made


def _even(entity: dict[str, Any]) -> dict[str, Any]:
    """An address without a path gets one, and who is called a name."""
    if "user" in entity:
        return {**entity, "user": entity["user"]["id"]}
    if "url" not in entity:
        return entity
    return {**entity, "url": _PATHLESS.sub(r"\1/", entity["url"])}


class Posts:
    """One chat of a Telegram at `url`."""

    def __init__(self, session: aiohttp.ClientSession, url: str, chat: int) -> None:
        self._session, self._url, self._chat = session, url, chat

    async def post(self, messages: tuple[Outgoing, ...]) -> Arrived:
        """What came of them, up to the first that was refused."""
        seen = Arrived()
        for message in messages:
            body = await self._send(message)
            if not body["ok"]:
                seen.problem = body["description"]
                break
            await self._read(message, body["result"], seen)
        return seen

    async def _send(self, message: Outgoing) -> Any:
        text, found = entities(message.content)
        rows = [
            [{"text": press.label, "callback_data": press.id or "0" * 32} for press in row]
            for row in message.components
        ]
        told = aiohttp.FormData({"chat_id": str(self._chat)})
        if rows:
            told.add_field("reply_markup", json.dumps({"inline_keyboard": rows}))
        words, marks = ("caption", "caption_entities") if message.files else ("text", "entities")
        told.add_field(words, text)
        told.add_field(marks, json.dumps([as_json(each) for each in found]))
        method = "sendMessage"
        for file in message.files:
            kind = "photo" if photo(file) else "document"
            method = f"send{kind.capitalize()}"
            told.add_field(
                kind, file.data, filename=file.name, content_type=file.media_type or "text/plain"
            )
        return await self._call(method, told)

    async def _call(self, method: str, told: Any) -> Any:
        async with self._session.post(f"{self._url}/bot{TOKEN}/{method}", data=told) as answer:
            return await answer.json()

    async def _read(self, message: Outgoing, said: dict[str, Any], seen: Arrived) -> None:
        """As the chat holds it; that an entity of ours is not there is a problem as well."""
        text = said.get("text") or said.get("caption") or ""
        there = said.get("entities") or said.get("caption_entities") or []
        seen.texts.append(text)
        seen.links += [each["url"] for each in there if "url" in each]
        sent, found = entities(message.content)
        gone = [each for each in map(as_json, found) if _even(each) not in map(_even, there)]
        if text != sent or gone:
            seen.problem = f"not as it was sent: {gone[:3]} {text[:80]!r} {sent[:80]!r}"
        if document := said.get("document"):
            file = await self._call("getFile", {"file_id": document["file_id"]})
            path = file["result"]["file_path"]
            async with self._session.get(f"{self._url}/file/bot{TOKEN}/{path}") as answer:
                seen.files[document["file_name"]] = (await answer.read()).decode()


async def said(posts: Posts, markdown: str, say: Messages) -> Said:
    """`markdown` as somebody gets it as an answer."""
    made = render(Reply((Text(markdown),)), say)
    figures = Counter(messages=len(made), files=sum(len(message.files) for message in made))
    figures["entities"] = sum(len(entities(message.content)[1]) for message in made)
    for message in made:
        if acting := acts(message):
            return Said(figures, "acting", acting)
    there = await posts.post(made)
    if there.problem:
        return Said(figures, "refused", there.problem)
    gone = lost(markdown, there.texts, there.files, there.links)
    return Said(figures, "lost" if gone else "", gone)
