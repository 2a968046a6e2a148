"""What a model may say, drawn from a seed: every construct of markdown, whole, broken and nested,
in many scripts, short and far too long."""

from __future__ import annotations

import random

from tests.render.payloads import PAYLOADS
from tests.render.test_discord_markdown import random_block, random_line

_WORDS = (
    *("word", "and then", "Ångström", "A\u030angstro\u0308m", "naïve", "x\u030ay", "a\tb"),
    *("資金は十分です", "שלום עולם", "مرحبا بالعالم", "नमस्ते", "สวัสดี", "한국어"),
    *("😀", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "👍🏽", "𝔘𝔫𝔦", "🇩🇪", "e\u0301"),
    *("½", "\u00a0", "\u3000", "\u2800"),
    *("@ana_b", "/stop", "/stop@waggle_bot", "#tag", "$USD", "t.me/x?start=1", "tg://resolve"),
    *("https://docs.example.org/a_(b)?c=d#e", "ana@example.org", "http://localhost:8000/x"),
    *("file.py", "www.example.com", "+49 170 1234567", "4111 1111 1111 1111", "1.5", "0x1F"),
    *("`a`", "``a`b``", "` `", "`x", "``", "```", "**b", "b**", "*i", "~~s", "***", "_u_", "__u__"),
    *("[a](https://example.org)", "[a](b", "![p](https://example.org/p.png)", "<https://a.example>"),
    *("[**b** `c`](https://example.org/?q=1)", "&lt;", "&", "<b>x</b>", "\\*", "\\"),
    *("|", "- ", "> "),
    *("\ud83d", "\udc00x", "\x00", "\x1b[31m", "\u202eabc", "\u2066", "\ufdd0", "\ufddf", "\r"),
)  # fmt: skip
_MARKS = ("**{}**", "*{}*", "~~{}~~", "***{}***", "**a *b {} c* d**", "[{}](https://a.example/x)")
_FRONTS = ("", "- ", "  - ", "1. ", "> ", "> > ", "> - ", "# ", "###### ", "    ", "- [ ] ", "\t")


def words(chance: random.Random, most: int = 12) -> str:
    made = [chance.choice(_WORDS) for _ in range(chance.randrange(1, most))]
    if chance.random() < 0.1:
        made.append(chance.choice(PAYLOADS))
    return chance.choice((" ", " ", " ", "")).join(made)


def marked(chance: random.Random) -> str:
    text = words(chance, 4)
    for _ in range(chance.randrange(4)):
        text = chance.choice(_MARKS).replace("{}", text)
    return text


def block(chance: random.Random) -> str:
    kind = chance.randrange(10)
    if kind == 0:
        fence = chance.choice(("```", "````", "~~~", "``` ", "> ```", "- ```"))
        code = "\n".join(words(chance) for _ in range(chance.randrange(40)))
        closing = chance.choice((fence.strip(), fence.strip(), "", "``"))
        return f"{fence}{chance.choice(('', 'python', 'c++', 'js title=x'))}\n{code}\n{closing}"
    if kind == 1:
        wide = chance.randrange(1, 7)
        rule = "|" + chance.choice(("---|", ":-:|", "--:|")) * chance.choice((wide, wide, wide + 1))
        rows = [
            "|" + "|".join(words(chance, 4).replace("|", "/") for _ in range(wide)) + "|"
            for _ in range(chance.randrange(1, 30))
        ]
        return "\n".join([rows[0], rule, *rows[1:]])
    if kind == 2:
        return chance.choice(_WORDS) * chance.choice((20, 200, 1000))
    if kind == 3:
        return " ".join(marked(chance) for _ in range(chance.randrange(1, 150)))
    if kind in (4, 5):
        return random_block(chance)
    if kind == 6:
        return random_line(chance)
    lines = [chance.choice(_FRONTS) + marked(chance) for _ in range(chance.randrange(1, 12))]
    return "\n".join(lines)


def output(seed: int) -> str:
    """One answer; mostly of a message or two, now and then too long for them."""
    chance = random.Random(seed)
    return "\n\n".join(block(chance) for _ in range(chance.choice((1, 1, 2, 3, 8))))
