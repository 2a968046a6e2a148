"""The SDK's transport with our traffic in it.

What can go wrong: whether a request has arrived is not known. The SDK raises the same for what was
never sent and for what was sent and not answered; here the two are told apart, since only the
first may be sent again. And each limit of time is one for a single step, so that an answer that
trickles in never ends: here there is one over the whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
from telegram.error import BadRequest, NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, HTTPXRequest, RequestData

from bot.telegram.requests import DOWNLOAD, Request
from bot.telegram.traffic import Answer, NotSent, Traffic, read

SPARE = 15.0
"""Seconds for everything but waiting for the answer."""
UPLOADING = 60.0
"""More of them where there are files."""
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
_TOLD_BY_THE_SDK = frozenset({400, 401, 403, 404, 409, 429})


class Line(HTTPXRequest):
    """`clean` takes the token out of a text."""

    def __init__(self, traffic: Traffic, clean: Callable[[str], str], **more: Any) -> None:
        super().__init__(**more)
        self._traffic, self._clean = traffic, clean

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> Answer:
        given = read_timeout if isinstance(read_timeout, int | float) else self.read_timeout
        files = request_data is not None and request_data.contains_files
        whole = (given or 0.0) + SPARE + (UPLOADING if files else 0.0)

        async def send() -> Answer:
            try:
                async with asyncio.timeout(whole):
                    return await super(Line, self).do_request(
                        url,
                        method,
                        request_data,
                        read_timeout,
                        write_timeout,
                        connect_timeout,
                        pool_timeout,
                    )
            except TimeoutError:
                raise TimedOut from None
            except TelegramError as error:
                problem = self._clean(error.message)
                if isinstance(error.__cause__, _NEVER_SENT):
                    raise NotSent(problem) from None
                raise type(error)(problem) from None
            except (RuntimeError, httpx.InvalidURL) as error:
                # How it refuses what comes after we have left, and an address that is none.
                raise NotSent(self._clean(str(error))) from None

        status, body = await self._traffic.carry(_request(url, method, request_data), send)
        if 400 <= status < 500 and status not in _TOLD_BY_THE_SDK:
            # Which the SDK would take for trouble on the way: a file that is too large, say.
            raise BadRequest(str(read(body).get("description", f"HTTP {status}")))
        if status >= 500 and not body.lstrip().startswith(b"{"):
            # A page of what stands before the service, which the SDK would log with a traceback.
            raise NetworkError(f"HTTP {status}")
        return status, body


def _request(url: str, method: str, data: RequestData | None) -> Request:
    if method != "POST":
        return Request(method=DOWNLOAD)
    told = data.parameters if data else {}
    return Request(
        method=url.rpartition("/")[2],
        chat=str(told.get("chat_id", "")),
        message=str(told.get("message_id", "")),
    )
