"""Bytes to text: what counts as text, and how it is split into lines."""

from __future__ import annotations

import codecs

_WIDE = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_REPLACEMENT = "�"


def is_binary(raw: bytes) -> bool:
    """A NUL byte means binary, as in git, unless a byte order mark says UTF-16."""
    return b"\0" in raw and not raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))


def decoded(raw: bytes) -> tuple[str, int]:
    """Text, and how many places in it were not valid and stand as U+FFFD."""
    for mark, encoding in _WIDE:
        if raw.startswith(mark):
            return raw.decode(encoding, "replace"), 0
    raw = raw.removeprefix(codecs.BOM_UTF8)
    text = raw.decode("utf-8", "replace")
    return text, text.count(_REPLACEMENT) - raw.count(_REPLACEMENT.encode())


def lines_of(text: str) -> list[str]:
    """Lines as an editor counts them: a newline at the end does not open another one."""
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    return lines
