"""What commands about models answer, as values."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from swarm_core import ModelRow


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """Why, as an error's code and data."""

    code: str
    data: dict[str, Any]


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """Who serves models. `state` is well, trying (after a pause), paused or failing; `seconds`
    how long it is left alone, `since` when that began, `failure` why; `why` where that is no error
    of ours. `priced` is the day of its prices, `source` where they are from."""

    name: str
    state: str
    seconds: int = 0
    since: int | None = None
    why: str = ""
    failure: Failed | None = None
    priced: date | None = None
    source: str = ""


class Models(msgspec.Struct, frozen=True, kw_only=True):
    """`problems` are what stands in the way of models that were configured."""

    models: tuple[ModelRow, ...]
    providers: tuple[Provider, ...]
    problems: tuple[Failed, ...] = ()
