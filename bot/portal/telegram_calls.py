"""Calls of Telegram's Bot API with a bot's token, few and short, as `calls` makes them at Discord.

The token stands in the address of every call, so no address of one is ever shown.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from bot.portal.calls import LONGEST_WAIT, PATIENCE, TRIES
from bot.sections.telegram import TOKEN
from swarm_core import describe, errors

SURFACE = "Telegram"
WHERE = "https://t.me/BotFather, /revoke; /token shows the one there is"
_SHAPE = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{1,200}")


def no_token() -> errors.NoToken:
    return errors.NoToken(variable=TOKEN, surface=SURFACE, page="telegram")


def wrong_token(variable: str = TOKEN) -> errors.WrongToken:
    """It came from `variable`; '' when it was typed."""
    return errors.WrongToken(variable=variable, surface=SURFACE, where=WHERE)


def is_token(text: str) -> bool:
    """Whether it looks like a token of Telegram: the bot's number, a colon, the secret."""
    return bool(_SHAPE.fullmatch(text))


class Calls:
    """Asks and tells Telegram. Raises `WrongToken`, `ServiceAway`, and `SurfaceRefused` for what
    the bot may not do or what is not there."""

    def __init__(self, session: aiohttp.ClientSession, base: str, token: str) -> None:
        self._session = session
        self._base = base
        self._token = token

    async def __call__(self, method: str, **told: Any) -> Any:
        url = f"{self._base}/bot{self._token}/{method}"
        try:
            for left in reversed(range(TRIES)):
                async with self._session.post(url, json=told) as answer:
                    found = await _body(answer)
                if found.get("ok") is True:
                    return found["result"]
                code = int(found.get("error_code") or 0)
                if code != 429 or not left:
                    raise self._problem(code, str(found.get("description") or ""))
                await asyncio.sleep(_wait(found))
        except (TimeoutError, OSError, aiohttp.ClientError, ValueError) as error:
            raise self._away(str(error) or describe(error)) from None
        raise self._away("429")

    def _problem(self, code: int, said: str) -> errors.WaggleError:
        if code == 401 or (code == 404 and said == "Not Found"):
            return wrong_token()
        if code in (400, 403, 404, 409):
            return errors.SurfaceRefused(surface=SURFACE, problem=said or str(code))
        return self._away(f"{code} {said}".strip())

    def _away(self, problem: str) -> errors.ServiceAway:
        problem = problem.replace(self._token, "…")
        return errors.ServiceAway(surface=SURFACE, address=self._base, problem=problem)


@asynccontextmanager
async def calling(token: str, base: str) -> AsyncIterator[Calls]:
    """Calls with `token` at `base`, which is what stands before `/bot<token>`."""
    if not is_token(token):
        raise wrong_token()
    async with aiohttp.ClientSession(timeout=PATIENCE) as session:
        yield Calls(session, base, token)


def _wait(found: dict[str, Any]) -> float:
    """Seconds until it may be asked again. Raises ValueError when that is too long to sit by."""
    wait = float(found.get("parameters", {}).get("retry_after", 1))
    if wait > LONGEST_WAIT:
        raise ValueError(f"429, {int(wait)} s")
    return wait


async def _body(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    """What it says. Raises ValueError for what no Bot API says, as of something in between."""
    try:
        found = await answer.json(content_type=None)
    except ValueError:
        found = None
    if not isinstance(found, dict) or "ok" not in found:
        raise ValueError(str(answer.status))
    return found
