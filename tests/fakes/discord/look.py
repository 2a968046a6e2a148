"""A channel of the fake as Discord's client would show it, as one page: for people to judge, and
for captures. `GET /_fake/look/CHANNEL?user=ID` is what that person sees there.
"""

from __future__ import annotations

import base64
import html
import re
from datetime import datetime
from typing import TYPE_CHECKING

from tests.fakes.discord.components import V2
from tests.fakes.discord.errors import Json
from tests.render.discord_page import shown

if TYPE_CHECKING:
    from tests.fakes.discord.world import World

STYLE = """
*{box-sizing:border-box}body{background:#313338;color:#dbdee1;margin:0;width:%dpx;
font:15px/1.4 'gg sans','Noto Sans','Helvetica Neue','DejaVu Sans',Arial,sans-serif}
header{padding:12px 16px;border-bottom:1px solid #26272b;font-weight:600;color:#f2f3f5}
header i{color:#80848e;font-style:normal;margin-right:8px}
main{padding:16px 0 8px}.m{position:relative;padding:2px 24px 2px 72px;margin-top:15px}
.m.next{margin-top:0}.m.mine{background:rgba(88,101,242,.08)}
.m.called{background:rgba(240,178,50,.08);box-shadow:inset 2px 0 #f0b232}
.face{position:absolute;left:16px;width:40px;height:40px;border-radius:50%%;color:#fff;
display:flex;align-items:center;justify-content:center;font-weight:600}
.who{color:#f2f3f5;font-weight:500}.who b{font-weight:600}
.who i{background:#5865f2;color:#fff;font:600 10px Arial;padding:2px 5px;border-radius:4px;
margin:0 6px;vertical-align:1px}.who u{color:#949ba4;font-size:12px;text-decoration:none;
margin-left:6px}
.re{color:#949ba4;font-size:13px;margin:0 0 3px -20px;white-space:nowrap;overflow:hidden;
text-overflow:ellipsis}.re s{text-decoration:none;color:#4e5058;margin-right:4px}
.re b{color:#c9cdfb;font-weight:500}.text{white-space:pre-wrap;overflow-wrap:anywhere}
.at{background:rgba(88,101,242,.3);color:#c9cdfb;border-radius:3px;padding:0 2px}
pre{background:#2b2d31;border:1px solid #1e1f22;border-radius:4px;padding:8px;margin:6px 0;
font:13px/17px Consolas,'DejaVu Sans Mono',monospace;white-space:pre-wrap}
code{background:#2b2d31;border-radius:3px;padding:1px 3px;
font:85%% Consolas,'DejaVu Sans Mono',monospace}
a{color:#00a8fc;text-decoration:none}h1,h2,h3{margin:8px 0 4px;color:#f2f3f5}h1{font-size:22px}
h2{font-size:19px}h3{font-size:16px}.q{border-left:4px solid #4e5058;padding-left:12px}
.s{font-size:12.5px;color:#949ba4}.e{background:#2b2d31;border-left:4px solid #1e1f22;
border-radius:4px;padding:8px 16px 14px 12px;max-width:516px;margin-top:5px;font-size:14px}
.t{font-weight:600;color:#f2f3f5;margin:6px 0 4px;font-size:15px}
.f{display:grid;grid-template-columns:repeat(3,1fr);gap:8px;margin-top:8px;font-size:13.5px}
.f b{display:block;color:#f2f3f5}.w{grid-column:1/-1}.foot{font-size:12px;margin-top:8px}
.box{background:#2b2d31;border:1px solid #3f4147;border-radius:8px;padding:12px 16px;
max-width:516px;margin-top:5px}.row{display:flex;flex-wrap:wrap;gap:8px;margin-top:8px}
.b{color:#fff;border-radius:8px;padding:6px 15px;font-size:14px;font-weight:500;
background:#4e5058}.b1{background:#5865f2}.b3{background:#248046}.b4{background:#da373c}
.off{opacity:.5}.pick{background:#1e1f22;border-radius:8px;padding:9px 12px;width:400px;
color:#949ba4;display:flex;justify-content:space-between}
.file{background:#2b2d31;border:1px solid #3f4147;border-radius:8px;padding:11px 14px;
margin-top:6px;max-width:420px;display:flex;gap:10px;align-items:center}
img{max-width:516px;border-radius:8px;display:block;margin-top:6px}hr{border:0;
border-top:1px solid #3f4147;margin:10px 0}.thread{background:#2b2d31;border-radius:8px;
padding:9px 14px;margin-top:6px;max-width:480px}.thread b{color:#f2f3f5}
.thread a{margin-left:8px;font-weight:600;font-size:13px}
.only{font-size:12px;color:#949ba4;margin-top:5px}.react span{background:#2b2d31;
border:1px solid #3f4147;border-radius:8px;padding:2px 8px;margin-right:4px;font-size:13px}
"""
FACES = ("#5865f2", "#3ba55d", "#eb459e", "#ed4245", "#747f8d")
_MENTION = re.compile(r"<@!?(\d+)>|@(everyone|here)\b")
_EPHEMERAL = 1 << 6


