"""A reply laid out as messages of a chat: what every service has in common.

An answer of up to three messages is shown; a longer one comes as a file, with its beginning in the
message. What came from outside passes `harmless` on its way.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from itertools import islice, pairwise
from typing import ClassVar, assert_never

from bot.messages import Messages
from bot.render import cards
from bot.render import outgoing as o
from bot.render.dialect import Block, Code, Line, Prose, Wide, Written, aligned, blocks, wide
from bot.render.harmless import visible
from bot.render.layout import one_line
from bot.render.outgoing import Outgoing, Press
from bot.render.packing import pack, packed
from bot.render.runs import Run, Runs, code_spans
from bot.render.tongue import Tongue
from bot.reply import Button, Buttons, Card, File, KeyValues, Notice, Part, Reply, Table, Text

MOST_MESSAGES = 3
_BEGINNING, _OUTLINE = 1200, 400


class Page(ABC):
    """Collects what goes into one message after another."""

    tongue: ClassVar[Tongue]
    limit: ClassVar[int]
    """Units of text that a message takes."""
    phone: ClassVar[int]
    """Characters of code that a phone shows side by side."""
    listed: ClassVar[bool] = False
    """Whether a table of somebody else's that is wider than that is shown as a list where it fits
    a message, and not only as a file."""

    def __init__(self, say: Messages) -> None:
        self._say = say
        self._blocks: list[Block] = []
        self._buttons: list[Button] = []
        self._picks: list[Press] = []
        self._files: list[File] = []
        self._made: list[Outgoing] = []

    @abstractmethod
    def finish(self) -> list[Outgoing]:
        """The messages, with the buttons and files that belong to them."""

    @abstractmethod
    def _whole(self, card: Card) -> tuple[Outgoing, list[str]]:
        """`card`, and as texts what of it has no room in it; not what it is saying."""

    @abstractmethod
    def _content(self, text: str) -> Outgoing:
        """A message of nothing but text."""

    def add(self, part: Part) -> None:
        match part:
            case Card():
                self._flush()
                self._card(part)
            case Text():
                self._text(part.markdown)
            case Table():
                self._blocks += self._listing(part)
            case Notice():
                self._blocks.append(_notice(part, self.tongue))
            case KeyValues():
                self._blocks.append(_values(part, self.tongue))
            case Buttons() if part.pick and len(part.buttons) > cards.BUTTONS:
                self._picks += cards.picks(part)
            case Buttons():
                self._buttons += part.buttons
            case File():
                self._files.append(part)
            case _:
                assert_never(part)

    def _card(self, card: Card) -> None:
        message, rest = self._whole(card)
        if len(rest) > MOST_MESSAGES:
            name = self._name("more.txt")
            self._files.append(File(name=name, data="\n".join(rest).encode()))
            rest = [self._told("page.rest", file=name)]
        self._made += [message, *(self._content(text) for text in rest)]
        if card.saying:
            self._text(card.saying)

    def _text(self, markdown: str) -> None:
        made = self._attached(blocks(markdown, self.phone))
        if self._packed(made) is not None:
            self._blocks += made
            return
        name = self._name("answer.md")
        whole = visible(markdown)
        self._files.append(File(name=name, data=whole.encode(), media_type="text/markdown"))
        told = self._spans(self._say("page.in_file", file=name, characters=len(whole)))
        beginning = next(packed(made, _BEGINNING, self.tongue))
        self._blocks.append(Written(beginning))
        if further := self._further(made, beginning):
            titles = self._say("page.further", titles=o.fitted(" · ".join(further), _OUTLINE))
            self._blocks.append(Prose((Line((Run(titles),)),)))
        self._blocks.append(Prose((Line(told, "-# "),)))

    def _further(self, made: Sequence[Block], beginning: str) -> list[str]:
        """The headings of an answer that do not stand in its beginning."""
        headings = (b.lines[0] for b in made if isinstance(b, Prose) and b.heading and b.lines)
        shown = (line for line in headings if self.tongue.written(line.runs) not in beginning)
        told = (one_line("".join(run.text for run in line.runs)) for line in shown)
        return [title for title in told if title]

    def _packed(self, made: Sequence[Block]) -> list[str] | None:
        """None for more messages than are shown, of which the rest is not even made."""
        found = list(islice(packed(made, self.limit, self.tongue), MOST_MESSAGES + 1))
        return found if len(found) <= MOST_MESSAGES else None

    def _attached(self, made: Sequence[Block]) -> list[Block]:
        """Every table that a message cannot show as a file, and words in its place."""
        kept: list[Block] = []
        for block in made:
            if (
                isinstance(block, Code)
                and block.whole
                and not self.tongue.in_one(block, self.limit)
            ):
                rows = block.text.split("\n")
                block = Wide(block.text, columns=0, rows=len(rows))
            listed = _listed(block) if self.listed else None
            if listed and len(list(islice(packed([listed], self.limit, self.tongue), 2))) == 1:
                kept.append(listed)
            elif isinstance(block, Wide):
                name = self._name("table.txt")
                data = f"{block.text}\n".encode()
                self._files.append(File(name=name, data=data))
                told = self._say("page.table", file=name, rows=block.rows)
                kept.append(cards.line(told, self.tongue))
            else:
                kept.append(block)
        return kept

    def _listing(self, part: Table) -> list[Block]:
        """A table of ours: columns where a phone shows them, else an entry a row."""
        if not part.rows:
            return [cards.line(part.empty, self.tongue)] if part.empty else []
        right = [side == "right" for side in part.align] or [False] * len(part.columns)
        head, *rows = [[visible(cell) for cell in row] for row in (part.columns, *part.rows)]
        drawn = aligned(head, rows, right, self.phone)
        if drawn is not None and self.tongue.in_one(drawn, self.limit):
            return [drawn]
        lines = tuple(_entry(head, row, self._spans) for row in rows)
        entries = self._packed([Prose(lines)])
        if entries is not None:
            return [Written(text) for text in entries]
        return self._attached([wide(head, rows, right)])

    def _spans(self, text: str) -> Runs:
        return code_spans(text, self.tongue.command)

    def _told(self, key: str, **values: object) -> str:
        """A line of ours."""
        return self.tongue.written(self._spans(self._say(key, **values)))

    def _flush(self) -> None:
        self._made += [self._content(text) for text in pack(self._blocks, self.limit, self.tongue)]
        self._blocks = []

    def _name(self, wish: str) -> str:
        """A file name none before has: `table.txt`, `table-2.txt`."""
        stem, dot, ending = wish.rpartition(".")
        taken = {file.name for file in self._files}
        n = 1
        while wish in taken:
            n += 1
            wish = f"{stem}-{n}{dot}{ending}"
        return wish


def arranged(reply: Reply, say: Messages) -> list[Part]:
    """The stamp of an answer comes after it, small; before it it would be in the way. What waits
    for a decision is a card: what exactly, until when, and the answers."""
    parts = list(reply.parts)
    for n, (one, next_one) in enumerate(pairwise(parts)):
        if isinstance(one, Notice) and one.level == "warn" and isinstance(next_one, Buttons):
            title = say("page.decision")
            card = Card(
                title=title,
                level="warn",
                lines=(one.text,),
                footer=one.hint,
                buttons=next_one.buttons,
            )
            return [*parts[:n], card, *parts[n + 2 :]]
        told = isinstance(one, Notice) and one.level == "ok" and one.hint
        if reply.ending is not None and told and isinstance(next_one, Text):
            assert isinstance(one, Notice)
            small = Notice(level="info", text="", hint=f"{one.text} {one.hint}")
            return [*parts[:n], next_one, small, *parts[n + 2 :]]
    return parts


def file_name(name: str, n: int) -> str:
    """Letters, digits, dots and dashes, which is what an embed can refer to."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in ".-_") else "-" for c in name)
    stem, dot, ending = kept.strip("-.").rpartition(".")
    if not stem:
        return f"{ending or f'file-{n}'}"[: o.FILE_NAME]
    return f"{stem[: o.FILE_NAME - 20]}{dot}{ending[:15]}"


