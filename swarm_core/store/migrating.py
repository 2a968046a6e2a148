"""What the store uses of sqlite-utils: its numbered migrations.

It also imports numpy and pandas where it finds them, only to know their numbers among the values
of rows. We hand it none, and a start that loads numpy (charts bring it along) takes a tenth of a
second and 11 MiB more.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Let imports of `names` fail meanwhile, except of what is loaded already."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


with without("numpy", "pandas"):
    from sqlite_utils import Database, Migrations

__all__ = ["Database", "Migrations"]
