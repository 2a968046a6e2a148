"""Standing priorities and command lines: what was given becomes fields of one, and one becomes the
line that makes just that. So what a button holds means the same whoever presses it, and whenever.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from bot.commands.declared import find
from bot.commands.kinds import Misfit, Span
from bot.commands.people import place_of
from swarm_core import (
    Cron,
    Every,
    Gate,
    Happens,
    Idle,
    MicroUSD,
    Once,
    Place,
    StandingPriority,
    Trigger,
    errors,
    format_usd,
    from_micros,
    to_micros,
    zone_of,
)

Given = Mapping[str, Any]
TIMES = ("every", "cron", "at", "when")
"""Options that say when."""
_FACT = re.compile(r"[a-z_]+\.[a-z_]+(?: [a-z_]+=\S+)*")
_NONE = "none"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_LONGEST_NAME = 24


def trigger_of(given: Given, zone: str, now: datetime) -> Trigger | None:
    """When it is to run, by the options; None where none of them says so. Raises `BadArgument`
    for one that cannot be, and for more than one."""
    told = [name for name in TIMES if name in given]
    if told == ["every", "at"]:
        return Every(period=_micros(given["every"]), start=_instant(given["at"], zone, now))
    if len(told) > 1:
        raise misfit(told[1], str(given[told[1]]), f"given without --{told[0]}")
    match told:
        case ["every"]:
            # From midnight on, so that every ten minutes are those that end in 0.
            return Every(period=_micros(given["every"]), start=to_micros(from_micros(0)))
        case ["cron"]:
            return Cron(fields=" ".join(given["cron"].split()))
        case ["at"]:
            return Once(at=_instant(given["at"], zone, now))
        case ["when"]:
            return _happening(given["when"].strip())
    return None


def _happening(text: str) -> Trigger:
    first, _, rest = text.partition(" ")
    if first.lower() == "idle":
        if not rest:
            return Idle()
        try:
            return Idle(after=_micros(Span().read(rest)))
        except Misfit:
            raise misfit("when", text, "like idle 10m") from None
    if not _FACT.fullmatch(text):
        raise misfit("when", text, "idle, idle 10m, or a fact like task.ended outcome=failed")
    where = dict(pair.split("=", 1) for pair in rest.split())
    return Happens(fact=first, where=where)


def instant_of(given: Given, zone: str, now: datetime) -> Any:
    """Which instant of one is meant; None for none in particular."""
    return _instant(given["at"], zone, now) if "at" in given else None


def instant_at(micros: str | int) -> Any:
    """What a button calls an instant."""
    return to_micros(from_micros(int(micros)))


def _instant(when: timedelta | datetime | int, zone: str, now: datetime) -> Any:
    if isinstance(when, int):
        return instant_at(when)
    if isinstance(when, timedelta):
        return to_micros(now + when)
    return to_micros(when if when.tzinfo else when.replace(tzinfo=zone_of(zone)))


def _micros(span: timedelta) -> int:
    return span // timedelta(microseconds=1)


def _none(value: str) -> str | None:
    return None if value.strip().lower() == _NONE else value


_OPTIONS: dict[str, tuple[str, Callable[[Any], Any], Callable[[Any], str]]] = {
    "action": ("action", str, str),
    "worker": ("worker", _none, lambda value: value or _NONE),
    "model": ("model", _none, lambda value: value or _NONE),
    "cap": ("cap", MicroUSD, lambda value: format_usd(value)),
    "month-cap": ("month_cap", MicroUSD, lambda value: format_usd(value)),
    "cooldown": ("cooldown", _micros, lambda value: span(value)),
    "jitter": ("jitter", _micros, lambda value: span(value)),
    "overlap": ("overlap", str, str),
    "quiet": ("quiet", lambda value: _none(value) or "", lambda value: value or _NONE),
    "report": ("report", str, str),
    "catch-up": ("catch_up", str, str),
    "mode": ("mode", lambda value: "" if value == "default" else value, lambda v: v or "default"),
    "only-if-changed": (
        "only_if_changed",
        lambda value: value == "yes",
        lambda value: "yes" if value else "no",
    ),
}
"""Options by the field each of them is, how its value becomes that of the field, and how it is
typed."""


def changes_of(given: Given, gate: Gate | None = None) -> dict[str, Any]:
    """The fields that options set, but for when it runs and where it reports; `gate` is the one it
    has."""
    found = {
        field: read(given[name]) for name, (field, read, _) in _OPTIONS.items() if name in given
    }
    if "gate" in given or "gate-when" in given:
        run = _none(given["gate"]) if "gate" in given else (gate.run if gate else None)
        when = given.get("gate-when", gate.when if gate else "done")
        if run is None and "gate-when" in given:
            raise misfit("gate-when", when, "given along with --gate")
        found["gate"] = Gate(run=run, when=when) if run is not None else None
    return found


def options_of(given: Given) -> list[str]:
    """What was given besides what is to be done and when, as it is typed. Raises `BadArgument`."""
    told = [
        _option(name, typed(read(given[name])))
        for name, (_, read, typed) in _OPTIONS.items()
        if name in given
    ]
    told += [
        _option(name, str(given[name]))
        for name in ("name", "zone", "gate", "gate-when", "channel")
        if name in given
    ]
    if "approved" in given:
        told.append(_option("approved", format_usd(MicroUSD(given["approved"]))))
    return told


def _option(name: str, value: str) -> str:
    if '"' in value and re.search(r"\s", value):
        raise misfit(name, value, "without double quotation marks")
    return f'--{name} "{value}"' if re.search(r"\s", value) else f"--{name} {value}"


def line_of(
    wanted: StandingPriority,
    *,
    fields: frozenset[str] | None = None,
    here: Place,
    approved: int,
    sure: bool = True,
) -> str:
    """The line that makes `wanted` as it is, or changes these `fields` of it to what they are
    now; `approved` is what a run may cost without asking. Not `sure`: it only shows it."""
    usual = _usual(wanted)
    told: list[str] = []

    def tell(name: str, value: str) -> None:
        told.append(_option(name, value))

    def differs(field: str) -> bool:
        if fields is not None:
            return field in fields
        return bool(getattr(wanted, field) != getattr(usual, field))

    if fields is None or fields & {"trigger", "zone"}:
        for name, value in _times(wanted):
            tell(name, value)
        tell("zone", wanted.zone)
    if fields is None:
        tell("name", wanted.name)
    for name, (field, _, typed) in _OPTIONS.items():
        if differs(field):
            tell(name, typed(getattr(wanted, field)))
    if differs("gate"):
        tell("gate", wanted.gate.run if wanted.gate else _NONE)
        if wanted.gate and wanted.gate.when != "done":
            tell("gate-when", wanted.gate.when)
    if wanted.place != here:
        tell("channel", place_name(wanted.place))
    if approved:
        tell("approved", format_usd(MicroUSD(approved)))
    if fields is None:
        return f"/priority add {' '.join(told)}{' --yes' if sure else ''} -- {wanted.text}"
    text = f" text {wanted.text}" if "text" in fields else ""
    return f"/priority edit {' '.join(told)} --yes -- {wanted.name}{text}"


def _usual(wanted: StandingPriority) -> StandingPriority:
    return StandingPriority(
        name=wanted.name,
        text=wanted.text,
        trigger=wanted.trigger,
        zone=wanted.zone,
        by=wanted.by,
        place=wanted.place,
    )


def _times(wanted: StandingPriority) -> list[tuple[str, str]]:
    match wanted.trigger:
        case Cron(fields=fields):
            return [("cron", fields)]
        case Every(period=period, start=start):
            from_then = [("at", str(start))] if start % period else []
            return [("every", span(period)), *from_then]
        case Once(at=at):
            return [("at", from_micros(at).astimezone(UTC).isoformat().replace("+00:00", "Z"))]
        case Idle(after=after):
            return [("when", f"idle {span(after)}")]
        case Happens(fact=fact, where=where):
            return [("when", " ".join([fact, *(f"{k}={v}" for k, v in where.items())]))]


def span(micros: int) -> str:
    """A length of time as `Span` reads it, to the second."""
    rest, told = micros // 1_000_000, ""
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        if count := rest // size:
            told += f"{count}{unit}"
            rest %= size
    return told or "0s"


def place_name(place: Place) -> str:
    return "/".join(part for part in (place.surface, place.space, place.thread) if part)


def place_given(given: Given, here: Place) -> Place:
    """Where it reports: the place that was named, else the channel this is. Raises
    `BadArgument`."""
    if "channel" in given:
        return place_of(given["channel"], "priority")
    return msgspec.structs.replace(here, thread=here.channel)


def name_from(text: str, taken: frozenset[str]) -> str:
    """A name for what is to be done, of its first words, that nothing has yet."""
    plain = re.sub(r"https?://(www\.)?", "", text.lower())
    words = re.findall(r"[a-z0-9]+", plain)
    name = ""
    for word in words:
        longer = f"{name}-{word}" if name else word[:_LONGEST_NAME]
        if len(longer) > _LONGEST_NAME:
            break
        name = longer
    name = name or "priority"
    numbered = (name, *(f"{name}-{n}" for n in range(2, len(taken) + 3)))
    return next(each for each in numbered if each not in taken)


def plain_name(name: str) -> str:
    """`name`, where it can be one. Raises `BadArgument`."""
    if not _NAME.fullmatch(name):
        raise misfit("name", name, "small letters, digits, - and _, at most 40")
    return name


def misfit(name: str, value: str, expected: str) -> errors.BadArgument:
    command = find("priority")
    option = any(param.name == name and not param.word for param in command.params)
    return errors.BadArgument(
        command=command.name,
        name=f"--{name}" if option else name,
        value=value[:60],
        expected=expected,
        example=command.example,
    )
