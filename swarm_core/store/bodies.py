"""What people and models wrote, kept outside the journal so that it can be erased.

An event carries a `BodyRef`: the row's id and a salted digest of the text. Erasing the row's
content and salt leaves the chain whole, and the digest then says nothing about what was there.
Text that is not personal and large is stored once under its own digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, get_args

import msgspec
import zstandard

COMPRESS_FROM = 4096
"""Bytes from which compression pays for its time."""


class BodyRef(msgspec.Struct, frozen=True, gc=False):
    """`id` of the body and the hex HMAC-SHA-256 of its text under its salt."""

    id: int
    digest: str


_fields: dict[type[msgspec.Struct], tuple[str, ...]] = {}


def fields_of(event: type[msgspec.Struct]) -> tuple[str, ...]:
    """The fields of an event that refer to a text."""
    found = _fields.get(event)
    if found is None:
        fields = msgspec.structs.fields(event)
        named = (f.name for f in fields if BodyRef in (f.type, *get_args(f.type)))
        found = _fields[event] = tuple(named)
    return found


INSERT = (
    "insert into bodies(id, salt, personal, size, content, blob, task, actor)"
    " values(?,?,?,?,?,?,?,?)"
)
BELONGS = "update bodies set task = ?, actor = ? where id = ? and actor is null"
"""A text belongs to the first fact that refers to it."""

_BLOCK = 64
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


def digest_of(salt: bytes, content: bytes) -> str:
    """HMAC-SHA-256 (RFC 2104) for a salt of at most 64 bytes. Keyed, not joined: no letter of
    the text can pass for a byte of the salt. By hand, as the library's function gives up the
    interpreter's lock even for a few bytes, and takes a multiple of the time to get it back."""
    key = salt.ljust(_BLOCK, b"\0")
    inner = hashlib.sha256(key.translate(_INNER) + content).digest()
    return hashlib.sha256(key.translate(_OUTER) + inner).hexdigest()


def pack(
    execute: Callable[..., Any], body_id: int, salt: bytes, text: str, personal: bool
) -> tuple[tuple[Any, ...], str]:
    """The row for `INSERT` that keeps `text` and is nobody's yet, and its digest. A blob is stored
    at once."""
    try:
        content = text.encode()
        storable = "\x00" not in text  # SQLite's text functions stop at a NUL
    except UnicodeEncodeError:
        content, storable = text.encode("utf-8", "surrogatepass"), False
    size = len(content)
    stored: str | bytes | None = text if storable else content
    if size >= COMPRESS_FROM:
        stored = zstandard.compress(content, 3)
    blob = None
    if not personal and size >= COMPRESS_FROM:
        blob = hashlib.sha256(content).hexdigest()
        execute("insert or ignore into blobs(digest, content) values(?,?)", (blob, stored))
        stored = None
    return (body_id, salt, personal, size, stored, blob, None, None), digest_of(salt, content)


def unpack(content: str | bytes | None, size: int) -> str | None:
    """The text of a stored body; None when it was erased."""
    if content is None or isinstance(content, str):
        return content
    if size >= COMPRESS_FROM:
        content = zstandard.decompress(content, max_output_size=size)
    return content.decode("utf-8", "surrogatepass")


def unpack_row(execute: Callable[..., Any], row: tuple[Any, ...]) -> str | None:
    """The text of a row that `pack` made and that is not stored yet."""
    _, _, _, size, stored, blob, _, _ = row
    if blob is not None:
        (stored,) = execute("select content from blobs where digest = ?", (blob,)).fetchone()
    return unpack(stored, size)


def stored_digest(execute: Callable[..., Any], body_id: int) -> str | None:
    """The digest of what is stored now, as its event should have it; None when it was erased."""
    row = execute("select salt from bodies where id = ?", (body_id,)).fetchone()
    text = read_body(execute, body_id)
    if row is None or text is None:
        return None
    return digest_of(bytes(row[0]), text.encode("utf-8", "surrogatepass"))


def read_body(execute: Callable[..., Any], body_id: int | None) -> str | None:
    """The text of a body, or None when there is none or it was erased."""
    if body_id is None:
        return None
    row = execute(
        "select coalesce(b.content, o.content), b.size from bodies b"
        " left join blobs o on o.digest = b.blob where b.id = ?",
        (body_id,),
    ).fetchone()
    return unpack(row[0], row[1]) if row else None


OF_TASK = "select id from bodies where task = ?"
ERASE = "update bodies set salt = x'', content = null, blob = null where id = ?"


def erase(execute: Callable[..., Any], ids: Sequence[int]) -> None:
    """Erase stored texts, with what was kept once for several when nobody else has it. Without
    its salt a digest does not even tell whether a guess is right."""
    numbers = msgspec.json.encode(list(ids)).decode()
    shared = execute(
        "select distinct blob from bodies where id in (select value from json_each(?))"
        " and blob is not null",
        (numbers,),
    ).fetchall()
    for number in ids:
        execute(ERASE, (number,))
    if shared:
        # Bodies are not indexed by what they share: one look at all of them serves every blob.
        execute(
            "delete from blobs where digest in (select value from json_each(?))"
            " and digest not in (select blob from bodies where blob is not null)",
            (msgspec.json.encode([row[0] for row in shared]).decode(),),
        )
