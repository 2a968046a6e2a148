"""The hash chain of the journal.

What can go wrong: a row is edited, removed, added or moved by something that is not the swarm.
Each row's hash covers the previous hash and every stored field, length-prefixed so that no two
different rows serialise to the same bytes, and an absent task, run or cause is not the same as
number 0; so any change breaks the chain from there on.
"""

from __future__ import annotations

import hashlib
import struct

GENESIS = bytes(32)
# seq, at, version, which of task, run and cause there are, those three, then the lengths of kind,
# actor and payload. Signed like the columns, so that whatever a row holds can be checked.
_HEAD = struct.Struct(">qqqBqqqIIQ")
_sha256 = hashlib.sha256


def link(
    prev: bytes,
    seq: int,
    at: int,
    kind: str,
    version: int,
    actor: str,
    task: int | None,
    run: int | None,
    cause: int | None,
    payload: bytes,
) -> bytes:
    """The hash of one row: SHA-256 over the previous hash and the row's bytes."""
    kind_bytes, actor_bytes = kind.encode(), actor.encode()
    head = _HEAD.pack(
        seq,
        at,
        version,
        (task is not None) | (run is not None) << 1 | (cause is not None) << 2,
        task or 0,
        run or 0,
        cause or 0,
        len(kind_bytes),
        len(actor_bytes),
        len(payload),
    )
    return _sha256(b"".join((prev, head, kind_bytes, actor_bytes, payload))).digest()
