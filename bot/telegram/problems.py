"""What the SDK raises, by what the caller does next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.telegram.channels import NAME
from bot.telegram.traffic import NotSent
from swarm_core import errors


@contextmanager
def problems(clean: Callable[[str], str]) -> Iterator[None]:
    """Raises `SurfaceRefused` for what will never be taken, `SurfaceAway` for what certainly did
    not arrive, `AnswerLost` where nobody knows. A chat that has become another passes through."""
    try:
        yield
    except ChatMigrated:
        raise
    except InvalidToken as error:
        # The SDK's word for a method that an older server does not know as well.
        told = {"surface": NAME, "problem": clean(error.message)}
        if says(error, "method not found"):
            raise errors.SurfaceRefused(**told) from None
        raise errors.SurfaceAway(**told) from None
    except (RetryAfter, Conflict, NotSent) as error:
        raise errors.SurfaceAway(surface=NAME, problem=clean(error.message)) from None
    except (BadRequest, Forbidden) as error:
        raise errors.SurfaceRefused(surface=NAME, problem=clean(error.message)) from None
    except NetworkError as error:
        raise errors.AnswerLost(what=NAME, problem=clean(error.message)) from None
    except TelegramError as error:
        # An answer that could not be read.
        raise errors.AnswerLost(what=NAME, problem=clean(error.message)) from None


@contextmanager
def looking(clean: Callable[[str], str]) -> Iterator[None]:
    """The same for what changes nothing, or what may simply be done again."""
    try:
        with problems(clean):
            yield
    except errors.AnswerLost as error:
        raise errors.SurfaceAway(surface=NAME, problem=error.data["problem"]) from None
    except ChatMigrated as error:
        raise errors.SurfaceRefused(surface=NAME, problem=clean(error.message)) from None


def says(error: TelegramError, *words: str) -> bool:
    """Whether the service has told one of `words`, which are small."""
    told = error.message.lower()
    return any(word in told for word in words)
