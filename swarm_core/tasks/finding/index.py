"""The index: what is found again, kept beside the tables it is made from.

What can go wrong: it is missing, of an older make, or cut short by a kill; a text is erased while
it is being indexed, or by a room that knows nothing of this. So a task is always taken whole, from
what its rows say inside the very transaction; taking it twice changes nothing. Where the index
was made up to is one row, written with it. And a trigger on the stored texts takes a text out in
the statement that erases it, whoever does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from swarm_core.store import Database, Migrations, RoomTables, Rows, Tx
from swarm_core.tasks.finding import words

CHUNK = 100
"""Tasks that are taken in one write: a few milliseconds on the writer."""
FACTS = 2_000
"""Facts that are looked through in one write."""
_VERSION = 1
"""Raised when the index has to be made anew."""
DAY = 86_400_000_000
_MERGE = 64
"""Pages that one step of leaving erased words behind may write."""

_TOUCHING = (
    *("task.accepted", "task.amended", "task.ended", "task.retried"),
    *("task.told", "task.told_amended", "task.told_withdrawn"),
)
_PARTS = ("finding_text", "finding_words", "finding_erased", "finding_deleted")

_SUMS = tuple(
    f"""create trigger ends_{when} after {when} on ends begin
        insert into end_days(day, outcome, worker, person, count, took, cost)
            values({row}.at / {DAY}, {row}.outcome, {row}.worker, {row}.person,
                {sign}1, {sign}coalesce({row}.took, 0), {sign}{row}.cost)
            on conflict do update set count = count + excluded.count,
                took = took + excluded.took, cost = cost + excluded.cost;
        end"""
    for when, row, sign in (("insert", "new", "+"), ("delete", "old", "-"))
)
"""Keep the sums of a day."""
_OUT = """begin
    delete from finding_text
        where rowid = (select task from finding_bodies where body = old.id);
    insert or ignore into finding_again(task)
        select task from finding_bodies where body = old.id;
    update finding set purge = 1
        where exists(select 1 from finding_bodies where body = old.id);
    delete from finding_bodies where body = old.id;
    end"""
_ERASING = (
    f"""create trigger finding_erased after update of content, blob on bodies
    when new.content is null and new.blob is null {_OUT}""",
    f"create trigger finding_deleted after delete on bodies {_OUT}",
)
"""Take a text out in the statement that erases it."""

migrations = Migrations("finding")


@migrations(name="0001_finding")
def _finding(db: Database) -> None:
    # Facts up to `seq` are in; of the tasks that were there before, those from `below` on.
    db.execute(
        """create table finding(id integer primary key check(id = 1), version integer not null,
            seq integer not null, below integer not null, purge integer not null default 0)"""
    )
    db.execute("create table finding_bodies(body integer primary key, task integer not null)")
    db.execute("create table finding_again(task integer primary key)")
    db.execute(
        """create table ends(task integer not null, run integer not null, at integer not null,
            outcome text not null, worker text not null, model text, attempt integer not null,
            took integer, cost integer not null, person text not null,
            primary key(task, run)) without rowid"""
    )
    db.execute("create index ends_at on ends(at)")
    db.execute("create index ends_outcome on ends(outcome, at)")
    db.execute("create index ends_worker on ends(worker, at)")
    # Whatever is chosen, few of many are found without a look at the others.
    db.execute("create index ends_worker_outcome on ends(worker, outcome, at)")
    db.execute("create index ends_person on ends(person, at)")
    db.execute(
        """create table end_days(day integer not null, outcome text not null,
            worker text not null, person text not null, count integer not null,
            took integer not null, cost integer not null,
            primary key(day, outcome, worker, person)) without rowid"""
    )
    for trigger in _SUMS:
        db.execute(trigger)


TABLES = RoomTables(
    name="finding",
    migrations=migrations,
    tables=dict.fromkeys(
        ("finding", "finding_bodies", "finding_again", "ends", "end_days"), "working"
    ),
    triggers=(*_SUMS, *_ERASING),
)


def prepare(tx: Tx) -> None:
    """See that the index is there; a missing or older one begins anew. Not a migration, so that
    whoever drops it, or moves the file to another SQLite, loses nothing but a little time."""
    if _there(tx):
        return
    for trigger in _PARTS[2:]:
        tx.execute(f"drop trigger if exists {trigger}")
    for table in ("finding_words", "finding_text"):
        tx.execute(f"drop table if exists {table}")
    for table in ("finding_bodies", "finding_again", "ends", "end_days"):
        tx.execute(f"delete from {table}")  # noqa: S608
    tx.execute(
        "create virtual table finding_text using"
        f' fts5(asked, said, answer, who, tokenize="{words.TOKENIZER}")'
    )
    tx.execute("create virtual table finding_words using fts5vocab(finding_text, 'instance')")
    for trigger in _ERASING:
        tx.execute(trigger)
    (newest,) = tx.execute("select coalesce(max(id), 0) from tasks").fetchone()
    tx.execute(
        "insert or replace into finding(id, version, seq, below) values(1,?,?,?)",
        (_VERSION, tx.seq, newest + 1),
    )


def _there(rows: Rows) -> bool:
    found = rows.execute(
        "select name from sqlite_master where name in (?,?,?,?)", _PARTS
    ).fetchall()
    version = "select 1 from finding where version = ?"
    return len(found) == len(_PARTS) and bool(rows.execute(version, (_VERSION,)).fetchone())


def fresh(rows: Rows) -> bool:
    """Whether everything is in, as far as a look at a few facts can tell."""
    if not _there(rows):
        return False
    seq, below = rows.execute("select seq, below from finding").fetchone()
    kinds = ",".join("?" * len(_TOUCHING))
    count, news = rows.execute(
        f"select count(*), coalesce(max(kind in ({kinds})), 0)"  # noqa: S608
        " from (select kind from journal where seq > ? order by seq limit ?)",
        (*_TOUCHING, seq, FACTS + 1),
    ).fetchone()
    again = rows.execute("select 1 from finding_again limit 1").fetchone()
    return below <= 1 and count <= FACTS and not news and again is None


def reach(tx: Tx, upto: int | None) -> int | None:
    """One step towards having in what there was at fact `upto`, at first the newest there is.
    Returns it while there is more to do, whatever has come since."""
    prepare(tx)
    upto = tx.seq if upto is None else upto
    if not advance(tx, tidy=False):
        return None
    seq, below = tx.execute("select seq, below from finding").fetchone()
    again = tx.execute("select 1 from finding_again limit 1").fetchone()
    return None if seq >= upto and below <= 1 and again is None else upto


def advance(tx: Tx, *, tidy: bool = True) -> bool:
    """Bring the index one step further; False when it was up to date.

    First come texts of which something was erased, then what is new, then what was there
    before the index, newest first; last, with `tidy`, erased words are left behind for good."""
    seq, below, purge = tx.execute("select seq, below, purge from finding").fetchone()
    again = [r[0] for r in tx.execute("select task from finding_again limit ?", (CHUNK,))]
    if again:
        _take(tx, again)
        for task in again:
            tx.execute("delete from finding_again where task = ?", (task,))
        return True
    found = tx.execute(
        "select seq, kind, task from journal where seq > ? order by seq limit ?", (seq, FACTS)
    ).fetchall()
    if found:
        tx.execute("update finding set seq = ?", (_new(tx, found),))
        return True
    if below > 1:
        rows = tx.execute(
            "select id from tasks where id < ? order by id desc limit ?", (below, CHUNK)
        ).fetchall()
        _take(tx, [row[0] for row in rows])
        tx.execute("update finding set below = ?", (rows[-1][0] if rows else 0,))
        return True
    if purge and tidy:
        tx.execute("update finding set purge = ?", (_leave_behind(tx, first=purge == 1),))
    return bool(purge and tidy)


def _new(tx: Tx, facts: Sequence[tuple[int, str, int | None]]) -> int:
    """Take tasks of these facts, as many as one write may; returns the last fact that is in."""
    touched: set[int] = set()
    last = facts[-1][0]
    for seq, kind, task in facts:
        if kind in _TOUCHING and task is not None and task not in touched:
            if len(touched) == CHUNK:
                last = seq - 1
                break
            touched.add(task)
    _take(tx, sorted(touched))
    return last


def _leave_behind(tx: Tx, *, first: bool) -> int:
    """Until its segments are merged, the index still holds where erased words stood. One step
    of merging them; 0 when that is done. See "merge" in SQLite's description of FTS5."""
    (before,) = tx.execute("select total_changes()").fetchone()
    tx.execute(
        "insert into finding_text(finding_text, rank) values('merge', ?)",
        (-_MERGE if first else _MERGE,),
    )
    (after,) = tx.execute("select total_changes()").fetchone()
    return 2 if after - before >= 2 else 0


