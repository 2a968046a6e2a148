"""The one door to sqlite-utils, so that it takes nothing along.

Where numpy or pandas are installed, as for charts, it loads them to know their types: threads,
memory and a tenth of the time of a start, for values that are never stored here.
"""

from __future__ import annotations

import sys

_WITHOUT = [name for name in ("numpy", "pandas") if name not in sys.modules]
for _name in _WITHOUT:
    sys.modules[_name] = None  # type: ignore[assignment]  # how an import is told that there is none
try:
    from sqlite_utils import Database, Migrations
finally:
    for _name in _WITHOUT:
        del sys.modules[_name]

__all__ = ["Database", "Migrations"]
