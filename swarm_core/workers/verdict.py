"""What an answer of a model is: a result, tool calls, something to mend, or a refusal. Pure."""

from __future__ import annotations

from typing import Literal

import msgspec

from swarm_core.kernel.text import clip
from swarm_core.providers.model import Completion, ToolUse
from swarm_core.workers.script import Stray


class Finished(msgspec.Struct, frozen=True, gc=False):
    """The work is done. `cut`: the answer met its limit of length."""

    text: str
    cut: bool = False


class Calls(msgspec.Struct, frozen=True):
    """The model wants these tools called before it goes on."""

    uses: tuple[ToolUse, ...]


class Mend(msgspec.Struct, frozen=True, gc=False):
    """It cannot be used: it is empty, was all spent on thinking, or left the script of the
    request. The model is told so, once."""

    problem: Literal["empty", "all_thought", "other_script"]
    stray: Stray | None = None


class Declined(msgspec.Struct, frozen=True, gc=False):
    """The model will not do it; `problem` is its own word."""

    problem: str


Verdict = Finished | Calls | Mend | Declined


def judge(completion: Completion) -> Verdict:
    """What `completion` is. Whatever else it holds, tool calls are carried out first."""
    if completion.stop == "declined":
        said = clip(completion.text, 300)
        return Declined(problem=said or "it gave no reason")
    if completion.tool_uses:
        return Calls(uses=completion.tool_uses)
    text = completion.text.strip()
    cut = completion.stop == "max_output"
    if not text:
        return Mend(problem="all_thought" if cut else "empty")
    return Finished(text=text, cut=cut)
