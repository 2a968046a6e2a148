"""Filters on numbers and text for playbook templates. Pure, integers only, bounded widths."""

from __future__ import annotations

import re
from datetime import timedelta

from swarm_core.kernel import text as kernel_text
from swarm_core.kernel.clock import EPOCH
from swarm_core.kernel.money import MicroUSD, format_usd

WIDEST = 200
_UNITS = ("KB", "MB", "GB", "TB", "PB")
_SPANS = (
    ("year", 31_536_000),
    ("month", 2_592_000),
    ("week", 604_800),
    ("day", 86_400),
    ("hour", 3_600),
    ("minute", 60),
    ("second", 1),
)
_DURATION = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week"}
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~])")


def thousands(number: int) -> str:
    """`12345` → `12,345`."""
    return f"{number:,}"


def plural(number: int, one: str, many: str = "") -> str:
    """`3 | plural("file")` → `3 files`; `2 | plural("match", "matches")` → `2 matches`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def size(number: int) -> str:
    """Bytes for people: `512 B`, `1.2 KB`, `34 MB` (1 KB = 1,024 bytes, rounded down)."""
    if number < 1024:
        return f"{number} B"
    tenths, unit = number * 10 // 1024, 0
    while tenths >= 10_240 and unit < len(_UNITS) - 1:
        tenths, unit = tenths // 1024, unit + 1
    if tenths < 100:
        return f"{tenths // 10}.{tenths % 10} {_UNITS[unit]}"
    return f"{tenths // 10:,} {_UNITS[unit]}"


def percent(part: int, whole: int) -> str:
    """`1 | percent(3)` → `33%`, rounded half up; `<1%` for a small part, `0%` for none."""
    if whole <= 0 or part <= 0:
        return "0%"
    rounded = (part * 200 + whole) // (2 * whole)
    return "<1%" if rounded == 0 else f"{rounded}%"


def bar(part: int, whole: int, width: int = 12) -> str:
    """A bar of `width` characters, at least one of them full when there is anything at all."""
    width = _width(width)
    full = 0 if whole <= 0 or part <= 0 else max(1, min(width, part * width // whole))
    return "█" * full + "░" * (width - full)


def span(seconds: int) -> str:
    """Seconds in their largest whole unit: `5400` → `1 hour`, `90000` → `1 day`."""
    for name, length in _SPANS:
        if abs(seconds) >= length:
            return plural(abs(seconds) // length, name)
    return "0 seconds"


def in_words(duration: str) -> str:
    """A duration as parameters hold it: `24h` → `24 hours`, `1d` → `1 day`."""
    return plural(int(duration[:-1]), _DURATION[duration[-1]])


def date(seconds: int) -> str:
    """Seconds since 1970 as a day in UTC: `2026-11-21`."""
    return (EPOCH + timedelta(seconds=seconds)).date().isoformat()


def money(micro_usd: int) -> str:
    """Micro-dollars as `$1.25`; zero is `$0`."""
    return format_usd(MicroUSD(micro_usd))


def left(value: object, width: int) -> str:
    """Exactly `width` characters, text at the left, an ellipsis where it was cut."""
    return kernel_text.clip(str(value), _width(width)).ljust(width)


def right(value: object, width: int) -> str:
    """Exactly `width` characters, text at the right, an ellipsis where it was cut."""
    return kernel_text.clip(str(value), _width(width)).rjust(width)


def clip(value: object, most: int = 80) -> str:
    """One line of at most `most` characters, an ellipsis where it was cut."""
    return kernel_text.clip(str(value), max(1, most))


def plain(value: object) -> str:
    """Text with its markdown escaped, on one line: what was read can never format the answer."""
    return _MARKUP.sub(r"\\\1", " ".join(str(value).split()))


def code(value: object) -> str:
    """Inline code that holds any text, backticks included."""
    line = " ".join(str(value).split())
    ticks = "`" * (_longest_run(line) + 1)
    edge = " " if not line or "`" in (line[0], line[-1]) else ""
    return f"{ticks}{edge}{line}{edge}{ticks}"


def fence(value: object, language: str = "") -> str:
    """A fenced block whose fence is longer than any inside."""
    body = str(value).rstrip("\n")
    ticks = "`" * max(3, _longest_run(body) + 1)
    return f"{ticks}{language}\n{body}\n{ticks}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)


def _width(width: int) -> int:
    if not 1 <= width <= WIDEST:
        raise ValueError(f"a width is 1 to {WIDEST}, not {width}")
    return width


FILTERS = {
    f.__name__: f
    for f in (thousands, plural, size, percent, bar, span, in_words, date, money, left, right)
} | {f.__name__: f for f in (clip, plain, code, fence)}
