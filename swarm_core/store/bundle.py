"""A backup as one file: a tar, compressed, its manifest first.

What can go wrong: the disk fills in the middle, the process is killed, two write at once. So a
bundle is written under another name, synced, and renamed when it is whole. And it comes back from
anywhere: cut off, changed, made by somebody who wants to write outside the folder or to fill the
disk. So only plain files of names we know are read, in the manifest's order, never more bytes than
it says, each checked against its digest; the manifest itself is small, and what it announces has
to fit on the disk before a byte is written.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec
import zstandard

from swarm_core.kernel.errors import BadBackup

FORMAT = 1
MANIFEST = "manifest.json"
MOST_MANIFEST = 1024 * 1024
LEVEL = 3
SPARE = 64 * 1024 * 1024
"""Bytes of the disk that a restore leaves free."""
_KNOWN = re.compile(r"waggle\.db|journal\.head|waggle\.yaml|archive/[a-z0-9.-]{1,80}")
_CHUNK = 1024 * 1024
_MOST_WINDOW = 128 * 1024 * 1024


class Member(msgspec.Struct, frozen=True, forbid_unknown_fields=False):
    name: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a bundle holds. `seq` and `head` are place and hash (hex) of the last fact, `made` the
    instant in microseconds, `schema` the migrations of its tables. Files of the archive that are
    not in it, as they lie `beside` it for all backups, are named with their digests."""

    waggle_backup: int
    made: int
    seq: int
    head: str
    schema: tuple[tuple[str, str], ...]
    members: tuple[Member, ...]
    beside: tuple[Member, ...] = ()


def measure(file: Path, name: str) -> Member:
    """How `file` will stand in a manifest."""
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return Member(name, file.stat().st_size, digest)


def write_bundle(target: Path, manifest: Manifest, files: Sequence[Path]) -> None:
    """Write the members, whose contents are in `files`, to `target`. Raises OSError, and then
    nothing is left of it."""
    part = target.with_name(f".{target.name}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as raw:
            compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
            with (
                compressor.stream_writer(raw, closefd=False) as packed,
                tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
            ):
                text = msgspec.json.format(msgspec.json.encode(manifest))
                tar.addfile(_entry(MANIFEST, len(text), manifest), io.BytesIO(text))
                for member, file in zip(manifest.members, files, strict=True):
                    with file.open("rb") as opened:
                        tar.addfile(_entry(member.name, member.size, manifest), opened)
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(target)
        sync_folder(target.parent)
    finally:
        part.unlink(missing_ok=True)


def _entry(name: str, size: int, manifest: Manifest) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, 0o600, manifest.made // 1_000_000
    return entry


def sync_folder(folder: Path) -> None:
    """Have the names in `folder` on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_manifest(file: Path) -> Manifest:
    """What `file` says it holds. Raises `BadBackup`."""
    with _opened(file) as tar:
        return _manifest(file, iter(tar), tar)


def unpack_bundle(file: Path, folder: Path) -> Manifest:
    """Put the members into `folder`, which is there and empty. Raises `BadBackup`, or OSError."""
    with _opened(file) as tar:
        entries = iter(tar)
        manifest = _manifest(file, entries, tar)
        room = shutil.disk_usage(folder).free - SPARE
        if (needed := sum(member.size for member in manifest.members)) > room:
            raise BadBackup(file=str(file), problem=f"it needs {needed:,} bytes, {room:,} are free")
        for member in manifest.members:
            entry = next(entries, None)
            if entry is None:
                raise BadBackup(file=str(file), problem=f"{member.name} is missing")
            if entry.name != member.name or not entry.isreg() or entry.size != member.size:
                problem = f"{entry.name[:80]!r} stands where {member.name} belongs"
                raise BadBackup(file=str(file), problem=problem)
            content = tar.extractfile(entry)
            assert content
            if _copy(content, folder / member.name, member.size) != member.sha256:
                raise BadBackup(file=str(file), problem=f"{member.name} is not what it was")
        if (more := next(entries, None)) is not None:
            raise BadBackup(file=str(file), problem=f"{more.name[:80]!r} does not belong in it")
        return manifest


@contextmanager
def _opened(file: Path) -> Iterator[tarfile.TarFile]:
    try:
        with (
            file.open("rb") as raw,
            zstandard.ZstdDecompressor(max_window_size=_MOST_WINDOW).stream_reader(raw) as unpacked,
            tarfile.open(fileobj=unpacked, mode="r|") as tar,
        ):
            yield tar
    except (tarfile.TarError, zstandard.ZstdError, EOFError) as error:
        raise BadBackup(file=str(file), problem=f"it is cut off or damaged ({error})") from None
    except OSError as error:
        if error.filename in (str(file), file):
            raise BadBackup(file=str(file), problem=error.strerror or str(error)) from None
        raise


def _manifest(file: Path, entries: Iterator[tarfile.TarInfo], tar: tarfile.TarFile) -> Manifest:
    first = next(entries, None)
    if first is None or first.name != MANIFEST or not first.isreg() or first.size > MOST_MANIFEST:
        raise BadBackup(file=str(file), problem="it is not a backup of a swarm")
    content = tar.extractfile(first)
    assert content
    try:
        found = msgspec.json.decode(content.read(MOST_MANIFEST), type=Manifest)
    except (msgspec.DecodeError, RecursionError):
        raise BadBackup(file=str(file), problem="it is not a backup of a swarm") from None
    if found.waggle_backup != FORMAT:
        raise BadBackup(file=str(file), problem="a newer Waggle made it, take that one to restore")
    names = [member.name for member in found.members]
    if "waggle.db" not in names or len(set(names)) != len(names):
        raise BadBackup(file=str(file), problem="its list of files is wrong")
    for member in (*found.members, *found.beside):
        # No other name is ever made, so none can lead out of the folder.
        if not _KNOWN.fullmatch(member.name) or ".." in member.name or member.size < 0:
            raise BadBackup(file=str(file), problem=f"{member.name[:80]!r} does not belong in it")
    return found


def _copy(content: IO[bytes], target: Path, size: int) -> str:
    """Write at most `size` bytes; the digest of what was written."""
    digest, left = hashlib.sha256(), size
    target.parent.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        while left and (chunk := content.read(min(_CHUNK, left))):
            digest.update(chunk)
            file.write(chunk)
            left -= len(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()
