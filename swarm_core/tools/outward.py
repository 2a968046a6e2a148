"""Whether somebody wrote an address themselves.

What can go wrong: an address passes for one that a person wrote because it looks alike, or begins
alike, and carries away what it ends with. So it is the same address or it is not: host, port,
path and query as they are sent. Only what says nothing to whoever is asked may differ: how the
scheme was written or left out, a slash at the end, a part of the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from swarm_core.kernel.errors import BadUrl
from swarm_core.tools.web import parsed

_ADDRESS = re.compile(r"https?://\S+|(?<![\w@/.-])(?:[\w-]+\.)+\w{2,}(?::\d+)?(?:[/?]\S*)?", re.I)
_AROUND = ".,;:!?'\"`*_~|<>()[]{}…»«„“”"
"""What may stand around an address, and also at its end."""

_Key = tuple[str, int | None, str]


def wrote(said: Iterable[str], address: str) -> bool:
    """Whether `address` stands in one of the texts `said`."""
    wanted = _key(address)
    return wanted is not None and any(wanted == key for text in said for key in _keys(text))


def _keys(text: str) -> Iterator[_Key]:
    for found in _ADDRESS.findall(text):
        # A bracket may belong to it, or to the sentence it stands in.
        for form in _forms(found):
            if key := _key(form):
                yield key


def _forms(found: str) -> Iterator[str]:
    written = found if "://" in found else f"https://{found}"
    yield written
    while written[-1:] in _AROUND and written:
        written = written[:-1]
        yield written
    for mark in ")>]":
        before, cut, _ = written.partition(mark)
        if cut:
            yield before


def _key(address: str) -> _Key | None:
    try:
        url = parsed(address)
    except BadUrl:
        return None
    port = None if url.port in (None, {"http": 80, "https": 443}[url.scheme]) else url.port
    path, mark, query = url.raw_path.decode("ascii").partition("?")
    return url.raw_host.decode("ascii"), port, f"{path.rstrip('/')}{mark}{query}"
