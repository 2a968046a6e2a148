"""Replies as a Telegram shows them, for people to judge: `python -m tests.render.telegram_page
FOLDER` posts each to the fake and leaves its chat there as a page of a phone's width, of which
chromium takes a capture. With `de` behind it in German."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import aiohttp

from bot.messages import Messages
from bot.render.outgoing import Outgoing
from bot.render.telegram import addressed, render
from bot.reply import BLANK, Button, Buttons, File, Reply, Text
from bot.telegram.forms import Question, answered, begun, question
from swarm_core import Choice
from tests.fakes.telegram import Client
from tests.fakes.telegram.server import serving
from tests.render.discord_page import chart, replies
from tests.render.telegram_posts import Posts

WIDTH = 390
_MARKS = """\
# First
## Second
#### Fourth
1. one
2. two, with a second line
   - nested **bold** and *italic*
     - deeper `code`

> quoted, **bold** in it
> and a second line
> - a list in it

- [ ] open
- [x] done

| worker | model | cost |
|---|---|--:|
| ana | claude-haiku-4-5 | $0.0123 |
| benedikt | claude-opus-4-5 | $12.40 |

```python
def greet(name: str) -> str:
\treturn f"Hello, {name}!"  # a line that is wider than a phone is
```

---
Write @ana_b or /stop, at https://docs.example.org/a_b?c=d or www.example.com. ~~Gone.~~"""


def pages(say: Messages, folder: Path) -> list[tuple[Outgoing, ...]]:
    made = [render(reply, say) for reply in replies(say)]
    made.append(render(Reply((Text(_MARKS),)), say))
    made.append(render(chart(say, folder), say))
    listed = tuple(Button(f"#{n} Check the links of page {n}", f"/show {n}") for n in range(8))
    made.append(render(Reply((Buttons(listed, say("button.pick")),)), say))
    made.append(render(Reply((Text("Here is the list."), File(name="a.txt", data=b"x"))), say))
    first = question(begun(Choice("Tell a worker", f"/tell {BLANK} {BLANK}")), say)
    second = answered(first.choice, "142", say)
    assert isinstance(second, Question)
    again = question(begun(Choice("Ask again", f"/ask {BLANK}", typed={"text": "Why so?"})), say)
    made.append((first.message, second.message, again.message))
    return made


async def main(folder: Path, language: str) -> None:
    say = Messages.load(language)
    async with serving() as fake, Client.at(fake.url) as hand, aiohttp.ClientSession() as session:
        for n, messages in enumerate(pages(say, folder)):
            chat = await hand.private(f"Ana {n}")
            messages = (addressed(messages[0], str(chat), "Ana"), *messages[1:])
            seen = await Posts(session, fake.url, chat).post(messages)
            assert not seen.problem, seen.problem
            async with session.get(f"{fake.url}/_fake/look/{chat}?width={WIDTH}") as page:
                text = await page.text()
            (folder / f"{n:02}.html").write_text(text, "utf-8")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "en"))