def _take(tx: Tx, tasks: Iterable[int]) -> None:
    """Put these tasks into the index as they stand now."""
    chosen = msgspec.json.encode(list(tasks)).decode()
    said: dict[int, list[int]] = {}
    for task, body in tx.execute(
        "select task, text_body from task_told where task in (select value from json_each(?))"
        " order by seq",
        (chosen,),
    ).fetchall():
        said.setdefault(task, []).append(body)
    for task, person, asked, answer in tx.execute(
        "select id, person, text_body, result_body from tasks"
        " where id in (select value from json_each(?))",
        (chosen,),
    ).fetchall():
        _take_words(tx, task, person, (asked, *said.get(task, ())), answer)
    _take_ends(tx, chosen)


def _take_words(tx: Tx, task: int, person: str, told: Sequence[int], answer: int | None) -> None:
    texts = {body: text for body in (*told, answer) if body and (text := tx.body(body))}
    tx.execute("delete from finding_text where rowid = ?", (task,))
    for body in texts:
        tx.execute("insert or replace into finding_bodies(body, task) values(?,?)", (body, task))
    asked, *said = (texts.get(body) for body in told)
    if texts:
        tx.execute(
            "insert into finding_text(rowid, asked, said, answer, who) values(?,?,?,?,?)",
            (
                task,
                words.indexed(asked),
                words.indexed("\n".join(text for text in said if text)),
                words.indexed(texts.get(answer or 0)),
                words.facet(person),
            ),
        )


