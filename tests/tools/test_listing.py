from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from swarm_core.tools import ToolOutput
from tests.tools.conftest import descriptors


def paths(output: ToolOutput) -> list[str]:
    return [entry["path"] for entry in output.data["entries"]]


async def test_a_listing_has_path_kind_size_and_age_in_whole_seconds(call, grow, workspace) -> None:
    grow({"b.txt": "12345", "a/c.py": ""})
    os.utime(workspace / "b.txt", (1_700_000_000.9, 1_700_000_000.9))
    output = await call("list")
    assert paths(output) == ["a", "a/c.py", "b.txt"]
    assert output.data["entries"][2] == {
        "path": "b.txt",
        "kind": "file",
        "size": 5,
        "modified": 1_700_000_000,
    }
    assert output.text.split("\n") == ["a/", "a/c.py  0 bytes", "b.txt  5 bytes"]
    assert output.truncated == ""
    assert not output.tainted


async def test_an_empty_folder_is_said_to_be_empty(call) -> None:
    assert (await call("list")).text == "nothing in . fits"


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.py", ["a.py", "src/b.py", "src/deep/c.py"]),
        ("/*.py", ["a.py"]),
        ("src/*.py", ["src/b.py"]),
        ("src/**/*.py", ["src/b.py", "src/deep/c.py"]),
        ("**/c.*", ["src/deep/c.py"]),
        ("[ab].py", ["a.py", "src/b.py"]),
        ("nothing", []),
    ],
)
async def test_globs_choose_entries(call, grow, pattern: str, found: list[str]) -> None:
    grow({"a.py": "", "src/b.py": "", "src/deep/c.py": "", "src/d.txt": ""})
    assert paths(await call("list", pattern=pattern)) == found


async def test_a_listing_of_a_folder_matches_globs_from_there(call, grow) -> None:
    grow({"src/a/x.py": "", "src/x.py": ""})
    assert paths(await call("list", path="src", pattern="/*.py")) == ["src/x.py"]


async def test_not_recursive_lists_one_level(call, grow) -> None:
    grow({"a/b/c": "", "d": ""})
    output = await call("list", recursive=False)
    assert paths(output) == ["a", "d"]
    assert output.truncated == ""


async def test_what_lies_deeper_is_said(call, grow) -> None:
    grow({"a/b/c/d": ""})
    output = await call("list", depth=2)
    assert paths(output) == ["a", "a/b"]
    assert output.truncated == "1 folders below depth 2 not opened"


async def test_gitignore_and_tool_folders_are_left_out_and_counted(call, grow) -> None:
    grow(
        {
            ".gitignore": "*.log\n!keep.log\n/build/\n",
            "a.log": "",
            "keep.log": "",
            "build/x": "",
            "src/build/y": "",
            "src/.gitignore": "local\n!a.log\n",
            "src/local": "",
            "src/a.log": "",
            "node_modules/m/index.js": "",
            ".git/config": "",
        }
    )
    output = await call("list", pattern="*")
    assert paths(output) == [
        ".gitignore",
        "keep.log",
        "src",
        "src/.gitignore",
        "src/a.log",
        "src/build",
        "src/build/y",
    ]
    assert output.truncated == "5 ignored (.gitignore or tool folders)"
    everything = paths(await call("list", everything=True))
    assert "a.log" in everything
    assert "node_modules/m/index.js" in everything


async def test_gitignore_above_the_listed_folder_counts(call, grow) -> None:
    grow(
        {".gitignore": "*.log\n", "a/.gitignore": "x\n", "a/b/c.log": "", "a/b/x": "", "a/b/y": ""}
    )
    assert paths(await call("list", path="a/b")) == ["a/b/y"]


async def test_a_gitignore_that_is_a_link_out_or_a_pipe_is_not_read(call, grow, workspace) -> None:
    grow({"a": "", "sub/a": ""})
    (workspace / ".gitignore").symlink_to("/etc/passwd")
    os.mkfifo(workspace / "sub" / ".gitignore")
    assert "sub/a" in paths(await call("list"))


async def test_the_first_entries_are_given_and_the_rest_is_said(call, grow) -> None:
    grow({f"{n:02}": "" for n in range(30)})
    output = await call("list", most=10)
    assert paths(output) == [f"{n:02}" for n in range(10)]
    assert output.data["more"] is True
    assert "only the first 10 entries" in output.truncated
    assert "only the first 10 entries" in output.text


async def test_exactly_the_most_is_not_called_more(call, grow) -> None:
    grow({f"{n:02}": "" for n in range(10)})
    assert (await call("list", most=10)).data["more"] is False


async def test_links_and_special_files_are_listed_and_not_followed(
    call, grow, workspace: Path
) -> None:
    grow({"folder/inside": ""})
    (workspace / "around").symlink_to(".")
    (workspace / "out").symlink_to("/etc")
    os.mkfifo(workspace / "pipe")
    output = await call("list")
    kinds = {entry["path"]: entry["kind"] for entry in output.data["entries"]}
    assert kinds == {
        "around": "link",
        "folder": "folder",
        "folder/inside": "file",
        "out": "link",
        "pipe": "pipe",
    }


async def test_weird_names_cannot_forge_lines_or_break_the_data(call, workspace: Path) -> None:
    for name in (b"new\nline", b"esc\x1b[2J", b"\xff\xfe", "bidi\u202ename".encode(), b" blank "):
        (workspace / os.fsdecode(name)).touch()
    output = await call("list")
    assert sorted(paths(output)) == sorted(
        [r"new\nline", r"esc\x1b[2J", r"\udcff\udcfe", r"bidi\u202ename", " blank "]
    )
    assert output.text.count("\n") == 4


async def test_a_hostile_gitignore_does_not_hang_the_listing(call, grow) -> None:
    stars = "*a" * 60 + "b"
    grow({".gitignore": f"{stars}\n**/" * 200, "a" * 250: "", "x/" * 15 + "a" * 200: ""})
    assert "a" * 250 in paths(await call("list"))


async def test_a_cancelled_listing_ends_its_thread(call, grow) -> None:
    grow({f"{a}/{b}": "" for a in range(20) for b in range(20)})
    before = descriptors()
    task = asyncio.create_task(call("list"))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.get_running_loop().shutdown_default_executor()
    assert descriptors() == before
