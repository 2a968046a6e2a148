"""Times of day as people say them."""

from __future__ import annotations

from swarm_core.schedule.reading.values import Bad, Clock


def clock_of(key: str, spoken: str, part: str, more: str) -> Clock | Bad:
    """`spoken` is the hour, perhaps with its minutes; `key` how it was said; `more` the minutes
    of `9 Uhr 30`; `part` that of the day."""
    if key in {"noon", "midnight", "one"}:
        return Clock({"noon": 12, "midnight": 0, "one": 1}[key], 0, half=key != "one")
    hour, _, minutes = spoken.partition(":")
    h, m = int(hour), int(minutes or 0)
    match key:
        case "half_past" | "quarter_past" | "quarter_to" | "half_before" | "spoken_half":
            if not 1 <= h <= 24:
                return Bad("clock", spoken)
            back = key in {"quarter_to", "half_before", "spoken_half"}
            m = {"quarter_past": 15, "quarter_to": 45}.get(key, 30)
            h = (h - 1 if back else h) % 24
        case "spelt":
            m = int(more)
        case "am" | "pm" | "exact_am" | "exact_pm":
            if not 1 <= h <= 12:
                return Bad("clock", f"{spoken} {key[-2:]}")
            h = h % 12 + (12 if key.endswith("pm") else 0)
    if (h, m) == (24, 0):
        h = 0
    if h > 23 or m > 59:
        return Bad("clock", spoken)
    clock = Clock(h, m, plain=key == "plain", half=key.endswith(("am", "pm")))
    return in_part(clock, part) if part else clock


def in_part(clock: Clock, part: str) -> Clock | Bad:
    """`8` in the evening is 20:00. `Bad` where that hour is in no such part of the day."""
    h = clock.hour
    later = {"noon": (1, 3), "afternoon": (1, 7), "evening": (4, 11), "night": (6, 11)}
    later["tonight"] = later["evening"]
    first, last = later.get(part, (1, 0))
    if not clock.half and first <= h <= last:
        h += 12
    elif not clock.half and h == 12 and part == "night":
        h = 0
    fits = {
        "morning": h < 12,
        "noon": 10 < h < 16,
        "afternoon": 12 <= h <= 19,
        "evening": h >= 16,
        "tonight": h >= 16,
        "night": h >= 18 or h < 6,
    }
    return (
        Clock(h, clock.minute, half=True) if fits[part] else Bad("clock", f"{h}:{clock.minute:02}")
    )
