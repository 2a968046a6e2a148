"""`read`: lines of a text file of the workspace."""

from __future__ import annotations

from pydantic import Field

from swarm_core.kernel.errors import BinaryFile
from swarm_core.tools.content import decoded, is_binary, lines_of
from swarm_core.tools.model import Arguments, Effect, Inward, PathText, ToolContext, ToolOutput
from swarm_core.tools.paths import Workspace, read_all
from swarm_core.tools.threads import in_thread

MOST_BYTES = 8 * 1024 * 1024
_SHOWN_BYTES = 96 * 1024


class ReadArguments(Arguments):
    path: PathText = Field(description="file to read")
    first: int = Field(1, ge=1, description="first line, from 1")
    lines: int = Field(2000, ge=1, le=100_000, description="most lines to return")


class Read(Inward):
    """Text of a file; refuses binary content and files above 8 MiB."""

    name = "read"
    summary = "Read a text file of the workspace, or some of its lines."
    effect: Effect = "pure"
    arguments = ReadArguments
    timeout = 20

    def resource(self, args: ReadArguments) -> str:
        return args.path

    async def run(self, args: ReadArguments, context: ToolContext) -> ToolOutput:
        workspace = Workspace.of(context)
        return await in_thread(lambda _: _read(workspace, args))


def read_text(workspace: Workspace, path: str, most: int) -> tuple[str, str, int, int]:
    """Path, text, size in bytes and number of replaced characters of a file.

    Raises what `Workspace.file` raises, `TooLarge` and `BinaryFile`.
    """
    with workspace:
        found = workspace.file(path)
        raw = read_all(found, most)
    if is_binary(raw):
        raise BinaryFile(path=found.path)
    text, replaced = decoded(raw)
    return found.path, text, len(raw), replaced


def _read(workspace: Workspace, args: ReadArguments) -> ToolOutput:
    path, whole, size, replaced = read_text(workspace, args.path, MOST_BYTES)
    lines = lines_of(whole)
    asked = lines[args.first - 1 : args.first - 1 + args.lines]
    kept, cut = _that_fit(asked)
    last = args.first - 1 + len(kept)
    notes = []
    if len(kept) < len(lines):
        notes.append(
            f"lines {args.first:,} to {last:,} of {len(lines):,}"
            if kept
            else f"no line {args.first:,}: there are {len(lines):,}"
        )
    if cut:
        notes.append(f"line {last:,} cut, it is too long")
    if replaced:
        notes.append(f"{replaced:,} bytes were not UTF-8 and are replaced")
    return ToolOutput(
        text="\n".join([*kept, *(f"[{note}]" for note in notes)]),
        data={
            "path": path,
            "first": args.first,
            "last": last,
            "total": len(lines),
            "size": size,
            "replaced": replaced,
            "text": "\n".join(kept),
        },
        truncated="; ".join(notes),
    )


def _that_fit(lines: list[str]) -> tuple[list[str], bool]:
    """As many lines as may be shown; a first one that is too long is cut."""
    kept, room = [], _SHOWN_BYTES
    for line in lines:
        room -= len(line.encode("utf-8", "replace")) + 1
        if room < 0:
            break
        kept.append(line)
    if lines and not kept:
        head = lines[0].encode("utf-8", "replace")[:_SHOWN_BYTES].decode("utf-8", "ignore")
        return [head], True
    return kept, False
