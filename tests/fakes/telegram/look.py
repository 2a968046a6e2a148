"""A chat of the fake as Telegram's client would show it, as one page: for people to judge, and for
captures. `GET /_fake/look/CHAT?topic=ID&width=PX`.
"""

from __future__ import annotations

import base64
import html
from datetime import UTC, datetime

from tests.fakes.telegram.errors import Json
from tests.fakes.telegram.service import Service
from tests.fakes.telegram.world import Post

STYLE = """
*{box-sizing:border-box}body{background:#0e1621;color:#fff;margin:0;width:%dpx;
font:15px/1.35 'Noto Sans','Helvetica Neue','DejaVu Sans',Arial,sans-serif}
header{background:#17212b;padding:10px 16px}header b{display:block}
header i{color:#6d7f8f;font-style:normal;font-size:13px}
main{padding:10px 12px;display:flex;flex-direction:column;gap:5px}
.m{max-width:82%%;align-self:flex-start}.m.out{align-self:flex-end}
.box{background:#182533;border-radius:10px;padding:6px 10px 7px;overflow-wrap:anywhere}
.box::after{content:'';display:block;clear:both}.out .box{background:#2b5278}
.who{font-weight:600;font-size:14px;color:#71bafa}
.re{border-left:3px solid #71bafa;padding:1px 8px;margin:2px 0 4px;font-size:13.5px;color:#a8c0d6}
.re b{display:block;color:#71bafa}.text{white-space:pre-wrap}
.at{float:right;margin:7px 0 0 10px;font-size:11.5px;color:#7d94a9}
.say{align-self:center;background:#1e2c3a;border-radius:12px;padding:3px 10px;font-size:13px}
code,pre{font:13.5px 'DejaVu Sans Mono',monospace;color:#9fd0ff}pre{background:#0f1a26;
border-radius:6px;padding:7px 9px;margin:5px 0;white-space:pre-wrap}
blockquote{margin:4px 0;padding:2px 9px;border-left:3px solid #71bafa;background:#1d3245;
border-radius:4px}a{color:#71bafa;text-decoration:none}.spoiler{background:#3b4c5d;color:#3b4c5d}
.row{display:flex;gap:4px;margin-top:4px}.row span{flex:1;text-align:center;background:#2a3b4d;
border-radius:7px;padding:7px 6px;font-size:14px}.row .primary{background:#2f6ea5}
.row .danger{background:#a23f3f}.row .success{background:#2f7a4a}
.file{display:flex;gap:9px;align-items:center;padding:3px 0}.file u{background:#3a7bb5;
border-radius:50%%;width:38px;height:38px;display:flex;align-items:center;justify-content:center;
text-decoration:none}.s{color:#7d94a9;font-size:13px}
img{max-width:100%%;border-radius:8px;display:block}
.react span{background:#23405a;border-radius:10px;padding:1px 8px;font-size:13px;margin-right:4px}
"""
_TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "expandable_blockquote": "blockquote",
}
_BLOCKS = ("</pre>", "</blockquote>")
_LINKS = ("mention", "bot_command", "hashtag", "url", "email", "text_mention", "text_link")


def styled(text: str, entities: list[Json]) -> str:
    """Text with its entities, as HTML."""
    marks: dict[int, tuple[list[str], list[str]]] = {}
    for one in sorted(entities, key=lambda e: (e["offset"], -e["length"])):
        name = _TAGS.get(one["type"], "a" if one["type"] in _LINKS else "span")
        kind = ' class="spoiler"' if one["type"] == "spoiler" else ""
        marks.setdefault(one["offset"], ([], []))[0].append(f"<{name}{kind}>")
        marks.setdefault(one["offset"] + one["length"], ([], []))[1].insert(0, f"</{name}>")
    out, at = [], 0
    for symbol in text:
        opened, closed = marks.get(at, ([], []))
        # A block ends its line by itself.
        ended = symbol == "\n" and any(one in _BLOCKS for one in closed)
        out += [*closed, *opened, "" if ended else html.escape(symbol)]
        at += 2 if ord(symbol) > 0xFFFF else 1
    return "".join([*out, *marks.get(at, ([], []))[1]])


