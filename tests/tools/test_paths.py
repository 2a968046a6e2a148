"""Confinement, through `read` and `list`: every way out must be shut, and none may hang."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest

from swarm_core.kernel.errors import (
    NotAFile,
    NotAFolder,
    OutsideWorkspace,
    PathMissing,
    PathUnreadable,
    TooLarge,
    WaggleError,
)
from tests.tools.conftest import descriptors


@pytest.fixture(autouse=True)
def secret(tmp_path: Path, grow) -> Path:
    (tmp_path / "secret.txt").write_text("the secret")
    (tmp_path / "work-too").mkdir()
    (tmp_path / "work-too" / "secret.txt").write_text("the secret")
    grow({"a.txt": "inside", "folder/b.txt": "below"})
    return tmp_path / "secret.txt"


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "folder/../../secret.txt",
        "folder/../../work/../secret.txt",
        "/etc/passwd",
        "/",
        "..",
        "//etc/passwd",
        "./../secret.txt",
    ],
)
async def test_a_path_out_of_the_workspace_is_refused(call, path: str) -> None:
    with pytest.raises(OutsideWorkspace):
        await call("read", path=path)


async def test_an_absolute_path_is_taken_only_inside_the_workspace(call, workspace: Path) -> None:
    assert (await call("read", path=f"{workspace}/a.txt")).text == "inside"
    for path in (f"{workspace}/../secret.txt", f"{workspace}-too/secret.txt"):
        with pytest.raises(OutsideWorkspace):
            await call("read", path=path)


@pytest.mark.parametrize(
    "target",
    ["../secret.txt", "../../secret.txt", "/etc/passwd", "{tmp}/secret.txt", "{tmp}", "/", ".."],
)
@pytest.mark.parametrize("behind", ["", "/secret.txt", "/../a.txt"])
async def test_a_symlink_out_of_the_workspace_is_refused(
    call, workspace: Path, tmp_path: Path, target: str, behind: str
) -> None:
    (workspace / "link").symlink_to(target.format(tmp=tmp_path))
    with pytest.raises(OutsideWorkspace):
        await call("read", path=f"link{behind}")


async def test_symlinks_that_stay_inside_are_followed(call, workspace: Path) -> None:
    (workspace / "to-file").symlink_to("folder/b.txt")
    (workspace / "to-folder").symlink_to("folder")
    (workspace / "folder" / "up").symlink_to("../a.txt")
    (workspace / "whole").symlink_to(workspace / "folder" / "b.txt")
    (workspace / "chain").symlink_to("to-folder/up")
    assert (await call("read", path="to-file")).data["path"] == "folder/b.txt"
    assert (await call("read", path="to-folder/b.txt")).text == "below"
    assert (await call("read", path="to-folder/../a.txt")).text == "inside"
    assert (await call("read", path="whole")).text == "below"
    assert (await call("read", path="chain")).text == "inside"


async def test_a_workspace_that_is_itself_reached_by_a_link_works(
    call, workspace: Path, tmp_path: Path
) -> None:
    real = tmp_path / "elsewhere"
    workspace.rename(real)  # noqa: ASYNC240
    workspace.symlink_to(real)  # noqa: ASYNC240
    (real / "link").symlink_to(real / "a.txt")
    assert (await call("read", path=f"{workspace}/a.txt")).text == "inside"
    assert (await call("read", path="link")).text == "inside"


async def test_links_in_a_circle_are_refused(call, workspace: Path) -> None:
    (workspace / "one").symlink_to("two")
    (workspace / "two").symlink_to("one")
    (workspace / "deep").symlink_to("deep/deep")
    for path in ("one", "deep"):
        with pytest.raises(PathUnreadable, match="circle"):
            await call("read", path=path)


async def test_a_link_through_proc_does_not_lead_out(call, workspace: Path) -> None:
    (workspace / "link").symlink_to("/proc/self/root/etc/passwd")
    with pytest.raises(OutsideWorkspace):
        await call("read", path="link")


async def test_pipes_sockets_and_devices_are_refused_without_opening_them(
    call, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(workspace / "pipe")
    listener = socket.socket(socket.AF_UNIX)
    monkeypatch.chdir(workspace)
    listener.bind("socket")
    try:
        for name in ("pipe", "socket"):
            with pytest.raises(NotAFile) as refused:
                await call("read", path=name)
            assert refused.value.data["kind"] == name
    finally:
        listener.close()


@pytest.mark.skipif(os.getuid() != 0, reason="only root makes devices")
async def test_an_endless_device_is_refused(call, workspace: Path) -> None:
    try:
        os.mknod(workspace / "zero", 0o600 | 0o020000, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("devices cannot be made here")
    with pytest.raises(NotAFile, match="device"):
        await call("read", path="zero")


async def test_a_huge_sparse_file_is_refused_without_reading_it(call, workspace: Path) -> None:
    with (workspace / "big").open("wb") as file:
        file.truncate(10 * 1024**3)
    with pytest.raises(TooLarge) as refused:
        await call("read", path="big")
    assert refused.value.data["size"] == 10 * 1024**3


async def test_a_missing_path_tells_the_nearest(call) -> None:
    with pytest.raises(PathMissing) as missing:
        await call("read", path="folder/bb.txt")
    assert missing.value.data["near"] == ("folder/b.txt",)


async def test_files_and_folders_are_not_taken_for_each_other(call) -> None:
    with pytest.raises(NotAFile):
        await call("read", path="folder")
    with pytest.raises(NotAFolder):
        await call("list", path="a.txt")
    with pytest.raises(NotAFolder):
        await call("read", path="a.txt/x")
    with pytest.raises(NotAFolder):
        await call("read", path="a.txt/../a.txt")


async def test_a_name_too_long_is_missing_and_a_path_too_deep_is_said(call, workspace) -> None:
    with pytest.raises(PathMissing):
        await call("read", path="x" * 300)
    (workspace / "x").mkdir()
    deep = workspace / "x"
    for _ in range(110):
        deep /= "x"
    deep.mkdir(parents=True)
    with pytest.raises(PathUnreadable, match="deep"):
        await call("read", path="x/" * 105 + "x")


async def test_a_missing_workspace_is_said(call, workspace: Path, tmp_path: Path) -> None:
    workspace.rename(tmp_path / "gone")  # noqa: ASYNC240
    with pytest.raises(PathUnreadable):
        await call("list")


async def test_no_descriptor_is_left_open_whatever_happens(call, workspace: Path) -> None:
    os.mkfifo(workspace / "pipe")
    (workspace / "out").symlink_to("/etc")
    before = descriptors()
    for path in ("a.txt", "pipe", "out", "folder", "no", "folder/b.txt/x", "../x", "folder/.."):
        for tool in ("read", "list"):
            try:
                await call(tool, path=path)
            except WaggleError:
                continue
    assert descriptors() == before


@pytest.mark.slow
async def test_swapping_a_folder_for_a_link_while_it_is_read_never_leads_out(
    call, workspace: Path, tmp_path: Path
) -> None:
    """A thread swaps `folder` between a real folder and a link out as fast as it can."""
    (workspace / "folder" / "secret.txt").write_text("decoy")
    (workspace / "link").symlink_to(tmp_path)
    ended = threading.Event()

    def swap() -> None:
        while not ended.is_set():
            (workspace / "folder").rename(workspace / "aside")
            (workspace / "link").rename(workspace / "folder")
            (workspace / "folder").rename(workspace / "link")
            (workspace / "aside").rename(workspace / "folder")

    thread = threading.Thread(target=swap)
    thread.start()
    seen = set()
    try:
        for _ in range(1500):
            try:
                seen.add((await call("read", path="folder/secret.txt")).text)
            except WaggleError:
                continue
    finally:
        ended.set()
        thread.join()
    assert seen <= {"decoy"}
