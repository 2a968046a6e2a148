"""What is asked of Telegram, as far as it decides when that may go."""

from __future__ import annotations

import msgspec

TYPING, DOWNLOAD = "sendChatAction", "download"


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for. `chat` is empty where it is about none."""

    method: str
    chat: str = ""
    message: str = ""

    @property
    def counted(self) -> bool:
        """Messages and what becomes of them are limited, questions are not."""
        method = self.method
        return method != TYPING and method.startswith(("send", "edit", "copy", "forward"))

    @property
    def edit(self) -> str:
        edits = self.method.startswith("editMessage") and self.message
        return f"{self.method}:{self.message}" if edits else ""
