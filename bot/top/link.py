"""How the live view reaches the swarm: the commands of the control socket, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from bot.commands.top_views import Top
from bot.control.client import Client
from bot.reply import Reply
from swarm_core import errors


class Link:
    """Blocking; called in threads. Raises what `Client.run` raises."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def look(self) -> Top:
        answered = self._client.run("top", {})
        try:
            return msgspec.convert(answered.view, Top)
        except msgspec.ValidationError as error:
            # A swarm of another version: it is there, but cannot be shown.
            raise errors.AnswerLost(what="top", problem=str(error)) from None

    def do(self, name: str, given: Mapping[str, Any]) -> Reply:
        return self._client.run(name, given).reply
