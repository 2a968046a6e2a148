"""What the work at hand is about: ids that every line of the log carries, whoever writes it.

Bound where a command, a run or a step begins. What is started inside inherits it, as any context
variable; it never decides anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar

Ids = Mapping[str, str | int]

_at_hand: ContextVar[Ids] = ContextVar("about", default={})  # noqa: B039  replaced, never changed


@contextmanager
def about(**ids: str | int) -> Iterator[None]:
    """Meanwhile the work is about `ids` as well."""
    token = _at_hand.set({**_at_hand.get(), **ids})
    try:
        yield
    finally:
        # A coroutine that is thrown away is closed from wherever that happens, and then there is
        # nothing to put back.
        with suppress(ValueError):
            _at_hand.reset(token)


def begin_about(**ids: str | int) -> None:
    """From here to the end of the task of the loop that this is called in: about `ids`, and not
    about what happened to start it."""
    _at_hand.set(ids)


def at_hand() -> Ids:
    """What is bound now."""
    return _at_hand.get()
