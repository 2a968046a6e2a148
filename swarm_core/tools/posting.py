"""One message to another system's address, and what its server said; no redirect is followed.

The same gate stands in front as for tools: the settings name the address, and still a public name
may lead to this machine or its network.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping

import msgspec

from swarm_core.kernel.errors import Unreachable
from swarm_core.kernel.text import clip, printable
from swarm_core.tools.egress import Egress
from swarm_core.tools.web import HttpLimits, parsed


class Replied(msgspec.Struct, frozen=True, kw_only=True):
    """What a server answered, with the first of its words."""

    status: int
    words: str

    @property
    def well(self) -> bool:
        return 200 <= self.status < 300


class Poster:
    """Posts through the gate of `egress`. `seconds` is what one post may take in all."""

    def __init__(self, egress: Egress, *, seconds: float = 10.0) -> None:
        self._egress = egress
        self._limits = HttpLimits(body=16 * 1024)
        self._seconds = seconds
        self._tls: ssl.SSLContext | None = None

    async def post(self, address: str, headers: Mapping[str, str], content: bytes) -> Replied:
        """Raises `BadUrl`, `EgressRefused`, `NoSuchHost`, `Unreachable`, `BadCertificate`,
        `TooLarge`; of the last three nobody knows what the other side has taken."""
        from swarm_core.tools.fetch import Fetcher

        if self._tls is None:
            self._tls = await asyncio.to_thread(ssl.create_default_context)
        url = parsed(address)
        try:
            async with asyncio.timeout(self._seconds):
                fetcher = Fetcher(self._egress, self._tls, self._limits)
                answer = await fetcher.fetch("POST", url, headers=headers, content=content)
        except TimeoutError:
            problem = f"it did not answer within {self._seconds:g} s"
            raise Unreachable(host=url.host, problem=problem) from None
        words = printable(answer.body.decode("utf-8", "replace"))
        return Replied(status=answer.status, words=clip(words.strip(), 200))
