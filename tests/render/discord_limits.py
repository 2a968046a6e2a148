"""What Discord refuses of a message, as its reference says; written apart from what we send."""

from __future__ import annotations

from bot.render.outgoing import Embed, Outgoing, presses
from tests.render.discord_markdown import acts


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def embed_size(embed: Embed) -> int:
    told = [embed.title, embed.description, embed.footer]
    told += [text for field in embed.fields for text in (field.name, field.value)]
    return sum(units(text) for text in told)


def refused(message: Outgoing) -> list[str]:
    """Every reason to refuse `message`; none when it can be sent."""
    found = []

    def most(what: str, size: int, limit: int) -> None:
        if size > limit:
            found.append(f"{what}: {size} above {limit}")

    if not (message.content.strip() or message.embeds or message.files):
        found.append("empty")
    most("content", units(message.content), 2000)
    most("embeds", len(message.embeds), 10)
    most("text of embeds", sum(map(embed_size, message.embeds)), 6000)
    for embed in message.embeds:
        most("title", units(embed.title), 256)
        most("description", units(embed.description), 4096)
        most("fields", len(embed.fields), 25)
        most("footer", units(embed.footer), 2048)
        for field in embed.fields:
            most("field name", units(field.name), 256)
            most("field value", units(field.value), 1024)
            if not field.name.strip() or not field.value.strip():
                found.append("empty field")
            found += [f"field {hit}" for hit in acts(field.value)]
        found += [f"embed {hit}" for hit in acts(embed.description) + acts(embed.title)]
    most("rows", len(message.components), 5)
    for row in message.components:
        most("buttons of a row", len(row), 5)
    for press in presses(message):
        most("label", units(press.label), 80)
        most("id", len(press.id), 100)
        if not press.label.strip():
            found.append("empty label")
    most("files", len(message.files), 10)
    if len(message.alt) != len(message.files):
        found.append("alt")
    for file, alt in zip(message.files, message.alt, strict=False):
        most("alt", units(alt), 1024)
        most("file name", len(file.name), 100)
    if message.embeds and message.flags:
        found.append("its own embeds would be hidden")
    if message.content and not message.embeds and not message.flags:
        found.append("its text would be unfurled")
    return found + acts(message.content)
