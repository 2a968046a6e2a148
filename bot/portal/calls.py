"""Calls of Discord's REST routes with a bot's token, few and short.

What can go wrong: the token is wrong, the machine is offline, the service is busy. Each is told
apart and told at once: whoever asks here sits at a terminal and waits.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from bot.version import VERSION
from swarm_core import describe, errors

API = "https://discord.com/api/v10"
TOKEN = "DISCORD_TOKEN"  # noqa: S105  the variable, not what is in it
SURFACE = "Discord"
WHERE = "https://discord.com/developers/applications, your application, Bot, Reset Token"
_AGENT = f"DiscordBot (waggle, {VERSION})"
PATIENCE = aiohttp.ClientTimeout(total=15)
_PACE = 1 / 35
"""Seconds between calls: Discord lets a bot make 50 in a second, and a swarm needs some of them."""
LONGEST_WAIT, TRIES = 5.0, 3
"""Seconds that a busy service may ask for, and how often it is asked."""


def no_token() -> errors.NoToken:
    return errors.NoToken(variable=TOKEN, surface=SURFACE, page="discord")


def wrong_token(variable: str = TOKEN) -> errors.WrongToken:
    """It came from `variable`; '' when it was typed."""
    return errors.WrongToken(variable=variable, surface=SURFACE, where=WHERE)


class Calls:
    """Asks and tells Discord. Raises `WrongToken`, `ServiceAway`, and `SurfaceRefused` for what
    the bot may not do or what is not there."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self._session = session
        self._base = base
        self._next = 0.0
        """When the next call may be made, by the loop's clock: what one of them is told to wait,
        the others would be told as well."""

    async def get(self, path: str, **query: str) -> Any:
        return await self._call("GET", path, query, None)

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        return await self._call("POST", path, {}, body)

    async def _call(
        self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any] | None
    ) -> Any:
        url = f"{self._base}{path}"
        try:
            for left in reversed(range(TRIES)):
                await self._turn()
                sent = self._session.request(method, url, params=query, json=body)
                async with sent as answer:
                    found = await _body(answer)
                    if answer.status == 429 and left:
                        self._next = asyncio.get_running_loop().time() + _wait(found)
                        continue
                    if answer.status < 400:
                        return found
                    raise self._problem(answer.status, found)
        except (TimeoutError, OSError, aiohttp.ClientError, ValueError) as error:
            raise self._away(str(error) or describe(error)) from None
        raise self._away("429")

    async def _turn(self) -> None:
        now = asyncio.get_running_loop().time()
        mine = max(now, self._next)
        self._next = mine + _PACE
        await asyncio.sleep(mine - now)

    def _problem(self, status: int, found: Any) -> errors.WaggleError:
        said = found.get("message", "") if isinstance(found, dict) else ""
        if status == 401:
            return wrong_token()
        if status in (403, 404):
            return errors.SurfaceRefused(surface=SURFACE, problem=said or str(status))
        return self._away(f"{status} {said}".strip())

    def _away(self, problem: str) -> errors.ServiceAway:
        return errors.ServiceAway(surface=SURFACE, address=self._base, problem=problem)


@asynccontextmanager
async def calling(token: str, api_url: str | None) -> AsyncIterator[Calls]:
    """Calls with `token`, at `api_url` where a proxy stands in front of Discord."""
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise wrong_token()  # no header would carry it
    headers = {"Authorization": f"Bot {token}", "User-Agent": _AGENT}
    async with aiohttp.ClientSession(headers=headers, timeout=PATIENCE) as session:
        yield Calls(session, (api_url or API).rstrip("/"))


def _wait(found: Any) -> float:
    """Seconds until it may be asked again. Raises ValueError when that is too long to sit by."""
    wait = float(found.get("retry_after", 1)) if isinstance(found, dict) else LONGEST_WAIT + 1
    if wait > LONGEST_WAIT:
        raise ValueError(f"429, {int(wait)} s")
    return wait


async def _body(answer: aiohttp.ClientResponse) -> Any:
    """What it says; '' for what is no JSON, as of something that stands in between."""
    text = await answer.text(errors="replace")
    try:
        return json.loads(text) if text else ""
    except ValueError:
        if answer.status < 400:
            raise
        return ""
