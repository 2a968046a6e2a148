"""What people set, as it is kept, when it can be followed."""

from __future__ import annotations

from swarm_core.kernel.actor import PLACE_KEYS
from swarm_core.kernel.errors import BadArgument
from swarm_core.kernel.hours import Span, time_of_day
from swarm_core.kernel.money import parse_usd
from swarm_core.tasks.room import MOST_HEARD


def hours(wish: str, value: str) -> str:
    """Hours, or an hour, as it is kept; `none` for none at all. Raises `BadArgument`."""
    if value == "none":
        return value
    try:
        return str(Span.of(value)) if wish == "quiet" else f"{time_of_day(value):%H:%M}"
    except ValueError:
        like = "22:00-08:00" if wish == "quiet" else "08:30"
        what = "hours of a day" if wish == "quiet" else "a time of day"
        raise BadArgument(
            command="me",
            name=wish,
            value=value[:60],
            expected=f"{what} like {like}, none, or default",
            example=f"/me {wish} {like}",
        ) from None


_CHOICES = {"plain-text": ("ask", "task", "off"), "models": ("cheap", "all")}


def fitting(key: str, value: str) -> str:
    """`value` as it is kept. Raises `BadArgument`."""
    expected = ""
    match key:
        case "plain-text" | "models" if value not in _CHOICES[key]:
            expected = " or ".join(_CHOICES[key])
        case "context" if value == "off":
            return "0"
        case "context" if not (value.isdecimal() and int(value) <= MOST_HEARD):
            expected = f"how many of the last messages are given along, up to {MOST_HEARD}, or off"
        case "cap":
            try:
                return str(parse_usd(value))
            except ValueError:
                expected = "an amount in dollars, like 3 or 0.50"
        case _ if key not in PLACE_KEYS:
            expected = " or ".join(PLACE_KEYS)
    if expected:
        raise BadArgument(
            command="channel",
            name=key,
            value=value[:60],
            expected=expected,
            example="/channel set plain-text off",
        )
    return value