def _notice(part: Notice, tongue: Tongue) -> Prose:
    text = cards.line(part.text, tongue).lines
    rows = [row for row in visible(part.hint).split("\n") if row]
    hint = [Line(code_spans(row, tongue.command), "-# ", "-# ") for row in rows]
    return Prose((*text, *hint))


def _values(part: KeyValues, tongue: Tongue) -> Prose:
    title = (Line((Run(one_line(visible(part.title)), "text", ("**",)),)),) if part.title else ()
    pairs = (cards.pair(label, value, "- ", tongue) for label, value in part.pairs)
    return Prose((*title, *pairs))


def _listed(block: Block) -> Prose | None:
    """A table as a line that names its columns, and an entry a row; nothing in it is a command of
    ours."""
    if not isinstance(block, Wide) or not block.table:
        return None
    head, *rows = block.table
    names = Line((Run(" · ".join(one_line(name) for name in head), "text", ("**",)),))
    return Prose((names, *(_entry(head, row, lambda text: (Run(text),)) for row in rows)))


def _entry(columns: Sequence[str], row: Sequence[str], spans: Callable[[str], Runs]) -> Line:
    """The first cell as the name of the row; the others with their labels, empty ones left out. A
    single one needs no label that is the same in every row. Everything is `visible` already."""
    runs = [Run(one_line(row[0]), "text", ("**",))]
    if len(columns) == 2:
        return Line((*runs, *spans(f": {one_line(row[1])}")), "- ", "  ")
    for label, cell in zip(columns[1:], row[1:], strict=True):
        if cell.strip():
            runs.append(Run(f" · {one_line(label)}: "))
            runs += spans(one_line(cell))
    return Line(tuple(runs), "- ", "  ")
