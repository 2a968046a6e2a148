"""Answers as commands make them; `golden/` has how each looks, at three widths."""

from __future__ import annotations

from bot.reply import Button, Buttons, Card, File, KeyValues, Notice, Reply, Table, Text

CARD = Card(
    title="#142 Check the links on the documentation site",
    state="waiting for approval",
    level="warn",
    fields=(
        ("worker", "link-checker (playbook)"),
        ("step", "3 of 25"),
        ("spent", "$0.0123 of $0.25"),
        ("elapsed", "1 min 4 s"),
    ),
    lines=(
        "fetched https://docs.example.org/guide/getting-started/installation.html",
        "next: post a comment on issue 17",
    ),
    buttons=(Button("Approve", "/approve 7f3a"), Button("Stop", "/stop 142")),
    footer="asked by ana, link-checker since 12:04",
)

MONEY = Table(
    columns=("scope", "held", "spent", "cap", "note"),
    rows=(
        ("swarm today", "$0.05", "$1.20", "$5.00", ""),
        ("ana", "$0", "$0.0042", "$0.50", "資金は十分です"),
        ("channel #bees-and-flowers", "$0.05", "$1.1958", "$3.00", "raised by the owner at noon"),
    ),
    align=("left", "right", "right", "right", "left"),
)

LONG = """\
## What I found

Two links are **broken** and one `redirects`; see [the report](https://docs.example.org/r/142).
They were checked *twice*, an hour apart, with ~~one~~ three tries each.

1. `/install` answers 404
2. `/faq` does not answer
   - tried from two places
   - the name does not resolve

> It worked yesterday, before the move to the new server, as far as anybody remembers.

```sh
curl -sS -o /dev/null -w '%{http_code}' https://docs.example.org/guide/getting-started/install
```

| page | status | since |
|:-----|-------:|-------|
| /install | 404 | yesterday evening |
| /faq | - | 今日 |

---

Done.
"""

SAMPLES = {
    "card": Reply((CARD,)),
    "listing": Reply(
        (
            MONEY,
            Table(columns=("task",), empty="No task is waiting."),
            KeyValues(title="Today", pairs=(("tasks done", "12"), ("spent", "$1.20"))),
        )
    ),
    "answer": Reply((Text(LONG), File(name="urls.txt", data=b"/install\n/faq\n"))),
    "notices": Reply(
        (
            Notice(level="error", text="The cap of #142 is reached.", hint="Raise it: /cap 142 1"),
            Notice(level="warn", text="Delivery uncertain: the answer may be there twice."),
            Notice(level="ok", text="Accepted as #143."),
            Notice(level="info", text="Nothing runs.\nWrite /task to begin."),
            Buttons((Button("Send again", "/outbox send 9"), Button("Drop", "/outbox drop 9"))),
        )
    ),
}
