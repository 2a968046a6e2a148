"""Charts as pictures. Loaded only when one is asked for: drawing takes a big library."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bot.messages import Messages
from swarm_core import Burn

_SPENT, _HELD, _CAP = "#4c72b0", "#c9d4e8", "#c44e52"


def draw_burn(burn: Burn, file: Path, say: Messages) -> None:
    """Write a PNG of what each day cost, what is held, and the cap of the day as a line. Blocking.

    Its description is in the file as well, for those who do not see it.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    known = {day.day: day for day in burn.days}
    names = _days(burn)
    spent = [known[name].spent / 1e6 if name in known else 0.0 for name in names]
    held = [known[name].held / 1e6 if name in known else 0.0 for name in names]
    figure = Figure(figsize=(9, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes: Any = figure.add_subplot()
    places = range(len(names))
    axes.bar(places, spent, color=_SPENT, label=say("column.spent"))
    axes.bar(places, held, bottom=spent, color=_HELD, label=say("column.held"))
    if burn.day.cap is not None:
        axes.axhline(burn.day.cap / 1e6, color=_CAP, linestyle="--", label=say("column.cap"))
    every = max(1, len(names) // 10)
    axes.set_xticks(list(places)[::every], [name[5:] for name in names][::every])
    axes.set_ylabel("$")
    axes.set_title(say("budget.chart_title", since=burn.since, today=burn.today))
    axes.legend()
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, format="png", dpi=120, metadata={"Description": alt_text(say, burn)})


def _days(burn: Burn) -> list[str]:
    first, last = date.fromisoformat(burn.since), date.fromisoformat(burn.today)
    return [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]


def alt_text(say: Messages, burn: Burn) -> str:
    """What the chart shows, for those who do not see it."""
    spent = sum(day.spent for day in burn.days)
    most = max(burn.days, key=lambda day: day.spent, default=None)
    return say(
        "budget.alt",
        since=burn.since,
        today=burn.today,
        spent=spent,
        most=most.spent if most else 0,
        most_day=most.day if most else "",
        cap=burn.day.cap,
    )
