"""Child of `search`: finds the lines that match in the texts it is given.

The first frame is the question, answered by an error or null; each further frame is one text,
answered by its matches. Standard library only.
"""

import json
import re
from collections.abc import Callable
from typing import Any

CLIP = 300


def clipped(line: str, at: int = 0) -> str:
    """At most CLIP characters of `line`, with what starts at `at` among them."""
    if len(line) <= CLIP:
        return line
    start = max(0, min(at - CLIP // 4, len(line) - CLIP))
    return ("…" if start else "") + line[start : start + CLIP] + "…" * (start + CLIP < len(line))


def matches(pattern: re.Pattern[str], text: str, context: int, most: int) -> list[dict[str, Any]]:
    """The first `most` matching lines, numbered from 1, with the lines around them."""
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    found: list[dict[str, Any]] = []
    for index, line in enumerate(lines):
        hit = pattern.search(line)
        if hit is None:
            continue
        found.append(
            {
                "line": index + 1,
                "text": clipped(line, hit.start()),
                "before": [clipped(near) for near in lines[max(0, index - context) : index]],
                "after": [clipped(near) for near in lines[index + 1 : index + 1 + context]],
            }
        )
        if len(found) == most:
            break
    return found


def start() -> Callable[[bytes], Any]:
    search: list[Callable[[str], list[dict[str, Any]]]] = []

    def respond(frame: bytes) -> Any:
        if search:
            return search[0](frame.decode("utf-8", "replace"))
        question = json.loads(frame)
        text = question["pattern"] if question["regex"] else re.escape(question["pattern"])
        try:
            pattern = re.compile(text, re.IGNORECASE if question["ignore_case"] else 0)
        except (re.error, RecursionError, OverflowError, MemoryError) as problem:
            return str(problem) or type(problem).__name__
        search.append(lambda text: matches(pattern, text, question["context"], question["most"]))
        return None

    return respond
