"""Prose and code as Telegram shows them, and text from outside as it may show it.

What can go wrong: Telegram makes links and commands of plain text by itself. A name behind `@`
calls somebody, a command is sent by whoever taps on it, an address leads to where it says, some of
them into Telegram's own settings. So in prose from outside the first two come apart, and an
address that may not be tapped on does; in code nothing is made of anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.commands.slashed import slashed_line
from bot.render.dialect import Code, Line
from bot.render.entities import Kind, blank, kept, marked, opaque, size
from bot.render.harmless import addresses, host
from bot.render.runs import Run, together
from bot.render.split import LEAST, split
from bot.render.tongue import LANGUAGE

_TAB = 4
"""Columns of a tab in code, which Telegram has none of."""
BREAK = "\u2060"
"""Between two characters that would act together; shown as nothing, and no line ends there."""
NOTHING = "…"
"""In the place of code that is nothing but white space, which Telegram does not take."""
_MARKS: dict[str, Kind] = {"**": "bold", "*": "italic", "~~": "strikethrough"}
_CALLS = re.compile(r"(?<!\w)@(?=\w)")
# As Telegram's own servers and apps look for them.
_COMMAND = re.compile(r"(?<![\w/<>])/(?=[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>]))")
_SCHEMES = re.compile(r"(?i)\b(?:https?|tg|ton|tonsite|ftp):(?=/?/?\w)")
_ACTS = re.compile(
    r"(?i)\b(?:t|telegram)(?=\.(?:me|dog)/(?:[+$]|[\w-]+/?\?|"
    r"(?:joinchat|proxy|socks|login|confirmphone|setlanguage|add\w+|share|boost|giftcode|invoice)\b))"
)
_MARGIN = re.compile(r"(> )?((#{1,3}) |(-#) )?")
_INNER = re.compile(r"\\> ")
_BULLET = re.compile(r"^( *)- ")


class Telegram:
    """See `Tongue`. What it makes is marked text, see `entities`."""

    def command(self, line: str) -> str:
        return slashed_line(line)

    def size(self, text: str) -> int:
        return size(text)

    def written(self, runs: Iterable[Run]) -> str:
        return _harmless("".join(map(_one, together(runs))))

    def around(self, line: Line) -> tuple[str, str, str]:
        whole = _MARGIN.match(line.front)
        assert whole
        kinds: list[Kind] = ["blockquote"] if whole[1] else []
        kinds += ["bold"] if whole[3] else ["italic"] if whole[4] else []
        fronts, back = [], ""
        for margin in (line.front, line.rest):
            taken = _MARGIN.match(margin)
            assert taken
            inside = _BULLET.sub(r"\1• ", _INNER.sub("» ", margin[taken.end() :]))
            opened = back = ""
            for kind in kinds:
                start, _, end = marked(kind, "\n").partition("\n")
                opened, back = opened + start, end + back
            fronts.append(opened + inside)
        return fronts[0], fronts[1], back

    def fenced(self, block: Code, limit: int) -> list[str]:
        about, code = _language(block), _code(block)
        if self.in_one(block, limit):
            return [marked("pre", NOTHING if blank(code) else code, about)]
        ticks = max((len(run) for run in re.findall("`{3,}", code)), default=2)
        fence = "`" * (ticks + 1)
        room = max(LEAST, limit - len(about) - 2 * len(fence) - 2)
        chunks = split(f"{fence}\n{code}\n{fence}", room, utf16=True)
        bodies = [chunk.body for chunk in chunks]
        bodies[0] = bodies[0].removeprefix(fence).removeprefix("\n")
        bodies[-1] = bodies[-1].removesuffix(fence).removesuffix("\n")
        return [marked("pre", body, about) for body in bodies if not blank(body)]

    def in_one(self, block: Code, limit: int) -> bool:
        about = _language(block)
        return size(marked("pre", _code(block), about)) <= limit - len(about)

    def apart(self, before: str, after: str) -> bool:
        """Around code Telegram leaves room by itself."""
        code = marked("pre", "\n").partition("\n")[0][:1]
        return not after.startswith(code) and code not in before.rsplit("\n\n", 1)[-1][:1]


TELEGRAM = Telegram()


def _language(block: Code) -> str:
    found = LANGUAGE.fullmatch(block.language)
    return found[0].lower() if found else ""


def _code(block: Code) -> str:
    return kept(block.text.expandtabs(_TAB))


def _one(run: Run) -> str:
    text = kept(run.text)
    match run.kind:
        case "code":
            return marked("code", text)
        case "link" if _ACTS.search(run.link) or not _taken(run.link):
            made = f"{text} ({run.link})" if text else run.link
        case "link" if not text:
            made = marked("text_link", run.link, run.link)
        case "link":
            made = marked("text_link", text, run.link) + f" ({host(run.link)})"
        case "text":
            made = _linked(text)
    for mark in reversed(run.marks):
        made = marked(_MARKS[mark], made)
    return made


def _linked(text: str) -> str:
    """`text` whose addresses are links that we made: in those Telegram looks for nothing else."""
    out, at = [], 0
    for begin, end, shown in addresses(text):
        if shown and _taken(shown) and not _ACTS.search(shown):
            out += [text[at:begin], marked("text_link", shown, shown)]
            at = end
    return "".join(out) + text[at:]


def _taken(link: str) -> bool:
    """Whether Telegram takes it for an address: it refuses a whole message for one without a dot
    in its host (tdlib/td, td/telegram/LinkManager.cpp, `check_link`)."""
    return "." in host(link)


def _harmless(line: str) -> str:
    """A whole line, in which nothing calls, sends or leads astray, not even across its marks."""
    plain = opaque(line)
    places = {
        found.end()
        for acting in (_CALLS, _COMMAND, _SCHEMES, _ACTS)
        for found in acting.finditer(plain.text)
    }
    for place in sorted(places, reverse=True):
        at = plain.at[place - 1] + 1
        line = line[:at] + BREAK + line[at:]
    return line
