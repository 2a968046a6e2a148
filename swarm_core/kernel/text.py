"""Small pure helpers on text that people or the outside world wrote."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable

from swarm_core.kernel.redaction import redact

# Bidi overrides and isolates reorder what a reader sees ("Trojan source", CVE-2021-42574).
_BIDI = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C])
# What is of the category Cc; Unicode will never have more.
_CONTROLS = dict.fromkeys({*range(0x20), *range(0x7F, 0xA0)} - {ord("\n"), ord("\t")})
_HIDDEN = _BIDI | _CONTROLS
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")


def nearest(word: str, known: Iterable[str], most: int = 3) -> tuple[str, ...]:
    """The known words closest to `word`, best first; empty when none is close."""
    by_fold = {name.casefold(): name for name in sorted(known)}
    close = difflib.get_close_matches(word.casefold(), by_fold, n=most, cutoff=0.55)
    return tuple(by_fold[name] for name in close)


def clip(text: str, most: int) -> str:
    """One line of at most `most` characters, an ellipsis marking what was left out."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    return line[: most - 1].rstrip() + "…" if most > 0 else ""


def printable(text: str) -> str:
    """`text` without terminal escapes, control characters (but tab and newline) and bidi
    overrides, so that what was fetched or typed cannot repaint what a person sees."""
    return _ANSI.sub("", text.replace("\r\n", "\n")).translate(_HIDDEN)


def untrusted(text: str, source: str) -> str:
    """`text` marked as material from outside; it cannot close the mark itself."""
    inside = text.replace("</untrusted", "<\u200b/untrusted")
    return f'<untrusted source="{source}">\n{inside}\n</untrusted>'


def fold(text: str) -> str:
    """The form in which two requests count as the same: NFKC, case-folded, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def describe(error: BaseException) -> str:
    """Kind and message of an error nobody foresaw; half surrogate pairs, which no file and no
    database takes, are replaced, and secrets are left out."""
    said = redact(f"{type(error).__name__}: {error}")
    return said.encode("utf-8", "replace").decode()


def escaped(text: str) -> str:
    """`text` with half surrogate pairs, which no file and no database takes, spelled out: what
    was given can still be read, and two different ones stay different."""
    return text.encode("utf-8", "backslashreplace").decode()
