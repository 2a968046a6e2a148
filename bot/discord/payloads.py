"""What a message carries besides words, as Discord takes it: rows of buttons and lists, embeds,
forms."""

from __future__ import annotations

from typing import Any

from bot.render.harmless import visible
from bot.render.layout import one_line
from bot.render.outgoing import BLANK_TEXT, OPTION, Embed, Form, Outgoing, Press, fitted


class Rows:
    """Components as they are sent, in the place of a view: ours are found by their ids."""

    def __init__(self, message: Outgoing) -> None:
        self._message = message

    def to_components(self) -> list[dict[str, Any]]:
        return [
            {
                "type": 1,
                "components": [
                    _picked_from(press)
                    if press.pick
                    else {"type": 2, "style": 2, "label": press.label, "custom_id": press.id}
                    for press in row
                ],
            }
            for row in self._message.components
        ]

    def has_components_v2(self) -> bool:
        return False


def _picked_from(press: Press) -> dict[str, Any]:
    """A list to pick from; what is picked comes back as its place in it."""
    options = [
        {"label": fitted(one_line(visible(each.label)), OPTION) or "…", "value": str(n)}
        for n, each in enumerate(press.lines)
    ]
    return {"type": 3, "custom_id": press.id, "placeholder": press.label, "options": options}


def form_payload(form: Form) -> dict[str, Any]:
    """A form, its blanks for one line or many."""
    blanks = [
        {
            "type": 18,
            "label": blank.label,
            "component": {
                "type": 4,
                "custom_id": blank.name,
                "style": 2 if blank.long else 1,
                "max_length": BLANK_TEXT,
                "required": True,
                **({"value": blank.value} if blank.value else {}),
            },
        }
        for blank in form.blanks
    ]
    return {"custom_id": form.id, "title": form.title, "components": blanks}


class EmbedOf:
    """An embed as it is sent: of the fields Discord documents for sending, and no others."""

    def __init__(self, embed: Embed) -> None:
        self._embed = embed

    def to_dict(self) -> dict[str, Any]:
        embed = self._embed
        made: dict[str, Any] = {
            "title": embed.title,
            "description": embed.description,
            "color": embed.color,
            "fields": [
                {"name": field.name, "value": field.value, "inline": field.inline}
                for field in embed.fields
            ],
            "footer": {"text": embed.footer} if embed.footer else None,
            "image": {"url": f"attachment://{embed.image}"} if embed.image else None,
        }
        return {key: value for key, value in made.items() if value or value == 0}