def page(world: World, channel_id: str, *, user: str | None = None, width: int = 760) -> str:
    """The channel as `user` sees it; None: as everybody does."""
    channel = world.channels[channel_id]
    sign, name = ("@", channel["recipients"][0]["username"]) if channel["type"] == 1 else ("#", "")
    out = [f"<!doctype html><meta charset=utf-8><style>{STYLE % width}</style>"]
    out.append(f"<header><i>{sign}</i>{html.escape(name or channel['name'])}</header><main>")
    drawing, before = _Drawing(world, user), None
    for post in world.posts[channel_id].values():
        if post.seen_by in (None, user):
            out.append(drawing.message(post.json, before, called=user in post.pinged))
            before = post.json
    return "".join([*out, "</main>"])


class _Drawing:
    def __init__(self, world: World, user: str | None) -> None:
        self._world = world
        self._user = user

    def message(self, said: Json, before: Json | None, *, called: bool) -> str:
        author, head = said["author"], self._head(said)
        alone = head or before is None or before["author"]["id"] != author["id"]
        mine = said["flags"] & _EPHEMERAL
        marks = ["m", "" if alone else "next", "mine" if mine else "", "called" if called else ""]
        out = [f'<div class="{" ".join(filter(None, marks))}">', head]
        if alone:
            stamp = datetime.fromisoformat(said["timestamp"])
            app = "<i>APP</i>" if author.get("bot") else ""
            face = FACES[0 if author.get("bot") else 1 + int(author["id"]) % 4]
            initial = html.escape(_name(author)[:1].upper())
            out.append(f'<div class=face style="background:{face}">{initial}</div>')
            out.append(f"<div class=who><b>{html.escape(_name(author))}</b>{app}")
            out.append(f"<u>Today at {stamp:%H:%M}</u></div>")
        out.append(self._body(said))
        if said.get("edited_timestamp") and said["content"]:
            out.append("<span class=s> (edited)</span>")
        if said.get("thread"):
            out.append(self._thread(said["thread"]))
        if said.get("reactions"):
            drawn = [f"<span>{r['emoji']['name']} {r['count']}</span>" for r in said["reactions"]]
            out.append(f"<div class='react row'>{''.join(drawn)}</div>")
        if mine:
            out.append("<div class=only>👁 Only you can see this · <a>Dismiss message</a></div>")
        return "".join([*out, "</div>"])

    def _head(self, said: Json) -> str:
        """The line above: whose command it answers, or what it replies to."""
        if met := said.get("interaction"):
            used = (
                f"<b>{html.escape(_name(met['user']))}</b> used <a>/{html.escape(met['name'])}</a>"
            )
            return f"<div class=re><s>╭──</s>{used}</div>"
        if target := said.get("referenced_message"):
            text = html.escape(self._plain(target["content"])[:80]) or "<em>a card</em>"
            who = html.escape(_name(target["author"]))
            return f"<div class=re><s>╭──</s><b>@{who}</b> {text}</div>"
        return ""

    def _plain(self, text: str) -> str:
        return _MENTION.sub(lambda found: f"@{self._called(found)}", text).replace("\n", " ")

    def _called(self, found: re.Match[str]) -> str:
        if found[2]:
            return found[2]
        person = self._world.users.get(found[1])
        return _name(person) if person else "unknown-user"

    def _shown(self, text: str) -> str:
        """Markdown, with those who are mentioned by name: they stand there as ids."""
        names: list[str] = []

        def put(found: re.Match[str]) -> str:
            names.append(f"<span class=at>@{html.escape(self._called(found))}</span>")
            return f"\ue000{len(names) - 1}\ue001"

        drawn = shown(_MENTION.sub(put, text))
        return re.sub("\ue000(\\d+)\ue001", lambda found: names[int(found[1])], drawn)

    def _body(self, said: Json) -> str:
        if said["flags"] & V2:
            return "".join(self._component(one) for one in said["components"])
        out = []
        if said["content"]:
            out.append(f"<div class=text>{self._shown(said['content']).rstrip()}</div>")
        out += [self._embed(embed) for embed in said["embeds"]]
        used = {embed.get("image", {}).get("url") for embed in said["embeds"]}
        out += [self._file(one) for one in said["attachments"] if one["url"] not in used]
        return "".join([*out, *(self._component(one) for one in said["components"])])

    def _embed(self, embed: Json) -> str:
        color = f' style="border-color:#{embed["color"]:06x}"' if embed.get("color") else ""
        out = [f"<div class=e{color}>"]
        if embed.get("title"):
            out.append(f"<div class=t>{self._shown(embed['title'])}</div>")
        if embed.get("description"):
            out.append(f"<div class=text>{self._shown(embed['description']).rstrip()}</div>")
        if embed.get("fields"):
            out.append("<div class=f>")
            for field in embed["fields"]:
                wide = "" if field.get("inline") else " class=w"
                value = self._shown(field["value"]).rstrip()
                out.append(f"<div{wide}><b>{self._shown(field['name'])}</b>{value}</div>")
            out.append("</div>")
        if image := embed.get("image"):
            out.append(self._picture(image["url"], ""))
        if footer := embed.get("footer"):
            out.append(f"<div class=foot>{html.escape(footer['text'])}</div>")
        return "".join([*out, "</div>"])

    def _file(self, one: Json) -> str:
        if str(one.get("content_type", "")).startswith("image/"):
            return self._picture(one["url"], one.get("description") or "")
        name, size = html.escape(one["filename"]), one["size"]
        shown_size = f"{size / 1024:.1f} KB" if size >= 1024 else f"{size} bytes"
        return f"<div class=file>📄<div><a>{name}</a><div class=s>{shown_size}</div></div></div>"

    def _picture(self, url: str, alt: str) -> str:
        kind, data = self._world.files[url.removeprefix(self._world.url).partition("?")[0]]
        coded = base64.b64encode(data).decode()
        return f'<img alt="{html.escape(alt)}" src="data:{kind};base64,{coded}">'

    def _component(self, one: Json) -> str:
        """docs.discord.com/developers/components/reference"""
        inner = "".join(self._component(each) for each in one.get("components") or [])
        off = " off" if one.get("disabled") else ""
        match one["type"]:
            case 1:
                return f"<div class=row>{inner}</div>"
            case 2:
                mark = (one.get("emoji") or {}).get("name") or ""
                words = html.escape(f"{mark} {one.get('label') or ''}".strip())
                return f'<span class="b b{one["style"]}{off}">{words}</span>'
            case 3 | 5 | 6 | 7 | 8:
                words = html.escape(one.get("placeholder") or "Make a selection")
                return f'<div class="pick{off}"><span>{words}</span><span>⌄</span></div>'
            case 10:
                return f"<div class=text>{self._shown(one['content']).rstrip()}</div>"
            case 14:
                return "<hr>"
            case 17:
                color = one.get("accent_color")
                edge = f' style="border-left:4px solid #{color:06x}"' if color else ""
                return f"<div class=box{edge}>{inner}</div>"
        return inner

    def _thread(self, thread: Json) -> str:
        name, count = html.escape(thread["name"]), thread["message_count"]
        return f"<div class=thread><b>🧵 {name}</b><a>{count} Messages ›</a></div>"


def _name(person: Json) -> str:
    return str(person.get("global_name") or person["username"])
