"""`extract_summary`: the sentences that say most of a text, word for word."""

from __future__ import annotations

import re
from typing import Self

from pydantic import Field, model_validator

from swarm_core.kernel.errors import TooLarge
from swarm_core.tools.model import Arguments, Effect, Inward, PathText, ToolContext, ToolOutput
from swarm_core.tools.paths import Workspace
from swarm_core.tools.reading import read_text
from swarm_core.tools.sentences import split, summarise
from swarm_core.tools.threads import in_thread

MOST_BYTES = 256 * 1024
_MOST_SENTENCES = 5000
_LINK = re.compile(r"!?\[([^\[\]]{0,500})\](?:\([^()\s]{0,2000}[^()]{0,200}\)|\[[^\[\]]{0,100}\])")
_MARK = re.compile(r"[*~`]+|(?<!\w)_+|_+(?!\w)")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")


class SummaryArguments(Arguments):
    text: str = Field("", max_length=MOST_BYTES, description="the text itself, or give a path")
    path: PathText = Field("", description="file of the workspace to summarise")
    sentences: int = Field(5, ge=1, le=20, description="most sentences")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if bool(self.text.strip()) == bool(self.path):
            raise ValueError("give either text or path")
        return self


class ExtractSummary(Inward):
    """Sentences in their order; code, tables and headings are not sentences."""

    name = "extract_summary"
    summary = "Pick the sentences that say most of a text or file; no model, nothing reworded."
    effect: Effect = "pure"
    arguments = SummaryArguments
    timeout = 20

    def resource(self, args: SummaryArguments) -> str:
        return args.path or "text"

    async def run(self, args: SummaryArguments, context: ToolContext) -> ToolOutput:
        workspace = Workspace.of(context) if args.path else None
        return await in_thread(lambda _: _summary(workspace, args))


def _summary(workspace: Workspace | None, args: SummaryArguments) -> ToolOutput:
    if workspace is None:
        text = args.text
    else:
        _, text, _, _ = read_text(workspace, args.path, MOST_BYTES)
    size = len(text.encode("utf-8", "replace"))
    if size > MOST_BYTES:
        raise TooLarge(what="text", size=size, limit=MOST_BYTES)
    sentences = [sentence for prose in paragraphs(text) for sentence in split(prose)]
    weighed = sentences[:_MOST_SENTENCES]
    chosen = [weighed[index] for index in summarise(weighed, args.sentences)]
    cut = len(sentences) - len(weighed)
    return ToolOutput(
        text="\n".join(chosen) or "there are no sentences in it",
        data={"sentences": chosen, "of": len(sentences)},
        truncated=f"{cut:,} sentences at the end not weighed" if cut else "",
    )


def paragraphs(text: str) -> list[str]:
    """The running text of a markdown document: paragraphs and list items, without markup."""
    from markdown_it import MarkdownIt

    # Only blocks are parsed: inline parsing takes quadratic time on crafted text.
    parser = MarkdownIt("commonmark").enable("table").disable("inline")
    prose, inside = [], ""
    for token in parser.parse(text):
        if token.nesting == 1 and token.type in ("paragraph_open", "heading_open", "td_open"):
            inside = token.type
        elif token.type == "inline" and inside == "paragraph_open":
            prose.append(_plain(token.content))
        elif token.nesting == -1:
            inside = ""
    return prose


def _plain(markdown: str) -> str:
    return _MARK.sub("", _TAG.sub("", _LINK.sub(r"\1", markdown)))