def page(service: Service, chat_id: int, *, topic: int | None = None, width: int = 560) -> str:
    """The chat, or one topic of it."""
    chat = service.world.chats[chat_id]
    title = chat.json.get("title") or chat.json["first_name"]
    if topic is not None:
        title = f"{chat.topics[topic].json['name']} · {title}"
    count = sum(chat.holds(user) for user in chat.members)
    under = "bot" if chat.kind == "private" else f"{count} members"
    drawing = _Drawing(service, alone=chat.kind == "private")
    posts = [chat.posts[number] for number in sorted(chat.posts)]
    shown = [p for p in posts if topic in (None, p.json.get("message_thread_id"))]
    return "".join(
        [
            f"<!doctype html><meta charset=utf-8><style>{STYLE % width}</style>",
            f"<header><b>{html.escape(title)}</b><i>{under}</i></header><main>",
            *(drawing.message(post) for post in shown),
            "</main>",
        ]
    )


class _Drawing:
    def __init__(self, service: Service, *, alone: bool) -> None:
        self._service, self._alone = service, alone

    def message(self, post: Post) -> str:
        said = post.json
        if happened := _happened(said):
            return f"<div class=say>{html.escape(happened)}</div>"
        out = self._alone and not said.get("from", {}).get("is_bot")
        inner = [] if self._alone else [f"<div class=who>{html.escape(_name(said))}</div>"]
        inner.append(self._replied(said))
        inner += [self._media(said), self._words(said), self._stamp(said)]
        rows = said.get("reply_markup", {}).get("inline_keyboard", [])
        drawn = [f"<div class=row>{''.join(map(_button, row))}</div>" for row in rows]
        parts = [f'<div class="m{" out" if out else ""}"><div class=box>', *inner, "</div>"]
        return "".join([*parts, *drawn, _reactions(post), "</div>"])

    def _replied(self, said: Json) -> str:
        if origin := said.get("forward_origin"):
            name = origin.get("sender_user_name") or origin["sender_user"]["first_name"]
            return f"<div class=re>Forwarded from <b>{html.escape(name)}</b></div>"
        target: Json = said.get("reply_to_message") or {}
        if not target or "forum_topic_created" in target:
            return ""
        words = said.get("quote", target).get("text") or target.get("caption") or "a file"
        short = html.escape(words.replace("\n", " ")[:70])
        return f"<div class=re><b>{html.escape(_name(target))}</b>{short}</div>"

    def _words(self, said: Json) -> str:
        text = said.get("text") or said.get("caption")
        if not text:
            return ""
        entities = said.get("entities") or said.get("caption_entities") or []
        return f"<span class=text>{styled(text, entities)}</span>"

    def _stamp(self, said: Json) -> str:
        edited = "edited " if "edit_date" in said else ""
        return f"<span class=at>{edited}{datetime.fromtimestamp(said['date'], UTC):%H:%M}</span>"

    def _media(self, said: Json) -> str:
        if photo := said.get("photo"):
            name, kind, data = self._service.files.get(photo[-1]["file_id"]).upload
            coded = base64.b64encode(data).decode()
            return f'<img alt="{html.escape(name)}" src="data:{kind};base64,{coded}">'
        if voice := said.get("voice"):
            return f"<div class=file><u>▶</u>0:{voice['duration']:02}</div>"
        if file := said.get("document"):
            size = f"{file['file_size'] / 1024:.1f} KB"
            name = html.escape(file["file_name"])
            return f"<div class=file><u>📄</u><div>{name}<div class=s>{size}</div></div></div>"
        return ""


def _button(one: Json) -> str:
    return f'<span class="{one.get("style", "")}">{html.escape(one["text"])}</span>'


def _reactions(post: Post) -> str:
    given = [one.get("emoji", "?") for all_of in post.reactions.values() for one in all_of]
    drawn = "".join(f"<span>{one} {given.count(one)}</span>" for one in dict.fromkeys(given))
    return f"<div class=react>{drawn}</div>" if drawn else ""


def _name(said: Json) -> str:
    if "from" not in said:
        return str(said["chat"]["title"])
    person = said["from"]
    return f"{person['first_name']} {person.get('last_name', '')}".strip()


def _happened(said: Json) -> str:
    """What a message says that nobody has written."""
    who = _name(said)
    if joined := said.get("new_chat_members"):
        return f"{who} added {', '.join(one['first_name'] for one in joined)}"
    if gone := said.get("left_chat_member"):
        return f"{gone['first_name']} left the group"
    if "migrate_to_chat_id" in said or "migrate_from_chat_id" in said:
        return f"{who} converted this group to a supergroup"
    if "pinned_message" in said:
        return f"{who} pinned a message"
    if made := said.get("forum_topic_created"):
        return f"{who} created the topic “{made['name']}”"
    for kind in ("edited", "closed", "reopened"):
        if f"forum_topic_{kind}" in said:
            return f"{who} {kind} the topic"
    return ""
