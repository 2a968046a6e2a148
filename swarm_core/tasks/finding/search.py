"""Full text: reads over the index, each bounded, so that a page takes the same time however much
is stored.

The rarer the words, the more a rank tells: BM25 needs to know how common each word is, which
takes a walk over all that have it. So what fits a common word is given newest first instead,
and the answer says so.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from swarm_core.kernel.ids import TaskId
from swarm_core.store import Rows
from swarm_core.tasks import queries
from swarm_core.tasks.finding.index import behind
from swarm_core.tasks.finding.model import HIT_BEGINS, HIT_ENDS, Filters, Found, Hit, Order, Part
from swarm_core.tasks.finding.vocabulary import closest, resolved
from swarm_core.tasks.finding.words import Word, Words, any_of, expression, shown

RANKED = 1_000
"""Tasks that are ranked; when more fit, the newest come first."""
COMMON = 20_000
"""Tasks with a word from which on it is too common to rank by."""
LOOKED_AT = 2_000
"""Tasks with the words, the newest, among which filters choose and which are counted."""
_EXCERPT = 12
"""Words of an excerpt."""
_WEIGHTS = "4.0, 2.0, 1.0, 0.0"
"""What was asked for tells most; then what was said; an answer is long."""


def search(
    rows: Rows, words: Words, filters: Filters, *, order: Order, page: int, most: int
) -> Found:
    """A page of the tasks that have `words`. Ask `index.prepare` first."""
    words, widened = resolved(rows, words), False
    ids, bounded, order = _look(rows, words, filters, order)
    if not ids:
        wider = resolved(rows, words.widened())
        if wider != words:
            ids, bounded, order = _look(rows, wider, filters, order)
            words, widened = (wider, True) if ids else (words, False)
    chosen = ids[(page - 1) * most : page * most]
    return Found(
        hits=tuple(_hits(rows, words, filters, chosen)),
        total=len(ids),
        bounded=bounded,
        order=order,
        page=page,
        widened=widened,
        # A word that only others have used is not offered.
        near=() if ids or not filters.sight.whole else _near(rows, words, filters),
        behind=behind(rows),
    )


def _look(
    rows: Rows, words: Words, filters: Filters, order: Order
) -> tuple[list[int], bool, Order]:
    """The tasks that fit, in order; whether there may be more; the order they are in."""
    fits = expression(words.but_wanted(), filters.person)
    first = _first_since(rows, filters.since) if filters.since is not None else 0
    newest = [
        row[0]
        for row in rows.execute(
            "select rowid from finding_text where finding_text match ? and rowid >= ?"
            " order by rowid desc limit ?",
            (fits, first, LOOKED_AT + 1),
        ).fetchall()
    ]
    bounded, newest = len(newest) > LOOKED_AT, newest[:LOOKED_AT]
    newest = _without(rows, words.unwanted, newest)
    if filters.state is not None or filters.worker is not None or not filters.sight.whole:
        newest = queries.those(
            rows, newest, state=filters.state, worker=filters.worker, sight=filters.sight
        )
    if order == "newest" or bounded or len(newest) > RANKED or _common(rows, words):
        return newest, bounded, "newest"
    kept = set(newest)
    # Whose they are is left to `kept`: it is no word to rank by.
    ranked = rows.execute(
        "select rowid from finding_text where finding_text match ? and rowid >= ?"  # noqa: S608
        f" order by bm25(finding_text, {_WEIGHTS}), rowid desc",
        (expression(words), first),
    ).fetchall()
    return [row[0] for row in ranked if row[0] in kept], False, "best"


def _without(rows: Rows, unwanted: Sequence[Word], ids: list[int]) -> list[int]:
    """`ids`, newest first, without those that have one of these words. Left to the expression, a
    word that most have would make SQLite walk over all of them."""
    if not unwanted or not ids:
        return ids
    have = rows.execute(
        "select rowid from finding_text where finding_text match ? and rowid between ? and ?",
        (any_of(unwanted), ids[-1], ids[0]),
    ).fetchall()
    return sorted({*ids}.difference(row[0] for row in have), reverse=True)


def _common(rows: Rows, words: Words) -> bool:
    every = (*words.wanted, *words.unwanted)
    return any(_count(rows, word, COMMON + 1) > COMMON for word in every)


def _count(rows: Rows, word: Word, most: int) -> int:
    (count,) = rows.execute(
        "select count(*) from (select rowid from finding_text where finding_text match ? limit ?)",
        (expression(Words((word,))), most),
    ).fetchone()
    return int(count)


def _first_since(rows: Rows, since: int) -> int:
    """The first task that was asked for from an instant on: numbers and instants grow alike, so
    a few looks find it without an index on the instant."""
    (high,) = rows.execute("select coalesce(max(id), 0) + 1 from tasks").fetchone()
    low = 1
    while low < high:
        middle = (low + high) // 2
        row = rows.execute(
            "select id, created from tasks where id >= ? order by id limit 1", (middle,)
        ).fetchone()
        if row is None or row[1] >= since:
            high = middle
        else:
            low = row[0] + 1
    return int(low)


_MARKS = "\ue000", "\ue001"
"""Letters nobody writes, round found words until the text is known to hold them."""
_PARTS: Sequence[tuple[Part, int]] = (("asked", 0), ("said", 1), ("answer", 2))


def _hits(rows: Rows, words: Words, filters: Filters, ids: Sequence[int]) -> list[Hit]:
    excerpts = _excerpts(rows, expression(words, filters.person), ids)
    hits = []
    for number in ids:
        task = queries.get(rows, TaskId(number))
        if task is not None:
            part, excerpt = excerpts.get(number, ("asked", ""))
            hits.append(Hit(task=task, part=part, excerpt=excerpt))
    return hits


def _excerpts(rows: Rows, fits: str, ids: Sequence[int]) -> dict[int, tuple[Part, str]]:
    """From the part that tells most about the words: an answer, unless they were asked for. Asked
    for at once: FTS5 seeks the words out anew for each statement."""
    if not ids:
        return {}
    columns = ", ".join(
        f"snippet(finding_text, {column}, ?1, ?2, '…', {_EXCERPT})" for _, column in _PARTS
    )
    found = rows.execute(
        f"select rowid, {columns} from finding_text where finding_text match ?3"  # noqa: S608
        # With "+" it is no constraint that FTS5 would look for the words for one by one.
        " and rowid between ?4 and ?5 and +rowid in (select value from json_each(?6))",
        (*_MARKS, fits, min(ids), max(ids), msgspec.json.encode(list(ids)).decode()),
    ).fetchall()
    return {number: _telling(texts) for number, *texts in found}


def _telling(texts: Sequence[str]) -> tuple[Part, str]:
    """The part to show, and its excerpt with the words marked."""
    told = [(part, shown(texts[column])) for part, column in _PARTS]
    marked = [(part, text) for part, text in told if _MARKS[0] in text]
    # What was asked for stands beside the excerpt anyway.
    part, text = next(iter(reversed(marked)), ("asked", ""))
    return part, text.replace(_MARKS[0], HIT_BEGINS).replace(_MARKS[1], HIT_ENDS)


def _near(rows: Rows, words: Words, filters: Filters) -> tuple[str, ...]:
    """The line with each word that nobody used replaced by the closest one somebody did, when
    that finds something this person may see."""
    better = words
    for word in words.wanted:
        if not _count(rows, word, 1):
            close = closest(rows, word)
            if close is None:
                return ()
            better = better.replaced(word, close)
    if better == words or not _look(rows, better, filters, "newest")[0]:
        return ()
    return (better.line(),)
