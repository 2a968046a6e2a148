"""Messages as a page that looks like Discord's, for people to judge: `python -m
tests.render.discord_page out.html`, then open it or have chromium take a capture of it."""

from __future__ import annotations

import base64
import html
import sys
from collections.abc import Iterable
from pathlib import Path

from bot.messages import Messages
from bot.render.discord import render
from bot.render.outgoing import Outgoing
from bot.reply import Button, Buttons, Card, KeyValues, Notice, Reply, Table, Text
from tests.render.discord_markdown import Node, parse
from tests.render.samples import CARD, LONG, MONEY

_STYLE = """
body{background:#313338;color:#dbdee1;font:16px/1.375 'gg sans','Noto Sans',Arial,sans-serif;
margin:0;padding:16px;width:%dpx;box-sizing:border-box}
.m{margin:0 0 20px 0;overflow-wrap:anywhere;white-space:pre-wrap}.who{color:#fff;font-weight:600}
.who i{background:#5865f2;font:600 10px Arial;padding:1px 4px;border-radius:3px;margin:0 6px}
.who u{color:#949ba4;font-size:12px;text-decoration:none;font-weight:400}
pre{background:#2b2d31;border:1px solid #1e1f22;border-radius:4px;padding:8px;margin:6px 0;
font:14px/18px Consolas,'DejaVu Sans Mono',monospace;overflow-x:auto}
code{background:#2b2d31;border-radius:3px;padding:1px 3px;
font:85%% Consolas,'DejaVu Sans Mono',monospace}
a{color:#00a8fc;text-decoration:none}h1,h2,h3{margin:8px 0 4px;color:#f2f3f5}h1{font-size:24px}
h2{font-size:20px}h3{font-size:16px}.q{border-left:4px solid #4e5058;padding-left:12px}
.s{font-size:13px;color:#949ba4}.e{background:#2b2d31;border-left:4px solid;border-radius:4px;
padding:8px 16px 12px;max-width:488px}.t{font-weight:600;color:#f2f3f5;margin:4px 0}
.f{display:grid;grid-template-columns:repeat(3,1fr);gap:8px;margin-top:8px;font-size:14px}
.f b{display:block}.w{grid-column:1/-1}.foot{font-size:12px;margin-top:8px}
.b{background:#4e5058;color:#fff;border-radius:3px;padding:6px 16px;margin:6px 8px 0 0;
display:inline-block;font-size:14px}.file{background:#2b2d31;border:1px solid #3f4147;
border-radius:8px;padding:10px;margin-top:6px;max-width:400px}img{max-width:100%%;border-radius:4px}
"""


def page(messages: Iterable[Outgoing], width: int = 520) -> str:
    return f"<!doctype html><meta charset=utf-8><style>{_STYLE % width}</style>" + "".join(
        _message(message) for message in messages
    )


def _message(message: Outgoing) -> str:
    only = "<div class=s>Only you can see this</div>" if message.ephemeral else ""
    out = ["<div class=m><div class=who>Waggle<i>APP</i><u>Today at 12:04</u></div>"]
    out.append(shown(message.content))
    images = {file.name: file for file in message.files if file.media_type.startswith("image/")}
    for embed in message.embeds:
        out.append(f'<div class=e style="border-color:#{embed.color or 0:06x}">')
        out.append(f"<div class=t>{shown(embed.title)}</div>{shown(embed.description)}")
        out.append("<div class=f>")
        for field in embed.fields:
            wide = "" if field.inline else " class=w"
            out.append(f"<div{wide}><b>{shown(field.name)}</b>{shown(field.value)}</div>")
        out.append(f"</div><div class=foot>{html.escape(embed.footer)}</div></div>")
    for file, alt in zip(message.files, message.alt, strict=True):
        if file.name in images and len(file.data) > 100:
            data = base64.b64encode(file.data).decode()
            out.append(f'<img alt="{html.escape(alt)}" src="data:{file.media_type};base64,{data}">')
        else:
            out.append(
                f"<div class=file>📄 <a>{html.escape(file.name)}</a> {len(file.data)} bytes</div>"
            )
    for row in message.components:
        buttons = [f"<span class=b>{html.escape(press.label)}</span>" for press in row]
        out += ["<div>", *buttons, "</div>"]
    return "".join(out) + only + "</div>"


def shown(text: str) -> str:
    """Markdown as its clients show it."""
    return "".join(_node(node) for node in parse(text))


def _node(node: Node) -> str:
    inner = "".join(_node(child) for child in node.children) or html.escape(node.text)
    match node.kind:
        case "line":
            return inner + "\n"
        case "item":
            mark = node.text.strip()
            pad = len(node.text) - len(node.text.lstrip())
            bullet = "•" if mark in "-*" else mark
            return f'<div style="margin-left:{12 + 8 * pad}px">{bullet} {inner.strip()}</div>'
        case "quote":
            return f"<div class=q>{inner.rstrip()}</div>"
        case "heading":
            size = node.text.count("#")
            return f"<h{size}>{inner}</h{size}>"
        case "small":
            return f"<div class=s>{inner}</div>"
        case "code_block":
            return f"<pre>{html.escape(node.text)}</pre>"
        case "code":
            return f"<code>{html.escape(node.text)}</code>"
        case "link":
            return f"<a>{inner}</a>"
        case "strong" | "em" | "strike" | "underline":
            tag = {"strong": "b", "em": "em", "strike": "s", "underline": "u"}[node.kind]
            return f"<{tag}>{inner}</{tag}>"
        case "text":
            return inner
        case _:
            return f"<span style='background:red'>{node.kind}: {inner}</span>"


