"""Replies as Discord messages: a pure function from a `Reply` to `Outgoing` values.

Colours only repeat what a word says. A private reply is ephemeral, every message of it.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bot.messages import Messages
from bot.render import cards
from bot.render import outgoing as o
from bot.render.dialect import PHONE
from bot.render.harmless import visible
from bot.render.layout import one_line
from bot.render.outgoing import Attached, Outgoing, Press
from bot.render.page import Page, arranged, file_name
from bot.render.tongue import DISCORD
from bot.reply import Card, File, Reply


def render(reply: Reply, say: Messages) -> tuple[Outgoing, ...]:
    """The messages of `reply`, in order; empty when it has nothing to show."""
    page = _Page(say)
    for part in arranged(reply, say):
        page.add(part)
    return tuple(
        msgspec.structs.replace(message, ephemeral=reply.private) for message in page.finish()
    )


class _Page(Page):
    tongue = DISCORD
    limit = o.CONTENT
    phone = PHONE

    def finish(self) -> list[Outgoing]:
        self._flush()
        lists = tuple((pick,) for pick in self._picks[: o.ROWS - 1])
        rows = cards.rows(self._buttons, self._say, (o.ROWS - len(lists)) * o.ROW)
        self._give(components=(*lists, *rows))
        for n in range(0, len(self._files), o.FILES):
            self._give(files=self._files[n : n + o.FILES])
        return self._made

    def _whole(self, card: Card) -> tuple[Outgoing, list[str]]:
        return cards.whole(card, self._say)

    def _content(self, text: str) -> Outgoing:
        return Outgoing(content=text, flags=o.SUPPRESS_EMBEDS)

    def _give(
        self, *, components: tuple[tuple[Press, ...], ...] = (), files: Sequence[File] = ()
    ) -> None:
        """To the last message where it has room, else to one of their own."""
        if not components and not files:
            return
        last = self._made[-1] if self._made else None
        if last is None or (components and last.components) or (files and last.files):
            last = self._content(self._told("page.files" if files else "page.choose"))
            self._made.append(last)
        if components:
            last = msgspec.structs.replace(last, components=components)
        if files:
            last = _with_files(last, files)
        self._made[-1] = last


def _with_files(message: Outgoing, files: Sequence[File]) -> Outgoing:
    """The first picture stands large in the card, where there is one."""
    attached = tuple(
        Attached(file_name(file.name, n), file.data, file.media_type)
        for n, file in enumerate(files, 1)
    )
    alt = tuple(o.fitted(one_line(visible(file.alt)), o.ALT) for file in files)
    embeds = message.embeds
    picture = next((f.name for f in attached if f.media_type.startswith("image/")), "")
    if picture and embeds:
        embeds = (msgspec.structs.replace(embeds[0], image=picture), *embeds[1:])
    return msgspec.structs.replace(message, files=attached, alt=alt, embeds=embeds)
