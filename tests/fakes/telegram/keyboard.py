"""What stands under a message: core.telegram.org/bots/api#inlinekeyboardmarkup.

tdlib/telegram-bot-api, Client.cpp: get_reply_markup; tdlib/td, td/telegram/ReplyMarkup.cpp.
"""

from __future__ import annotations

from typing import Any

from tests.fakes.telegram.errors import Json, Refused, told
from tests.fakes.telegram.parameters import Call, string

# limits.tginfo.me, bots: 100 buttons; more bytes than this in all are too long as well
MOST, LARGEST = 100, 10240
_KINDS = (
    "url",
    "callback_data",
    "callback_game",
    "pay",
    "switch_inline_query",
    "switch_inline_query_chosen_chat",
    "switch_inline_query_current_chat",
    "login_url",
    "web_app",
    "copy_text",
)
_STYLES = ("", "default", "primary", "danger", "success")


def read(call: Call, *, inline_only: bool = False) -> Json | None:
    """The markup that was sent, as it will stand; None for none at all."""
    given = call.json("reply_markup", "reply keyboard markup")
    if given is None:
        return None
    if not isinstance(given, dict):
        raise told("object expected as reply markup")
    rows = given.get("inline_keyboard")
    if rows is None:
        if inline_only and given:
            raise told("inline keyboard expected")
        return _other(given)
    if not isinstance(rows, list):
        raise told('field "inline_keyboard" must be of type Array')
    made = [_row(row) for row in rows]
    made = [row for row in made if row]
    if not made:
        return None
    if sum(map(len, made)) > MOST or len(str(made).encode()) > LARGEST:
        raise Refused("markup_long")
    return {"inline_keyboard": made}


def _other(given: Json) -> Json | None:
    """Keyboards of the client, and its forced replies: they are not part of a message."""
    for name in ("keyboard", "remove_keyboard", "force_reply"):
        if given.get(name):
            return given
    return None


def _row(row: Any) -> list[Json]:
    if not isinstance(row, list):
        name = 'field "inline_keyboard" of the InlineKeyboardMarkup'
        raise told(f"{name} must be an Array of Arrays")
    return [_button(one) for one in row]


def _button(one: Any) -> Json:
    prefix = "can't parse inline keyboard button: "
    if not isinstance(one, dict):
        raise told(f"{prefix}InlineKeyboardButton must be an Object")
    if "text" not in one:
        raise told(f'{prefix}Can\'t find field "text"')
    text = string(one, "text")
    if not text.strip():
        raise told("inline keyboard button text must be non-empty")
    if str(one.get("style", "")).lower() not in _STYLES:
        raise told(f"{prefix}invalid button style specified")
    kind = next((name for name in _KINDS if one.get(name) not in (None, "")), None)
    if kind is None:
        raise told(f"{prefix}Text buttons are unallowed in the inline keyboard")
    if kind == "callback_data" and len(str(one[kind]).encode()) > 64:
        raise Refused("button_data")
    if kind == "url" and "." not in one[kind] and "://" not in one[kind]:
        raise told(f"inline keyboard button URL '{one[kind]}' is invalid: Wrong HTTP URL")
    made: Json = {"text": text, kind: one[kind]}
    for name in ("style", "icon_custom_emoji_id"):
        if one.get(name):
            made[name] = one[name]
    return made
