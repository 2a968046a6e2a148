"""Whether the texts that facts refer to are there, are what they were, and whose they were.

Whose a text is stands beside it and in no hash, and decides what is erased at a person's wish: it
is what the first fact says that refers to it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from swarm_core.store.bodies import BodyRef, digest_of, fields_of, unpack
from swarm_core.store.model import Fact

_BODY = (
    "select b.salt, b.size, coalesce(b.content, o.content),"
    " b.blob is not null and o.digest is null, b.task, b.actor from live.bodies b"
    " left join live.blobs o on o.digest = b.blob where b.id = ?"
)


class Texts:
    """Reads them with the facts, in their order; `whole`: from the very first fact on."""

    def __init__(self, db: sqlite3.Connection, *, whole: bool) -> None:
        self._db = db
        (last,) = db.execute("select coalesce(max(id), 0) from live.bodies").fetchone()
        self._met = bytearray(max(last, 0) + 1) if whole else None

    def wrong(self, fact: Fact) -> Iterator[tuple[str, str]]:
        """Where and what is not as `fact` says. What was erased may not be there."""
        for name in fields_of(type(fact.event)):
            ref: BodyRef | None = getattr(fact.event, name)
            if ref and (what := self._wrong(ref, fact)):
                yield f"body {ref.id}", what

    def _wrong(self, ref: BodyRef, fact: Fact) -> str:
        row = self._db.execute(_BODY, (ref.id,)).fetchone()
        if row is None or row[3]:
            return "is missing"
        salt, size, content, _, *whose = row
        if self._met is not None and not self._met[ref.id]:
            self._met[ref.id] = True
            if whose != [fact.task, fact.actor]:
                return "is said to be somebody else's"
        try:
            text = unpack(content, size)
            if text is None:
                return ""
            read = text.encode("utf-8", "surrogatepass")
            if len(read) == size and digest_of(salt, read) == ref.digest:
                return ""
        except Exception as error:  # noqa: BLE001  any failure to read it is the finding
            return str(error) or type(error).__name__
        return "was changed"
