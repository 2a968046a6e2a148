"""Rows of digests: one for each person and day of theirs on which there was something to tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

import msgspec

from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import NoticeId
from swarm_core.notices.digest import Digest
from swarm_core.store import Database, Event, Fact, Migrations, RoomTables, Rows, Tx

migrations = Migrations("digests")

KEPT = Micros(60 * 86_400_000_000)
"""For how long a digest can be shown again."""

_encode = msgspec.json.Encoder(order="sorted").encode
_decode = msgspec.json.Decoder(Digest).decode


class DigestMade(Event, frozen=True, kw_only=True, gc=False):
    """A person is told what there was: once for a day of theirs. Recorded together with its
    notices."""

    kind: ClassVar[str] = "digest.made"

    digest: Digest
    notices: tuple[NoticeId, ...]


class Before(msgspec.Struct, frozen=True, kw_only=True):
    """The last digest of somebody. `told`: one of its notices was sent, for all that is known;
    `waiting` are those that have not been."""

    digest: Digest
    told: bool
    waiting: tuple[NoticeId, ...]


@migrations(name="0001_digests")
def _digests(db: Database) -> None:
    db.execute(
        """create table digests(person integer not null, day text not null,
            upto integer not null, notices text not null, digest text not null,
            primary key(person, day)) without rowid"""
    )
    # What was looked at and had nothing in it, or is not wanted that day: the last one of each.
    db.execute(
        """create table digest_looks(person integer primary key, day text not null,
            upto integer not null)"""
    )


def _made(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, DigestMade)
    made = e.digest
    tx.execute("delete from digests where person = ? and upto < ?", (made.person, made.upto - KEPT))
    tx.execute(
        "insert into digests(person, day, upto, notices, digest) values(?,?,?,?,?)",
        (made.person, made.day, made.upto, _encode(e.notices).decode(), _encode(made).decode()),
    )


PROJECTORS: dict[type[Event], Callable[[Tx, Fact], None]] = {DigestMade: _made}

TABLES = RoomTables(
    name="digests",
    migrations=migrations,
    tables={"digests": "projection", "digest_looks": "working"},
    projectors=PROJECTORS,
)


def kept(rows: Rows | Tx, person: int, day: str) -> Digest | None:
    """The digest of that day, None where there is none, or none any more."""
    row = rows.execute(
        "select digest from digests where person = ? and day = ?", (person, day)
    ).fetchone()
    return _decode(row[0]) if row else None


def last(rows: Rows | Tx, person: int, now: Micros) -> Before | None:
    """The last one that was made by now: a clock that was ahead for a while does not count."""
    row = rows.execute(
        "select digest, notices from digests where person = ? and upto <= ?"
        " order by upto desc limit 1",
        (person, now),
    ).fetchone()
    if row is None:
        return None
    states = rows.execute(
        "select id, state from notices where id in (select value from json_each(?))", (row[1],)
    ).fetchall()
    return Before(
        digest=_decode(row[0]),
        told=any(state in ("sent", "uncertain") for _, state in states),
        waiting=tuple(NoticeId(n) for n, state in states if state == "pending"),
    )


def done(rows: Rows | Tx) -> set[tuple[int, str]]:
    """The days of people that are over: the last ones, by the row."""
    found = rows.execute(
        "select person, max(day) from digests group by person"
        " union select person, day from digest_looks"
    ).fetchall()
    return {(row[0], row[1]) for row in found}


def over(rows: Rows | Tx, person: int, day: str) -> bool:
    """Whether that day of a person has had its digest, or nothing to tell."""
    row = rows.execute(
        "select 1 from digests where person = ?1 and day = ?2 union"
        " select 1 from digest_looks where person = ?1 and day = ?2",
        (person, day),
    ).fetchone()
    return row is not None


def looked(tx: Tx, person: int, day: str, upto: Micros) -> None:
    """That day has nothing to tell, of what was before `upto`; 0: nobody has looked."""
    tx.execute(
        "insert into digest_looks(person, day, upto) values(?,?,?) on conflict do update set"
        " day = max(day, excluded.day), upto = max(upto, excluded.upto)",
        (person, day, upto),
    )


def begin_after(tx: Tx, person: int, day: str) -> None:
    """The next day that may have a digest is the one after this."""
    tx.execute(
        "insert into digest_looks(person, day, upto) values(?,?,0)"
        " on conflict do update set day = excluded.day",
        (person, day),
    )


def looked_upto(rows: Rows | Tx, person: int, now: Micros) -> Micros:
    """Up to when nothing was there to tell; 0 for unknown."""
    row = rows.execute(
        "select upto from digest_looks where person = ? and upto <= ?", (person, now)
    ).fetchone()
    return Micros(row[0] if row else 0)


def undelivered(rows: Rows | Tx, whose: Sequence[str], since: Micros, until: Micros) -> int:
    """How many notices of somebody ended in that time without surely having arrived; digests do
    not tell of each other."""
    (count,) = rows.execute(
        "select count(*) from notices where whose in (select value from json_each(?))"
        " and kind <> 'digest' and state in ('uncertain', 'failed') and ended >= ? and ended < ?",
        (msgspec.json.encode(whose).decode(), since, until),
    ).fetchone()
    return int(count)
