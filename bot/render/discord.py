"""Replies as Discord messages: a pure function from a `Reply` to `Outgoing` values.

What came from outside passes `harmless` on its way. An answer of up to three messages is shown;
a longer one comes as a file, with its beginning in the message. Colours only repeat what a word
says. A private reply is ephemeral, every message of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import assert_never

import msgspec

from bot.messages import Messages
from bot.render import cards
from bot.render import outgoing as o
from bot.render.dialect import Block, Code, Line, Prose, Wide, Written, aligned, blocks, wide
from bot.render.harmless import visible
from bot.render.layout import one_line
from bot.render.outgoing import Attached, Outgoing, Press
from bot.render.packing import in_one, pack
from bot.render.runs import Run, code_spans, written
from bot.reply import Button, Buttons, Card, File, KeyValues, Notice, Part, Reply, Table, Text

MOST_MESSAGES = 3
_BEGINNING, _OUTLINE = 1200, 400


def render(reply: Reply, say: Messages) -> tuple[Outgoing, ...]:
    """The messages of `reply`, in order; empty when it has nothing to show."""
    page = _Page(say)
    for part in _arranged(reply, say):
        page.add(part)
    return tuple(
        msgspec.structs.replace(message, ephemeral=reply.private) for message in page.finish()
    )


class _Page:
    """Collects what goes into one message after another."""

    def __init__(self, say: Messages) -> None:
        self._say = say
        self._blocks: list[Block] = []
        self._buttons: list[Button] = []
        self._picks: list[Press] = []
        self._files: list[File] = []
        self._made: list[Outgoing] = []

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
                self._blocks.append(_notice(part))
            case KeyValues():
                self._blocks.append(_values(part))
            case Buttons() if part.pick and len(part.buttons) > cards.BUTTONS:
                self._picks += cards.picks(part)
            case Buttons():
                self._buttons += part.buttons
            case File():
                self._files.append(part)
            case _:
                assert_never(part)

    def finish(self) -> list[Outgoing]:
        self._flush()
        lists = tuple((pick,) for pick in self._picks[: o.ROWS - 1])
        rows = cards.rows(self._buttons, self._say, (o.ROWS - len(lists)) * o.ROW)
        self._give(components=(*lists, *rows))
        for n in range(0, len(self._files), o.FILES):
            self._give(files=self._files[n : n + o.FILES])
        return self._made

    def _card(self, card: Card) -> None:
        message, rest = cards.whole(card, self._say)
        if len(rest) > MOST_MESSAGES:
            name = self._name("more.txt")
            self._files.append(File(name=name, data="\n".join(rest).encode()))
            rest = [written(code_spans(self._say("discord.rest", file=name)))]
        self._made += [message, *(_content(text) for text in rest)]
        if card.saying:
            self._text(card.saying)

    def _text(self, markdown: str) -> None:
        made = self._attached(blocks(markdown))
        if len(pack(made, o.CONTENT)) <= MOST_MESSAGES:
            self._blocks += made
            return
        name = self._name("answer.md")
        whole = visible(markdown)
        self._files.append(File(name=name, data=whole.encode(), media_type="text/markdown"))
        told = code_spans(self._say("discord.in_file", file=name, characters=len(whole)))
        beginning = pack(made, _BEGINNING)[0]
        self._blocks.append(Written(beginning))
        if further := _further(made, beginning):
            titles = self._say("discord.further", titles=o.fitted(" · ".join(further), _OUTLINE))
            self._blocks.append(Prose((Line((Run(titles),)),)))
        self._blocks.append(Prose((Line(told, "-# "),)))

    def _attached(self, made: Sequence[Block]) -> list[Block]:
        """Every table that a message cannot show as a file, and words in its place."""
        kept: list[Block] = []
        for block in made:
            if isinstance(block, Code) and block.whole and not in_one(block, o.CONTENT):
                rows = block.text.split("\n")
                block = Wide(block.text, columns=0, rows=len(rows))
            if isinstance(block, Wide):
                name = self._name("table.txt")
                data = f"{block.text}\n".encode()
                self._files.append(File(name=name, data=data))
                told = self._say("discord.table", file=name, rows=block.rows)
                kept.append(cards.line(told))
            else:
                kept.append(block)
        return kept

    def _listing(self, part: Table) -> list[Block]:
        """A table of ours: columns where a phone shows them, else an entry a row."""
        if not part.rows:
            return [cards.line(part.empty)] if part.empty else []
        right = [side == "right" for side in part.align] or [False] * len(part.columns)
        head, *rows = [[visible(cell) for cell in row] for row in (part.columns, *part.rows)]
        drawn = aligned(head, rows, right)
        if drawn is not None and in_one(drawn, o.CONTENT):
            return [drawn]
        entries = pack([Prose(tuple(_entry(head, row) for row in rows))], o.CONTENT)
        if len(entries) <= MOST_MESSAGES:
            return [Written(text) for text in entries]
        return self._attached([wide(head, rows, right)])

    def _flush(self) -> None:
        self._made += [_content(text) for text in pack(self._blocks, o.CONTENT)]
        self._blocks = []

    def _give(
        self, *, components: tuple[tuple[Press, ...], ...] = (), files: Sequence[File] = ()
    ) -> None:
        """To the last message where it has room, else to one of their own."""
        if not components and not files:
            return
        last = self._made[-1] if self._made else None
        if last is None or (components and last.components) or (files and last.files):
            text = self._say("discord.files") if files else self._say("discord.choose")
            last = _content(written(code_spans(text)))
            self._made.append(last)
        if components:
            last = msgspec.structs.replace(last, components=components)
        if files:
            last = _with_files(last, files)
        self._made[-1] = last

    def _name(self, wish: str) -> str:
        """A file name none before has: `table.txt`, `table-2.txt`."""
        stem, dot, ending = wish.rpartition(".")
        taken = {file.name for file in self._files}
        n = 1
        while wish in taken:
            n += 1
            wish = f"{stem}-{n}{dot}{ending}"
        return wish


def _arranged(reply: Reply, say: Messages) -> list[Part]:
    """The stamp of an answer comes after it, small; before it it would be in the way. What waits
    for a decision is a card: what exactly, until when, and the answers."""
    parts = list(reply.parts)
    for n, (one, next_one) in enumerate(pairwise(parts)):
        if isinstance(one, Notice) and one.level == "warn" and isinstance(next_one, Buttons):
            title = say("discord.decision")
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


def _further(made: Sequence[Block], beginning: str) -> list[str]:
    """The headings of an answer that do not stand in its beginning."""
    headings = (b.lines[0] for b in made if isinstance(b, Prose) and b.heading and b.lines)
    shown = [line for line in headings if written(line.runs) not in beginning]
    return [title for line in shown if (title := one_line("".join(run.text for run in line.runs)))]


def _content(text: str) -> Outgoing:
    return Outgoing(content=text, flags=o.SUPPRESS_EMBEDS)


def _notice(part: Notice) -> Prose:
    text = cards.line(part.text).lines
    hint = [Line(code_spans(row), "-# ", "-# ") for row in visible(part.hint).split("\n") if row]
    return Prose((*text, *hint))


def _values(part: KeyValues) -> Prose:
    title = (Line((Run(one_line(visible(part.title)), "text", ("**",)),)),) if part.title else ()
    return Prose((*title, *(cards.pair(label, value, "- ") for label, value in part.pairs)))


def _entry(columns: Sequence[str], row: Sequence[str]) -> Line:
    """The first cell as the name of the row; the others with their labels, empty ones left out.
    Everything is `visible` already."""
    runs = [Run(one_line(row[0]), "text", ("**",))]
    for label, cell in zip(columns[1:], row[1:], strict=True):
        if cell.strip():
            runs.append(Run(f" · {one_line(label)}: "))
            runs += code_spans(one_line(cell))
    return Line(tuple(runs), "- ", "  ")


def _with_files(message: Outgoing, files: Sequence[File]) -> Outgoing:
    """The first picture stands large in the card, where there is one."""
    attached = tuple(
        Attached(_file_name(file.name, n), file.data, file.media_type)
        for n, file in enumerate(files, 1)
    )
    alt = tuple(o.fitted(one_line(visible(file.alt)), o.ALT) for file in files)
    embeds = message.embeds
    picture = next((f.name for f in attached if f.media_type.startswith("image/")), "")
    if picture and embeds:
        embeds = (msgspec.structs.replace(embeds[0], image=picture), *embeds[1:])
    return msgspec.structs.replace(message, files=attached, alt=alt, embeds=embeds)


def _file_name(name: str, n: int) -> str:
    """Letters, digits, dots and dashes, which is what an embed can refer to."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in ".-_") else "-" for c in name)
    stem, dot, ending = kept.strip("-.").rpartition(".")
    if not stem:
        return f"{ending or f'file-{n}'}"[: o.FILE_NAME]
    return f"{stem[: o.FILE_NAME - 20]}{dot}{ending[:15]}"
