"""Where the control socket lies, and what is not trusted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.sockets import (
    LONGEST,
    fits,
    forget,
    point_to,
    where_to_call,
    where_to_listen,
)
from swarm_core import errors


def deep(folder: Path) -> Path:
    """A folder whose path is too long for a socket."""
    long = folder / ("d" * 60) / ("e" * 60)
    long.mkdir(parents=True)
    return long


def test_it_lies_in_the_state_folder_when_the_path_fits() -> None:
    state = Path("/tmp/w")
    assert where_to_listen(state, None) == state / "waggle.sock" == where_to_call(state)


def test_a_path_that_is_too_long_moves_to_the_runtime_folder(tmp_path: Path) -> None:
    runtime = Path("/tmp") / f"waggle-test-{os.getpid()}"
    runtime.mkdir(mode=0o700)
    try:
        state = deep(tmp_path)
        path = where_to_listen(state, runtime)
        assert path.parent == runtime
        assert where_to_call(state) is None
        point_to(state, path)
        assert where_to_call(state) == path
        path.touch()
        forget(state, path)
        assert where_to_call(state) is None
        assert not path.exists()
    finally:
        runtime.rmdir()


def test_two_state_folders_never_share_a_socket(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one, two = deep(tmp_path / "one"), deep(tmp_path / "two")
    assert where_to_listen(one, None) != where_to_listen(two, None)
    assert fits(where_to_listen(one, None))


def test_a_runtime_folder_that_others_can_write_is_not_used(tmp_path: Path) -> None:
    runtime = tmp_path / "r"
    runtime.mkdir()
    runtime.chmod(0o777)
    assert where_to_listen(deep(tmp_path), runtime).parent != runtime


def test_a_private_folder_that_is_not_ours_alone_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.sockets.TEMPORARY", tmp_path)
    theirs = tmp_path / f"waggle-{os.getuid()}"
    theirs.symlink_to(tmp_path)
    with pytest.raises(errors.UnsafeSocket):
        where_to_listen(deep(tmp_path), None)


def test_a_path_at_the_limit_fits() -> None:
    assert fits(Path("/" + "x" * (LONGEST - 1)))
    assert not fits(Path("/" + "x" * LONGEST))
    assert not fits(Path("/" + "é" * (LONGEST // 2)))