def _take_ends(tx: Tx, chosen: str) -> None:
    """Ends of runs, and of a task that ended while none of its runs was there."""
    only = "in (select value from json_each(?1))"
    tx.execute(f"delete from ends where task {only}", (chosen,))  # noqa: S608
    columns = "(task, run, at, outcome, worker, model, attempt, took, cost, person)"
    tx.execute(
        f"insert into ends{columns} select r.task, r.id, r.ended, r.state, r.worker, r.model,"  # noqa: S608
        " r.attempt, r.ended - r.started, r.cost, t.person from runs r"
        f" join tasks t on t.id = r.task where r.ended is not null and r.task {only}",
        (chosen,),
    )
    tx.execute(
        f"insert into ends{columns} select t.id, 0, t.ended, t.state, coalesce(t.worker, ''),"  # noqa: S608
        " null, t.attempts, null, 0, t.person from tasks t where t.ended is not null and not exists"
        f" (select 1 from runs r where r.task = t.id and r.ended = t.ended) and t.id {only}",
        (chosen,),
    )


def behind(rows: Rows) -> int:
    """About how many tasks are not in the index yet."""
    found = rows.execute("select seq, below from finding").fetchone()
    if found is None:
        return 0
    (more,) = rows.execute(
        "select count(distinct task) from journal where seq > ? and kind = 'task.accepted'",
        (found[0],),
    ).fetchone()
    return int(more + max(0, found[1] - 1))
