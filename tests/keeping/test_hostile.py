"""What pretends to be a backup cannot write outside the folder, fill the disk, or be believed."""

from __future__ import annotations

import asyncio
import io
import sqlite3
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import zstandard

from swarm_core.kernel.errors import BadBackup
from swarm_core.store import bundle
from tests.keeping.states import a_state, backed_up, put_back

Made = tuple[bytes, dict[str, Any], list[tuple[tarfile.TarInfo, bytes]]]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("good")
    return Path(backed_up(asyncio.run(a_state(base)), base / "backups").file)


def taken_apart(good: Path) -> tuple[dict[str, Any], list[tuple[tarfile.TarInfo, bytes]]]:
    raw = zstandard.ZstdDecompressor().decompressobj().decompress(good.read_bytes())
    with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
        entries = [(entry, tar.extractfile(entry).read()) for entry in tar]  # type: ignore[union-attr]
    manifest = msgspec.json.decode(entries[0][1])
    return manifest, entries[1:]


def put_together(target: Path, manifest: Any, entries: list[tuple[tarfile.TarInfo, bytes]]) -> Path:
    text = manifest if isinstance(manifest, bytes) else msgspec.json.encode(manifest)
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for entry, content in [(named(bundle.MANIFEST), text), *entries]:
            if entry.isreg():
                entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content) if entry.isreg() else None)
    target.write_bytes(zstandard.compress(raw.getvalue()))
    return target


def named(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, link
    return entry


def everything_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def refused(tmp_path: Path, file: Path) -> None:
    """It is refused, and nothing is anywhere that was not there."""
    before = everything_in(tmp_path)
    with pytest.raises(BadBackup):
        put_back_file(file, tmp_path / "there")
    assert everything_in(tmp_path) == before


def put_back_file(file: Path, folder: Path) -> Any:
    from swarm_core.store import Kept

    return put_back(Kept(file=str(file), made=0, seq=0, size=0), folder)


def with_member(name: str) -> Callable[[dict[str, Any]], None]:
    def change(manifest: dict[str, Any]) -> None:
        manifest["members"].append({"name": name, "size": 4, "sha256": "0" * 64})

    return change


@pytest.mark.parametrize(
    "name",
    ["../evil", "/tmp/evil", "archive/../../evil", "waggle.db-wal", "evil", "archive/", ""],
)
def test_a_name_we_do_not_know_is_refused(tmp_path: Path, good: Path, name: str) -> None:
    manifest, entries = taken_apart(good)
    with_member(name)(manifest)
    refused(
        tmp_path,
        put_together(tmp_path / "x.waggle", manifest, [*entries, (named(name or "."), b"evil")]),
    )


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE])
def test_links_and_folders_in_place_of_a_file_are_refused(
    tmp_path: Path, good: Path, kind: bytes
) -> None:
    manifest, entries = taken_apart(good)
    outside = tmp_path / "outside"
    outside.write_text("mine")
    link = named("waggle.db", kind, str(outside))
    refused(tmp_path, put_together(tmp_path / "x.waggle", manifest, [(link, b""), *entries[1:]]))
    assert outside.read_text() == "mine"


def test_what_is_not_in_the_list_is_refused(tmp_path: Path, good: Path) -> None:
    manifest, entries = taken_apart(good)
    more = [*entries, (named("journal.head.new"), b"x")]
    refused(tmp_path, put_together(tmp_path / "x.waggle", manifest, more))


def test_a_member_twice_is_refused(tmp_path: Path, good: Path) -> None:
    manifest, entries = taken_apart(good)
    manifest["members"].append(manifest["members"][0])
    refused(tmp_path, put_together(tmp_path / "x.waggle", manifest, [*entries, entries[0]]))


def test_what_would_not_fit_on_the_disk_is_refused_before_a_byte(
    tmp_path: Path, good: Path
) -> None:
    manifest, entries = taken_apart(good)
    manifest["members"][0]["size"] = 1 << 60
    refused(tmp_path, put_together(tmp_path / "x.waggle", manifest, entries))


