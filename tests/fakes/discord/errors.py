"""Refusals as Discord writes them: a status, a code, a message and, for a form, the tree of errors.

docs.discord.com/developers/topics/opcodes-and-status-codes#json-json-error-codes
docs.discord.com/developers/reference#error-messages
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
Path = tuple[str | int, ...]

# name: (HTTP status, JSON code, message)
KNOWN = {
    "unauthorized": (401, 0, "401: Unauthorized"),
    "not_found": (404, 0, "404: Not Found"),
    "method": (405, 0, "405: Method Not Allowed"),
    "unknown_channel": (404, 10003, "Unknown Channel"),
    "unknown_guild": (404, 10004, "Unknown Guild"),
    "unknown_member": (404, 10007, "Unknown Member"),
    "unknown_message": (404, 10008, "Unknown Message"),
    "unknown_user": (404, 10013, "Unknown User"),
    "unknown_emoji": (404, 10014, "Unknown Emoji"),
    "unknown_webhook": (404, 10015, "Unknown Webhook"),
    "unknown_interaction": (404, 10062, "Unknown interaction"),
    "unknown_command": (404, 10063, "Unknown application command"),
    "command_of_other": (403, 50001, "Missing Access"),
    "entity_too_large": (413, 40005, "Request entity too large"),
    "daily_commands": (
        400,
        30034,
        "Max number of daily application command creates has been reached (200)",
    ),
    "acknowledged": (400, 40060, "Interaction has already been acknowledged."),
    "thread_exists": (400, 160004, "A thread has already been created for this message"),
    "missing_access": (403, 50001, "Missing Access"),
    "wrong_channel_type": (400, 50024, "Cannot execute action on this channel type"),
    "in_dm": (403, 50003, "Cannot execute action on a DM channel"),
    "other_author": (403, 50005, "Cannot edit a message authored by another user"),
    "empty_message": (400, 50006, "Cannot send an empty message"),
    "closed_dm": (403, 50007, "Cannot send messages to this user"),
    "missing_permissions": (403, 50013, "Missing Permissions"),
    "webhook_token": (401, 50027, "Invalid Webhook Token"),
    "form": (400, 50035, "Invalid Form Body"),
    "archived": (400, 50083, "Thread is archived"),
    "json": (400, 50109, "The request body contains invalid JSON."),
    "no_system_message": (403, 50021, "Cannot execute action on a system message"),
    "too_old": (400, 50034, "You can only bulk delete messages that are under 14 days old."),
    "reactions": (400, 30010, "Maximum number of reactions reached (20)"),
}


class Refused(Exception):
    """An answer that is an error."""

    def __init__(
        self, name: str, *, errors: Json | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(name)
        self.status, self.code, self.message = KNOWN[name]
        self.errors = errors
        self.headers = headers or {}

    @property
    def body(self) -> Json:
        body: Json = {"message": self.message, "code": self.code}
        if self.errors:
            body["errors"] = self.errors
        return body


class Form:
    """Collects what is wrong with a form; `refuse_if_wrong` answers with all of it at once."""

    def __init__(self) -> None:
        self.tree: Json = {}

    def wrong(self, path: Path, code: str, message: str) -> None:
        here = self.tree
        for part in path:
            here = here.setdefault(str(part), {})
        here.setdefault("_errors", []).append({"code": code, "message": message})

    def refuse_if_wrong(self) -> None:
        if self.tree:
            raise Refused("form", errors=self.tree)


def refuse(path: Path, code: str, message: str) -> Refused:
    """The refusal of one field."""
    form = Form()
    form.wrong(path, code, message)
    return Refused("form", errors=form.tree)
