"""What the door can complete, as the line editor wants it."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from bot.render.layout import one_line
from bot.surface import Door

log = logging.getLogger(__name__)


class LineCompleter(Completer):
    """Completes the line up to the cursor."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def get_completions(
        self,
        document: Document,
        complete_event: CompleteEvent,  # noqa: ARG002
    ) -> Iterator[Completion]:
        line = document.text_before_cursor
        try:
            found = self._door.complete(line)
        except Exception:
            log.exception("a line cannot be completed")
            return
        for one in found:
            yield Completion(
                one.text, one.start - len(line), display_meta=one_line(one.meta) or None
            )