def test_more_bytes_than_announced_are_not_written(tmp_path: Path, good: Path) -> None:
    manifest, entries = taken_apart(good)
    manifest["members"][0]["size"] = 100
    refused(tmp_path, put_together(tmp_path / "x.waggle", manifest, entries))


def test_a_changed_byte_is_found(tmp_path: Path, good: Path) -> None:
    manifest, entries = taken_apart(good)
    content = bytearray(entries[0][1])
    content[-1] ^= 1
    changed = [(entries[0][0], bytes(content)), *entries[1:]]
    refused(tmp_path, put_together(tmp_path / "x.waggle", manifest, changed))


@pytest.mark.parametrize(
    "manifest",
    [b"", b"{", b"[]", b"{}", b"[" * 100_000, b'{"waggle_backup": 1}', b" " * 2_000_000],
)
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, good: Path, manifest: bytes) -> None:
    _, entries = taken_apart(good)
    refused(tmp_path, put_together(tmp_path / "x.waggle", manifest, entries))


def test_one_of_a_later_format_says_so(tmp_path: Path, good: Path) -> None:
    manifest, entries = taken_apart(good)
    manifest["waggle_backup"] = 2
    file = put_together(tmp_path / "x.waggle", manifest, entries)
    with pytest.raises(BadBackup) as caught:
        put_back_file(file, tmp_path / "there")
    assert "newer" in str(caught.value.data["problem"])


@pytest.mark.parametrize("share", [0, 1, 10, 50, 90, 99])
def test_one_that_is_cut_off_is_refused(tmp_path: Path, good: Path, share: int) -> None:
    whole = good.read_bytes()
    cut = tmp_path / "x.waggle"
    cut.write_bytes(whole[: len(whole) * share // 100])
    refused(tmp_path, cut)


@pytest.mark.parametrize(
    "content", [b"PK\3\4 a zip", b"SQLite format 3\0", b"\x28\xb5\x2f\xfd" * 9]
)
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.waggle"
    file.write_bytes(content)
    refused(tmp_path, file)


def test_a_folder_and_a_file_that_is_not_there_are_refused(tmp_path: Path) -> None:
    for file in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(BadBackup):
            put_back_file(file, tmp_path / "there")


@pytest.mark.parametrize(
    "statement",
    [
        "create trigger t after insert on journal begin delete from accounts; end",
        "pragma application_id = 1",
        "drop table journal",
    ],
)
def test_a_database_with_a_will_of_its_own_is_refused(
    tmp_path: Path, good: Path, statement: str
) -> None:
    manifest, entries = taken_apart(good)
    file = tmp_path / "waggle.db"
    file.write_bytes(entries[0][1])
    with sqlite3.connect(file) as db:
        db.execute(statement)
    db.close()
    member = bundle.measure(file, "waggle.db")
    manifest["members"][0] = {"name": member.name, "size": member.size, "sha256": member.sha256}
    entries[0] = (named("waggle.db"), file.read_bytes())
    file.unlink()
    for end in ("-wal", "-shm"):
        (tmp_path / f"waggle.db{end}").unlink(missing_ok=True)
    refused(tmp_path, put_together(tmp_path / "x.waggle", manifest, entries))


def test_a_member_that_is_announced_and_not_there_is_refused(tmp_path: Path, good: Path) -> None:
    manifest, entries = taken_apart(good)
    refused(tmp_path, put_together(tmp_path / "x.waggle", manifest, entries[:-1]))


def test_one_that_says_another_end_than_its_journal_has_is_refused(
    tmp_path: Path, good: Path
) -> None:
    manifest, entries = taken_apart(good)
    file = put_together(tmp_path / "x.waggle", {**manifest, "seq": manifest["seq"] - 1}, entries)
    with pytest.raises(BadBackup) as caught:
        put_back_file(file, tmp_path / "there")
    assert caught.value.data["problem"] == "its journal ends elsewhere than it says"
