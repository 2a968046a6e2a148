"""Roughly how many tokens a text or a prompt is, for planning and pacing; holds go by `bounds`."""

from __future__ import annotations

import re

from swarm_core.providers.model import (
    Image,
    Part,
    Prompt,
    Reasoning,
    Text,
    ToolResult,
    ToolSpec,
    ToolUse,
)
from swarm_core.providers.turns import json_text, written

PER_PART = 8
"""Tokens for the marks of a part."""
PER_TOOL = 16
"""Tokens for the marks of a tool's declaration."""

_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGITS = b"0123456789"
_SPACE = b" \t\r\n"

_CJK = re.compile(
    "[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
)
_LATIN = re.compile("[\u00a0-\u024f\u1e00-\u1eff\u2000-\u206f]")
_ALPHABETS = re.compile("[\u0250-\u10ff\u1200-\u1dff\u1f00-\u1fff]")

# Hundredths of a token for each character.
_LETTER, _DIGIT, _MARK, _BLANK = 25, 45, 65, 3
_LATIN_EACH, _ALPHABET_EACH, _CJK_EACH, _REST_EACH = 60, 38, 88, 200


def estimate_tokens(text: str) -> int:
    """The tokens of `text`, counting letters, digits, marks and blanks of each script apart, since
    code is mostly marks and a Chinese character nearly a token.

    Measured against OpenAI's o200k on nine texts of 1 to 29 KB (the corpus of
    github.com/johannschopplich/tokenx with its counts, read on 2026-11-21): -8 to
    +8 %, 3.4 % on average. Claude's
    tokenizer since 4.7 makes about a third more of the same text.
    """
    data = text.encode("utf-8", "surrogatepass")
    ascii_bytes = data if text.isascii() else text.encode("ascii", "ignore")
    letters, digits = _among(ascii_bytes, _LETTERS), _among(ascii_bytes, _DIGITS)
    blanks = _among(ascii_bytes, _SPACE)
    marks = len(ascii_bytes) - letters - digits - blanks
    hundredths = letters * _LETTER + digits * _DIGIT + marks * _MARK + blanks * _BLANK
    if len(ascii_bytes) != len(data):
        left = text
        for pattern, each in (
            (_CJK, _CJK_EACH),
            (_LATIN, _LATIN_EACH),
            (_ALPHABETS, _ALPHABET_EACH),
        ):
            left, found = pattern.subn("", left)
            hundredths += found * each
        hundredths += (len(left) - len(ascii_bytes)) * _REST_EACH
    return -(-hundredths // 100)


def estimate_tool(tool: ToolSpec) -> int:
    """The tokens of a tool's declaration."""
    return estimate_tokens(f"{tool.description}{json_text(tool.schema)}") + PER_TOOL


def estimate_prompt(prompt: Prompt) -> int:
    """The input tokens of `prompt`, pictures by their pixels
    (https://platform.claude.com/docs/en/build-with-claude/vision)."""
    return (
        sum(estimate_tokens(block.text) for block in prompt.system)
        + sum(estimate_tool(tool) for tool in prompt.tools)
        + sum(_part(part) + PER_PART for turn in prompt.messages for part in turn.parts)
    )


def _part(part: Part) -> int:
    match part:
        case Image():
            return part.width * part.height // 750
        case ToolUse():
            return estimate_tokens(f"{part.name}{json_text(written(part))}")
        case Text() | ToolResult() | Reasoning():
            return estimate_tokens(part.text)
    return 0  # a part nobody knows is never sent


def _among(data: bytes, some: bytes) -> int:
    return len(data) - len(data.translate(None, some))
