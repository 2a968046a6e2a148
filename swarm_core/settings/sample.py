"""The head of a new `waggle.yaml`: every key there is, as comments."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from swarm_core.settings.schema import keys, named, sections
from swarm_core.settings.section import Key

_WIDTH = 96


def sample_settings() -> str:
    """Comments alone, ending in a newline: what each key is for, and its default."""
    return "\n".join([*_head(), *_keys(), *_names(), ""])


def _head() -> list[str]:
    return [
        "# Waggle's configuration. Everything has a default, so what stands here is what differs:",
        "# it follows below these comments. `waggle config set KEY VALUE` changes one setting and",
        "# keeps the comments; docs/configuration.md tells more of each.",
        "#",
    ]


def _keys() -> Iterator[str]:
    known, section = sections(), ""
    for key in keys():
        above, _, name = key.name.rpartition(".")
        if above != section:
            section = above
            yield "#"
            yield f"# {above}:  # {_about(known[above].__doc__ or '')}"
        yield from _entry(key, name or key.name, indent="  " if above else "")


def _entry(key: Key, name: str, indent: str) -> Iterator[str]:
    line = f"# {indent}{name}: {key.kind.shown(key.default)}"
    about = _about(key.about)
    if len(line) + len(about) + 4 <= _WIDTH:
        yield f"{line}  # {about}"
        return
    yield from textwrap.wrap(
        about, _WIDTH, initial_indent=f"# {indent}# ", subsequent_indent=f"# {indent}# "
    )
    yield line


def _names() -> Iterator[str]:
    for name, mark in named().items():
        yield "#"
        yield from textwrap.wrap(
            f"{name}: {_about(mark.__doc__ or '')}",
            _WIDTH,
            initial_indent="# ",
            subsequent_indent="#   ",
        )


def _about(text: str) -> str:
    return " ".join(text.split())
