"""`search`: lines of files in the workspace that match.

The files are read here, by the rules of `paths`; matching is done in a child process, because a
regular expression can take for ever (measured: `(a+)+$` on 30 letters, minutes). A linear-time
engine (google-re2) was measured too: eight times slower line by line, no look-around, and one
more compiled dependency; starting the child costs 20 ms.
"""

from __future__ import annotations

import stat
from collections.abc import Generator, Iterable
from contextlib import closing
from typing import Any

from pydantic import Field

from swarm_core.kernel.errors import BadPattern, BinaryFile, TooLarge
from swarm_core.kernel.text import clip
from swarm_core.tools.child import Child, ChildFailed
from swarm_core.tools.content import decoded, is_binary
from swarm_core.tools.globs import Glob
from swarm_core.tools.model import Arguments, Effect, Inward, PathText, ToolContext, ToolOutput
from swarm_core.tools.paths import Workspace, read_all, read_fd
from swarm_core.tools.threads import Stop, in_thread
from swarm_core.tools.walk import Bounds, Entry, Walk, held, ignore_files_above

MOST_FILE = 2 * 1024 * 1024
MOST_TOTAL = 256 * 1024 * 1024


class SearchArguments(Arguments):
    pattern: str = Field(min_length=1, max_length=1000, description="what to look for")
    regex: bool = Field(False, description="the pattern is a regular expression, not plain text")
    ignore_case: bool = Field(False, description="upper and lower case are the same")
    path: PathText = Field(".", description="folder or file to search")
    files: str = Field("", max_length=500, description="glob of the files to look into")
    context: int = Field(0, ge=0, le=10, description="lines to show around each match")
    most: int = Field(100, ge=1, le=1000, description="most matches to return")


class Search(Inward):
    """Matching lines with path, line number and context."""

    name = "search"
    summary = "Search the files of the workspace for text or a regular expression."
    effect: Effect = "pure"
    arguments = SearchArguments
    timeout = 30

    def __init__(self, match_seconds: int = 10) -> None:
        """All matching of one call gets `match_seconds`, then the pattern is refused."""
        self._seconds = match_seconds

    def resource(self, args: SearchArguments) -> str:
        return args.path

    async def run(self, args: SearchArguments, context: ToolContext) -> ToolOutput:
        """Raises `BadPattern` when the pattern is wrong or takes too long."""
        workspace = Workspace.of(context)
        return await in_thread(lambda stop: _search(workspace, args, self._seconds, stop))


def _search(workspace: Workspace, args: SearchArguments, seconds: int, stop: Stop) -> ToolOutput:
    files = _Files(args, stop)
    rows: list[dict[str, Any]] = []
    try:
        with workspace, Child("matching", seconds=seconds, stop=stop) as child:
            question = args.model_copy(update={"most": args.most + 1})
            refused = child.ask(question.model_dump_json().encode())
            if refused is not None:
                raise _bad(args, refused)
            with closing(files.texts(workspace)) as texts:
                for path, text in texts:
                    rows += [{"path": path, **row} for row in child.ask(text)]
                    if len(rows) > args.most:
                        break
    except ChildFailed:
        stop.check()
        raise _bad(args, f"matching took more than {seconds} s or too much memory") from None
    return _output(rows, args, files)


def _bad(args: SearchArguments, problem: str) -> BadPattern:
    return BadPattern(pattern=clip(args.pattern, 100), problem=clip(problem, 200))


class _Files:
    """The texts to search, and what was left out on the way."""

    def __init__(self, args: SearchArguments, stop: Stop) -> None:
        self._args = args
        self._stop = stop
        self.searched = 0
        self._bytes = 0
        self._binary = 0
        self._large = 0
        self._unreadable = 0
        self._notes: list[str] = []

    @property
    def left_out(self) -> list[str]:
        counted = (
            (self._binary, "binary"),
            (self._large, f"larger than {MOST_FILE:,} bytes"),
            (self._unreadable, "unreadable"),
        )
        return self._notes + [f"{count:,} files {why}" for count, why in counted if count]

    def texts(self, workspace: Workspace) -> Generator[tuple[str, bytes]]:
        """Path and UTF-8 text of each file, in order. A file named by itself must be readable."""
        start = workspace.find(self._args.path)
        if stat.S_ISREG(start.status.st_mode):
            raw = read_all(start, MOST_FILE)
            if is_binary(raw):
                raise BinaryFile(path=start.path)
            self.searched = 1
            yield start.path, _utf8(raw)
            return
        with held(start):
            above = ignore_files_above(workspace, start.parts)
            walk = Walk(start, above, Bounds(), self._stop)
            with closing(walk.entries()) as entries:
                yield from self._among(entries)
            self._notes += walk.left_out

    def _among(self, entries: Iterable[Entry]) -> Generator[tuple[str, bytes]]:
        glob = Glob(self._args.files)
        for entry in entries:
            if entry.kind != "file" or not glob.matches(entry.below):
                continue
            raw = self._content(entry)
            if raw is None:
                continue
            self.searched += 1
            yield entry.path, _utf8(raw)
            self._bytes += len(raw)
            if self._bytes > MOST_TOTAL:
                self._notes.append(f"stopped after {MOST_TOTAL:,} bytes")
                return

    def _content(self, entry: Entry) -> bytes | None:
        try:
            fd, status = entry.open()
            raw = read_fd(fd, status, MOST_FILE, entry.path)
        except TooLarge:
            self._large += 1
            return None
        except OSError:
            self._unreadable += 1
            return None
        if is_binary(raw):
            self._binary += 1
            return None
        return raw


def _utf8(raw: bytes) -> bytes:
    return decoded(raw)[0].encode("utf-8")


def _output(rows: list[dict[str, Any]], args: SearchArguments, files: _Files) -> ToolOutput:
    more = len(rows) > args.most
    rows = rows[: args.most]
    notes = [f"only the first {args.most:,} matches"] if more else []
    notes += files.left_out
    lines = [line for row in rows for line in _lines(row)]
    if not rows:
        lines = [f"no match in {files.searched:,} files"]
    return ToolOutput(
        text="\n".join([*lines, *(f"[{note}]" for note in notes)]),
        data={"matches": rows, "count": len(rows), "files": files.searched, "more": more},
        truncated="; ".join(notes),
    )


def _lines(row: dict[str, Any]) -> list[str]:
    """The match as `path:12: text`, lines around it as `path-11- text`."""
    path, number = row["path"], row["line"]
    first = number - len(row["before"])
    before = [f"{path}-{first + i}- {text}" for i, text in enumerate(row["before"])]
    after = [f"{path}-{number + 1 + i}- {text}" for i, text in enumerate(row["after"])]
    apart = ["--"] if before or after else []
    return [*before, f"{path}:{number}: {row['text']}", *after, *apart]
