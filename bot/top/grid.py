"""A table that keeps its place: who looks at a row still has it before them a second later."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text
from textual.widgets import DataTable

_LEAST = 8
"""Columns of the terminal that the wide column gets at least."""

Row = tuple[str, tuple[str, ...], str]
"""A row's key, its cells, its style."""


class Grid(DataTable[Text]):
    """Rows by key. Text is never read as markup."""

    def __init__(self, *, id: str) -> None:  # noqa: A002  textual's name
        super().__init__(id=id, cursor_type="row", zebra_stripes=False, cell_padding=1)
        self._shown: list[Row] = []
        self._names: tuple[str, ...] = ()
        self._labels: tuple[str, ...] = ()

    @property
    def chosen(self) -> str | None:
        """The key of the row under the cursor."""
        if not self._shown or not 0 <= self.cursor_row < len(self._shown):
            return None
        return self._shown[self.cursor_row][0]

    def show(
        self,
        names: tuple[str, ...],
        labels: tuple[str, ...],
        rows: Sequence[Row],
        *,
        right: frozenset[str],
        wide: str,
        width: int,
    ) -> None:
        """Put `rows` in place of what is there; the column `wide` gives way to the others."""
        fitted = _fitted(names, labels, rows, wide=wide, width=width)
        same = names == self._names and labels == self._labels
        if same and [row[0] for row in fitted] == [row[0] for row in self._shown]:
            self._refresh(names, fitted, right)
        else:
            self._rebuild(names, labels, fitted, right)
        self._shown = fitted

    def _refresh(self, names: tuple[str, ...], rows: list[Row], right: frozenset[str]) -> None:
        for at, ((_, cells, style), (_, before, styled)) in enumerate(
            zip(rows, self._shown, strict=True)
        ):
            for column, cell in enumerate(cells):
                if cell != before[column] or style != styled:
                    made = _cell(cell, style, right=names[column] in right)
                    self.update_cell_at((at, column), made, update_width=True)  # type: ignore[arg-type]

    def _rebuild(
        self,
        names: tuple[str, ...],
        labels: tuple[str, ...],
        rows: list[Row],
        right: frozenset[str],
    ) -> None:
        chosen, at, top = self.chosen, self.cursor_row, self.scroll_y
        self.clear(columns=True)
        for name, label in zip(names, labels, strict=True):
            self.add_column(Text(label), key=name)
        for _, cells, style in rows:
            pairs = zip(names, cells, strict=True)
            self.add_row(*(_cell(cell, style, right=name in right) for name, cell in pairs))
        keys = [row[0] for row in rows]
        self._names, self._labels = names, labels
        place = keys.index(chosen) if chosen in keys else min(at, len(keys) - 1)
        if place >= 0:
            self.scroll_to(y=top, animate=False)
            self.move_cursor(row=place)


def _cell(text: str, style: str, *, right: bool) -> Text:
    return Text(text, style=style, justify="right" if right else "left", no_wrap=True)


def _fitted(
    names: tuple[str, ...], labels: tuple[str, ...], rows: Sequence[Row], *, wide: str, width: int
) -> list[Row]:
    at = names.index(wide)
    taken = sum(
        max([cell_len(labels[n]), *(cell_len(row[1][n]) for row in rows)])
        for n in range(len(names))
        if n != at
    )
    # Two letters of padding a column, two for a bar to scroll by.
    room = max(_LEAST, width - taken - 2 * len(names) - 2)
    made = []
    for key, cells, style in rows:
        text = Text(" ".join(cells[at].split()))
        text.truncate(room, overflow="ellipsis")
        made.append((key, (*cells[:at], text.plain, *cells[at + 1 :]), style))
    return made
