"""What is decided about incidents: when one begins, grows, is over."""

from __future__ import annotations

from typing import Literal

from swarm_core.incidents.model import Mark, Reading, Rule
from swarm_core.kernel.clock import Micros

SAME = 2
"""Failures in a row of the same cause that are an incident; one alone may pass."""
ANY = 3
"""Failures in a row of whatever cause that are one."""
CALM = 60_000_000
"""Microseconds that all has to be well before an alert is over, so that it does not flap."""


def opens(same: int, all_: int) -> bool:
    """Whether so many failures in a row, of the `same` cause and of `all_`, are an incident."""
    return same >= SAME or all_ >= ANY


def grows(failures: int, new_cause: bool) -> bool:
    """Whether a further failure of an open incident is written down: another cause is, and of
    mere repetitions the fourth, eighth, sixteenth…"""
    return new_cause or (failures >= 4 and failures & (failures - 1) == 0)


def marked(mark: Mark, reading: Reading, now: Micros) -> Mark:
    """The mark after a reading. An instant that the clock has been set back behind counts from
    now on."""
    bad = mark.bad if mark.bad is not None and mark.bad <= now else now
    well = mark.well if mark.well is not None and mark.well <= now else now
    return Mark(
        bad=bad if reading.state == "bad" else None,
        well=well if reading.state == "well" else None,
    )


def judge(mark: Mark, rule: Rule | None, now: Micros, *, is_open: bool) -> Literal["", "on", "off"]:
    """Whether an alert goes on or off now, by its mark after the last reading. Without a rule it
    is off at once."""
    if rule is None:
        return "off" if is_open else ""
    if not is_open:
        return "on" if mark.bad is not None and now - mark.bad >= rule.hold else ""
    return "off" if mark.well is not None and now - mark.well >= CALM else ""
