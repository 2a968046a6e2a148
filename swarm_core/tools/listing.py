"""`list`: what is in a folder of the workspace."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from pydantic import Field

from swarm_core.tools.globs import Glob
from swarm_core.tools.model import Arguments, Effect, Inward, PathText, ToolContext, ToolOutput
from swarm_core.tools.paths import Workspace
from swarm_core.tools.threads import Stop, in_thread
from swarm_core.tools.walk import Bounds, Entry, Walk, held, ignore_files_above


class ListArguments(Arguments):
    path: PathText = Field(".", description="folder to list")
    pattern: str = Field("", max_length=500, description="glob, such as *.py or src/**/test_*")
    recursive: bool = Field(True, description="also what is in its folders")
    everything: bool = Field(False, description="also what .gitignore and tool folders hide")
    depth: int = Field(20, ge=1, le=50, description="how many folders deep")
    most: int = Field(500, ge=1, le=5000, description="most entries to return")


class List(Inward):
    """Paths with kind, size in bytes and modification time in seconds since 1970."""

    name = "list"
    summary = "List files and folders of the workspace, by glob, with size and age."
    effect: Effect = "pure"
    arguments = ListArguments
    timeout = 20

    def resource(self, args: ListArguments) -> str:
        return args.path

    async def run(self, args: ListArguments, context: ToolContext) -> ToolOutput:
        workspace = Workspace.of(context)
        return await in_thread(lambda stop: _list(workspace, args, stop))


def _list(workspace: Workspace, args: ListArguments, stop: Stop) -> ToolOutput:
    glob = Glob(args.pattern)
    depth = args.depth if args.recursive else 1
    with workspace, held(workspace.folder(args.path)) as start:
        walk = Walk(
            start,
            ignore_files_above(workspace, start.parts),
            Bounds(depth=depth, everything=args.everything),
            stop,
        )
        found: list[dict[str, str | int]] = []
        more = False
        with closing(walk.entries()) as entries:
            for entry in entries:
                if not glob.matches(entry.below):
                    continue
                more = len(found) == args.most
                if more:
                    break
                found.append(_row(entry))
        if not args.recursive:
            walk.too_deep = 0
        notes = [f"only the first {args.most:,} entries"] if more else []
        notes += walk.left_out
        return ToolOutput(
            text=_text(start.path, found, notes),
            data={"path": start.path, "entries": found, "count": len(found), "more": more},
            truncated="; ".join(notes),
        )


def _row(entry: Entry) -> dict[str, str | int]:
    return {
        "path": entry.path,
        "kind": entry.kind,
        "size": entry.status.st_size if entry.kind == "file" else 0,
        "modified": int(entry.status.st_mtime),
    }


def _text(path: str, rows: list[dict[str, Any]], notes: list[str]) -> str:
    lines = [
        f"{row['path']}  {row['size']:,} bytes"
        if row["kind"] == "file"
        else f"{row['path']}{'/' if row['kind'] == 'folder' else '  (' + row['kind'] + ')'}"
        for row in rows
    ]
    if not lines:
        lines = [f"nothing in {path} fits"]
    return "\n".join([*lines, *(f"[{note}]" for note in notes)])