def scenes(say: Messages) -> list[Outgoing]:
    """`replies` as messages."""
    return [message for reply in replies(say) for message in render(reply, say)]


def replies(say: Messages) -> list[Reply]:
    """What people meet most, and what tries them."""
    live = Card(
        title="#142 Check the links of https://docs.example.org/ for @everyone",
        state=say("state.running"),
        level="info",
        fields=(
            (say("field.worker"), "ana"),
            (say("field.steps"), "3"),
            (say("field.since"), "1 min 4 s"),
            (say("field.spent"), "$0.0123, $0.05 held"),
        ),
        lines=(say("card.resumed"),),
        footer="ana · claude-haiku",
        buttons=tuple(
            Button(say(f"button.{name}"), "/x") for name in ("cancel", "why", "raise", "retry")
        ),
        saying="So far **two** links are broken:\n\n- `/install` answers 404\n- `/faq` does not",
    )
    price = say.failure(
        "price",
        {
            "approval": "k7f3",
            "worker": "ana",
            "model": "claude-opus",
            "most": 400_000,
            "cap": 1_000_000,
            "cheaper": "claude-haiku",
            "cheaper_most": 20_000,
        },
    )
    asked = Reply(
        (
            Notice(level="info", text=say("receipt.accepted", id=142, worker="ana")),
            Notice(level="warn", text=price, hint=say("approval.until", when="12:00:00")),
            Buttons(
                (
                    Button(say("button.approve"), "/approve k7f3"),
                    Button(say("button.cheaper"), "/c"),
                    Button(say("button.deny"), "/deny k7f3"),
                )
            ),
        ),
        asks="k7f3",
    )
    done = Notice(
        level="ok", text=say("ending.done", id=142), hint="ana · claude-haiku · $0.0123 · 4 min"
    )
    hostile = (
        "Hi @everyone <@123456789> see [your bank](https://evil.example/x) or "
        "https://discord.gg/abc\n\n||secret|| <:bee:1234567> `@here` שלום עולם z" + "\u0301" * 40
    )
    return [
        Reply((live,)),
        Reply((CARD,)),
        asked,
        Reply((done, Text(LONG)), ending=142),
        Reply((Text(hostile),)),
        Reply((MONEY, KeyValues(title="Today", pairs=(("done", "12"), ("spent", "$1.20"))))),
        Reply(
            (
                Table(
                    columns=("task", "state", "what", "worker", "age"),
                    rows=(
                        (
                            "#142",
                            "running",
                            "Check every link on the documentation site and tell",
                            "ana",
                            "4 min",
                        ),
                        (
                            "#141",
                            "waiting",
                            "Draft the release notes from the commits since the last",
                            "ben",
                            "2 h",
                        ),
                    ),
                ),
            )
        ),
        Reply(
            (done, Text("\n\n".join(f"Paragraph {n}. " + "words " * 60 for n in range(40)))),
            ending=142,
        ),
        Reply(
            (
                Notice(
                    level="error",
                    text=say.failure("not_found", {"kind": "task", "name": "9", "near": []}),
                ),
            ),
            private=True,
        ),
    ]


def chart(say: Messages, folder: Path) -> Reply:
    """The budget's chart, drawn from made-up days."""
    from bot.answers.money import chart as told
    from bot.answers.words import Words
    from bot.charts import draw_burn
    from bot.commands.views import Chart
    from swarm_core import Account, Burn, MicroUSD
    from swarm_core.budget.standing import DaySpent

    def account(name: str, cap: int) -> Account:
        zero = MicroUSD(0)
        return Account(
            account=name,
            cap_name=name.partition("/")[0],
            cap=MicroUSD(cap),
            held=zero,
            spent=zero,
            overrun=zero,
            frozen=False,
        )

    days = tuple(
        DaySpent(
            day=f"2027-01-{n:02}",
            spent=MicroUSD(n * 310_000 % 4_700_000),
            held=MicroUSD(n % 3 * 200_000),
        )
        for n in range(5, 15)
    )
    burn = Burn(
        since="2027-01-05",
        today="2027-01-14",
        days=days,
        day=account("day/2027-01-14", 5_000_000),
        month=account("month/2027-01", 50_000_000),
    )
    drawn = folder / "budget.png"
    draw_burn(burn, drawn, say)
    view = Chart(file=str(drawn), burn=burn, picture=drawn.read_bytes())
    return told(Words(say, now=0, person=""), view)


if __name__ == "__main__":
    out, language = Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "en"
    words = Messages.load(language)
    made = [*scenes(words), *render(chart(words, out.parent), words)]
    out.write_text(page(made), encoding="utf-8")
