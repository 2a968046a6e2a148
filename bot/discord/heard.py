"""What the client listens to, with the kinds of events that come of it."""

from __future__ import annotations

from bot.chat.inbound import Kind

HEARD: dict[str, tuple[Kind, ...]] = {
    "on_interaction": ("command", "autocomplete", "button", "select", "form"),
    "on_message": ("message",),
    "on_raw_message_edit": ("edit",),
    "on_raw_message_delete": ("delete",),
    "on_raw_bulk_message_delete": ("delete",),
    "on_raw_reaction_add": ("reaction",),
    "on_raw_reaction_remove": ("reaction",),
}
"""What the client may listen to of what people do."""

OF_THE_SERVICE = frozenset(
    {
        *("on_ready", "on_resumed", "on_connect", "on_disconnect", "on_error"),
        *("on_guild_join", "on_guild_remove", "on_guild_available", "on_guild_unavailable"),
        *("on_guild_channel_delete", "on_raw_thread_delete", "on_raw_thread_update"),
    }
)
"""What it may listen to that nobody asks anything by."""
