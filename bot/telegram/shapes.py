"""Our messages as the SDK takes them."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MessageEntity,
    ReplyParameters,
    User,
)

from bot.render.entities import Entity, entities
from bot.render.outgoing import Press


def written(content: str) -> tuple[str, list[MessageEntity]]:
    """Marked text as text and what it is marked with."""
    text, found = entities(content)
    return text, [_entity(each) for each in found]


def calling(content: str, mention: str | None) -> tuple[str, list[MessageEntity]]:
    """The same, nobody being mentioned but `mention`."""
    text, found = entities(content)
    kept = [each for each in found if each.kind != "text_mention" or each.about == mention]
    return text, [_entity(each) for each in kept]


def _entity(entity: Entity) -> MessageEntity:
    about = entity.about
    return MessageEntity(
        type=entity.kind,
        offset=entity.offset,
        length=entity.length,
        url=about if entity.kind == "text_link" else None,
        language=about or None if entity.kind == "pre" else None,
        user=User(int(about), "-", is_bot=False) if entity.kind == "text_mention" else None,
    )


def keyboard(rows: Sequence[Sequence[Press]]) -> InlineKeyboardMarkup | None:
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(press.label, callback_data=press.id) for press in row]
            for row in rows
        ]
    )


def reply(message: str | None) -> ReplyParameters | None:
    """To a message that may be gone by now."""
    if not message:
        return None
    return ReplyParameters(int(message.partition("@")[0]), allow_sending_without_reply=True)
