"""Bare requests, for what python-telegram-bot itself would not send."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.fakes.telegram import TOKEN

BUTTON = {"text": "b", "callback_data": "b"}


def under(*rows: Any) -> dict[str, Any]:
    """Rows of buttons."""
    return {"inline_keyboard": list(rows)}


@dataclass
class Answer:
    status: int
    body: Any
    headers: Any

    @property
    def result(self) -> Any:
        assert self.body["ok"], self.body
        return self.body["result"]

    @property
    def problem(self) -> tuple[int, str]:
        assert self.body["error_code"] == self.status
        return self.status, self.body["description"]


class Rest:
    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url, self.session = url, session

    @classmethod
    @asynccontextmanager
    async def at(cls, url: str) -> AsyncIterator[Rest]:
        async with aiohttp.ClientSession() as session:
            yield cls(url, session)

    async def __call__(self, method: str, *, token: str = TOKEN, **told: Any) -> Answer:
        """A method with its parameters as JSON."""
        return await self.raw(method, token=token, json=told)

    async def raw(
        self, method: str, *, token: str = TOKEN, verb: str = "POST", **how: Any
    ) -> Answer:
        url = f"{self._url}/bot{token}/{method}"
        async with self.session.request(verb, url, **how) as answer:
            kind = answer.headers.get("Content-Type", "")
            body = await (answer.json() if "json" in kind else answer.text())
            return Answer(answer.status, body, answer.headers)

    async def updates(self, **told: Any) -> list[Any]:
        return (await self("getUpdates", **told)).result

    async def say(self, chat: int | str, text: str = "hello", **told: Any) -> Answer:
        return await self("sendMessage", chat_id=chat, text=text, **told)
