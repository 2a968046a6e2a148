from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

import psutil
import pytest

from swarm_core.kernel.errors import BadPattern, BinaryFile, NotAFile, TooLarge
from swarm_core.tools import Toolbox, ToolContext, ToolOutput
from swarm_core.tools.searching import Search
from tests.tools.conftest import ANA


def hits(output: ToolOutput) -> list[tuple[str, int]]:
    return [(match["path"], match["line"]) for match in output.data["matches"]]


async def test_plain_text_is_found_as_it_is(call, grow) -> None:
    grow({"a.txt": "x\na.b(c\n", "b/c.txt": "a.b(c and a.b(c\nazb(c\n"})
    output = await call("search", pattern="a.b(c")
    assert hits(output) == [("a.txt", 2), ("b/c.txt", 1)]
    assert output.text == "a.txt:2: a.b(c\nb/c.txt:1: a.b(c and a.b(c"
    assert output.data["files"] == 2


async def test_a_regular_expression_is_found_line_by_line(call, grow) -> None:
    grow({"a.txt": "def foo():\ndef bar():\n  return\n"})
    assert hits(await call("search", pattern=r"^def (?!foo)\w+", regex=True)) == [("a.txt", 2)]


async def test_case_counts_unless_told_otherwise(call, grow) -> None:
    grow({"a.txt": "Größe\ngrösse\n"})
    assert hits(await call("search", pattern="größe")) == []
    assert hits(await call("search", pattern="GRÖSSE", ignore_case=True)) == [("a.txt", 2)]


async def test_nothing_found_says_in_how_many_files(call, grow) -> None:
    grow({"a": "x", "b": "y"})
    assert (await call("search", pattern="zzz")).text == "no match in 2 files"


async def test_globs_choose_the_files_and_a_file_can_be_named(call, grow) -> None:
    grow({"a.py": "hit", "b.txt": "hit", "c/d.py": "hit"})
    assert hits(await call("search", pattern="hit", files="*.py")) == [("a.py", 1), ("c/d.py", 1)]
    assert hits(await call("search", pattern="hit", path="b.txt")) == [("b.txt", 1)]
    assert hits(await call("search", pattern="hit", path="c")) == [("c/d.py", 1)]


async def test_context_lines_come_with_their_numbers(call, grow) -> None:
    grow({"a.txt": "1\n2\nhit\n4\n5"})
    output = await call("search", pattern="hit", context=1)
    assert output.text == "a.txt-2- 2\na.txt:3: hit\na.txt-4- 4\n--"
    assert output.data["matches"][0]["before"] == ["2"]


@pytest.mark.parametrize("files", [1, 3])
async def test_more_matches_than_asked_for_is_said(call, grow, files: int) -> None:
    grow({f"{n}.txt": "hit\n" * 10 for n in range(files)})
    output = await call("search", pattern="hit", most=5)
    assert len(hits(output)) == 5
    assert output.data["more"] is True
    assert output.truncated == "only the first 5 matches"


async def test_exactly_as_many_as_asked_for_is_not_more(call, grow) -> None:
    grow({"a.txt": "hit\n" * 5})
    assert (await call("search", pattern="hit", most=5)).data["more"] is False


async def test_binary_large_ignored_and_special_files_are_left_out_and_counted(
    call, grow, workspace: Path
) -> None:
    grow(
        {
            ".gitignore": "skip\n",
            "skip": "hit",
            "bin": b"hit\0",
            "large": b"hit\n" * 600_000,
            "ok": "hit",
            ".git/x": "hit",
        }
    )
    os.mkfifo(workspace / "pipe")
    (workspace / "link").symlink_to("/etc/passwd")
    output = await call("search", pattern="hit")
    assert hits(output) == [("ok", 1)]
    assert "1 files binary" in output.truncated
    assert "1 files larger than" in output.truncated
    assert "2 ignored" in output.truncated


async def test_a_file_named_by_itself_that_cannot_be_searched_is_refused(
    call, grow, workspace
) -> None:
    grow({"bin": b"\0", "large": b"x" * 3_000_000})
    os.mkfifo(workspace / "pipe")
    for path, error in (("bin", BinaryFile), ("large", TooLarge), ("pipe", NotAFile)):
        with pytest.raises(error):
            await call("search", pattern="x", path=path)


async def test_a_match_in_a_long_line_is_shown_with_its_surroundings(call, grow) -> None:
    grow({"a.js": "x" * 50_000 + "needle" + "y" * 50_000})
    (match,) = (await call("search", pattern="needle")).data["matches"]
    assert "needle" in match["text"]
    assert len(match["text"]) <= 302


@pytest.mark.parametrize("pattern", ["(", "[a", "*", "(?P<", "a{2,1}"])
async def test_a_wrong_expression_is_told(call, grow, pattern: str) -> None:
    grow({"a": "x"})
    with pytest.raises(BadPattern):
        await call("search", pattern=pattern, regex=True)


def children() -> list[psutil.Process]:
    """Those of tools: other tests have wombs that stay."""
    found = []
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):
            if "tests.womb" not in child.cmdline():
                found.append(child)
    return found


@pytest.mark.slow
async def test_an_expression_that_would_take_for_ever_is_ended_and_leaves_no_process(
    workspace: Path, grow
) -> None:
    grow({"a": "a" * 40 + "!"})
    box = Toolbox([Search(match_seconds=1)], lambda *_: None)
    with pytest.raises(BadPattern, match="more than 1 s"):
        await box.call(
            "search",
            {"pattern": "(a+)+$", "regex": True},
            ToolContext(actor=ANA, workspace=workspace),
        )
    assert children() == []


async def test_a_cancelled_search_kills_its_child_at_once(call, grow) -> None:
    grow({"a": "a" * 40 + "!"})
    task = asyncio.create_task(call("search", pattern="(a+)+$", regex=True))
    while not children():  # noqa: ASYNC110
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.get_running_loop().shutdown_default_executor()
    assert children() == []


async def test_the_loop_goes_on_while_an_expression_is_stuck(call, grow) -> None:
    grow({"a": "a" * 40 + "!", "b": "found"})
    stuck = asyncio.create_task(call("search", pattern="(a+)+$", regex=True))
    output = await call("search", pattern="found")
    assert hits(output) == [("b", 1)]
    assert not stuck.done()
    stuck.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stuck
